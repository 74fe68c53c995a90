// SPDX-License-Identifier: GPL-3.0-or-later
// Which threads the watchdog takes for hanging, and what it does about them.
#include "webcache/watchdog.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "common/unique_fd.h"

namespace alphamail {
namespace {

constexpr Millis kHang{60};
constexpr Millis kLook{10};

class WatchdogTest : public testing::Test {
 protected:
  // Of a thread that does this, until `seen` holds or the time is up.
  void watch(const std::function<void()>& body, Millis time) {
    Watchdog dog({kHang, kLook, [this] { ++looks_; },
                  [this](const std::string& where) {
                    stuck_ = where;
                    ++told_;
                  }},
                 counters_);
    std::thread thread([&] {
      const PulseThread pulse("tried");
      body();
    });
    std::this_thread::sleep_for(time);
    over_ = true;
    thread.join();
  }
  std::uint64_t hangs() { return counters_.get(Count::hangs); }

  Counters counters_;
  std::atomic<bool> over_{false};
  std::atomic<int> looks_{0}, told_{0};
  std::string stuck_;
};

TEST_F(WatchdogTest, WhoRestsOrBeatsOrWaitsWithinADeadlineHangsNot) {
  watch([&] {
    ::usleep(200'000);  // at rest
    const PulseWork work;
    for (int i = 0; i < 40; ++i) {
      pulse_beat();
      ::usleep(5'000);
    }
    const PulseWait wait(Deadline::in(Millis(10'000)));
    ::usleep(300'000);
  }, Millis(800));
  EXPECT_EQ(hangs(), 0u);
  EXPECT_GT(looks_, 10);
}

// A name to be found in the stack.
__attribute__((noinline)) void hangs_here(std::atomic<bool>& over) {
  while (!over) ::usleep(1000);
  asm volatile("");
}

TEST_F(WatchdogTest, WhoHangsIsReportedOnceAndThenGivenUp) {
  watch([&] {
    const PulseWork work;
    hangs_here(over_);
  }, Millis(1000));
  EXPECT_EQ(hangs(), 1u);
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(stuck_.find("tried "), 0u) << stuck_;
  EXPECT_NE(stuck_.find("+0x"), std::string::npos) << stuck_;
}

TEST_F(WatchdogTest, AConnectionThatIsWaitedForTooLongIsDropped) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const UniqueFd ours(ends[0]), theirs(ends[1]);
  std::atomic<bool> woke{false};
  watch([&] {
    const PulseWork work;
    const PulseWait wait(Deadline::in(Millis(0)), ours.get());
    pollfd polled{ours.get(), POLLIN, 0};
    while (::poll(&polled, 1, 5000) < 0) {
    }
    woke = (polled.revents & POLLHUP) != 0;
  }, Millis(600));
  EXPECT_TRUE(woke);
  EXPECT_EQ(hangs(), 1u);
  EXPECT_EQ(told_, 0);
}

TEST_F(WatchdogTest, AThreadThatTakesNoSignalHasNoStackButIsNamed) {
  watch([&] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const PulseWork work;
    hangs_here(over_);
  }, Millis(1500));
  EXPECT_NE(stuck_.find("it does not answer"), std::string::npos) << stuck_;
}

}  // namespace
}  // namespace alphamail
