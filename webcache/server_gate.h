// SPDX-License-Identifier: GPL-3.0-or-later
// What all connections to one mail server share: how many there are, and whether the last attempt
// to connect failed a moment ago, so that a dead server is not asked again by everyone at once.
#ifndef WEBCACHE_SERVER_GATE_H
#define WEBCACHE_SERVER_GATE_H

#include <cstddef>
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

  ServerGate(std::size_t limit, Counters& counters) : limit_(limit), counters_(counters) {}

  /// The right to hold one connection; given back when let go of.
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

   private:
    friend class ServerGate;
    explicit Place(std::shared_ptr<ServerGate> gate) : gate_(std::move(gate)) {}
    void release();
    std::shared_ptr<ServerGate> gate_;
  };

  /// @return kBusy at the limit; the error of the last attempt where that failed just now
  Result<Place> enter();
  void connected();
  void failed(const Error& error);
  /// The error of an attempt that failed within `span`.
  std::optional<Error> failed_within(Millis span) const;

 private:
  const std::size_t limit_;
  Counters& counters_;
  mutable std::mutex mutex_;  // guards all below
  std::size_t held_ = 0;
  Deadline::Clock::time_point failed_at_{};
  std::optional<Error> failure_;
};

}  // namespace alphamail

#endif
