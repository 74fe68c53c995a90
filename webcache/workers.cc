// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/workers.h"

#include <time.h>

#include <algorithm>
#include <exception>
#include <list>
#include <optional>
#include <utility>

#include "common/log.h"
#include "common/pulse.h"
#include "webcache/heap_bytes.h"
#include "webcache/server_wait.h"

namespace alphamail {

namespace {

std::chrono::nanoseconds thread_cpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

class Workers::Strand {
 public:
  explicit Strand(Server* server) : server_(server) {}

 private:
  friend class Workers;
  Server* server_;  // never removed while the Workers live
  std::list<Job> now_, later_;  // an empty deque takes half a KB, and every account has several
  std::chrono::nanoseconds cpu_{0};
  bool taken_ = false;  // in a ready list or running
  bool running_later_ = false;
};

Workers::Workers(std::size_t threads, std::size_t queue_limit)
    : threads_count_(std::max<std::size_t>(threads, 2)),
      cap_(std::max<std::size_t>(threads_count_ * 3 / 4, 1)),
      later_cap_(std::max<std::size_t>(cap_ / 2, 1)),
      queue_limit_(queue_limit) {
  threads_.reserve(threads_count_);
  for (std::size_t i = 0; i < threads_count_; ++i) threads_.emplace_back([this] { serve(); });
}

Workers::~Workers() {
  stop();
  join();
}

void Workers::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::shared_ptr<Workers::Strand> Workers::strand(const std::string& server) {
  const std::lock_guard lock(mutex_);
  auto& slot = servers_[server];
  if (!slot) slot = std::make_unique<Server>();
  return std::make_shared<Strand>(slot.get());
}

bool Workers::post(const std::shared_ptr<Strand>& strand, When when, Job job,
                   std::size_t strand_limit) {
  {
    const std::lock_guard lock(mutex_);
    auto& queue = when == When::kNow ? strand->now_ : strand->later_;
    if (stopping_ || waiting_ >= queue_limit_ || queue.size() >= strand_limit) return false;
    queue.push_back(std::move(job));
    ++waiting_;
    if (!strand->taken_) {
      make_ready(strand);
    } else if (when == When::kNow) {
      // A strand that waits for its turn with background work moves up with what a user waits for.
      auto& later = strand->server_->ready_later;
      const auto found = std::find(later.begin(), later.end(), strand);
      if (found != later.end()) {
        later.erase(found);
        strand->server_->ready_now.push_back(strand);
      }
    }
  }
  work_.notify_one();
  return true;
}

void Workers::make_ready(const std::shared_ptr<Strand>& strand) {
  strand->taken_ = true;
  Server& server = *strand->server_;
  (strand->now_.empty() ? server.ready_later : server.ready_now).push_back(strand);
}

std::shared_ptr<Workers::Strand> Workers::next_ready() {
  const auto take = [](std::deque<std::shared_ptr<Strand>>& from) {
    std::shared_ptr<Strand> strand = std::move(from.front());
    from.pop_front();
    return strand;
  };
  // Servers take turns, so that one with many users does not keep the others waiting.
  for (const bool later : {false, true}) {
    auto it = servers_.upper_bound(turn_);
    for (std::size_t i = 0; i < servers_.size(); ++i, ++it) {
      if (it == servers_.end()) it = servers_.begin();
      Server& server = *it->second;
      auto& ready = later ? server.ready_later : server.ready_now;
      if (ready.empty() || server.running >= cap_) continue;
      if (later && server.running_later >= later_cap_) continue;
      turn_ = it->first;
      return take(ready);
    }
  }
  return nullptr;
}

void Workers::run_one(const std::shared_ptr<Strand>& strand, std::unique_lock<std::mutex>& lock) {
  const bool later = strand->now_.empty();
  auto& queue = later ? strand->later_ : strand->now_;
  Job job = std::move(queue.front());
  queue.pop_front();
  --waiting_;
  ++running_;
  ++strand->server_->running;
  if (later) ++strand->server_->running_later;
  lock.unlock();
  begin_server_wait();
  const auto began = thread_cpu();
  std::optional<PulseWork> work(std::in_place);
  try {
    job();
  } catch (const std::exception& e) {
    log(Severity::kError, 290, std::string("a worker's job ended with an exception: ") + e.what());
  } catch (...) {
    log(Severity::kError, 290, "a worker's job ended with an unknown exception");
  }
  job = Job();  // what it holds goes before the strand may run again
  work.reset();
  const auto took = thread_cpu() - began;
  lock.lock();
  strand->cpu_ += took;
  --running_;
  --strand->server_->running;
  if (later) --strand->server_->running_later;
  if (strand->now_.empty() && strand->later_.empty()) {
    strand->taken_ = false;
  } else {
    make_ready(strand);
    work_.notify_one();
  }
}

void Workers::serve() {
  const PulseThread pulse("worker");
  std::unique_lock lock(mutex_);
  for (;;) {
    std::shared_ptr<Strand> strand;
    work_.wait(lock, [&] { return stopping_ || (strand = next_ready()) != nullptr; });
    if (stopping_) return;
    run_one(strand, lock);
    // A server at its cap may have strands waiting that became possible now.
    if (waiting_ > 0) work_.notify_one();
  }
}

void Workers::stop() {
  std::vector<Job> dropped;  // let go of outside the lock: their destructors may answer questions
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    const auto drop = [&](std::deque<std::shared_ptr<Strand>>& ready) {
      for (const auto& strand : ready) {
        for (Job& job : strand->now_) dropped.push_back(std::move(job));
        for (Job& job : strand->later_) dropped.push_back(std::move(job));
        strand->now_.clear();
        strand->later_.clear();
      }
      ready.clear();
    };
    for (auto& [name, server] : servers_) {
      drop(server->ready_now);
      drop(server->ready_later);
    }
    waiting_ = 0;
  }
  work_.notify_all();
}

std::size_t Workers::strand_bytes() {
  return shared_block<Strand>();
}

std::chrono::nanoseconds Workers::cpu(const std::shared_ptr<Strand>& strand) const {
  const std::lock_guard lock(mutex_);
  return strand->cpu_;
}

std::size_t Workers::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::size_t Workers::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace alphamail
