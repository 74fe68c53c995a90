// SPDX-License-Identifier: GPL-3.0-or-later
// How long the supervisor waits before it starts a daemon again.
#include "webcache/supervisor.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

using Time = RestartPause::Time;

TEST(RestartPause, ADaemonThatDiesNowAndThenIsStartedAtOnce) {
  RestartPause pause;
  Time now{};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(pause.next(now), Millis(0)) << i;
    now += Millis(1000);
  }
}

TEST(RestartPause, OneThatDiesAgainAndAgainWaitsEverLonger) {
  RestartPause pause;
  Time now{};
  for (int i = 0; i < RestartPause::kAtOnce; ++i) EXPECT_EQ(pause.next(now), Millis(0)) << i;
  EXPECT_EQ(pause.next(now), Millis(100));
  EXPECT_EQ(pause.next(now + Millis(100)), Millis(200));
  EXPECT_EQ(pause.next(now + Millis(300)), Millis(400));
  Millis last{0};
  for (int i = 0; i < 20; ++i) last = pause.next(now + Millis(300));
  EXPECT_EQ(last, RestartPause::kLongest);
}

TEST(RestartPause, AQuietMinuteMakesItNew) {
  RestartPause pause;
  Time now{};
  for (int i = 0; i < 2 * RestartPause::kAtOnce; ++i) (void)pause.next(now);
  now += Millis(60000);
  for (int i = 0; i < RestartPause::kAtOnce; ++i) EXPECT_EQ(pause.next(now), Millis(0)) << i;
  EXPECT_EQ(pause.next(now), RestartPause::kFirst);
}

}  // namespace
}  // namespace alphamail
