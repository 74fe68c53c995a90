// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a filtered list's address, and the moments they stand for.
#include "mod_alphamail/list_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/session.h"

namespace alphamail {
namespace {

using Since = ListFilter::Since;
using wire::Filter;

Fields fields(std::string_view query) {
  return *Fields::parse(query);
}

ListFilter filter(std::string_view query) {
  const auto read = ListFilter::of(fields(query));
  EXPECT_TRUE(read) << query;
  return read ? *read : ListFilter{};
}

TEST(ListFilter, ReadsAndSpellsItsWords) {
  EXPECT_FALSE(filter("").any());
  EXPECT_FALSE(filter("filter=&since=").any());
  const ListFilter all = filter("filter=to-me,attachment,starred,unread&since=week");
  EXPECT_EQ(all.states_word(), "unread,starred,attachment,to-me");
  EXPECT_EQ(all.since_word(), "week");
  EXPECT_TRUE(all.any());
  EXPECT_EQ(filter("filter=unread,unread").states_word(), "unread");
  for (const auto* bad : {"filter=red", "filter=Unread", "filter=unread,,starred", "filter=,", "since=year", "since=7d"}) {
    EXPECT_FALSE(ListFilter::of(fields(bad))) << bad;
  }
}

TEST(ListFilter, TurnsOneAtATime) {
  const ListFilter unread = filter("filter=unread");
  EXPECT_EQ(unread.turned(Filter::Starred).states_word(), "unread,starred");
  EXPECT_FALSE(unread.turned(Filter::Unread).any());
  EXPECT_EQ(unread.turned(Since::kWeek).turned(Since::kMonth).since_word(), "month");
  EXPECT_EQ(unread.turned(Since::kWeek).turned(Since::kWeek), unread);
}

TEST(ListFilter, DaysAreTheReadersOwn) {
  const TimeZones zones;
  const TimeZone* const berlin = zones.find("Europe/Berlin");
  ASSERT_NE(berlin, nullptr);
  Session session;
  session.user = "noor";
  session.domain = "example.edu";
  session.identities = {"office@example.edu"};
  // 27 October 2026, 10:00 in Berlin: two days after the clocks were put back.
  const std::int64_t now = 1793091600;
  const WantedChosen chosen = filter("filter=unread,to-me&since=week").wanted(session, *berlin, now);
  EXPECT_EQ(chosen.count_since, (std::vector<std::int64_t>{1793055600, 1792533600, 1790546400}));  // 27 and 21 October, 28 September
  EXPECT_EQ(chosen.since, 1792533600);
  EXPECT_EQ(chosen.filters, static_cast<std::uint8_t>(Filter::Unread | Filter::ToMe | Filter::Since));
  EXPECT_EQ(chosen.zone_offset, 3600);
  EXPECT_EQ(chosen.me, (std::vector<std::string>{"noor@example.edu", "office@example.edu"}));
  EXPECT_EQ(filter("").wanted(session, *berlin, now).filters, 0);
}

}  // namespace
}  // namespace alphamail
