// SPDX-License-Identifier: GPL-3.0-or-later
// Handles, accounts and what servers share, without a server.
#include "webcache/accounts.h"

#include <gtest/gtest.h>

#include "webcache/clock.h"
#include "webcache/tls_stream.h"

namespace alphamail {
namespace {

class AccountsTest : public ::testing::Test {
 protected:
  static MailServer server(const std::string& domain) {
    MailServer s;
    s.domain = domain;
    s.host = "imap." + domain;
    s.port = 993;
    return s;
  }
  std::shared_ptr<Account> get(const std::string& user, const std::string& domain = "example.edu") {
    auto account = accounts.get(server(domain), user);
    EXPECT_TRUE(account.has_value());
    return *account;
  }

  std::unique_ptr<TlsContext> tls = std::move(*TlsContext::make(""));
  Counters counters;
  Workers workers{2, 100};
  Services services{*tls, workers, counters, Millis(1000), Millis(1000)};
  Accounts accounts{services, 2};
};

TEST_F(AccountsTest, OneUserIsOneAccountAndHandlesLeadToIt) {
  const auto ann = get("ann");
  EXPECT_EQ(ann, get("ann"));
  EXPECT_NE(ann, get("bob"));
  EXPECT_NE(ann, get("ann", "example.net"));
  EXPECT_EQ(ann->address(), "ann@example.edu");
  EXPECT_EQ(accounts.find(Handle{1, 2}), nullptr);
  accounts.add(Handle{1, 2}, ann, 600);
  accounts.add(Handle{2, 1}, ann, 600);
  EXPECT_EQ(accounts.find(Handle{1, 2}), ann);
  EXPECT_TRUE(accounts.leads_to(Handle{2, 1}, *ann));
  EXPECT_FALSE(accounts.leads_to(Handle{2, 1}, *get("bob")));
}

TEST_F(AccountsTest, TheLastLogOutTakesTheAccountAway) {
  const auto ann = get("ann");
  accounts.add(Handle{1, 0}, ann, 600);
  accounts.add(Handle{2, 0}, ann, 600);
  EXPECT_EQ(accounts.remove(Handle{1, 0}), nullptr);
  EXPECT_EQ(accounts.remove(Handle{1, 0}), nullptr);
  EXPECT_EQ(accounts.remove(Handle{2, 0}), ann);
  EXPECT_EQ(accounts.accounts(), 0U);
  EXPECT_EQ(accounts.handles(), 0U);
}

TEST_F(AccountsTest, AHandleTakenOverByAnotherUserLeavesTheFirst) {
  const auto ann = get("ann");
  const auto bob = get("bob");
  accounts.add(Handle{1, 0}, ann, 600);
  accounts.add(Handle{1, 0}, bob, 600);
  EXPECT_EQ(accounts.find(Handle{1, 0}), bob);
  EXPECT_EQ(accounts.handles(), 1U);
}

TEST_F(AccountsTest, IdleSessionsAreSweptAndTheirAccountAMinuteLater) {
  const auto ann = get("ann");
  const std::int64_t now = steady_seconds();
  accounts.add(Handle{1, 0}, ann, 600);
  EXPECT_TRUE(accounts.sweep(now + 600).empty());
  EXPECT_EQ(accounts.find(Handle{1, 0}), ann);
  EXPECT_TRUE(accounts.sweep(now + 602).empty());
  EXPECT_EQ(accounts.find(Handle{1, 0}), nullptr);
  const auto closed = accounts.sweep(now + 700);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed.front(), ann);
  EXPECT_EQ(accounts.accounts(), 0U);
}

TEST_F(AccountsTest, AnAccountThatNobodyLoggedInToIsSwept) {
  get("guess");
  EXPECT_TRUE(accounts.sweep(steady_seconds() + 30).empty());
  EXPECT_EQ(accounts.sweep(steady_seconds() + 120).size(), 1U);
}

TEST_F(AccountsTest, SessionsOfOneAccountAreBounded) {
  const auto ann = get("ann");
  for (std::uint64_t i = 0; i < 200; ++i) accounts.add(Handle{i, 7}, ann, 600);
  EXPECT_LE(accounts.handles(), Accounts::kMostHandles);
  EXPECT_EQ(accounts.find(Handle{199, 7}), ann);
}

TEST_F(AccountsTest, AnAccountWithoutConnectionWantsCredentialsOrSaysWhyNot) {
  const auto ann = get("ann");
  EXPECT_FALSE(ann->connected());
  EXPECT_EQ(ann->without_connection().code, Code::kNeedCredentials);
  ann->gate().failed(Error{Code::kUnreachable, "refused", 0});
  EXPECT_EQ(ann->without_connection().code, Code::kUnreachable);
  EXPECT_EQ(get("bob")->without_connection().code, Code::kUnreachable);
  EXPECT_EQ(get("ann", "example.net")->without_connection().code, Code::kNeedCredentials);
}

}  // namespace
}  // namespace alphamail
