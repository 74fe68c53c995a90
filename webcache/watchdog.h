// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at the heartbeat of all threads (common/pulse.h) once a second. One that has neither worked
// nor waited within its deadline for hang_timeout is reported with its stack, and the connection
// that it waits for is dropped, which wakes it where that is what it hangs on. One that hangs for as
// long again cannot be helped from inside: the supervisor is told, and starts the daemon anew.
//
// Time is counted in looks, so that a process that was stopped, or a machine that slept, hangs not.
#ifndef WEBCACHE_WATCHDOG_H
#define WEBCACHE_WATCHDOG_H

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "common/deadline.h"
#include "common/pulse.h"
#include "webcache/counters.h"

namespace alphamail {

class Watchdog {
 public:
  struct Options {
    Millis hang_timeout;
    Millis every{1000};                             ///< between looks
    std::function<void()> alive;                    ///< called at each look
    std::function<void(const std::string&)> stuck;  ///< once: which thread hangs for good, and where
  };
  Watchdog(Options options, Counters& counters);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run();
  void look_at(Pulse& pulse);
  void report(Pulse& pulse);

  const Options options_;
  Counters& counters_;
  const std::uint32_t patience_;  // looks
  std::string stuck_;             // what report() said last
  bool told_ = false;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  // last: uses all above
};

/// The stack of another thread, in one line: the innermost function first, each with its offset, for
/// addr2line(1). Waits a moment for the thread; says why where it does not answer.
std::string stack_of(const Pulse& pulse);

}  // namespace alphamail

#endif
