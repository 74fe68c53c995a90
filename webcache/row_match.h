// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows of an index a query means (search_query.h), as far as the index can tell: from memory, without a
// question to the server.
//
// It tells all but kWords and kBody alone. Of kWords it knows when a header has them, or the snippet, which is
// some of the body: kYes. Where neither has, the body may: kPerhaps. A text that was cut when it was kept, or
// recipients beyond those that are kept, make kPerhaps of kNo, too.
#ifndef WEBCACHE_ROW_MATCH_H
#define WEBCACHE_ROW_MATCH_H

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/search_query.h"
#include "webcache/folder_index.h"
#include "webcache/row_set.h"

namespace alphamail {

/// What of a folder's rows a query means.
struct MatchedRows {
  RowSet yes;
  RowSet perhaps;  ///< the messages themselves have to be asked
};

/// A query made ready for one folder. Borrows nothing but the index, which must outlive it. One thread.
class RowMatch {
 public:
  /// @param me  the user's addresses
  RowMatch(const FolderIndex& index, const SearchQuery& query, std::span<const std::string> me,
           const FolderNames& folder);
  /// The same for clauses.
  RowMatch(const FolderIndex& index, std::vector<Clause> clauses, std::span<const std::string> me,
           const FolderNames& folder);
  ~RowMatch();

  MatchedRows all();
  Tri tell(RowId id);

 private:
  class Compiled;
  const FolderIndex& index_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace alphamail

#endif
