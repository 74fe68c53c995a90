// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "mod_alphamail/admission.h"

namespace alphamail {
namespace {

std::unique_ptr<Admission> joined(std::uint32_t at_once, std::uint32_t a_user) {
  auto admission = Admission::make({.at_once = at_once, .a_user = a_user});
  EXPECT_TRUE(admission);
  (*admission)->join();
  return std::move(*admission);
}

TEST(Admission, LetsInAsManyAsComputeAtOnce) {
  const auto admission = joined(2, 8);
  auto first = admission->enter();
  {
    const auto second = admission->enter();
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(admission->enter().error().code, Code::kBusy);
    EXPECT_EQ(admission->enter().error().retry_after, 1U);
    EXPECT_EQ(admission->refused(), 2U);
    EXPECT_EQ(admission->computing(), 2U);
  }
  EXPECT_TRUE(admission->enter());
  EXPECT_EQ(admission->computing(), 1U);
}

TEST(Admission, WhoWaitsDoesNotCompute) {
  const auto admission = joined(1, 8);
  auto waits = admission->enter();
  ASSERT_TRUE(waits);
  waits->wait();
  waits->wait();
  EXPECT_EQ(admission->computing(), 0U);
  EXPECT_TRUE(admission->enter());
  waits->go_on();
  EXPECT_EQ(admission->computing(), 1U);
  EXPECT_FALSE(admission->enter());
}

TEST(Admission, AUserHasNoMoreThanTheirOwn) {
  const auto admission = joined(100, 3);
  std::vector<Admission::Place> places;
  for (int i = 0; i < 3; ++i) {
    auto place = admission->enter();
    ASSERT_TRUE(place && place->belongs_to("demo", "example.edu"));
    place->wait();  // also those that wait count
    places.push_back(std::move(*place));
  }
  auto fourth = admission->enter();
  EXPECT_EQ(fourth->belongs_to("demo", "example.edu").error().code, Code::kBusy);
  EXPECT_FALSE(fourth->belongs_to("demo", "example.edu")) << "the refused one took no place";
  EXPECT_TRUE(fourth->belongs_to("demo", "example.edu", 2));
  auto other = admission->enter();
  EXPECT_TRUE(other->belongs_to("other", "example.edu"));
  auto namesake = admission->enter();
  EXPECT_TRUE(namesake->belongs_to("demo", "example.org"));
  fourth = Admission::Place();
  places.pop_back();
  auto again = admission->enter();
  EXPECT_TRUE(again->belongs_to("demo", "example.edu"));
}

TEST(Admission, WhatAKilledChildHadInWorkIsOver) {
  auto made = Admission::make({.at_once = 2, .a_user = 2});
  ASSERT_TRUE(made);
  Admission& admission = **made;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    admission.join();
    const auto one = admission.enter();
    auto two = admission.enter();
    const bool good = one && two && two->belongs_to("demo", "example.edu") && !admission.enter();
    (void)!write(ready[1], good ? "y" : "n", 1);
    for (;;) pause();
  }
  char said = 0;
  ASSERT_EQ(read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  admission.join();
  EXPECT_FALSE(admission.enter()) << "the other child's count";
  kill(child, SIGKILL);
  siginfo_t dead{};
  waitid(P_PID, static_cast<id_t>(child), &dead, WEXITED | WNOWAIT);  // as it is until httpd looks, once a second
  auto now = admission.enter();
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->belongs_to("demo", "example.edu"));
  EXPECT_EQ(admission.computing(), 1U);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

/// A process that goes on until it is killed, with this number; nothing where that could not be had.
std::optional<pid_t> process_numbered(pid_t wanted) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    std::ofstream("/proc/sys/kernel/ns_last_pid") << wanted - 1 << std::flush;
    const pid_t child = fork();
    if (child == 0) {
      for (;;) pause();
    }
    if (child == wanted) return child;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  return std::nullopt;
}

TEST(Admission, AnotherProcessWithTheNumberOfADeadChildIsNotThatChild) {
  auto made = Admission::make({.at_once = 1, .a_user = 1});
  ASSERT_TRUE(made);
  Admission& admission = **made;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    admission.join();
    const auto one = admission.enter();
    (void)!write(ready[1], one ? "y" : "n", 1);
    for (;;) pause();
  }
  char said = 0;
  ASSERT_EQ(read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  admission.join();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const auto other = process_numbered(child);
  const auto place = admission.enter();
  EXPECT_TRUE(place);
  EXPECT_EQ(admission.computing(), 1U);
  if (other) {
    kill(*other, SIGKILL);
    waitpid(*other, nullptr, 0);
  }
  close(ready[0]);
  close(ready[1]);
  if (!other) GTEST_SKIP() << "the number could not be had: only the superuser chooses, and others may be quicker";
}

TEST(Admission, ManyThreadsLeaveNothingBehind) {
  const auto admission = joined(8, 4);
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        auto place = admission->enter();
        if (!place) continue;
        (void)!place->belongs_to("demo", "example.edu");
        place->wait();
        place->go_on();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admission->computing(), 0U);
  auto place = admission->enter();
  EXPECT_TRUE(place->belongs_to("demo", "example.edu"));
}

TEST(Admission, OneMinuteOneLine) {
  const auto admission = joined(1, 1);
  EXPECT_TRUE(admission->tell());
  EXPECT_FALSE(admission->tell());
}

}  // namespace
}  // namespace alphamail
