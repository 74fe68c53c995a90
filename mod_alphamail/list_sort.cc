// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/list_sort.h"

#include <algorithm>
#include <iterator>

namespace alphamail {

namespace {

using wire::SortKey;

struct Named {
  std::string_view word;
  SortKey key;
};
constexpr Named kKeys[] = {{"date", SortKey::Arrived}, {"from", SortKey::From},
                           {"to", SortKey::To},        {"subject", SortKey::Subject},
                           {"size", SortKey::Size},    {"flags", SortKey::Flags}};

}  // namespace

std::string_view ListSort::word_of(SortKey key) {
  if (key == SortKey::Sent) return kKeys[0].word;
  const auto named = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [key](const Named& n) { return n.key == key; });
  return named == std::end(kKeys) ? kKeys[0].word : named->word;
}

bool ListSort::usually_descending(SortKey key) {
  return key != SortKey::From && key != SortKey::To && key != SortKey::Subject;
}

Result<ListSort> ListSort::of(const Fields& query, const Settings& settings,
                              const Language& language) {
  const bool sent = settings.dates == Dates::kSent;
  ListSort sort{sent ? SortKey::Sent : SortKey::Arrived, true, language.code()};
  if (query.has("sort")) {
    const auto named = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Named& n) {
      return n.word == query.get("sort");
    });
    if (named == std::end(kKeys)) return Error{Code::kInvalid, "no such order of a list"};
    if (named->key != SortKey::Arrived) sort.key = named->key;
  }
  sort.descending = usually_descending(sort.key);
  if (query.has("order")) {
    const std::string_view order = query.get("order");
    if (order != "asc" && order != "desc") return Error{Code::kInvalid, "no such order of a list"};
    sort.descending = order == "desc";
  }
  return sort;
}

std::string ListSort::query(std::uint32_t page) const {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(out.empty() ? "?" : "&").append(name).append("=").append(value);
  };
  if (page > 1) add("page", std::to_string(page));
  if (!by_date()) add("sort", word());
  if (descending != usually_descending(key)) add("order", descending ? "desc" : "asc");
  return out;
}

const char* ListSort::before(const Language& language) const {
  if (!by_date()) return language.tr("Previous");
  return descending ? language.tr("Newer") : language.tr("Older");
}

const char* ListSort::behind(const Language& language) const {
  if (!by_date()) return language.tr("Next");
  return descending ? language.tr("Older") : language.tr("Newer");
}

const char* ListSort::words(const Language& language) const {
  switch (key) {
    case SortKey::From:
      return descending ? language.tr("by sender, backwards") : language.tr("by sender");
    case SortKey::To:
      return descending ? language.tr("by recipient, backwards") : language.tr("by recipient");
    case SortKey::Subject:
      return descending ? language.tr("by subject, backwards") : language.tr("by subject");
    case SortKey::Size:
      return descending ? language.tr("largest first") : language.tr("smallest first");
    case SortKey::Flags:
      return descending ? language.tr("starred and unread first")
                        : language.tr("starred and unread last");
    default: return descending ? language.tr("newest first") : language.tr("oldest first");
  }
}

}  // namespace alphamail
