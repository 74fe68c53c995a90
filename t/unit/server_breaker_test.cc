// SPDX-License-Identifier: GPL-3.0-or-later
// A breaker opens on failures and silence, is probed ever less often, closes at the first answer, and
// lets users back in at a tenth of the server's limit a second.
#include "webcache/server_breaker.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

using Turn = ServerBreaker::Turn;
const Error kDown{Code::kUnreachable, "refused", 0};

class ServerBreakerTest : public ::testing::Test {
 protected:
  ServerBreaker::Time now{std::chrono::hours(1)};
  double chance = 0;
  ServerBreaker breaker{500, [this] { return chance; }};
  void later(Millis span) { now += span; }
};

TEST_F(ServerBreakerTest, AFailedConnectionOpensItAndAnAnswerClosesIt) {
  EXPECT_FALSE(breaker.why(now));
  EXPECT_EQ(breaker.failed(kDown, now), Turn::kOpened);
  EXPECT_EQ(breaker.failed(kDown, now), Turn::kNone);
  breaker.next_probe(now);
  ASSERT_TRUE(breaker.why(now));
  EXPECT_EQ(breaker.why(now)->code, Code::kUnreachable);
  EXPECT_EQ(breaker.why(now)->retry_after, 1U);
  EXPECT_EQ(breaker.answered(now), Turn::kClosed);
  EXPECT_FALSE(breaker.why(now));
  EXPECT_EQ(breaker.answered(now), Turn::kNone);
}

TEST_F(ServerBreakerTest, ThreeSilentCommandsOpenItUnlessSomethingAnswersBetween) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(breaker.stalled(now), Turn::kNone);
    EXPECT_EQ(breaker.stalled(now), Turn::kNone);
    breaker.answered(now);
  }
  breaker.stalled(now);
  breaker.stalled(now);
  EXPECT_EQ(breaker.stalled(now), Turn::kOpened);
  EXPECT_EQ(breaker.why(now)->code, Code::kUnreachable);
}

TEST_F(ServerBreakerTest, OneThatHasJustComeBackIsTrustedLess) {
  breaker.failed(kDown, now);
  breaker.answered(now);
  EXPECT_EQ(breaker.stalled(now), Turn::kOpened);
}

TEST_F(ServerBreakerTest, ProbesComeLessAndLessOftenAndNeverSeldom) {
  breaker.failed(kDown, now);
  Millis before{0};
  for (const int expected : {500, 1000, 2000, 2500, 2500, 2500}) {
    before = breaker.next_probe(now);
    EXPECT_EQ(before, Millis(expected));
  }
  // Found well within five seconds of its return: the longest pause, and a connection.
  EXPECT_LE(ServerBreaker::kLongest, Millis(2500));
  chance = 1;
  EXPECT_EQ(breaker.next_probe(now), Millis(1875));
  breaker.answered(now);
  breaker.failed(kDown, now);
  EXPECT_EQ(breaker.next_probe(now), Millis(375));
}

TEST_F(ServerBreakerTest, AProbeThatHangsDoesNotKeepTheNextOneBack) {
  EXPECT_FALSE(breaker.begin_probe(false));
  breaker.failed(kDown, now);
  for (int i = 0; i < ServerBreaker::kProbes; ++i) EXPECT_TRUE(breaker.begin_probe(false));
  EXPECT_FALSE(breaker.begin_probe(false));
  EXPECT_EQ(breaker.end_probe(kDown, now), Turn::kNone);
  EXPECT_TRUE(breaker.begin_probe(false));
  EXPECT_EQ(breaker.end_probe({}, now), Turn::kClosed);
  // The late failure of another one opens it again, and the next probe tells.
  EXPECT_EQ(breaker.end_probe(kDown, now), Turn::kOpened);
}

TEST_F(ServerBreakerTest, ASuspectedServerIsProbedThoughItIsClosed) {
  EXPECT_TRUE(breaker.begin_probe(true));
  EXPECT_EQ(breaker.end_probe({}, now), Turn::kNone);
  EXPECT_TRUE(breaker.begin_probe(true));
  EXPECT_EQ(breaker.end_probe(Error{Code::kServerSaid, "full", 0}, now), Turn::kNone);
  EXPECT_TRUE(breaker.begin_probe(true));
  EXPECT_EQ(breaker.end_probe(kDown, now), Turn::kOpened);
}

TEST_F(ServerBreakerTest, UsersComeBackAtATenthOfTheLimitASecond) {
  EXPECT_TRUE(breaker.take_turn(now));
  breaker.failed(kDown, now);
  breaker.answered(now);
  int let_in = 0;
  for (int ms = 0; ms < 9990; ms += 10) {
    while (breaker.take_turn(now)) ++let_in;
    later(Millis(10));
    EXPECT_LE(let_in, 2 + ms / 20 + 1);
  }
  EXPECT_GE(let_in, 480);
  later(Millis(20));
  EXPECT_FALSE(breaker.ramping(now));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(breaker.take_turn(now));
}

TEST_F(ServerBreakerTest, WhatWasSavedUpIsNoStampede) {
  breaker.failed(kDown, now);
  breaker.answered(now);
  later(Millis(5000));
  int at_once = 0;
  while (breaker.take_turn(now)) ++at_once;
  EXPECT_LE(at_once, 5);
}

TEST(SmallServerBreakerTest, OfFewConnectionsOneASecondComesBack) {
  ServerBreaker::Time now{std::chrono::hours(1)};
  ServerBreaker breaker(2, [] { return 0.0; });
  breaker.failed(kDown, now);
  breaker.answered(now);
  EXPECT_TRUE(breaker.take_turn(now));
  EXPECT_FALSE(breaker.take_turn(now));
  EXPECT_TRUE(breaker.take_turn(now + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace alphamail
