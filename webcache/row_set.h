// SPDX-License-Identifier: GPL-3.0-or-later
// Some rows of a snapshot: one bit for each that an index has room for.
#ifndef WEBCACHE_ROW_SET_H
#define WEBCACHE_ROW_SET_H

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "webcache/index_row.h"

namespace alphamail {

class RowSet {
 public:
  /// @param room  ids below it can be in the set
  explicit RowSet(std::size_t room = 0) : words_((room + 63) / 64) {}

  void add(RowId id) { words_[word(id)] |= bit(id); }
  bool has(RowId id) const { return word(id) < words_.size() && (words_[word(id)] & bit(id)) != 0; }
  std::size_t count() const {
    std::size_t n = 0;
    for (const std::uint64_t w : words_) n += static_cast<std::size_t>(std::popcount(w));
    return n;
  }

 private:
  static std::size_t word(RowId id) { return static_cast<std::uint32_t>(id) / 64; }
  static std::uint64_t bit(RowId id) { return std::uint64_t{1} << (static_cast<std::uint32_t>(id) % 64); }

  std::vector<std::uint64_t> words_;
};

}  // namespace alphamail

#endif
