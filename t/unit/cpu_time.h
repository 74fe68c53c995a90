// SPDX-License-Identifier: GPL-3.0-or-later
// This process's own time, for tests that time is linear: a busy machine does not fail them. What
// is quadratic takes minutes on their inputs of a megabyte, so the limit leaves room for
// sanitizers.
#ifndef T_UNIT_CPU_TIME_H
#define T_UNIT_CPU_TIME_H

#include <ctime>

namespace alphamail {

inline constexpr double kLinearSeconds = 10;

class CpuTime {
 public:
  double seconds() const { return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC; }

 private:
  std::clock_t start_ = std::clock();
};

}  // namespace alphamail

#endif
