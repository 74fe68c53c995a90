// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a folder in one order: a permutation of row ids, cut into leaves that snapshots share, so
// that a change copies the leaves it touches and the list of leaves, never all ids.
//
// An id has its top bit set where it begins a group of rows whose keys are the same, so that a list
// can be read with the groups backwards and each group still forwards. A leaf whose ids go down one
// by one (new mail comes in the order of UIDs) keeps only the first and how many.
#ifndef WEBCACHE_ROW_ORDER_H
#define WEBCACHE_ROW_ORDER_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "webcache/index_row.h"

namespace alphamail {

class RowSort;  // row_sort.h

class RowOrder {
 public:
  std::size_t size() const { return leaves_.empty() ? 0 : leaves_.back().end; }
  RowId at(std::size_t position) const;
  /// Appends the ids of positions first..last-1.
  void read(std::size_t first, std::size_t last, std::vector<RowId>& out) const;
  /// The first and behind the last position of the rows that sort the same as this one's.
  std::pair<std::size_t, std::size_t> group_of(std::size_t position) const;
  /// The row must be one of the index `sort` looks at; found by how it sorts.
  std::optional<std::size_t> position_of(RowId row, const RowSort& sort) const;

  /// @param rows  in the order of `sort`
  static RowOrder of_sorted(std::span<const RowId> rows, const RowSort& sort);
  /// Rows that are not in it yet.
  void insert(std::vector<RowId> rows, const RowSort& sort);
  bool erase(RowId row, const RowSort& sort);
  void erase_if(const std::function<bool(RowId)>& gone);
  /// The same message under another id.
  void replace(RowId row, RowId now, const RowSort& sort);

  std::size_t bytes() const;  ///< on the heap, itself included

 private:
  struct Leaf {
    std::vector<std::uint32_t> ids;
    std::uint32_t run = 0;  // where `ids` is empty: run, run - 1, ...
    std::uint32_t count = 0;
    std::uint32_t get(std::size_t i) const {
      return ids.empty() ? run - static_cast<std::uint32_t>(i) : ids[i];
    }
    std::vector<std::uint32_t> all() const;
  };
  struct Place {
    std::shared_ptr<const Leaf> leaf;
    std::uint32_t end;     // position behind its last
    std::uint32_t groups;  // how many begin in it
  };
  static constexpr std::uint32_t kBegins = 0x80000000U;
  static RowId id_in(std::uint32_t entry) { return RowId{entry & ~kBegins}; }

  std::size_t leaf_of(std::size_t position) const;
  std::size_t begin_of(std::size_t leaf) const { return leaf == 0 ? 0 : leaves_[leaf - 1].end; }
  std::size_t leaf_for(RowId row, const RowSort& sort) const;  // whose last does not sort before it
  std::uint32_t last_in(std::size_t leaf) const;
  void put(std::size_t leaf, std::span<const std::uint32_t> ids);  // instead of what it holds
  void count_from(std::size_t leaf);
  static void cut(std::span<const std::uint32_t> ids, std::vector<Place>& out);

  std::vector<Place> leaves_;  // none empty
};

}  // namespace alphamail

#endif
