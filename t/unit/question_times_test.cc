// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/question_times.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "webcache/server_wait.h"

namespace alphamail {
namespace {

std::vector<QuestionTimes::Summary> all(const QuestionTimes& times) {
  std::vector<QuestionTimes::Summary> out;
  times.each([&](const QuestionTimes::Summary& s) { out.push_back(s); });
  return out;
}

QuestionTime page(std::uint64_t us, std::uint32_t messages = 50) {
  return {wire::Question::ShowFolder, true, messages, us * 1000, 0};
}

TEST(QuestionTimes, WhatWasNeverAskedIsNotTold) {
  EXPECT_TRUE(all(QuestionTimes()).empty());
}

TEST(QuestionTimes, KindsCachedAndSizesAreToldApart) {
  QuestionTimes times;
  times.add(page(10));
  times.add(page(10, 100));
  times.add(page(10, 101));
  times.add(page(10, 2000000));
  times.add({wire::Question::ShowFolder, false, 50, 5000000, 3000000});
  times.add({wire::Question::ShowMessage, true, 50, 7000, 0});
  const auto told = all(times);
  ASSERT_EQ(told.size(), 5u);
  EXPECT_EQ(told[0].count, 2u);
  EXPECT_EQ(told[0].messages_up_to, 100u);
  EXPECT_EQ(told[1].messages_up_to, 1000u);
  EXPECT_EQ(told[2].messages_up_to, UINT32_MAX);
  EXPECT_FALSE(told[3].cached);
  EXPECT_EQ(told[3].total_us, 5000u);
  EXPECT_EQ(told[3].server_us, 3000u);
  EXPECT_EQ(told[4].kind, wire::Question::ShowMessage);
}

TEST(QuestionTimes, TheServersShareIsNeverMoreThanTheWhole) {
  QuestionTimes times;
  times.add({wire::Question::ShowFolder, false, 1, 1000, 9000});
  EXPECT_EQ(all(times).at(0).server_us, 1u);
}

TEST(QuestionTimes, QuantilesAreWithinTheirBucket) {
  for (const std::uint64_t us : {0u, 1u, 2u, 3u, 10u, 100u, 999u, 12345u, 1000000u}) {
    QuestionTimes times;
    for (int i = 0; i < 100; ++i) times.add(page(us));
    times.add(page(us * 100));
    const auto s = all(times).at(0);
    EXPECT_GE(s.p50_us, us) << us;
    EXPECT_LE(s.p50_us, std::max<std::uint64_t>(us * 3 / 2 + 2, 2)) << us;
    EXPECT_LE(s.p99_us, std::max<std::uint64_t>(us * 3 / 2 + 2, 2)) << us;
    EXPECT_EQ(s.longest_us, us * 100) << us;
  }
}

TEST(QuestionTimes, AVeryLongOneIsCountedAllTheSame) {
  QuestionTimes times;
  times.add(page(UINT64_MAX / 4000));
  EXPECT_EQ(all(times).at(0).count, 1u);
  EXPECT_GT(all(times).at(0).p50_us, 1000000u);
}

TEST(QuestionTimes, ThreadsAddAtOnce) {
  QuestionTimes times;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) times.add(page(5));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(all(times).at(0).count, 40000u);
  EXPECT_EQ(all(times).at(0).total_us, 200000u);
}

TEST(ServerWait, IsEachThreadsOwn) {
  begin_server_wait();
  add_server_wait(5);
  std::thread([] {
    EXPECT_EQ(server_wait_ns(), 0u);
    add_server_wait(7);
  }).join();
  add_server_wait(1);
  EXPECT_EQ(server_wait_ns(), 6u);
  begin_server_wait();
  EXPECT_EQ(server_wait_ns(), 0u);
}

}  // namespace
}  // namespace alphamail
