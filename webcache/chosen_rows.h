// SPDX-License-Identifier: GPL-3.0-or-later
// What a list shows of a folder (wire::Chosen): the rows that filters and a query let pass, in the list's order,
// and how many each filter alone would show. From memory; kept with the snapshot (kept_choices.h).
#ifndef WEBCACHE_CHOSEN_ROWS_H
#define WEBCACHE_CHOSEN_ROWS_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "common/search_query.h"
#include "webcache/folder_index.h"
#include "webcache/folder_list.h"

namespace alphamail {

/// A wire::Chosen once it is checked.
struct Choice {
  std::vector<Clause> clauses;          ///< of filters and query together; empty: all rows
  std::vector<std::string> me;
  std::int64_t since = 0;               ///< of the filter, for its count
  std::vector<std::int64_t> count_since;
  std::string key;                      ///< the same for what lets the same rows pass
  std::string counts_key;               ///< the same for what has the same counts

  bool is_all() const { return clauses.empty(); }
  bool reads_texts() const;

  static constexpr std::size_t kMostAddresses = 50;
  static constexpr std::size_t kMostMoments = 8;
  /// @param now  seconds since 1970 UTC
  /// @return kInvalid for what cannot be, or a query that the index alone cannot answer
  static Result<Choice> of(const wire::Chosen& chosen, std::int64_t now);
};

/// By what in: names a folder.
FolderNames folder_names(const FolderEntry& folder);

/// The rows that a choice lets pass; not those of which the index alone cannot tell.
std::shared_ptr<const ChosenRows> choose(const FolderIndex& index, const Choice& choice, const FolderNames& folder);

/// Of the whole index, whatever is chosen.
std::shared_ptr<const FilterCounts> count_filters(const FolderIndex& index, const Choice& choice, const FolderNames& folder);

/// Whether to choose and count takes longer than a lane's thread has time for.
bool takes_long(const FolderIndex& index, const Choice& choice);

/// The chosen rows in the order of a list. Borrows all it is made of.
class ChosenList {
 public:
  ChosenList(const ListedRows& listed, const ChosenRows& chosen) : listed_(listed), chosen_(chosen) {}

  std::size_t size() const { return chosen_.count; }
  /// Instead of what `out` holds, the rows of positions first..last-1 among the chosen.
  void read(std::size_t first, std::size_t last, std::vector<RowId>& out) const;

  /// Around a place of the whole list, whether the row there is chosen or not (one that was read is not among
  /// the unread any more).
  struct Place {
    std::size_t before = 0;  ///< chosen rows in front of it
    std::optional<RowId> newer, older;
  };
  Place around(std::size_t position) const;

 private:
  // look(position, row) for the chosen ones from a position of the whole list on, until it gives false.
  template <typename Look>
  void each(std::size_t from, const Look& look) const;

  const ListedRows& listed_;
  const ChosenRows& chosen_;
};

}  // namespace alphamail

#endif
