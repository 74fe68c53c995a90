// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server_gate.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace alphamail {
namespace {

// Who waits holds a question and perhaps a password: so many do at most, whatever the limit is.
constexpr std::size_t kMostWaiting = 1000;

Error all_in_use() {
  return {Code::kBusy, "all connections to this server are in use", 5};
}

}  // namespace

ServerGate::ServerGate(std::size_t limit, Counters& counters, std::function<void()> crowded)
    : limit_(limit),
      most_waiting_(std::clamp<std::size_t>(limit * 4, 16, kMostWaiting)),
      counters_(counters),
      crowded_(std::move(crowded)) {}

void ServerGate::Place::release() {
  const auto gate = std::move(gate_);
  if (!gate) return;
  Take next;
  std::vector<Take> late;
  {
    const std::lock_guard lock(gate->mutex_);
    while (!gate->waiting_.empty() && !next) {
      Waiting first = std::move(gate->waiting_.front());
      gate->waiting_.pop_front();
      gate->counters_.subtract(Count::connections_wanted);
      if (first.until.passed()) {
        late.push_back(std::move(first.take));
      } else {
        next = std::move(first.take);
      }
    }
    if (!next) --gate->held_;
  }
  if (next) {
    next(Place(gate));
  } else {
    gate->counters_.subtract(Count::connections);
  }
  for (Take& take : late) take(all_in_use());
}

void ServerGate::wait(Deadline until, Take take) {
  std::optional<Result<Place>> now;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (auto error = failure_within(kPause)) {
      error->retry_after = 1;
      now = *error;
    } else if (held_ < limit_) {
      ++held_;
      counters_.add(Count::connections);
      now = Place(shared_from_this());
    } else if (waiting_.size() >= most_waiting_ || until.passed()) {
      now = all_in_use();
    } else {
      waiting_.push_back({until, std::move(take)});
      counters_.add(Count::connections_wanted);
      counters_.add(Count::connections_waited);
    }
  }
  if (now) {
    take(std::move(*now));
  } else if (crowded_) {
    crowded_();
  }
}

void ServerGate::expire() {
  std::vector<Take> late;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](Waiting& each) {
      if (!each.until.passed()) return false;
      late.push_back(std::move(each.take));
      return true;
    });
    counters_.subtract(Count::connections_wanted, late.size());
  }
  for (Take& take : late) take(all_in_use());
}

std::optional<ServerGate::Place> ServerGate::enter_if_quiet() {
  const std::lock_guard lock(mutex_);
  if (!has_quiet_place()) return std::nullopt;
  ++held_;
  counters_.add(Count::connections);
  return Place(shared_from_this());
}

bool ServerGate::quiet() const {
  const std::lock_guard lock(mutex_);
  return has_quiet_place();
}

bool ServerGate::has_quiet_place() const {
  return !stopped_ && !failure_within(kPause) && waiting_.empty() &&
         held_ < limit_ - (limit_ + 3) / 4;
}

std::size_t ServerGate::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void ServerGate::stop() {
  std::deque<Waiting> dropped;  // let go of outside the lock: what they hold may give places back
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  dropped.swap(waiting_);
}

void ServerGate::connected() {
  const std::lock_guard lock(mutex_);
  failure_.reset();
}

void ServerGate::failed(const Error& error) {
  std::deque<Waiting> refused;
  {
    const std::lock_guard lock(mutex_);
    failure_ = error;
    failed_at_ = Deadline::Clock::now();
    refused.swap(waiting_);
    counters_.subtract(Count::connections_wanted, refused.size());
  }
  for (Waiting& each : refused) each.take(error);
}

std::optional<Error> ServerGate::failed_within(Millis span) const {
  const std::lock_guard lock(mutex_);
  return failure_within(span);
}

std::optional<Error> ServerGate::failure_within(Millis span) const {
  if (!failure_ || Deadline::Clock::now() - failed_at_ > span) return std::nullopt;
  return failure_;
}

}  // namespace alphamail
