// SPDX-License-Identifier: GPL-3.0-or-later
// Strands run one job at a time and in order; a server that hangs leaves threads to the others.
#include "webcache/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>

#include "webcache/timers.h"

namespace alphamail {
namespace {

using namespace std::chrono_literals;
using When = Workers::When;

TEST(Workers, JobsOfAStrandRunInOrderAndNeverTogether) {
  Workers workers(8, 10000);
  std::vector<std::shared_ptr<Workers::Strand>> strands;
  std::vector<std::vector<int>> seen(5);
  std::vector<std::unique_ptr<std::atomic<int>>> inside;
  for (int s = 0; s < 5; ++s) {
    strands.push_back(workers.strand(s % 2 ? "a" : "b"));
    inside.push_back(std::make_unique<std::atomic<int>>(0));
  }
  std::atomic<int> done{0};
  for (int i = 0; i < 200; ++i) {
    for (std::size_t s = 0; s < strands.size(); ++s) {
      ASSERT_TRUE(workers.post(strands[s], When::kNow, [&, i, s] {
        EXPECT_EQ(inside[s]->fetch_add(1), 0);
        seen[s].push_back(i);
        inside[s]->fetch_sub(1);
        ++done;
      }));
    }
  }
  while (done < 1000) std::this_thread::sleep_for(1ms);
  for (const auto& order : seen) {
    ASSERT_EQ(order.size(), 200U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST(Workers, AHangingServerLeavesThreadsToTheOthers) {
  Workers workers(8, 10000);
  std::promise<void> release;
  const auto gate = release.get_future().share();
  std::atomic<int> hanging{0};
  for (int i = 0; i < 50; ++i) {
    workers.post(workers.strand("slow"), When::kNow, [&, gate] {
      ++hanging;
      gate.wait();
    });
  }
  while (hanging < 6) std::this_thread::sleep_for(1ms);
  std::promise<void> served;
  workers.post(workers.strand("quick"), When::kNow, [&] { served.set_value(); });
  EXPECT_EQ(served.get_future().wait_for(2s), std::future_status::ready);
  EXPECT_EQ(hanging, 6);  // three quarters of eight
  release.set_value();
  while (hanging < 50) std::this_thread::sleep_for(1ms);
}

TEST(Workers, WhatAUserWaitsForGoesFirst) {
  Workers workers(2, 100);
  std::promise<void> release;
  const auto gate = release.get_future().share();
  const auto strand = workers.strand("a");
  std::mutex mutex;
  std::string order;
  const auto note = [&](char c) {
    return [&, c] {
      const std::lock_guard lock(mutex);
      order += c;
    };
  };
  std::promise<void> started;
  workers.post(strand, When::kNow, [&, gate] {
    started.set_value();
    gate.wait();
  });
  started.get_future().wait();
  workers.post(strand, When::kLater, note('l'));
  workers.post(strand, When::kLater, note('m'));
  workers.post(strand, When::kNow, note('n'));
  std::promise<void> end;
  workers.post(strand, When::kLater, [&] { end.set_value(); });
  release.set_value();
  end.get_future().wait();
  EXPECT_EQ(order, "nlm");
}

TEST(Workers, FullQueuesRefuse) {
  Workers workers(2, 3);
  std::promise<void> release;
  const auto gate = release.get_future().share();
  const auto strand = workers.strand("a");
  std::promise<void> started;
  workers.post(strand, When::kNow, [&, gate] {
    started.set_value();
    gate.wait();
  });
  started.get_future().wait();
  EXPECT_TRUE(workers.post(strand, When::kNow, [] {}, 1));
  EXPECT_FALSE(workers.post(strand, When::kNow, [] {}, 1));
  EXPECT_TRUE(workers.post(strand, When::kNow, [] {}));
  EXPECT_TRUE(workers.post(strand, When::kLater, [] {}));
  EXPECT_FALSE(workers.post(strand, When::kNow, [] {}));
  release.set_value();
}

TEST(Workers, StopDropsWhatWaitsAndLetsItGo) {
  const auto held = std::make_shared<int>(1);
  {
    Workers workers(2, 100);
    std::promise<void> release;
    const auto gate = release.get_future().share();
    const auto strand = workers.strand("a");
    std::promise<void> started;
    workers.post(strand, When::kNow, [&, gate] {
      started.set_value();
      gate.wait();
    });
    started.get_future().wait();
    workers.post(strand, When::kNow, [held] { FAIL() << "ran after stop"; });
    workers.stop();
    EXPECT_FALSE(workers.post(strand, When::kNow, [held] {}));
    release.set_value();
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Workers, AnExceptionEndsItsJobOnly) {
  Workers workers(2, 100);
  const auto strand = workers.strand("a");
  workers.post(strand, When::kNow, [] { throw std::runtime_error("on purpose"); });
  std::promise<void> served;
  workers.post(strand, When::kNow, [&] { served.set_value(); });
  EXPECT_EQ(served.get_future().wait_for(2s), std::future_status::ready);
}

TEST(Timers, JobsRunInTheOrderOfTheirTime) {
  Timers timers;
  std::mutex mutex;
  std::string order;
  std::promise<void> end;
  const auto note = [&](char c) {
    return [&, c] {
      const std::lock_guard lock(mutex);
      order += c;
      if (c == 'z') end.set_value();
    };
  };
  timers.at(Deadline::in(60ms), note('z'));
  timers.at(Deadline::in(20ms), note('b'));
  timers.at(Deadline::in(-5ms), note('a'));
  end.get_future().wait();
  EXPECT_EQ(order, "abz");
}

}  // namespace
}  // namespace alphamail
