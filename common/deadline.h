// SPDX-License-Identifier: GPL-3.0-or-later
// The instant by which an answer must be there. Passed down through every layer, so that the whole
// of a question is bounded and not each of its steps.
#ifndef COMMON_DEADLINE_H
#define COMMON_DEADLINE_H

#include <algorithm>
#include <chrono>
#include <climits>

namespace alphamail {

using Millis = std::chrono::milliseconds;

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline in(Millis span) { return Deadline(Clock::now() + span); }
  static Deadline at(Clock::time_point when) { return Deadline(when); }

  Clock::time_point when() const { return when_; }
  bool passed() const { return Clock::now() >= when_; }
  /// What is left, rounded up to a millisecond, never negative: fits poll(2).
  int left_ms() const {
    const auto left = std::chrono::ceil<Millis>(when_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
  }
  Deadline sooner(Deadline other) const { return Deadline(std::min(when_, other.when_)); }

 private:
  explicit Deadline(Clock::time_point when) : when_(when) {}
  Clock::time_point when_;
};

}  // namespace alphamail

#endif
