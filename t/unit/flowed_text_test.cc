// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/flowed_text.h"

#include <chrono>

#include <gtest/gtest.h>

namespace alphamail {
namespace {

TEST(FlowedText, ShortLinesStand) {
  EXPECT_EQ(flowed_lines("Dear Mina,\n\nthank you.\r\nNoor"), "Dear Mina,\r\n\r\nthank you.\r\nNoor\r\n");
  EXPECT_EQ(flowed_lines(""), "");
}

TEST(FlowedText, LongParagraphsAreBrokenWithASpaceAtTheEnd) {
  std::string typed;
  for (int i = 0; i < 40; ++i) typed += "word" + std::to_string(i) + " ";
  const std::string lines = flowed_lines(typed);
  std::string again;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find("\r\n", at);
    EXPECT_LE(end - at, 73U);
    again += lines.substr(at, end - at);
    at = end + 2;
  }
  EXPECT_EQ(again + " ", typed);
}

TEST(FlowedText, SpacesAndFromAreStuffed) {
  EXPECT_EQ(flowed_lines(" indented\nFrom here\n"), "  indented\r\n From here\r\n");
}

TEST(FlowedText, QuotesKeepTheirDepth) {
  EXPECT_EQ(flowed_lines("> one\n> > two\n>>> three\n>"), "> one\r\n>> two\r\n>>> three\r\n>\r\n");
  const std::string lines = flowed_lines("> " + std::string(60, 'a') + " " + std::string(60, 'b'));
  EXPECT_EQ(lines, "> " + std::string(60, 'a') + " \r\n> " + std::string(60, 'b') + "\r\n");
}

TEST(FlowedText, ASignatureKeepsItsMark) {
  EXPECT_EQ(flowed_lines("text   \n-- \nNoor"), "text\r\n-- \r\nNoor\r\n");
}

TEST(FlowedText, TimeGrowsWithTheText) {
  const auto begun = std::chrono::steady_clock::now();
  std::string typed;
  while (typed.size() < (20 << 20)) typed += "words and ";
  EXPECT_GT(flowed_lines(typed).size(), typed.size());
  EXPECT_GT(flowed_lines(std::string(20 << 20, 'x')).size(), 20U << 20);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

TEST(FlowedText, AnAnswerQuotesWithOneMarkMoreAndLeavesTheSignature) {
  const std::vector<TextBlock> blocks = {{0, "Hello\n\nthere"}, {1, "before"}, {0, "so\n-- \nMina"}};
  EXPECT_EQ(quoted_text(blocks, 1000), "> Hello\n>\n> there\n>> before\n> so\n");
  EXPECT_EQ(plain_text(blocks, 1000), "Hello\n\nthere\n> before\nso\n-- \nMina\n");
  EXPECT_EQ(quoted_text(blocks, 12), "> Hello\n>\n> [...]\n");
}

}  // namespace
}  // namespace alphamail
