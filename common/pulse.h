// SPDX-License-Identifier: GPL-3.0-or-later
// The heartbeat of the daemon's threads: each says when it works, and until when it may wait at the
// most, so that one that hangs is noticed from outside (webcache/watchdog.h) and told what to do.
//
//     PulseThread                 for the life of a thread: it can be looked at
//       PulseWork                   while it works: from here on it owes beats
//         pulse_beat()                at each step: it gets on
//         PulseWait(deadline, fd)     while it waits: it owes none before the deadline has passed
//
// In threads without a PulseThread all of it does nothing. A beat costs a look at the clock.
#ifndef COMMON_PULSE_H
#define COMMON_PULSE_H

#include <pthread.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

#include "common/deadline.h"

namespace alphamail {

/// What a thread tells of itself. It is written by its thread; the rest of the world reads it while
/// each_pulse() holds it.
struct Pulse {
  const char* name = "";
  pid_t tid = 0;
  pthread_t thread{};
  std::atomic<std::int64_t> due{0};       ///< of the next beat, steady milliseconds; 0 = at rest
  std::atomic<std::uint32_t> beats{0};
  std::atomic<std::uint32_t> looks{0};    ///< the watchdog's own: overdue at so many looks in a row
  std::atomic<std::uint32_t> seen{0};     ///< the same: `beats` at the look before

  /// Ends the connection that the thread waits for, from outside: both it and the server then see it
  /// closed. @return false where it waits for none
  bool drop_connection();

 private:
  friend class PulseWait;
  std::mutex mutex_;  // guards socket_, so that nobody closes it while it is shut down
  int socket_ = -1;
};

class PulseThread {
 public:
  explicit PulseThread(const char* name);
  ~PulseThread();
  PulseThread(const PulseThread&) = delete;
  PulseThread& operator=(const PulseThread&) = delete;

 private:
  Pulse pulse_;
};

class PulseWork {
 public:
  PulseWork();
  ~PulseWork();
  PulseWork(const PulseWork&) = delete;
  PulseWork& operator=(const PulseWork&) = delete;
};

class PulseWait {
 public:
  /// @param socket  a connection that is waited for, or -1; stays open for the life of this
  explicit PulseWait(Deadline deadline, int socket = -1);
  ~PulseWait();
  PulseWait(const PulseWait&) = delete;
  PulseWait& operator=(const PulseWait&) = delete;

 private:
  const bool has_socket_;
};

void pulse_beat();

/// Calls `look` for each thread, none of which ends meanwhile.
void each_pulse(const std::function<void(Pulse&)>& look);

/// The signal that asks a thread for its stack; every PulseThread lets it through.
int stack_signal();

}  // namespace alphamail

#endif
