// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server_gate.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>
#include <vector>

#include "common/log.h"

namespace alphamail {
namespace {

// Who waits holds a question and perhaps a password: so many do at most, whatever the limit is.
constexpr std::size_t kMostWaiting = 1000;

// A connection that broke is no reason to probe a server that was found well so short a time ago.
constexpr Millis kSuspectEvery{1000};

double chance() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

Error all_in_use() {
  return {Code::kBusy, "all connections to this server are in use", 5};
}

}  // namespace

ServerGate::ServerGate(std::size_t limit, Counters& counters, std::function<void()> crowded,
                       std::function<void(Millis)> probe, std::string name)
    : limit_(limit),
      most_waiting_(std::clamp<std::size_t>(limit * 4, 16, kMostWaiting)),
      counters_(counters),
      crowded_(std::move(crowded)),
      probe_(std::move(probe)),
      name_(std::move(name)),
      breaker_(limit, chance) {}

void ServerGate::Place::release() {
  const auto gate = std::move(gate_);
  if (!gate) return;
  Take next;
  std::vector<Take> late;
  {
    const std::lock_guard lock(gate->mutex_);
    const bool rationed = gate->breaker_.ramping(Deadline::Clock::now());
    while (!rationed && !gate->waiting_.empty() && !next) {
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
    const auto time = Deadline::Clock::now();
    if (const auto error = breaker_.why(time)) {
      now = *error;
    } else if (held_ < limit_ && waiting_.empty() && breaker_.take_turn(time)) {
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

void ServerGate::serve() {
  std::vector<Take> served;
  {
    const std::lock_guard lock(mutex_);
    const auto time = Deadline::Clock::now();
    while (!stopped_ && !waiting_.empty() && held_ < limit_ && breaker_.take_turn(time)) {
      served.push_back(std::move(waiting_.front().take));
      waiting_.pop_front();
      ++held_;
    }
    counters_.subtract(Count::connections_wanted, served.size());
    counters_.add(Count::connections, served.size());
  }
  for (Take& take : served) take(Place(shared_from_this()));
}

bool ServerGate::full() const {
  const std::lock_guard lock(mutex_);
  return held_ >= limit_;
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
  return !stopped_ && !breaker_.open() && !breaker_.ramping(Deadline::Clock::now()) &&
         waiting_.empty() && held_ < limit_ - (limit_ + 3) / 4;
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

// ---- whether it is there ----

// Behind the lock: what an event has made of the breaker.
void ServerGate::turned(Turn turn, const Error* why) {
  if (turn == Turn::kOpened) {
    counters_.add(Count::servers_away);
    counters_.add(Count::breakers_opened);
    log(Severity::kWarning, 260,
        "mail server " + name_ + " is away, its users see what is known: " + (why ? why->detail : ""));
    plan_probe();
  } else if (turn == Turn::kClosed) {
    counters_.subtract(Count::servers_away);
    std::int64_t seconds = 0;
    {
      const std::lock_guard lock(mutex_);
      seconds = std::chrono::duration_cast<std::chrono::seconds>(Deadline::Clock::now() -
                                                                 breaker_.opened_at())
                    .count();
    }
    log(Severity::kInfo, 261,
        "mail server " + name_ + " is there again after " + std::to_string(seconds) + " s");
  }
}

void ServerGate::plan_probe() {
  Millis wait{0};
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !breaker_.open()) return;
    wait = breaker_.next_probe(Deadline::Clock::now());
  }
  if (probe_) probe_(wait);
}

void ServerGate::answered() {
  if (!troubled_.load(std::memory_order_relaxed)) return;
  Turn turn;
  {
    const std::lock_guard lock(mutex_);
    turn = breaker_.answered(Deadline::Clock::now());
    troubled_ = away_ = false;
  }
  turned(turn, nullptr);
}

void ServerGate::failed(const Error& error) {
  std::deque<Waiting> refused;
  Turn turn;
  {
    const std::lock_guard lock(mutex_);
    turn = breaker_.failed(error, Deadline::Clock::now());
    troubled_ = away_ = true;
    refused.swap(waiting_);
    counters_.subtract(Count::connections_wanted, refused.size());
  }
  turned(turn, &error);
  for (Waiting& each : refused) each.take(error);
}

void ServerGate::stalled() {
  std::optional<Error> why;
  Turn turn;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Deadline::Clock::now();
    turn = breaker_.stalled(now);
    troubled_ = true;
    away_ = breaker_.open();
    why = breaker_.why(now);
  }
  turned(turn, why ? &*why : nullptr);
}

void ServerGate::suspect() {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Deadline::Clock::now();
    if (stopped_ || suspected_ || breaker_.open() || now - suspected_at_ < kSuspectEvery) return;
    suspected_ = true;
    suspected_at_ = now;
  }
  if (probe_) probe_(Millis(0));
}

std::optional<Error> ServerGate::away() const {
  if (!away_.load(std::memory_order_relaxed)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return breaker_.why(Deadline::Clock::now());
}

bool ServerGate::begin_probe() {
  bool began;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    began = breaker_.begin_probe(std::exchange(suspected_, false));
  }
  if (began) counters_.add(Count::server_probes);
  plan_probe();
  return began;
}

void ServerGate::probed(const Result<void>& greeted) {
  Turn turn;
  {
    const std::lock_guard lock(mutex_);
    turn = breaker_.end_probe(greeted, Deadline::Clock::now());
    away_ = breaker_.open();
    troubled_ = troubled_ || away_;
  }
  turned(turn, greeted ? nullptr : &greeted.error());
}

}  // namespace alphamail
