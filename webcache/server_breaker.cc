// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server_breaker.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace alphamail {

ServerBreaker::ServerBreaker(std::size_t limit, std::function<double()> chance)
    : limit_(limit), chance_(std::move(chance)) {}

std::optional<Error> ServerBreaker::why(Time now) const {
  if (!why_) return std::nullopt;
  Error error = *why_;
  const auto left = std::chrono::ceil<std::chrono::seconds>(probe_at_ - now).count();
  error.retry_after = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, 60));
  return error;
}

ServerBreaker::Turn ServerBreaker::open_for(const Error& error, Time now) {
  const bool first = !why_;
  why_ = error;
  stalls_ = 0;
  if (!first) return Turn::kNone;
  opened_at_ = now;
  pause_ = kFirst;
  return Turn::kOpened;
}

ServerBreaker::Turn ServerBreaker::failed(const Error& error, Time now) {
  return open_for(error, now);
}

ServerBreaker::Turn ServerBreaker::stalled(Time now) {
  // One that has just come back gets less trust.
  if (++stalls_ < kStalls && !ramping(now)) return Turn::kNone;
  return open_for(Error{Code::kUnreachable, "it takes connections, and answers no command", 0}, now);
}

ServerBreaker::Turn ServerBreaker::answered(Time now) {
  stalls_ = 0;
  if (!why_) return Turn::kNone;
  why_.reset();
  ramp_until_ = now + kRamp;
  counted_at_ = now;
  turns_ = 1;
  return Turn::kClosed;
}

Millis ServerBreaker::next_probe(Time now) {
  const double shortened = 1.0 - chance_() / 4;
  const Millis wait(static_cast<Millis::rep>(static_cast<double>(pause_.count()) * shortened));
  pause_ = std::min(2 * pause_, kLongest);
  probe_at_ = now + wait;
  return wait;
}

bool ServerBreaker::begin_probe(bool suspected) {
  if ((!why_ && !suspected) || probes_ >= kProbes) return false;
  ++probes_;
  return true;
}

ServerBreaker::Turn ServerBreaker::end_probe(const Result<void>& greeted, Time now) {
  --probes_;
  if (greeted) return why_ ? answered(now) : Turn::kNone;
  // That it is full is no reason to open: whoever is in has a server.
  if (!why_ && greeted.error().code == Code::kServerSaid) return Turn::kNone;
  return open_for(greeted.error(), now);
}

double ServerBreaker::a_second() const {
  return std::max<double>(static_cast<double>(limit_) / 10, 1);
}

bool ServerBreaker::take_turn(Time now) {
  if (!ramping(now)) return true;
  const double seconds = std::chrono::duration<double>(now - counted_at_).count();
  counted_at_ = now;
  turns_ = std::min(turns_ + seconds * a_second(), std::max<double>(a_second() / 10, 1));
  if (turns_ < 1) return false;
  turns_ -= 1;
  return true;
}

}  // namespace alphamail
