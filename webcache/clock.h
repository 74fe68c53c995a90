// SPDX-License-Identifier: GPL-3.0-or-later
// The two clocks in whole numbers: one that people read, one that never jumps.
#ifndef WEBCACHE_CLOCK_H
#define WEBCACHE_CLOCK_H

#include <chrono>
#include <cstdint>
#include <limits>

namespace alphamail {

inline std::int64_t wall_seconds() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// How long ago that was. A time that is still to come was told by a clock that has been set back since:
/// longer ago than anything.
inline std::int64_t seconds_since(std::int64_t then) {
  const std::int64_t now = wall_seconds();
  return now < then ? std::numeric_limits<std::int64_t>::max() : now - then;
}

inline std::int64_t steady_seconds() {
  using namespace std::chrono;
  return duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
}

inline std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace alphamail

#endif
