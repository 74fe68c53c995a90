// SPDX-License-Identifier: GPL-3.0-or-later
// Requirement S9: delays after failures by account and by network, never a lock.
#include "webcache/login_throttle.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

using Outcome = LoginThrottle::Outcome;

class Throttle : public ::testing::Test {
 protected:
  std::int64_t now = 1000;
  LoginThrottle throttle{LoginThrottle::Limits{}, [this] { return now; }};

  std::uint32_t attempt(std::string_view account, std::string_view network, Outcome outcome) {
    auto a = throttle.begin(account, network);
    if (a.wait() == 0) a.end(outcome);
    return a.wait();
  }
};

TEST_F(Throttle, FiveFailuresAreFreeThenDelaysDoubleUpToAMinute) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt("ann@example.edu", "192.0.2.1", Outcome::kFailed), 0U);
  for (const std::uint32_t delay : {1U, 2U, 4U, 8U, 16U, 32U, 60U, 60U}) {
    EXPECT_EQ(attempt("ann@example.edu", "192.0.2.1", Outcome::kFailed), delay);
    now += delay - 1;
    if (delay > 1) {
      EXPECT_EQ(attempt("ann@example.edu", "192.0.2.1", Outcome::kFailed), 1U);
    }
    now += 1;
    EXPECT_EQ(attempt("ann@example.edu", "192.0.2.1", Outcome::kFailed), 0U);
  }
}

TEST_F(Throttle, FromAnyNetworkAndInAnyCaseTheAccountCounts) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(attempt("Ann@Example.edu", "198.51.100." + std::to_string(i), Outcome::kFailed), 0U);
  }
  EXPECT_GT(attempt("ann@example.edu", "203.0.113.9", Outcome::kFailed), 0U);
  EXPECT_EQ(attempt("bob@example.edu", "203.0.113.9", Outcome::kFailed), 0U);
}

TEST_F(Throttle, ANetworkIsSlowedAfterTwentyFailuresOverAllAccounts) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(attempt("user" + std::to_string(i), "192.0.2." + std::to_string(i), Outcome::kFailed), 0U);
  }
  EXPECT_GT(attempt("another", "192.0.2.200", Outcome::kFailed), 0U);
  EXPECT_EQ(attempt("another", "192.0.3.200", Outcome::kFailed), 0U);
}

TEST_F(Throttle, TheRightPasswordClearsTheAccountAndNotTheNetwork) {
  for (int i = 0; i < 4; ++i) attempt("ann", "192.0.2.1", Outcome::kFailed);
  EXPECT_EQ(attempt("ann", "192.0.2.1", Outcome::kSucceeded), 0U);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt("ann", "192.0.2.1", Outcome::kFailed), 0U);
  for (int i = 0; i < 11; ++i) attempt("user" + std::to_string(i), "192.0.2.1", Outcome::kFailed);
  EXPECT_EQ(attempt("own", "192.0.2.1", Outcome::kSucceeded), 1U);
}

TEST_F(Throttle, AServerThatDoesNotAnswerCountsForNothing) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(attempt("ann", "192.0.2.1", Outcome::kNoAnswer), 0U);
}

TEST_F(Throttle, FailuresAreForgottenAfterTheWindow) {
  for (int i = 0; i < 6; ++i) {
    attempt("ann", "192.0.2.1", Outcome::kFailed);
    now += 2;
  }
  now += 601;
  EXPECT_EQ(attempt("ann", "192.0.2.1", Outcome::kFailed), 0U);
}

TEST_F(Throttle, AttemptsUnderWayCountSoThatManyAtOnceGainNothing) {
  std::vector<LoginThrottle::Attempt> open;
  for (int i = 0; i < 5; ++i) {
    open.push_back(throttle.begin("ann", "192.0.2.1"));
    EXPECT_EQ(open.back().wait(), 0U);
  }
  EXPECT_GT(throttle.begin("ann", "192.0.2.1").wait(), 0U);
  open.clear();  // none told an outcome
  EXPECT_EQ(throttle.begin("ann", "192.0.2.1").wait(), 0U);
}

TEST_F(Throttle, ALectureHallBehindOneAddressMayLogInTogether) {
  std::vector<LoginThrottle::Attempt> open;
  for (int i = 0; i < 60; ++i) {
    open.push_back(throttle.begin("student" + std::to_string(i), "192.0.2.1"));
    EXPECT_EQ(open.back().wait(), 0U);
  }
}

TEST_F(Throttle, MemoryIsBounded) {
  LoginThrottle::Limits limits;
  limits.entries = 10;
  LoginThrottle small(limits, [this] { return now; });
  for (int i = 0; i < 1000; ++i) {
    auto a = small.begin("user" + std::to_string(i), "10.0." + std::to_string(i % 250) + ".1");
    a.end(Outcome::kFailed);
  }
  for (int i = 0; i < 9; ++i) {
    auto a = small.begin("ann", "");
    if (a.wait() == 0) a.end(Outcome::kFailed);
  }
  EXPECT_GT(small.begin("ann", "").wait(), 0U);
}

TEST(NetworkOf, MasksAddresses) {
  EXPECT_EQ(network_of("192.0.2.77"), "192.0.2.0/24");
  EXPECT_EQ(network_of("::ffff:192.0.2.77"), "192.0.2.0/24");
  EXPECT_EQ(network_of("2001:db8:1:23ff:aaaa::1"), "2001:db8:1:2300::/56");
  EXPECT_EQ(network_of("fe80::1%eth0"), "fe80::/56");
  EXPECT_EQ(network_of("not an address"), "");
  EXPECT_EQ(network_of(""), "");
}

}  // namespace
}  // namespace alphamail
