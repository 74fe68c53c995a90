// SPDX-License-Identifier: GPL-3.0-or-later
// The log of what users did: what it keeps, for how long, and how it tells how far something is.
#include "webcache/actions.h"

#include <gtest/gtest.h>

#include "webcache/action_file.h"

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

// ---- to disk and back ----

constexpr std::int64_t kWall = 1700000000;

// As the next daemon, whose steady clock may say anything, reads it `later` seconds afterwards.
void hand_over(const ActionLog& from, ActionLog& to, std::int64_t later) {
  const std::string bytes = write_actions(from.kept(), kWall);
  the_time = 50 + later;
  to.take_in(read_actions(bytes, kWall + later));
}

Act labelled() {
  Act act = moved(3);
  act.action = Action::Label;
  act.label = "Later";
  return act;
}

TEST(ActionFile, AnotherDaemonTakesBackWhatThisOneDid) {
  the_time = 1000;
  ActionLog log(now), next(now);
  const std::uint64_t first = log.begin(labelled(), 0);
  log.end(first, done(labelled()));
  Act all = moved(2);
  all.ranges = {{5, 9}, {11, 0xFFFFFFFF}};
  all.set = 1;
  all.clear = 2;
  Acted acted = done(all);
  acted.back_from = 77;
  const std::uint64_t second = log.begin(all, 0);
  log.end(second, acted);
  hand_over(log, next, 10);
  ASSERT_TRUE(next.find(first));
  EXPECT_EQ(next.find(first)->label, "Later");
  EXPECT_EQ(next.find(first)->done, 3U);
  const auto back = next.take_back(second);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->steps.size(), 1U);
  EXPECT_EQ(back->steps.front().back_from, 77U);
  const Act& way = back->steps.front().back.front();
  EXPECT_EQ(way.folder, "Kept");
  EXPECT_EQ(way.target, "INBOX");
  EXPECT_EQ(way.uid_validity, 7U);
  EXPECT_EQ(way.action, Action::Move);
  EXPECT_EQ(way.set, 1);
  EXPECT_EQ(way.clear, 2);
  ASSERT_EQ(way.messages.size(), 2U);
  EXPECT_EQ(way.messages[1].uid(), 2U);
  EXPECT_EQ(way.messages[1].identity(), 2U);
  ASSERT_EQ(way.ranges.size(), 2U);
  EXPECT_EQ(way.ranges[1].last, 0xFFFFFFFFU);
}

TEST(ActionFile, TheTimeToTakeItBackGoesOnWhileNoDaemonRuns) {
  for (const bool late : {false, true}) {
    the_time = 1000;
    ActionLog log(now), next(now);
    const std::uint64_t id = log.begin(moved(1), 0);
    log.end(id, done(moved(1)));
    the_time += 100;
    hand_over(log, next, ActionLog::kSecondsKept - 100 + (late ? 1 : 0));
    EXPECT_EQ(bool(next.take_back(id)), !late);
  }
}

TEST(ActionFile, WhatWasTakenBackIsNotTakenBackOnceMore) {
  the_time = 1000;
  ActionLog log(now), before(now), after(now);
  const std::uint64_t id = log.begin(moved(1), 0);
  log.end(id, done(moved(1)));
  hand_over(log, after, 0);
  the_time = 1000;
  ASSERT_TRUE(log.take_back(id));
  hand_over(log, before, 0);  // a crash in the middle of it
  EXPECT_FALSE(before.take_back(id));
  the_time = 1000;
  log.end_undo(id, {});
  hand_over(log, after, 0);  // one that knew it as undone yet
  EXPECT_FALSE(after.take_back(id));
  EXPECT_TRUE(after.find(id)->undo);
}

TEST(ActionFile, WhatFailedIsToldByTheNextDaemonOnce) {
  the_time = 1000;
  ActionLog log(now), next(now);
  const std::uint64_t id = log.begin(moved(2), 0);
  log.fail(id, Error{Code::kServerSaid, "Quota exceeded", 0}, 2);
  hand_over(log, next, 1);
  const auto told = next.to_tell(0);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, id);
  EXPECT_EQ(told[0].failed, 2U);
  ASSERT_TRUE(told[0].error);
  EXPECT_EQ(told[0].error->code, Code::kServerSaid);
  EXPECT_EQ(told[0].error->detail, "Quota exceeded");
  EXPECT_TRUE(next.to_tell(0).empty());
}

TEST(ActionFile, DamagedBytesAreNothing) {
  the_time = 1000;
  ActionLog log(now);
  const std::uint64_t id = log.begin(labelled(), 0);
  log.end(id, done(labelled()));
  const std::string good = write_actions(log.kept(), kWall);
  EXPECT_EQ(read_actions(good, kWall).size(), 1U);
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_TRUE(read_actions(good.substr(0, length), kWall).empty()) << length;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x81);
    (void)read_actions(bad, kWall);  // whatever comes of it, it ends
  }
  EXPECT_TRUE(read_actions(good + "x", kWall).empty());
}

TEST(ActionLog, NotesThatAnUnknownReportWasAskedFor) {
  ActionLog log(now);
  EXPECT_FALSE(log.take_sought());
  (void)log.to_tell(12345);
  EXPECT_TRUE(log.take_sought());
  EXPECT_FALSE(log.take_sought());
}

}  // namespace
}  // namespace alphamail
