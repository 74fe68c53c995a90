// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server_gate.h"

#include <utility>

namespace alphamail {

void ServerGate::Place::release() {
  if (!gate_) return;
  {
    const std::lock_guard lock(gate_->mutex_);
    --gate_->held_;
  }
  gate_->counters_.subtract(Count::connections);
  gate_.reset();
}

Result<ServerGate::Place> ServerGate::enter() {
  if (auto error = failed_within(kPause)) {
    error->retry_after = 1;
    return *error;
  }
  {
    const std::lock_guard lock(mutex_);
    if (held_ >= limit_) return Error{Code::kBusy, "all connections to this server are in use", 5};
    ++held_;
  }
  counters_.add(Count::connections);
  return Place(shared_from_this());
}

void ServerGate::connected() {
  const std::lock_guard lock(mutex_);
  failure_.reset();
}

void ServerGate::failed(const Error& error) {
  const std::lock_guard lock(mutex_);
  failure_ = error;
  failed_at_ = Deadline::Clock::now();
}

std::optional<Error> ServerGate::failed_within(Millis span) const {
  const std::lock_guard lock(mutex_);
  if (!failure_ || Deadline::Clock::now() - failed_at_ > span) return std::nullopt;
  return failure_;
}

}  // namespace alphamail
