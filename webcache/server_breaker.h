// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a mail server is worth being asked: a breaker that opens when it cannot be reached or has
// gone silent, so that nobody waits for what will not come, and closes when a probe finds it well.
//
//   closed ──a connection failed, or 3 commands ran out of time and nothing answered between──▶ open
//   open ──a probe is due: 1/2 s after it opened, then twice as late each time, at most 2.5 s──▶ half-open
//   half-open ──the probe failed──▶ open             ──it was greeted──▶ closed, and ramping
//
// A probe is a connection of the daemon's own that logs nobody in. The times are shortened by up to
// a quarter at random, so that many daemons do not come in step. Once a probe starts the next one is
// planned, whatever becomes of it: one that hangs at a sick server does not hide that it is well again.
//
// While it ramps, connections are given out at a tenth of the server's limit a second: all users of a
// server that has come back do not log in at the same instant.
#ifndef WEBCACHE_SERVER_BREAKER_H
#define WEBCACHE_SERVER_BREAKER_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "common/deadline.h"
#include "common/result.h"

namespace alphamail {

/// No clock and no lock of its own: whoever holds it (server_gate.h) brings both.
class ServerBreaker {
 public:
  using Time = Deadline::Clock::time_point;
  static constexpr Millis kFirst{500}, kLongest{2500};  ///< between two probes
  static constexpr Millis kRamp{10000};                 ///< how long connections are rationed
  static constexpr int kStalls = 3;                     ///< commands out of time that open it
  static constexpr int kProbes = 4;                     ///< under way at once

  /// What an event made of it.
  enum class Turn { kNone, kOpened, kClosed };

  /// @param limit   connections to the server at a time
  /// @param chance  a number from 0 to 1, anew with each call
  ServerBreaker(std::size_t limit, std::function<double()> chance);

  bool open() const { return why_.has_value(); }
  /// Why it is open, with the seconds until it is worth asking again; nothing while it is closed.
  std::optional<Error> why(Time now) const;
  Time opened_at() const { return opened_at_; }

  /// A connection could not be made.
  Turn failed(const Error& error, Time now);
  /// A command ran out of time on a connection that stood.
  Turn stalled(Time now);
  /// The server answered a command, or let a user in.
  Turn answered(Time now);

  /// How long until the next probe. Plans it: call it once for each.
  Millis next_probe(Time now);
  /// @return false where none is wanted: it is closed (unless `suspected`), or enough are under way
  bool begin_probe(bool suspected);
  Turn end_probe(const Result<void>& greeted, Time now);

  /// Takes one of the connections that may be made while it ramps. @return false where it is too early
  bool take_turn(Time now);
  bool ramping(Time now) const { return now < ramp_until_; }

 private:
  Turn open_for(const Error& error, Time now);
  double a_second() const;

  const std::size_t limit_;
  const std::function<double()> chance_;
  std::optional<Error> why_;
  Time opened_at_{}, probe_at_{}, ramp_until_{}, counted_at_{};
  Millis pause_{0};     // until the next probe, before chance
  int stalls_ = 0;      // since anything answered
  int probes_ = 0;      // under way
  double turns_ = 0;    // saved up
};

}  // namespace alphamail

#endif
