// SPDX-License-Identifier: GPL-3.0-or-later
// One thread that runs short jobs at given instants: answers that may not wait longer, sweeps. A
// job here takes at most a millisecond; what may take longer is posted to the workers.
#ifndef WEBCACHE_TIMERS_H
#define WEBCACHE_TIMERS_H

#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "common/deadline.h"
#include "webcache/job.h"

namespace alphamail {

class Timers {
 public:
  Timers();
  ~Timers();  ///< stop()
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  /// There is no way to take a timer back: a job finds out itself whether it is still wanted.
  void at(Deadline when, Job job);
  /// Drops what waits, lets a running job end; nothing is accepted afterwards. Not from a job.
  void stop();

 private:
  struct Entry {
    Deadline::Clock::time_point when;
    std::uint64_t order;
    mutable Job job;  // moved out of the queue's const top
    bool operator<(const Entry& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  void run();

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::priority_queue<Entry> queue_;
  std::uint64_t next_order_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace alphamail

#endif
