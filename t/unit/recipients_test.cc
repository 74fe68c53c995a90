// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/recipients.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

std::vector<std::string> mailboxes(std::string_view typed) {
  std::vector<std::string> out;
  for (const Address& a : read_typed_addresses(typed, 1000).good) out.push_back(a.mailbox);
  return out;
}

using List = std::vector<std::string>;

TEST(Recipients, ListsAreSplitWhereSomebodyMeansIt) {
  EXPECT_EQ(mailboxes("a@x.example, b@y.example; c@z.example\nd@x.example"),
            (List{"a@x.example", "b@y.example", "c@z.example", "d@x.example"}));
  EXPECT_EQ(mailboxes("\"Okafor, Mina; Dr.\" <mina@x.example>, (one, two) b@y.example"),
            (List{"mina@x.example", "b@y.example"}));
  EXPECT_EQ(mailboxes("Team: a@x.example, b@x.example; c@x.example"), (List{"a@x.example", "b@x.example", "c@x.example"}));
  EXPECT_EQ(mailboxes(" ,, ; "), List{});
}

TEST(Recipients, NamesComeWithoutQuotes) {
  const auto read = read_typed_addresses(R"("A \"B\", C" <a@x.example>, Noor  Lindqvist <n@x.example>, m@x.example (Mina))", 10);
  ASSERT_EQ(read.good.size(), 3U);
  EXPECT_EQ(read.good[0].name, "A \"B\", C");
  EXPECT_EQ(read.good[1].name, "Noor Lindqvist");
  EXPECT_EQ(read.good[2].name, "Mina");
}

TEST(Recipients, EachAddressOnce) {
  EXPECT_EQ(mailboxes("a@x.example, A <A@X.example>"), List{"a@x.example"});
}

TEST(Recipients, HostsBecomeALabels) {
  EXPECT_EQ(check_mailbox("a@Bücher.example").mailbox, "a@xn--bcher-kva.example");
  EXPECT_EQ(check_mailbox("a@faß.example").mailbox, "a@xn--fa-hia.example");
  EXPECT_EQ(check_mailbox("jörg@x.example").mailbox, "jörg@x.example");
  EXPECT_EQ(check_mailbox("a@[192.0.2.1]").mailbox, "a@[192.0.2.1]");
  EXPECT_EQ(check_mailbox("\"odd one\"@x.example").mailbox, "\"odd one\"@x.example");
}

TEST(Recipients, WhatIsNoAddressIsNamedWithItsReason) {
  const std::pair<std::string_view, AddressFault> kBad[] = {
      {"mina", AddressFault::kNoAt},
      {"@x.example", AddressFault::kLocalPart},
      {"a b@x.example", AddressFault::kLocalPart},
      {"a..b@x.example", AddressFault::kLocalPart},
      {".a@x.example", AddressFault::kLocalPart},
      {"a@", AddressFault::kHost},
      {"a@x..example", AddressFault::kHost},
      {"a@-x.example", AddressFault::kHost},
      {"a@x_y.example", AddressFault::kHost},
      {"a@x example", AddressFault::kHost},
      {"a@b@c\u2028.example", AddressFault::kControl},
  };
  for (const auto& [typed, fault] : kBad) {
    const auto read = read_typed_addresses(typed, 10);
    ASSERT_EQ(read.bad.size(), 1U) << typed;
    EXPECT_EQ(read.bad[0].fault, fault) << typed;
    EXPECT_EQ(read.bad[0].typed, typed);
    EXPECT_TRUE(read.good.empty()) << typed;
  }
  EXPECT_EQ(read_typed_addresses(std::string(65, 'a') + "@x.example", 9).bad.at(0).fault, AddressFault::kLength);
  EXPECT_EQ(read_typed_addresses("a@" + std::string(64, 'a') + ".example", 9).bad.at(0).fault, AddressFault::kHost);
  EXPECT_EQ(read_typed_addresses("\"open <a@x.example>", 9).bad.at(0).fault, AddressFault::kUnclosed);
  EXPECT_EQ(read_typed_addresses("A <a@x.example> b", 9).bad.at(0).fault, AddressFault::kUnclosed);
  EXPECT_EQ(read_typed_addresses(std::string("a@x.example\0b", 13), 9).bad.at(0).fault, AddressFault::kControl);
}

TEST(Recipients, NothingBreaksOutOfALine) {
  // A line end separates, so that what follows is an entry of its own and is looked at.
  const auto read = read_typed_addresses("a@x.example\r\nBcc: b@x.example", 9);
  EXPECT_EQ(read.good.size(), 2U);
  for (const Address& a : read.good) EXPECT_EQ(a.mailbox.find_first_of("\r\n"), std::string::npos);
}

TEST(Recipients, TheLimitHolds) {
  std::string typed;
  for (int i = 0; i < 100; ++i) typed += "u" + std::to_string(i) + "@x.example,";
  const auto read = read_typed_addresses(typed, 20);
  EXPECT_EQ(read.good.size(), 20U);
  EXPECT_TRUE(read.too_many);
}

TEST(Recipients, TypedFormGivesTheSameAgain) {
  for (const std::string_view typed :
       {"Mina Okafor <mina@x.example>", "\"Okafor, Mina\" <mina@x.example>", "\"a \\\" b\" <a@x.example>",
        "jörg@bücher.example", "Weiß <w@xn--bcher-kva.example>"}) {
    const auto once = read_typed_addresses(typed, 10);
    ASSERT_EQ(once.good.size(), 1U) << typed;
    const auto twice = read_typed_addresses(typed_form(once.good), 10);
    ASSERT_EQ(twice.good.size(), 1U) << typed;
    EXPECT_EQ(twice.good[0].name, once.good[0].name);
    EXPECT_EQ(twice.good[0].mailbox, once.good[0].mailbox);
  }
  EXPECT_EQ(typed_form(read_typed_addresses("a@xn--bcher-kva.example", 1).good), "a@bücher.example");
}

}  // namespace
}  // namespace alphamail
