// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers that tell one state of something from another: each is given once, also across restarts of the daemon
// unless clocks are set back. Who sees the same number again knows that nothing has changed.
#ifndef WEBCACHE_VERSION_H
#define WEBCACHE_VERSION_H

#include <atomic>
#include <chrono>
#include <cstdint>

namespace alphamail {

/// Any thread.
inline std::uint64_t next_version() {
  using namespace std::chrono;
  // Nanoseconds pass quicker than versions are taken.
  static std::atomic<std::uint64_t> last{
      static_cast<std::uint64_t>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count())};
  return last.fetch_add(1, std::memory_order_relaxed);
}

/// One of several: differs where one of them does, but for one case in 2^64.
inline std::uint64_t combined(std::uint64_t version, std::uint64_t with) {
  std::uint64_t mixed = version * 0x9E3779B97F4A7C15U + with;  // splitmix64
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
  return mixed ^ mixed >> 31;
}

}  // namespace alphamail

#endif
