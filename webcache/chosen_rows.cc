// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/chosen_rows.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "common/mime_text.h"
#include "webcache/row_match.h"

namespace alphamail {
namespace {

using Kind = Term::Kind;

// Rows of a list that are looked at in one go.
constexpr std::size_t kStretch = 512;

constexpr auto kAllFilters = static_cast<std::uint8_t>(wire::Filter::ANY);

std::string_view role_word(wire::Role role) {
  switch (role) {
    case wire::Role::Inbox: return "inbox";
    case wire::Role::Drafts: return "drafts";
    case wire::Role::Sent: return "sent";
    case wire::Role::Archive: return "archive";
    case wire::Role::Junk: return "junk";
    case wire::Role::Trash: return "trash";
    default: return "";
  }
}

Clause clause_of(Kind kind, std::int64_t number = 0, bool me = false) {
  Term term;
  term.kind = kind;
  term.number = number;
  term.me = me;
  return {{term}};
}

bool reads_texts(const Term& term) {
  return term.kind == Kind::kFrom || term.kind == Kind::kTo || term.kind == Kind::kCc || term.kind == Kind::kSubject ||
         term.kind == Kind::kWords || term.kind == Kind::kBody;
}

bool has(const IndexRow& row, wire::Flag flag) {
  return (row.flags & static_cast<std::uint16_t>(flag)) != 0;
}

// By arrival the newest stand first.
std::uint32_t count_since(const FolderIndex& index, std::int64_t since) {
  const ListedRows listed = index.listed();
  std::size_t below = 0, above = listed.size();  // all before `below` are at or after it, from `above` on none
  while (below < above) {
    const std::size_t middle = below + (above - below) / 2;
    index.row(listed.at(middle)).arrived >= since ? below = middle + 1 : above = middle;
  }
  return static_cast<std::uint32_t>(below);
}

std::uint64_t hash_of(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all.append(text).push_back('\0');
  return std::hash<std::string>()(all);
}

ChunkCounts::Flags count_flags(const IndexChunk& chunk) {
  ChunkCounts::Flags counts{};
  for (const IndexRow& row : chunk.rows) {
    if (row.gone()) continue;
    counts.unread += has(row, wire::Flag::Seen) ? 0 : 1;
    counts.starred += has(row, wire::Flag::Flagged) ? 1 : 0;
    counts.attachment += has(row, wire::Flag::HasAttachment) ? 1 : 0;
  }
  return counts;
}

std::uint32_t count_to(RowMatch& to_me, RowId first, const IndexChunk& chunk) {
  std::uint32_t count = 0;
  for (std::uint32_t slot = 0; slot < chunk.rows.size(); ++slot) {
    if (!chunk.rows[slot].gone() && to_me.tell(RowId{static_cast<std::uint32_t>(first) + slot}) == Tri::kYes) ++count;
  }
  return count;
}

// Of each chunk, what is not known yet of it.
FilterCounts count(const FolderIndex& index, const Choice& choice, const FolderNames& folder) {
  std::uint32_t unread = 0, starred = 0, attachment = 0, mine = 0;
  const std::uint64_t whose = hash_of(choice.me);
  std::optional<RowMatch> to_me;
  index.each_chunk([&](RowId first, const IndexChunk& chunk) {
    auto flags = chunk.counts.flags();
    if (!flags) chunk.counts.set_flags(flags.emplace(count_flags(chunk)));
    unread += flags->unread;
    starred += flags->starred;
    attachment += flags->attachment;
    if (choice.me.empty()) return;
    auto to = chunk.counts.to(whose);
    if (!to) {
      if (!to_me) to_me.emplace(index, std::vector{clause_of(Kind::kTo, 0, true)}, choice.me, folder);
      chunk.counts.set_to(whose, to.emplace(count_to(*to_me, first, chunk)));
    }
    mine += *to;
  });
  FilterCounts counts{{unread, starred, attachment, mine, count_since(index, choice.since)}, {}};
  for (const std::int64_t moment : choice.count_since) counts.since.push_back(count_since(index, moment));
  return counts;
}

}  // namespace

bool Choice::reads_texts() const {
  return std::any_of(clauses.begin(), clauses.end(), [](const Clause& clause) {
    return std::any_of(clause.any.begin(), clause.any.end(),
                       [](const Term& term) { return alphamail::reads_texts(term) && !term.me; });
  });
}

Result<Choice> Choice::of(const wire::Chosen& chosen, std::int64_t now) {
  Choice choice;
  const auto* me = chosen.me();
  const auto* moments = chosen.count_since();
  if ((chosen.filters() & ~kAllFilters) != 0) return Error{Code::kInvalid, "no such filter", 0};
  if ((me && me->size() > kMostAddresses) || (moments && moments->size() > kMostMoments))
    return Error{Code::kInvalid, "too much asked of a list", 0};
  if (me) {
    for (const flatbuffers::String* address : *me) {
      choice.me.push_back(valid_utf8(address->string_view()));
      choice.counts_key.append(choice.me.back()).push_back('\0');
    }
  }
  choice.key = choice.counts_key;
  if (moments) choice.count_since.assign(moments->begin(), moments->end());
  choice.since = chosen.since();
  for (const std::int64_t moment : choice.count_since) choice.counts_key.append(std::to_string(moment)).push_back('\0');
  choice.counts_key.append(std::to_string(choice.since));

  const auto filtered = [&](wire::Filter filter) { return (chosen.filters() & static_cast<std::uint8_t>(filter)) != 0; };
  if (filtered(wire::Filter::Unread)) choice.clauses.push_back(clause_of(Kind::kUnread));
  if (filtered(wire::Filter::Starred)) choice.clauses.push_back(clause_of(Kind::kStarred));
  if (filtered(wire::Filter::Attachment)) choice.clauses.push_back(clause_of(Kind::kAttachment));
  if (filtered(wire::Filter::Since)) choice.clauses.push_back(clause_of(Kind::kSince, choice.since));
  if (filtered(wire::Filter::ToMe)) choice.clauses.push_back(clause_of(Kind::kTo, 0, true));
  if (chosen.query() && chosen.query()->size() > 0) {
    const SearchQuery query = SearchQuery::parse(chosen.query()->string_view(), {now, chosen.zone_offset()});
    if (query.needs_server()) return Error{Code::kInvalid, "the index alone cannot answer that query", 0};
    choice.clauses.insert(choice.clauses.end(), query.clauses().begin(), query.clauses().end());
  }
  for (const Clause& clause : choice.clauses) {
    choice.key.append(SearchQuery::spelled(clause)).push_back('\0');
    // Of "7d" tomorrow is another day.
    for (const Term& term : clause.any) choice.key.append(std::to_string(term.number)).push_back('\0');
  }
  return choice;
}

FolderNames folder_names(const FolderEntry& folder) {
  return {folder.address, role_word(folder.role)};
}

std::shared_ptr<const ChosenRows> choose(const FolderIndex& index, const Choice& choice, const FolderNames& folder) {
  return index.choices().rows(choice.key, [&] {
    ChosenRows chosen{RowMatch(index, choice.clauses, choice.me, folder).all().yes, 0};
    chosen.count = chosen.rows.count();
    return chosen;
  });
}

bool takes_long(const FolderIndex& index, const Choice& choice) {
  // A lane's thread may take a millisecond: 20 to 40 ns for a row, with its texts ten times that.
  constexpr std::size_t kMostRows = 20'000, kTexts = 10;
  std::size_t rows = 0;
  if (!choice.is_all() && !index.choices().has_rows(choice.key)) rows = index.size() * (choice.reads_texts() ? kTexts : 1);
  if (rows > kMostRows || index.choices().has_counts(choice.counts_key)) return rows > kMostRows;
  const std::uint64_t whose = hash_of(choice.me);
  index.each_chunk([&](RowId, const IndexChunk& chunk) {
    if (!chunk.counts.flags() || (!choice.me.empty() && !chunk.counts.to(whose))) rows += chunk.rows.size();
  });
  return rows > kMostRows;
}

std::shared_ptr<const FilterCounts> count_filters(const FolderIndex& index, const Choice& choice,
                                                  const FolderNames& folder) {
  return index.choices().counts(choice.counts_key, [&] { return count(index, choice, folder); });
}

template <typename Look>
void ChosenList::each(std::size_t from, const Look& look) const {
  thread_local std::vector<RowId> some;
  for (std::size_t at = from; at < listed_.size(); at += kStretch) {
    listed_.read(at, at + kStretch, some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (chosen_.rows.has(some[i]) && !look(at + i, some[i])) return;
    }
  }
}

void ChosenList::read(std::size_t first, std::size_t last, std::vector<RowId>& out) const {
  out.clear();
  last = std::min(last, size());
  if (first >= last) return;
  std::size_t place = 0;
  each(0, [&](std::size_t, RowId id) {
    if (place++ >= first) out.push_back(id);
    return place < last;
  });
}

ChosenList::Place ChosenList::around(std::size_t position) const {
  Place place;
  each(0, [&](std::size_t at, RowId id) {
    if (at < position) {
      ++place.before;
      place.newer = id;
    } else if (at > position) {
      place.older = id;
    }
    return at <= position;
  });
  return place;
}

}  // namespace alphamail
