// SPDX-License-Identifier: GPL-3.0-or-later
// All connections that wait for something to happen in their folder (IDLE), in one epoll: ten thousand of
// them take one thread and no time. Who has something to say, or must be renewed, is woken once.
#ifndef WEBCACHE_IDLE_WATCH_H
#define WEBCACHE_IDLE_WATCH_H

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "common/deadline.h"
#include "common/unique_fd.h"
#include "webcache/job.h"

namespace alphamail {

class IdleWatch {
 public:
  using Ticket = std::uint64_t;  ///< 0 = none

  IdleWatch();
  ~IdleWatch();  ///< stop()
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;

  /// Runs `wake` once: when the descriptor is readable or has hung up, or when `until` passes. It runs on the
  /// watch's own thread and must be short. @return 0 where the system refuses: nobody will be woken
  Ticket add(int fd, Deadline until, Job wake);
  /// Before the descriptor is read or closed. A wake that has begun is not waited for.
  void remove(Ticket ticket);
  /// Wakes nobody any more. Not from a wake.
  void stop();

  std::size_t size() const;
  static constexpr std::size_t kEntryBytes = 256;  ///< on the heap, for each that is watched

 private:
  struct Entry {
    int fd = -1;
    Deadline::Clock::time_point until;
    Job wake;
  };
  void run();
  Job take(Ticket ticket);
  int next_wait_ms();

  UniqueFd epoll_, bell_;
  mutable std::mutex mutex_;  // guards all below
  std::unordered_map<Ticket, Entry> entries_;
  std::set<std::pair<Deadline::Clock::time_point, Ticket>> by_time_;
  Ticket next_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace alphamail

#endif
