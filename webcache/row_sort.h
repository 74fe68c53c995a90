// SPDX-License-Identifier: GPL-3.0-or-later
// How the rows of an index compare. Each order is total: what is the same by its key goes newest
// first, then by the higher UID. Dates go newest first too, everything else upwards.
#ifndef WEBCACHE_ROW_SORT_H
#define WEBCACHE_ROW_SORT_H

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "webcache/index_row.h"

namespace alphamail {

class Collation;
class FolderIndex;

class RowSort {
 public:
  /// @param collation  for From, To and Subject; borrowed, as the index is
  RowSort(const FolderIndex& index, wire::SortKey key, const Collation* collation)
      : index_(index), key_(key), collation_(collation) {}

  bool before(RowId a, RowId b) const;
  /// By the key alone; for orders with groups().
  bool same(RowId a, RowId b) const { return compare(a, b) == 0; }
  /// False for dates: their order is read backwards as it stands.
  bool groups() const { return key_ != wire::SortKey::Arrived && key_ != wire::SortKey::Sent; }

  /// All rows of the index, sorted. For texts each different one is looked at once, so this is the
  /// way to begin an order.
  std::vector<RowId> sorted() const;

  /// What a list shows of a sender, and so sorts by: the name, else the address.
  static std::string_view shown_name(std::string_view text);

 private:
  int compare(RowId a, RowId b) const;
  TextRef text_of(RowId id) const;
  std::string_view key_text(TextRef ref) const;
  std::uint32_t number_of(const IndexRow& row) const;
  std::vector<std::uint32_t> ranks(const std::vector<RowId>& rows) const;

  const FolderIndex& index_;
  const wire::SortKey key_;
  const Collation* const collation_;
};

}  // namespace alphamail

#endif
