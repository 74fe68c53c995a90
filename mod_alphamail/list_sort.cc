// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/list_sort.h"

#include <algorithm>
#include <iterator>

#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

using wire::SortKey;

struct Named {
  std::string_view word;
  SortKey key;
};
// In the order of SortBy.
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

bool ListSort::descending_at_first(SortKey wanted) const {
  return word_of(wanted) == word_of(usual_key) ? usual_descending : usually_descending(wanted);
}

std::string_view ListSort::sort_field() const {
  return word() == word_of(usual_key) ? std::string_view{} : word();
}

std::string_view ListSort::order_field() const {
  if (descending == descending_at_first(key)) return {};
  return descending ? "desc" : "asc";
}

Result<ListSort> ListSort::of(const Fields& query, const Settings& settings,
                              const Language& language) {
  const SortKey date = settings.dates == Dates::kSent ? SortKey::Sent : SortKey::Arrived;
  ListSort sort;
  sort.locale = language.code();
  sort.key = sort.usual_key = settings.sort == SortBy::kDate ? date : kKeys[static_cast<std::size_t>(settings.sort)].key;
  sort.usual_descending = settings.order == SortOrder::kUsual ? usually_descending(sort.key)
                                                              : settings.order == SortOrder::kDescending;
  if (query.has("sort")) {
    const auto named = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Named& n) {
      return n.word == query.get("sort");
    });
    if (named == std::end(kKeys)) return Error{Code::kInvalid, "no such order of a list"};
    sort.key = named->key == SortKey::Arrived ? date : named->key;
  }
  sort.descending = sort.descending_at_first(sort.key);
  if (query.has("order")) {
    const std::string_view order = query.get("order");
    if (order != "asc" && order != "desc") return Error{Code::kInvalid, "no such order of a list"};
    sort.descending = order == "desc";
  }
  const auto filter = ListFilter::of(query);
  if (!filter) return filter.error();
  sort.filter = *filter;
  sort.search = ListSearch::of(query);
  return sort;
}

std::vector<std::pair<std::string, std::string>> ListSort::fields() const {
  std::vector<std::pair<std::string, std::string>> all = search.fields();
  if (!sort_field().empty()) all.emplace_back("sort", sort_field());
  if (!order_field().empty()) all.emplace_back("order", order_field());
  if (filter.states != 0) all.emplace_back("filter", filter.states_word());
  if (filter.since != ListFilter::Since::kAny) all.emplace_back("since", filter.since_word());
  return all;
}

std::string ListSort::query(std::uint32_t page) const {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(out.empty() ? "?" : "&").append(name).append("=").append(value);
  };
  if (page > 1) add("page", std::to_string(page));
  const std::size_t of_search = search.fields().size();  // which are what somebody typed
  std::size_t n = 0;
  for (const auto& [name, value] : fields()) add(name, n++ < of_search ? query_value(value) : value);
  return out;
}

std::string ListSort::url(std::string_view mount, std::string_view folder, std::uint32_t page) const {
  return (search.any() ? std::string(mount) + "/search/" : url_of_folder(mount, folder)) + query(page);
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
