// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/term_tells.h"

#include <algorithm>
#include <numeric>

namespace alphamail {

static_assert(SearchQuery::kMostTerms <= 64, "a mask has a bit for each term");

BodyTerms::BodyTerms(const SearchQuery& query) {
  for (const Clause& clause : query.clauses()) {
    for (const Term& term : clause.any) {
      if (SearchQuery::needs_server(term)) all_.push_back({&term, BodyWords(term.text)});
    }
  }
}

std::vector<std::size_t> BodyTerms::by_rarity() const {
  std::vector<std::size_t> order(all_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return all_[a].words.length() > all_[b].words.length();
  });
  return order;
}

std::uint64_t BodyTerms::in(std::string_view folded) const {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].words.in(folded)) bits |= std::uint64_t{1} << i;
  }
  return bits;
}

std::uint64_t BodyTerms::every() const {
  return all_.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << all_.size()) - 1;
}

TermTells::TermTells(const SearchQuery& query, const BodyTerms& terms, const FolderIndex& index,
                     std::span<const std::string> me, const FolderNames& folder)
    : query_(query), terms_(terms) {
  for (const Clause& clause : query.clauses()) {
    for (const Term& term : clause.any) {
      Term plain = term;
      plain.negated = false;
      numbers_.emplace(&term, matches_.size());
      matches_.push_back(std::make_unique<RowMatch>(
          index, std::vector<Clause>{Clause{{std::move(plain)}}}, me, folder));
    }
  }
  for (std::size_t i = 0; i < terms.all().size(); ++i) bits_.emplace(terms.all()[i].term, i);
}

Tri TermTells::tell(RowId id) {
  return tell(id, terms_.every(), 0);
}

Tri TermTells::tell(RowId id, std::uint64_t may, std::uint64_t has) {
  return query_.tell([&](const Term& term) {
    const Tri row = matches_[numbers_.at(&term)]->tell(id);
    if (row == Tri::kYes) return row;
    const auto bit = bits_.find(&term);
    // What the index has kept only some of, recipients, nobody else is asked about.
    if (bit == bits_.end()) return Tri::kNo;
    const std::uint64_t mask = std::uint64_t{1} << bit->second;
    if ((has & mask) != 0) return Tri::kYes;
    return (may & mask) != 0 ? Tri::kPerhaps : Tri::kNo;
  });
}

bool TermTells::open(RowId id, std::size_t term) {
  return matches_[numbers_.at(terms_.all()[term].term)]->tell(id) != Tri::kYes;
}

}  // namespace alphamail
