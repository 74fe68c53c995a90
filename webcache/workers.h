// SPDX-License-Identifier: GPL-3.0-or-later
// The threads that may wait for mail servers.
//
// A strand is a queue whose jobs run one at a time, in order: all work of one account goes through
// one strand, so that its state needs no lock against itself and different accounts never wait for
// each other. Each strand belongs to one mail server; jobs of one server take at most three
// quarters of the threads, so a server that hangs delays nobody but its own users.
//
//   post ──▶ strand: now ▸▸▸ later ▸▸▸ ──▶ ready list of its server ──▶ a free thread
//
// What a user waits for (kNow) goes before what nobody waits for (kLater: building an index,
// checking for new mail), within a strand and between strands; kLater takes at most half of a
// server's share. A job in progress is never interrupted; long ones post their rest again.
#ifndef WEBCACHE_WORKERS_H
#define WEBCACHE_WORKERS_H

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "webcache/job.h"

namespace alphamail {

class Workers {
 public:
  enum class When { kNow, kLater };
  class Strand;

  /// @param queue_limit  jobs waiting in all strands together; more are refused
  Workers(std::size_t threads, std::size_t queue_limit);
  ~Workers();  ///< stop() and join()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// A new queue for jobs that talk to `server` (any name that tells servers apart).
  std::shared_ptr<Strand> strand(const std::string& server);

  /// Queues a job. Jobs of one strand never run at the same time.
  /// @param strand_limit  jobs of this kind that may wait in the strand already
  /// @return false where a queue is full or the workers are stopping: the job was let go of unrun
  bool post(const std::shared_ptr<Strand>& strand, When when, Job job,
            std::size_t strand_limit = SIZE_MAX);

  /// Lets running jobs end and drops the waiting ones; nothing is accepted afterwards.
  void stop();
  /// Waits until no thread is left. Not from a job.
  void join();

  static std::size_t strand_bytes();  ///< on the heap, of one that has nothing to do

  /// Processor time that the jobs of a strand have taken so far.
  std::chrono::nanoseconds cpu(const std::shared_ptr<Strand>& strand) const;

  std::size_t waiting() const;
  std::size_t running() const;

 private:
  struct Server {
    std::deque<std::shared_ptr<Strand>> ready_now, ready_later;
    std::size_t running = 0, running_later = 0;
  };

  void serve();
  std::shared_ptr<Strand> next_ready();
  void make_ready(const std::shared_ptr<Strand>& strand);
  void run_one(const std::shared_ptr<Strand>& strand, std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;  // guards everything below and every strand's queues
  std::condition_variable work_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
  std::string turn_;  // the server that was served last, for taking turns
  std::size_t threads_count_, cap_, later_cap_, queue_limit_;
  std::size_t waiting_ = 0, running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace alphamail

#endif
