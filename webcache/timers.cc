// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/timers.h"

#include <exception>
#include <string>
#include <utility>

#include "common/log.h"
#include "common/pulse.h"

namespace alphamail {

Timers::Timers() : thread_([this] { run(); }) {}

Timers::~Timers() {
  stop();
}

void Timers::at(Deadline when, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push(Entry{when.when(), next_order_++, std::move(job)});
  }
  wake_.notify_one();
}

void Timers::stop() {
  std::priority_queue<Entry> dropped;  // let go of outside the lock
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::swap(dropped, queue_);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Timers::run() {
  const PulseThread pulse("timers");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      wake_.wait(lock);
      continue;
    }
    // A copy: the heap may move its entries while this waits.
    const Deadline::Clock::time_point when = queue_.top().when;
    if (when > Deadline::Clock::now()) {
      wake_.wait_until(lock, when);
      continue;
    }
    Job job = std::move(queue_.top().job);
    queue_.pop();
    lock.unlock();
    const PulseWork work;
    try {
      job();
    } catch (const std::exception& e) {
      log(Severity::kError, 291, std::string("a timer's job ended with an exception: ") + e.what());
    } catch (...) {
      log(Severity::kError, 291, "a timer's job ended with an unknown exception");
    }
    job = Job();
    lock.lock();
  }
}

}  // namespace alphamail
