// SPDX-License-Identifier: GPL-3.0-or-later
// The log of what users did: what it keeps, for how long, and how it tells how far something is.
#include "webcache/actions.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

std::int64_t the_time = 1000;
std::int64_t now() { return the_time; }

Act moved(std::uint32_t messages) {
  Act act;
  act.folder = "INBOX";
  act.uid_validity = 7;
  act.action = Action::Move;
  act.target = "Kept";
  for (std::uint32_t n = 1; n <= messages; ++n) act.messages.emplace_back(n, n);
  return act;
}

Acted done(const Act& act) {
  Acted acted;
  acted.done = static_cast<std::uint32_t>(act.messages_named());
  acted.target = act.target;
  Act back = act;
  back.folder = act.target;
  back.target = act.folder;
  acted.back.push_back(std::move(back));
  return acted;
}

TEST(UidRanges, KeepsNeighboursTogether) {
  std::vector<UidRange> ranges;
  for (const std::uint32_t uid : {1U, 2U, 3U, 7U, 8U, 5U}) add_uid(ranges, uid);
  tidy(ranges);
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(count(ranges), 6U);
  for (const std::uint32_t uid : {1U, 3U, 5U, 7U, 8U}) EXPECT_TRUE(holds(ranges, uid)) << uid;
  for (const std::uint32_t uid : {0U, 4U, 6U, 9U, 0xFFFFFFFFU}) EXPECT_FALSE(holds(ranges, uid)) << uid;
}

TEST(UidRanges, HoldsTheHighestUid) {
  std::vector<UidRange> ranges;
  add_uid(ranges, 0xFFFFFFFF);
  add_uid(ranges, 0);
  tidy(ranges);
  EXPECT_EQ(ranges.size(), 2U);
  EXPECT_TRUE(holds(ranges, 0xFFFFFFFF));
  EXPECT_FALSE(holds({}, 1));
}

TEST(ActionLog, TakesBackWithinItsTimeAndNotLater) {
  for (const bool late : {false, true}) {
    the_time = 1000;
    ActionLog log(now);
    const Act act = moved(2);
    const std::uint64_t id = log.begin(act, 0);
    log.end(id, done(act));
    EXPECT_TRUE(log.find(id)->can_undo);
    the_time += ActionLog::kSecondsKept + (late ? 1 : 0);
    const auto back = log.take_back(id);
    EXPECT_EQ(bool(back), !late);
    if (late) {
      EXPECT_EQ(back.error().code, Code::kNotFound);
    }
  }
}

TEST(ActionLog, LetsGoOfTheWayBackWhenItsTimeIsOver) {
  the_time = 1000;
  ActionLog log(now);
  const Act act = moved(1000);
  const std::uint64_t first = log.begin(act, 0);
  log.end(first, done(act));
  const std::size_t before = log.bytes();
  the_time += ActionLog::kSecondsKept + 1;
  const std::uint64_t second = log.begin(moved(1), 0);
  log.end(second, done(moved(1)));
  EXPECT_LT(log.bytes(), before);
  EXPECT_FALSE(log.find(first)->can_undo);
  EXPECT_TRUE(log.find(second)->can_undo);
}

TEST(ActionLog, TellsHowFarItIs) {
  ActionLog log(now);
  Act act;
  act.folder = "INBOX";
  act.action = Action::Read;
  act.every = EveryMessage{20001, nullptr};
  const std::uint64_t id = log.begin(act, 0);
  log.advance(id, 8000, 20000, "");
  EXPECT_EQ(log.find(id)->done, 8000U);
  EXPECT_EQ(log.find(id)->total, 20000U);
  EXPECT_EQ(log.find(id)->progress, wire::Progress::Running);
  Acted acted;
  acted.done = 20000;
  log.end(id, std::move(acted));
  EXPECT_EQ(log.find(id)->done, 20000U);
  EXPECT_EQ(log.find(id)->progress, wire::Progress::Done);
}

TEST(ActionLog, TwentyThousandTakeLittleMemory) {
  ActionLog log(now);
  Act act;
  act.folder = "Kept";
  act.action = Action::Move;
  act.ranges = {{1, 20000}};
  EXPECT_EQ(act.messages_named(), 20000U);
  const std::uint64_t id = log.begin(act, 0);
  log.end(id, done(act));
  EXPECT_LT(log.bytes(), 2000U);
  EXPECT_EQ(log.take_back(id)->steps.front().back.front().messages_named(), 20000U);
  EXPECT_EQ(log.find(id)->total, 20000U);
}

TEST(ActionLog, KeepsSoManyWaysBackAndNoMore) {
  ActionLog log(now);
  const auto half = static_cast<std::uint32_t>(ActionLog::kMostBack * 3 / 5);
  const Act act = moved(half);
  const std::uint64_t first = log.begin(act, 0);
  log.end(first, done(act));
  const std::uint64_t second = log.begin(act, 0);
  log.end(second, done(act));
  EXPECT_FALSE(log.take_back(first));
  EXPECT_TRUE(log.take_back(second));
}

}  // namespace
}  // namespace alphamail
