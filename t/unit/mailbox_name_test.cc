// SPDX-License-Identifier: GPL-3.0-or-later
// Folder names in all three forms; random ones by the hundred thousand lead back to themselves.
#include "common/mailbox_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "common/utf8.h"

namespace alphamail {
namespace {

using Names = std::vector<std::string>;

TEST(ModifiedUtf7, KnownNames) {
  const std::pair<const char*, const char*> names[] = {
      {"", ""},
      {"INBOX", "INBOX"},
      {"R&D", "R&-D"},
      {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501's own
      {"Entwürfe", "Entw&APw-rfe"},
      {"öü", "&APYA,A-"},
      {"😀", "&2D3eAA-"},
      {"tab\there", "tab&AAk-here"},
      {"&&", "&-&-"},
      {"ä&ö", "&AOQ-&-&APY-"},
  };
  for (const auto& [utf8, name] : names) {
    EXPECT_EQ(to_modified_utf7(utf8), name);
    EXPECT_EQ(from_modified_utf7(name), utf8);
  }
}

TEST(ModifiedUtf7, RefusesEveryOtherSpelling) {
  const std::string_view bad[] = {
      "&", "a&b", "&AGE-", "&AOQ", "&AOQ-&APY-", "&A-", "&AO-", "&AOR-", "&AOQA-", "&AOQAA-",
      "caf\xC3\xA9", "caf\xE9", "tab\there", "\x7F", "&2D0-", "&3gA-", "&2D3YPQ-", "&3gDYPQ-",
      "&AAA-", "&AA0-", "&AAo-", "&AO/-", "&AOQ=-", "& -", "&ACY-", std::string_view("a\0b", 3)};
  for (const auto name : bad) EXPECT_FALSE(from_modified_utf7(name)) << name;
}

TEST(ModifiedUtf7, RefusesWhatImapCannotCarry) {
  EXPECT_FALSE(to_modified_utf7(std::string_view("a\0b", 3)));
  EXPECT_FALSE(to_modified_utf7("a\rb"));
  EXPECT_FALSE(to_modified_utf7("a\nb"));
  EXPECT_FALSE(to_modified_utf7("\xFF"));
  EXPECT_FALSE(to_modified_utf7("\xED\xA0\x80"));  // a surrogate
  EXPECT_FALSE(to_modified_utf7("\xC0\xAF"));      // '/' in two bytes
}

const NameRules kSlash{"", '/', false};
const NameRules kDot{"INBOX.", '.', false};
const NameRules kFlat{"", '\0', false};
const NameRules kUtf8{"", '/', true};
const NameRules kCyrus8{"INBOX.", '.', true};
const NameRules kPrefixed{"mail/&ZeVnLA-/", '/', false};

void expect_pair(const NameRules& rules, std::string_view name, std::string_view address) {
  EXPECT_EQ(address_of(name, rules), address);
  EXPECT_EQ(imap_name_of(address, rules), name) << address;
  EXPECT_TRUE(is_address(address)) << address;
}

TEST(Address, OrdinaryNames) {
  expect_pair(kSlash, "INBOX", "INBOX");
  expect_pair(kSlash, "Archive/2026", "Archive/2026");
  expect_pair(kSlash, "&ZeVnLA-/Entw&APw-rfe", "日本/Entwürfe");
  expect_pair(kDot, "INBOX", "INBOX");
  expect_pair(kDot, "INBOX.Sent.2026", "Sent/2026");
  expect_pair(kFlat, "a/b.c", "a~2Fb.c");
  expect_pair(kUtf8, "日本/R&D", "日本/R&D");
  expect_pair(kCyrus8, "INBOX.日本", "日本");
  expect_pair(kPrefixed, "mail/&ZeVnLA-/Sent", "Sent");
}

TEST(Address, SpecialCharactersAndLevels) {
  expect_pair(kSlash, "a~b", "a~7Eb");
  expect_pair(kSlash, "./..", "~2E/~2E~2E");
  expect_pair(kSlash, "...", "...");
  expect_pair(kSlash, "/a//b/", "~00/a/~00/b/~00");
  expect_pair(kDot, "INBOX.a/b", "a~2Fb");
  expect_pair(kDot, "INBOX.~00", "~7E00");
}

TEST(Address, InboxInAnyCase) {
  EXPECT_EQ(address_of("Inbox", kSlash), "INBOX");
  EXPECT_EQ(address_of("inbox", kDot), "INBOX");
  EXPECT_FALSE(is_address("Inbox"));
  EXPECT_FALSE(imap_name_of("inbox", kSlash));
  EXPECT_FALSE(imap_name_of("inbox", kDot));
  expect_pair(kSlash, "inbox/below", "inbox/below");
  expect_pair(kDot, "INBOX.INBOX", "~00~00/INBOX/INBOX");
  expect_pair(kDot, "INBOX.inbox", "~00~00/INBOX/inbox");
}

TEST(Address, PrefixIsHiddenAlsoInOtherCase) {
  EXPECT_EQ(address_of("Inbox.Sent", kDot), "Sent");
  EXPECT_EQ(imap_name_of("Sent", kDot), "INBOX.Sent");
}

TEST(Address, NamesOutsideThePrefix) {
  expect_pair(kDot, "shared.Sent", "~00~00/shared/Sent");
  expect_pair(kDot, "INBOX.", "~00~00/INBOX/~00");
  expect_pair(kPrefixed, "mail", "~00~00/mail");
  EXPECT_EQ(levels_of("~00~00/shared/Sent"), (Names{"shared", "Sent"}));
  EXPECT_FALSE(imap_name_of("~00~00/INBOX/Sent", kDot));  // its address is Sent
  EXPECT_FALSE(imap_name_of("~00~00/Sent", kSlash));      // nothing lies outside no prefix
}

TEST(Address, NamesThatBreakTheRulesLeadBackToo) {
  expect_pair(kSlash, "caf\xE9", "caf~E9");
  expect_pair(kSlash, "caf\xC3\xA9", "caf~C3~A9");
  expect_pair(kSlash, "R&D", "R~26D");
  expect_pair(kSlash, "R&-D\xE9", "R~26-D~E9");
  expect_pair(kSlash, "&AGE-/x", "~26AGE-/x");
  expect_pair(kSlash, "tab\t", "tab~09");
  expect_pair(kUtf8, "tab\t", "tab~09");
  expect_pair(kSlash, "tab&AAk-", "tab~26AAk-");  // control characters never reach an address
  expect_pair(kSlash, "&AIU-/x", "~26AIU-/x");
  EXPECT_EQ(levels_of("tab~09"), Names{"tab\uFFFD"});
  expect_pair(kDot, "INBOX.caf\xE9.x/y", "caf~E9/x~2Fy");
  expect_pair(kUtf8, "caf\xE9&", "caf~E9~26");
  EXPECT_EQ(levels_of("caf~C3~A9"), Names{"café"});
  EXPECT_EQ(levels_of("caf~E9"), Names{"caf\uFFFD"});
  EXPECT_EQ(levels_of("R~26D"), Names{"R&D"});
}

TEST(Address, OtherSpellingsAreNone) {
  const std::string_view bad[] = {
      "", "/", "a/", "/a", "a//b", ".", "..", "a/..", "~", "~2", "~2f", "~7e", "a~2Eb", "~2E~2E~2E",
      "~41", "~00x", "x~00", "~00~00", "a/~00~00", "~GG", "~0A", "~0D", "a~00b", "\xFF", "a\nb",
      "a\tb", "a\x7F", "a\u0085", "a\rb", "inbox", "INBOx", "~26-", "日本~26", "&~26", "~26AOQ-", std::string_view("a\0", 2)};
  for (const auto address : bad) {
    EXPECT_FALSE(is_address(address)) << address;
    EXPECT_TRUE(levels_of(address).empty()) << address;
    for (const NameRules& rules : {kSlash, kDot, kFlat, kUtf8, kCyrus8, kPrefixed}) {
      EXPECT_FALSE(imap_name_of(address, rules)) << address;
    }
  }
  EXPECT_FALSE(imap_name_of("a/b", kFlat));
  EXPECT_FALSE(imap_name_of("~00", kSlash));  // a folder without a name
  EXPECT_FALSE(imap_name_of("caf~C3~A9", kUtf8));  // there it is written café
  EXPECT_FALSE(imap_name_of("a.b", kDot));    // there it is a/b
}

TEST(Address, HostileNamesNeverGiveLineBreaks) {
  for (const std::string_view name : {std::string_view("a\r\nb"), std::string_view("a\0b", 3),
                                      std::string_view("&AA0-"), std::string_view("&AAA-")}) {
    const auto back = imap_name_of(address_of(name, kSlash), kSlash);
    if (!back) continue;
    EXPECT_EQ(back->find_first_of(std::string_view("\0\r\n", 3)), std::string::npos);
  }
}

unsigned pick(std::mt19937& random, std::size_t below) {
  return static_cast<unsigned>(random() % below);
}

/// Strings that crowd the interesting places: separators, escapes, base64 runs, INBOX, 8-bit.
std::string random_name(std::mt19937& random, bool any_byte) {
  static const std::string_view pieces[] = {
      "/", ".", "~", "&", "-", "&-", "INBOX", "inbox", "INBOX.", "mail/", "~00", "~2F", "é", "日",
      "😀", "\t", "&AOQ-", "&ZeVnLA-", "a", "Z", "9", ",", "+", " ", "..", "\u0085", "\uFFFF"};
  static const std::string_view bad[] = {"\xFF", "\xC3", "\xE9", "\x01", "\x7F", "\xF0\x9F", "\x80"};
  std::string out;
  for (unsigned n = pick(random, 8); n > 0; --n) {
    const unsigned kind = pick(random, 10);
    if (any_byte && kind == 0) {
      out += bad[pick(random, std::size(bad))];
    } else if (kind < 3) {
      char32_t code = pick(random, 0x110000);
      if ((code >= 0xD800 && code <= 0xDFFF) || code == 0 || code == '\r' || code == '\n') code = 'x';
      append_utf8(out, code);
    } else {
      out += pieces[pick(random, std::size(pieces))];
    }
  }
  return out;
}

TEST(Properties, ModifiedUtf7RoundTrip) {
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    const std::string text = random_name(random, false);
    const auto name = to_modified_utf7(text);
    ASSERT_TRUE(name) << text;
    for (const char c : *name) ASSERT_TRUE(c >= 0x20 && c < 0x7F) << *name;
    ASSERT_EQ(from_modified_utf7(*name), text);
  }
}

TEST(Properties, WhatDecodesIsCanonical) {
  std::mt19937 random(2);
  int valid = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string name = "&";
    for (unsigned n = pick(random, 7); n > 0; --n) name += "ABCDgwAQ09+,-&"[pick(random, 14)];
    name += '-';
    const auto text = from_modified_utf7(name);
    if (!text) continue;
    ++valid;
    ASSERT_EQ(to_modified_utf7(*text), name);
  }
  EXPECT_GT(valid, 1000);
}

TEST(Properties, EveryNameHasItsOwnAddressThatLeadsBack) {
  std::mt19937 random(3);
  for (const NameRules& rules : {kSlash, kDot, kFlat, kUtf8, kCyrus8, kPrefixed}) {
    std::map<std::string, std::string> seen;
    for (int i = 0; i < 100000; ++i) {
      const std::string name = random_name(random, true);
      if (name.empty()) continue;
      const std::string address = address_of(name, rules);
      ASSERT_TRUE(is_address(address)) << name << " -> " << address;
      const auto back = imap_name_of(address, rules);
      ASSERT_TRUE(back) << name << " -> " << address;
      if (*back != name) {  // INBOX and a prefix below it have no case
        ASSERT_EQ(strcasecmp(back->c_str(), name.c_str()), 0) << name << " -> " << address;
        ASSERT_EQ(strncasecmp(name.c_str(), "INBOX", 5), 0) << name;
      }
      const auto [other, fresh] = seen.emplace(address, *back);
      ASSERT_TRUE(fresh || other->second == *back) << other->second << " and " << name;
      ASSERT_FALSE(levels_of(address).empty());
      for (const std::string& level : levels_of(address)) ASSERT_TRUE(is_utf8(level));
      ASSERT_EQ(std::count_if(address.begin(), address.end(), [](char c) { return c >= 0 && c < ' '; }), 0);
    }
  }
}

TEST(Properties, RandomAddressesNameOneFolderOrNone) {
  std::mt19937 random(4);
  for (const NameRules& rules : {kSlash, kDot, kFlat, kUtf8, kCyrus8, kPrefixed}) {
    for (int i = 0; i < 20000; ++i) {
      const std::string address = random_name(random, true);
      const auto name = imap_name_of(address, rules);
      if (!name) continue;
      ASSERT_EQ(address_of(*name, rules), address);
      ASSERT_TRUE(is_address(address)) << address;
      ASSERT_EQ(name->find_first_of(std::string_view("\0\r\n", 3)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace alphamail
