// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/chosen_rows.h"

#include <algorithm>
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

FilterCounts count(const FolderIndex& index, const Choice& choice, const FolderNames& folder) {
  std::uint32_t unread = 0, starred = 0, attachment = 0, mine = 0;
  RowMatch to_me(index, {clause_of(Kind::kTo, 0, true)}, choice.me, folder);
  index.each_row([&](RowId id, const IndexRow& row) {
    unread += has(row, wire::Flag::Seen) ? 0 : 1;
    starred += has(row, wire::Flag::Flagged) ? 1 : 0;
    attachment += has(row, wire::Flag::HasAttachment) ? 1 : 0;
    if (!choice.me.empty()) mine += to_me.tell(id) == Tri::kYes ? 1 : 0;
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
