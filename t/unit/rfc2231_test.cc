// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/mime_text.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Rfc2231, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(decode_parameters({{"access-type", "URL"},
                               {"URL*0", "ftp://"},
                               {"URL*1", "cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"}}),
            (Pairs{{"access-type", "URL"},
                   {"url", "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"}}));
  EXPECT_EQ(decode_parameters({{"title*", "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"}}),
            (Pairs{{"title", "This is ***fun***"}}));
  EXPECT_EQ(decode_parameters({{"title*0*", "us-ascii'en'This%20is%20even%20more%20"},
                               {"title*1*", "%2A%2A%2Afun%2A%2A%2A%20"},
                               {"title*2", "isn't it!"}}),
            (Pairs{{"title", "This is even more ***fun*** isn't it!"}}));
}

TEST(Rfc2231, JoinsPiecesInWhateverOrderAndCharset) {
  EXPECT_EQ(decode_parameters(
                {{"filename*1*", "%9E.txt"}, {"filename*0*", "utf-8''%E6%97%A5%E6%9C%AC%E8%AA"}}),
            (Pairs{{"filename", "日本語.txt"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "iso-2022-jp''%1B%24B2q5D%1B%28B.pdf"}}),
            (Pairs{{"filename", "会議.pdf"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "gb2312''%C4%E3.pdf"}}),
            (Pairs{{"filename", "你.pdf"}}));
  EXPECT_EQ(
      decode_parameters(
          {{"filename*2", "c"}, {"filename*10", "d"}, {"filename*1", "b"}, {"filename*0", "a"}}),
      (Pairs{{"filename", "abcd"}}));
}

TEST(Rfc2231, PrefersWhatSaysMore) {
  EXPECT_EQ(decode_parameters({{"filename", "na_ve.txt"}, {"filename*", "utf-8''na%C3%AFve.txt"}}),
            (Pairs{{"filename", "naïve.txt"}}));
  EXPECT_EQ(decode_parameters({{"filename", "a"}, {"filename", "b"}}), (Pairs{{"filename", "a"}}));
  EXPECT_EQ(decode_parameters({{"filename*0", "a"}, {"filename*0", "b"}}),
            (Pairs{{"filename", "a"}}));
}

TEST(Rfc2231, UndoesItsMisuses) {
  EXPECT_EQ(decode_parameters({{"name", "=?utf-8?B?5pel5pys6Kqe?=.txt"}}),
            (Pairs{{"name", "日本語.txt"}}));
  EXPECT_EQ(
      decode_parameters(
          {{"name", "=?iso-2022-jp?B?GyRCMnE1RBsoQg==?=\r\n =?iso-2022-jp?B?GyRCMnE1RBsoQg==?="}}),
      (Pairs{{"name", "会議会議"}}));
  EXPECT_EQ(decode_parameters({{"name", "caf\xC3\xA9"}}), (Pairs{{"name", "café"}}));
  EXPECT_EQ(decode_parameters({{"name", "caf\xE9"}}), (Pairs{{"name", "café"}}));
  EXPECT_EQ(decode_parameters({{"name*0", "=?utf-8?B?5pel"}, {"name*1", "5pys6Kqe?="}}),
            (Pairs{{"name", "日本語"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "no%20quotes"}}), (Pairs{{"filename", "no quotes"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "utf-8'only%20one"}}),
            (Pairs{{"filename", "utf-8'only one"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "x-none''%E9%"}}), (Pairs{{"filename", "é%"}}));
  EXPECT_EQ(decode_parameters({{"FileName ", "A"}}), (Pairs{{"filename", "A"}}));
  EXPECT_EQ(decode_parameters({{"filename*0*", "''%41"}, {"filename*1*", "%42"}}),
            (Pairs{{"filename", "AB"}}));
  EXPECT_EQ(decode_parameters({{"filename*", "utf-8''a%00%0D%0Ab%1B"}}),
            (Pairs{{"filename", "a b"}}));
}

TEST(Rfc2231, OddNamesHarmNothing) {
  for (const std::string name :
       {"", "*", "**", "*0", "*0*", "a*99999999999", "a*-1", "a*0x", "\xFF", "a**"})
    for (const auto& [key, value] : decode_parameters({{name, "v"}}))
      EXPECT_TRUE(is_utf8(key) && is_utf8(value)) << name;
}

std::string joined_pieces(std::size_t count) {
  Pairs raw;
  for (std::size_t i = 0; i < count; ++i) raw.emplace_back("f*" + std::to_string(i), "x");
  return decode_parameters(raw).at(0).second;
}

TEST(Rfc2231, TakesAtMostAHundredPieces) {
  EXPECT_EQ(joined_pieces(99).size(), 99u);
  EXPECT_EQ(joined_pieces(100).size(), 100u);
  EXPECT_EQ(joined_pieces(101).size(), 100u);
  EXPECT_EQ(joined_pieces(100000).size(), 100u);
}

}  // namespace
}  // namespace alphamail
