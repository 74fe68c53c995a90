// SPDX-License-Identifier: GPL-3.0-or-later
// What lists have chosen of one snapshot of an index, so that its next page counts nothing anew. A copy of a
// snapshot begins with none: it is made to be changed.
#ifndef WEBCACHE_KEPT_CHOICES_H
#define WEBCACHE_KEPT_CHOICES_H

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "webcache/row_set.h"

namespace alphamail {

struct ChosenRows {
  RowSet rows;
  std::size_t count = 0;
};

/// How many rows each wire::Filter alone lets pass, in its order; and how many arrived since some moments.
struct FilterCounts {
  std::array<std::uint32_t, 5> filters{};
  std::vector<std::uint32_t> since;
};

/// Any thread.
class KeptChoices {
 public:
  KeptChoices() = default;
  KeptChoices(const KeptChoices&) noexcept {}
  KeptChoices& operator=(const KeptChoices&) noexcept { return *this; }

  /// What was kept under that key, else what make() gives.
  template <typename Make>
  std::shared_ptr<const ChosenRows> rows(const std::string& key, const Make& make) const {
    return find(rows_, key, make);
  }
  template <typename Make>
  std::shared_ptr<const FilterCounts> counts(const std::string& key, const Make& make) const {
    return find(counts_, key, make);
  }
  bool has_rows(const std::string& key) const { return has(rows_, key); }
  bool has_counts(const std::string& key) const { return has(counts_, key); }

 private:
  static constexpr std::size_t kMost = 4;
  template <typename Value>
  using Kept = std::vector<std::pair<std::string, std::shared_ptr<const Value>>>;

  template <typename Value>
  bool has(const Kept<Value>& kept, const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(kept.begin(), kept.end(), [&](const auto& one) { return one.first == key; });
  }

  template <typename Value, typename Make>
  std::shared_ptr<const Value> find(Kept<Value>& kept, const std::string& key, const Make& make) const {
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [known, value] : kept) {
        if (known == key) return value;
      }
    }
    const auto made = std::make_shared<const Value>(make());
    const std::lock_guard lock(mutex_);
    if (kept.size() == kMost) kept.pop_back();
    kept.emplace(kept.begin(), key, made);
    return made;
  }

  mutable std::mutex mutex_;
  mutable Kept<ChosenRows> rows_;
  mutable Kept<FilterCounts> counts_;
};

}  // namespace alphamail

#endif
