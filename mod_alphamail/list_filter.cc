// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/list_filter.h"

#include <algorithm>
#include <iterator>

#include "mod_alphamail/session.h"

namespace alphamail {

namespace {

using wire::Filter;
using Since = ListFilter::Since;

struct State {
  std::string_view word;
  Filter filter;
};
constexpr State kWords[] = {{"unread", Filter::Unread},
                            {"starred", Filter::Starred},
                            {"attachment", Filter::Attachment},
                            {"to-me", Filter::ToMe}};

struct Span {
  std::string_view word;
  Since since;
  int days;  // today among them
};
constexpr Span kDays[] = {{"today", Since::kToday, 1}, {"week", Since::kWeek, 7}, {"month", Since::kMonth, 30}};

/// When a day began, so many days before today.
std::int64_t begin_of_day(const TimeZone& zone, std::int64_t now, int days_before) {
  constexpr std::int64_t kDay = 86400;
  const std::int64_t local_midnight = (zone.local(now).days - days_before) * kDay;
  return local_midnight - zone.offset_at(local_midnight - zone.offset_at(now));
}

}  // namespace

Result<ListFilter> ListFilter::of(const Fields& query) {
  ListFilter filter;
  std::string_view words = query.get("filter");
  while (!words.empty()) {
    const std::size_t comma = std::min(words.find(','), words.size());
    const auto known = std::find_if(std::begin(kWords), std::end(kWords),
                                    [&](const State& s) { return s.word == words.substr(0, comma); });
    if (known == std::end(kWords)) return Error{Code::kInvalid, "no such filter of a list"};
    filter.states = static_cast<std::uint8_t>(filter.states | static_cast<std::uint8_t>(known->filter));
    words.remove_prefix(std::min(comma + 1, words.size()));
  }
  if (const std::string_view since = query.get("since"); !since.empty()) {
    const auto known = std::find_if(std::begin(kDays), std::end(kDays), [&](const Span& s) { return s.word == since; });
    if (known == std::end(kDays)) return Error{Code::kInvalid, "no such span of a list"};
    filter.since = known->since;
  }
  return filter;
}

ListFilter ListFilter::turned(Filter state) const {
  ListFilter other = *this;
  other.states = static_cast<std::uint8_t>(other.states ^ static_cast<std::uint8_t>(state));
  return other;
}

ListFilter ListFilter::turned(Since span) const {
  ListFilter other = *this;
  other.since = since == span ? Since::kAny : span;
  return other;
}

std::string ListFilter::states_word() const {
  std::string out;
  for (const State& state : kWords) {
    if (has(state.filter)) out.append(out.empty() ? "" : ",").append(state.word);
  }
  return out;
}

std::string_view ListFilter::since_word() const {
  const auto known = std::find_if(std::begin(kDays), std::end(kDays), [&](const Span& s) { return s.since == since; });
  return known == std::end(kDays) ? std::string_view() : known->word;
}

const char* ListFilter::name(Filter state, const Language& language) {
  switch (state) {
    case Filter::Unread: return language.trc("filter", "Unread");
    case Filter::Starred: return language.trc("filter", "Starred");
    case Filter::Attachment: return language.trc("filter", "With attachment");
    default: return language.trc("filter", "To me");
  }
}

const char* ListFilter::name(Since span, const Language& language) {
  switch (span) {
    case Since::kToday: return language.trc("filter", "Today");
    case Since::kWeek: return language.trc("filter", "Past 7 days");
    default: return language.trc("filter", "Past 30 days");
  }
}

std::string ListFilter::words(const Language& language) const {
  std::string out;
  for (const State& state : kWords) {
    if (has(state.filter)) out.append(out.empty() ? "" : ", ").append(name(state.filter, language));
  }
  if (since != Since::kAny) out.append(out.empty() ? "" : ", ").append(name(since, language));
  return out;
}

WantedChosen ListFilter::wanted(const Session& session, const TimeZone& zone, std::int64_t now) const {
  WantedChosen chosen;
  chosen.filters = states;
  chosen.zone_offset = zone.offset_at(now);
  chosen.me = session.addresses();
  for (const Span& span : kDays) {
    chosen.count_since.push_back(begin_of_day(zone, now, span.days - 1));
    if (span.since == since) chosen.since = chosen.count_since.back();
  }
  if (since != Since::kAny) {
    chosen.filters = static_cast<std::uint8_t>(chosen.filters | static_cast<std::uint8_t>(Filter::Since));
  }
  return chosen;
}

}  // namespace alphamail
