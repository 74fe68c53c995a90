// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
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

/// A child that joins and then does something, which gives whether all was as it should be; then it waits to be killed.
class Child {
 public:
  Child(Admission& admission, const std::function<bool()>& work) {
    int told[2];
    EXPECT_EQ(pipe(told), 0);
    pid_ = fork();
    if (pid_ == 0) {
      admission.join();
      (void)!write(told[1], work() ? "y" : "n", 1);
      for (;;) pause();
    }
    char said = 0;
    EXPECT_EQ(read(told[0], &said, 1), 1);
    EXPECT_EQ(said, 'y');
    close(told[0]);
    close(told[1]);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);  // again, where a test ended early
    waitpid(pid_, nullptr, 0);
  }
  /// As it is until httpd looks, once a second: dead, and nobody has waited for it.
  void kill() {
    ::kill(pid_, SIGKILL);
    siginfo_t dead{};
    waitid(P_PID, static_cast<id_t>(pid_), &dead, WEXITED | WNOWAIT);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

TEST(Admission, WhatAKilledChildHadInWorkIsOver) {
  auto made = Admission::make({.at_once = 2, .a_user = 2});
  ASSERT_TRUE(made);
  Admission& admission = **made;
  Child child(admission, [&] {
    static auto one = admission.enter();
    static auto two = admission.enter();
    return one && two && two->belongs_to("demo", "example.edu") && !admission.enter();
  });
  admission.join();
  EXPECT_FALSE(admission.enter()) << "the other child's count";
  child.kill();
  auto now = admission.enter();
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->belongs_to("demo", "example.edu"));
  EXPECT_EQ(admission.computing(), 1U);
}

TEST(Admission, AChildThatEndsInTheMiddleOfARequestLeavesNothing) {
  auto made = Admission::make({.at_once = 1, .a_user = 1});
  ASSERT_TRUE(made);
  {
    Child child(**made, [&] {
      static auto one = (*made)->enter();
      const bool good = one && one->belongs_to("demo", "example.edu");
      made->reset();
      return good;
    });
    (*made)->join();
    EXPECT_EQ((*made)->computing(), 0U);
    auto place = (*made)->enter();
    ASSERT_TRUE(place);
    EXPECT_TRUE(place->belongs_to("demo", "example.edu"));
    child.kill();
  }
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
  pid_t number = 0;
  {
    Child child(admission, [&] {
      static auto one = admission.enter();
      return one.has_value();
    });
    admission.join();
    child.kill();
    number = child.pid();
  }
  const auto other = process_numbered(number);
  const auto place = admission.enter();
  EXPECT_TRUE(place);
  EXPECT_EQ(admission.computing(), 1U);
  if (other) {
    kill(*other, SIGKILL);
    waitpid(*other, nullptr, 0);
  }
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
