// SPDX-License-Identifier: GPL-3.0-or-later
// What all connections to one mail server share: how many there are, who waits for one, and whether
// the last attempt to connect failed a moment ago, so that a dead server is not asked again by
// everyone at once.
//
//   wait() ──▶ a free place ──▶ take(place), at once
//     └──▶ the queue, while crowded() looks for who can do without ──▶ take(the place given back)
//                └──▶ its time is over ──▶ take(kBusy)
//
// Nobody's thread waits: what is to be done with a place is parked here and posted when there is
// one.
#ifndef WEBCACHE_SERVER_GATE_H
#define WEBCACHE_SERVER_GATE_H

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "common/deadline.h"
#include "common/result.h"
#include "webcache/counters.h"

namespace alphamail {

class ServerGate : public std::enable_shared_from_this<ServerGate> {
 public:
  /// After a failed attempt the next one within this span is refused with the same error.
  static constexpr Millis kPause{1000};

  /// @param crowded  called, on the thread that called wait(), each time that somebody begins to
  ///                 wait
  ServerGate(std::size_t limit, Counters& counters, std::function<void()> crowded = {});

  /// The right to hold one connection; given back when let go of, to whoever waits first.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept {
      release();
      gate_ = std::move(other.gate_);
      return *this;
    }
    ~Place() { release(); }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    friend class ServerGate;
    explicit Place(std::shared_ptr<ServerGate> gate) : gate_(std::move(gate)) {}
    void release();
    std::shared_ptr<ServerGate> gate_;
  };

  /// What is done with a place, or without; runs on any thread, so it posts and does not linger.
  using Take = std::function<void(Result<Place>)>;

  /// Gives a place: at once where one is free, else in the order of asking, when one is given back.
  /// Else the error of an attempt that failed just now, or kBusy with the seconds to wait: where
  /// too many wait already, or at expire() after `until`.
  void wait(Deadline until, Take take);
  /// Answers those whose time is over.
  void expire();
  /// A place for what nobody waits for, or nothing: only while a quarter of all are free.
  std::optional<Place> enter_if_quiet();
  bool quiet() const;  ///< whether it would give one
  std::size_t waiting() const;
  /// Lets go of all who wait, unanswered: the daemon ends.
  void stop();

  void connected();
  /// Whoever waits gets this error, too.
  void failed(const Error& error);
  /// The error of an attempt that failed within `span`.
  std::optional<Error> failed_within(Millis span) const;

 private:
  struct Waiting {
    Deadline until;
    Take take;
  };
  // With mutex_ held.
  std::optional<Error> failure_within(Millis span) const;
  bool has_quiet_place() const;

  const std::size_t limit_, most_waiting_;
  Counters& counters_;
  const std::function<void()> crowded_;
  mutable std::mutex mutex_;  // guards all below; nothing foreign is called with it held
  std::size_t held_ = 0;
  std::deque<Waiting> waiting_;
  bool stopped_ = false;
  Deadline::Clock::time_point failed_at_{};
  std::optional<Error> failure_;
};

}  // namespace alphamail

#endif
