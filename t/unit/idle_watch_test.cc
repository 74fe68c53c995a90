// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/idle_watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <vector>

namespace alphamail {
namespace {

struct Pair {
  Pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    here = UniqueFd(ends[0]);
    there = UniqueFd(ends[1]);
  }
  UniqueFd here, there;
};

bool soon(const std::atomic<int>& count, int wanted) {
  const Deadline end = Deadline::in(Millis{10000});
  while (count != wanted && !end.passed()) usleep(1000);
  return count == wanted;
}

const Deadline kLate = Deadline::in(Millis{3600 * 1000});

TEST(IdleWatch, WakesOnceForBytesForTheEndAndForTheTime) {
  std::atomic<int> woken{0};
  IdleWatch watch;
  Pair bytes, end, late, quiet;
  EXPECT_NE(watch.add(bytes.here.get(), kLate, [&] { woken += 1; }), 0U);
  EXPECT_NE(watch.add(end.here.get(), kLate, [&] { woken += 10; }), 0U);
  EXPECT_NE(watch.add(late.here.get(), Deadline::in(Millis{20}), [&] { woken += 100; }), 0U);
  EXPECT_NE(watch.add(quiet.here.get(), kLate, [&] { woken += 1000; }), 0U);
  EXPECT_EQ(::write(bytes.there.get(), "xy", 2), 2);
  end.there.reset();
  EXPECT_TRUE(soon(woken, 111));
  EXPECT_EQ(::write(bytes.there.get(), "z", 1), 1);
  usleep(20000);
  EXPECT_EQ(woken, 111);
  EXPECT_EQ(watch.size(), 1U);
}

TEST(IdleWatch, WhoIsRemovedIsNotWokenAndMayComeAgain) {
  std::atomic<int> woken{0};
  IdleWatch watch;
  Pair pair;
  const auto ticket = watch.add(pair.here.get(), Deadline::in(Millis{10}), [&] { woken += 1; });
  watch.remove(ticket);
  watch.remove(ticket);
  usleep(30000);
  EXPECT_EQ(woken, 0);
  EXPECT_NE(watch.add(pair.here.get(), kLate, [&] { woken += 10; }), 0U);
  EXPECT_EQ(watch.add(pair.here.get(), kLate, [&] { woken += 100; }), 0U);  // twice: refused
  EXPECT_EQ(::write(pair.there.get(), "x", 1), 1);
  EXPECT_TRUE(soon(woken, 10));
}

TEST(IdleWatch, ManyAreOneThread) {
  std::atomic<int> woken{0};
  IdleWatch watch;
  std::vector<Pair> pairs(300);
  for (Pair& pair : pairs) EXPECT_NE(watch.add(pair.here.get(), kLate, [&] { ++woken; }), 0U);
  EXPECT_EQ(watch.size(), 300U);
  for (Pair& pair : pairs) EXPECT_EQ(::write(pair.there.get(), "x", 1), 1);
  EXPECT_TRUE(soon(woken, 300));
  watch.stop();
  EXPECT_EQ(watch.add(pairs[0].here.get(), kLate, [] {}), 0U);
}

}  // namespace
}  // namespace alphamail
