// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon's counters, declared once in counters.def. Any thread may count.
#ifndef WEBCACHE_COUNTERS_H
#define WEBCACHE_COUNTERS_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace alphamail {

enum class Count : std::size_t {
#define COUNTER(name, unit, meaning) name,
#include "webcache/counters.def"
#undef COUNTER
  kEnd
};

struct CounterInfo {
  std::string_view name, unit, meaning;
};
inline constexpr std::array<CounterInfo, static_cast<std::size_t>(Count::kEnd)> kCounters{{
#define COUNTER(name, unit, meaning) {#name, unit, meaning},
#include "webcache/counters.def"
#undef COUNTER
}};

class Counters {
 public:
  void add(Count which, std::uint64_t by = 1) {
    values_[static_cast<std::size_t>(which)].fetch_add(by, std::memory_order_relaxed);
  }
  void subtract(Count which, std::uint64_t by = 1) {
    values_[static_cast<std::size_t>(which)].fetch_sub(by, std::memory_order_relaxed);
  }
  void set(Count which, std::uint64_t value) {
    values_[static_cast<std::size_t>(which)].store(value, std::memory_order_relaxed);
  }
  std::uint64_t get(Count which) const {
    return values_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Count::kEnd)> values_{};
};

}  // namespace alphamail

#endif
