// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a query's terms about single messages: by the index, by what a server has named, by what
// was read. Each source says it of one term; together they say it of the query.
#ifndef WEBCACHE_TERM_TELLS_H
#define WEBCACHE_TERM_TELLS_H

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/search_query.h"
#include "webcache/body_search.h"
#include "webcache/row_match.h"

namespace alphamail {

/// Terms of a query that the texts of messages tell of; bit n of a mask stands for the n-th.
class BodyTerms {
 public:
  explicit BodyTerms(const SearchQuery& query);
  struct One {
    const Term* term;
    BodyWords words;
  };
  const std::vector<One>& all() const { return all_; }  ///< at most SearchQuery::kMostTerms
  /// In the order in which they are best asked for: what is rare leaves little for the others.
  std::vector<std::size_t> by_rarity() const;
  /// Bits of the terms that a folded text has.
  std::uint64_t in(std::string_view folded) const;
  std::uint64_t every() const;

 private:
  std::vector<One> all_;
};

/// Borrows all that it is made of.
class TermTells {
 public:
  TermTells(const SearchQuery& query, const BodyTerms& terms, const FolderIndex& index,
            std::span<const std::string> me, const FolderNames& folder);

  /// By the index alone.
  Tri tell(RowId id);
  /// @param may    bits of terms that the text may have
  /// @param has    bits of those that it has
  Tri tell(RowId id, std::uint64_t may, std::uint64_t has);
  /// Whether the text has to be asked about that term.
  bool open(RowId id, std::size_t term);

 private:
  const SearchQuery& query_;
  const BodyTerms& terms_;
  std::vector<std::unique_ptr<RowMatch>> matches_;  // one a term
  std::map<const Term*, std::size_t> numbers_;  // of matches_
  std::map<const Term*, std::size_t> bits_;
};

}  // namespace alphamail

#endif
