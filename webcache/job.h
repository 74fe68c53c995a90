// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of work for another thread: runs at most once, may own what cannot be copied (a question,
// a password, a connection).
#ifndef WEBCACHE_JOB_H
#define WEBCACHE_JOB_H

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace alphamail {

class Job {
 public:
  Job() = default;
  template <std::invocable Body>
  requires(!std::same_as<std::remove_cvref_t<Body>, Job>)
      Job(Body&& body)  // NOLINT: implicit, as a lambda where a Job is wanted
      : held_(std::make_unique<Held<std::remove_cvref_t<Body>>>(std::forward<Body>(body))) {}

  explicit operator bool() const { return held_ != nullptr; }
  void operator()() { held_->run(); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run() = 0;
  };
  template <typename Body>
  struct Held final : Base {
    explicit Held(Body&& b) : body(std::move(b)) {}
    explicit Held(const Body& b) : body(b) {}
    void run() override { body(); }
    Body body;
  };
  std::unique_ptr<Base> held_;
};

}  // namespace alphamail

#endif
