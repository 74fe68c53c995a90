// SPDX-License-Identifier: GPL-3.0-or-later
// Authentication-Results: what counts, what does not, what was forged.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mod_alphamail/sender_trust.h"

namespace alphamail {
namespace {

using Outcome = SenderTrust::Outcome;

const std::vector<std::string> kOurs = {"mx.example.edu", "mx2.example.edu"};

SenderTrust trust(const std::string& results, const std::string& from = "Bank <info@bank.example>") {
  return read_sender_trust("Authentication-Results: " + results + "\r\nReceived: from x\r\nFrom: " + from +
                               "\r\nSubject: s\r\n\r\n",
                           kOurs);
}

TEST(SenderTrust, BelievesTheServersThatAreNamed) {
  const SenderTrust t = trust(
      "mx.example.edu 1; dmarc=pass (p=REJECT) header.from=bank.example;\r\n dkim=pass (2048-bit key; "
      "secure) header.d=bank.example header.i=@bank.example header.b=\"Ab/c=\"; spf=pass "
      "smtp.mailfrom=bounce@mail.bank.example");
  EXPECT_TRUE(t.checked);
  EXPECT_EQ(t.server, "mx.example.edu");
  EXPECT_EQ(t.domain, "bank.example");
  EXPECT_EQ(t.dmarc, Outcome::kPass);
  EXPECT_EQ(t.dkim, Outcome::kPass);
  EXPECT_EQ(t.spf, Outcome::kPass);
  EXPECT_TRUE(t.vouched());
  EXPECT_FALSE(t.doubted());
  EXPECT_TRUE(trust("MX2.Example.EDU; dkim=pass header.d=BANK.example").vouched());
  EXPECT_TRUE(trust("mx.example.edu; dkim = pass header.i=x@news.bank.example").vouched());
}

TEST(SenderTrust, IgnoresEverybodyElse) {
  for (const char* server : {"mx.evil.example", "mx.example.edu.evil.example", "example.edu", "\"\"",
                             "(mx.example.edu)", "mx.example.edu@evil.example", ""}) {
    const SenderTrust t = trust(std::string(server) + "; dmarc=pass header.from=bank.example");
    EXPECT_FALSE(t.checked) << server;
    EXPECT_FALSE(t.vouched()) << server;
  }
  EXPECT_FALSE(read_sender_trust("Authentication-Results: mx.example.edu; dmarc=pass\r\nFrom: a@b.example\r\n\r\n", {})
                   .checked);
}

TEST(SenderTrust, WhatStandsBelowTheNextReceivedWasThereBefore) {
  const auto read = [](const std::string& block) {
    return read_sender_trust(block + "From: info@bank.example\r\n\r\n", kOurs);
  };
  const std::string ours = "Authentication-Results: mx.example.edu; spf=fail smtp.mailfrom=bank.example\r\n";
  const std::string forged = "Authentication-Results: mx.example.edu; dmarc=pass header.from=bank.example\r\n";
  EXPECT_TRUE(read(ours + "Received: from evil\r\n" + forged).doubted());
  EXPECT_TRUE(read("Received: by mx\r\n" + ours + "Received: from evil\r\n" + forged).doubted());
  // Several fields of our own stand together.
  EXPECT_TRUE(read("Received: by mx\r\nAuthentication-Results: mx.example.edu; dkim=none\r\nX-Filter: y\r\n" +
                   forged + "Received: from there\r\n")
                  .vouched());
  // The first word on a method is the server's last.
  EXPECT_FALSE(read("Authentication-Results: mx.example.edu; dmarc=fail header.from=bank.example\r\n" + forged)
                   .vouched());
}

TEST(SenderTrust, ResultsOfOtherDomainsDoNotCount) {
  SenderTrust t = trust("mx.example.edu; dkim=pass header.d=mailer.example.net; spf=pass smtp.mailfrom=x@evil.example");
  EXPECT_FALSE(t.vouched());
  EXPECT_EQ(t.dkim, Outcome::kNone);
  EXPECT_EQ(t.spf, Outcome::kNone);
  EXPECT_EQ(t.signer, "mailer.example.net");
  EXPECT_FALSE(trust("mx.example.edu; dmarc=pass header.from=evil.example").vouched());
  EXPECT_FALSE(trust("mx.example.edu; dkim=pass").vouched());  // of whom?
  EXPECT_FALSE(trust("mx.example.edu; dkim=pass header.d=co.uk", "a@bank.co.uk").vouched());
  EXPECT_TRUE(trust("mx.example.edu; dkim=pass header.d=mail.bank.co.uk", "a@bank.co.uk").vouched());
  EXPECT_FALSE(trust("mx.example.edu; dkim=pass header.d=evil.github.io", "a@good.github.io").vouched());
}

TEST(SenderTrust, SpfAloneDoesNotVouch) {
  const SenderTrust t = trust("mx.example.edu; spf=pass smtp.mailfrom=bank.example");
  EXPECT_EQ(t.spf, Outcome::kPass);
  EXPECT_FALSE(t.vouched());
  EXPECT_FALSE(t.doubted());
}

TEST(SenderTrust, OneRightSignatureOfManyIsEnoughButNotAgainstThePolicy) {
  EXPECT_TRUE(trust("mx.example.edu; dkim=fail header.d=bank.example; dkim=pass header.d=bank.example").vouched());
  EXPECT_FALSE(trust("mx.example.edu; dmarc=fail; dkim=pass header.d=bank.example").vouched());
}

TEST(SenderTrust, NeedsExactlyOneSender) {
  const std::string good = "mx.example.edu; dmarc=pass";
  EXPECT_TRUE(trust(good).vouched());
  EXPECT_FALSE(trust(good, "a@bank.example, b@evil.example").vouched());
  EXPECT_FALSE(trust(good, "").vouched());
  EXPECT_FALSE(trust(good, "nobody").vouched());
  EXPECT_FALSE(trust(good, "a@bank.example\r\nFrom: b@evil.example").vouched());
}

TEST(SenderTrust, OutlivesWhatIsMalformed) {
  for (const char* odd : {"mx.example.edu", "mx.example.edu; none", "mx.example.edu;;;", "mx.example.edu; =;=;",
                          "mx.example.edu; dkim", "mx.example.edu; dkim=", "mx.example.edu; dkim=pass header.d=",
                          "mx.example.edu; (((((", "mx.example.edu; \"", "mx.example.edu; dkim=pass ; header.d=bank.example",
                          "mx.example.edu; dkim=pass header.d=\"bank.example", "((a)\\) mx.example.edu; dmarc=pass"}) {
    const SenderTrust t = trust(odd);
    if (std::string(odd).find("\"bank") == std::string::npos) {
      EXPECT_FALSE(t.vouched()) << odd;
    }
  }
  std::string long_one = "mx.example.edu";
  for (int i = 0; i < 20000; ++i) long_one += "; dkim=fail header.d=x" + std::to_string(i) + ".example";
  EXPECT_FALSE(trust(long_one).vouched());
  EXPECT_FALSE(trust("mx.example.edu; " + std::string(100000, '(')).vouched());
}

}  // namespace
}  // namespace alphamail
