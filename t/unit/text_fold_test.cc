// SPDX-License-Identifier: GPL-3.0-or-later
// What a search takes for the same.
#include "common/text_fold.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "common/utf8.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

bool finds(std::string_view text, std::string_view word) {
  return folded(text).find(folded(word)) != std::string::npos;
}

TEST(TextFold, CaseDoesNotMatter) {
  EXPECT_EQ(folded("Minutes OF the BOARD"), "minutes of the board");
  EXPECT_TRUE(finds("ΑΘΗΝΑ", "αθηνα"));
  EXPECT_TRUE(finds("МОСКВА", "москва"));
  EXPECT_TRUE(finds("STRASSE", "straße"));
  EXPECT_TRUE(finds("Straße", "STRASSE"));
}

TEST(TextFold, AccentsDoNotMatter) {
  for (const auto& [a, b] : {std::pair{"Müller"sv, "muller"sv}, {"Muller", "MÜLLER"}, {"Mu\u0308ller", "Müller"},
                             {"Søren Łódź", "soren lodz"}, {"Œuvre", "oeuvre"}, {"İstanbul", "istanbul"},
                             {"ISPARTA", "ısparta"}, {"Nguyễn Thị Hương", "nguyen thi huong"},
                             {"Άγγελος", "αγγελος"}, {"ёлка", "елка"}, {"שָׁלוֹם", "שלום"}, {"مُحَمَّد", "محمد"}, {"أحمد", "احمد"}}) {
    EXPECT_TRUE(finds(a, b)) << a << " " << b;
    EXPECT_TRUE(finds(b, a)) << a << " " << b;
  }
}

TEST(TextFold, NorHowALetterIsWritten) {
  EXPECT_EQ(folded("ＡｌｐｈａＭａｉｌ"), "alphamail");
  EXPECT_EQ(folded("ﬁnal Ⅳ"), "final iv");
  EXPECT_EQ(folded("\u304B\u3099"), folded("\u304C"));          // か and its mark, one letter or two
  EXPECT_EQ(folded("\uFF76\uFF9E"), folded("\u30AC"));          // half width
  EXPECT_EQ(folded("\u1112\u1161\u11AB"), folded("\uD55C"));    // Hangul
  EXPECT_EQ(folded("co\u00ADoperate"), "cooperate");            // a soft hyphen
  EXPECT_EQ(folded("don’t “quote” – ok"), "don't \"quote\" - ok");
}

TEST(TextFold, WhatMakesOtherWordsStays) {
  EXPECT_FALSE(finds("が", "か"));
  EXPECT_FALSE(finds("हिन्दी", "हन्दी"));
  EXPECT_FALSE(finds("ลิง", "ลง"));
  EXPECT_FALSE(finds("한", "하"));
}

TEST(TextFold, WhiteSpaceIsOneSpace) {
  EXPECT_EQ(folded("a \t\r\n b"), "a b");
  EXPECT_EQ(folded("a\u00A0\u3000 b"), "a b");
  EXPECT_EQ(folded(" a "), " a ");
  std::string both = "re: ";
  fold_text(" b", both);
  EXPECT_EQ(both, "re: b");
}

TEST(TextFold, NulStays) {
  EXPECT_EQ(folded("Anna\0anna@EXAMPLE.edu"sv), "anna\0anna@example.edu"sv);
  EXPECT_EQ(folded("Ännä\0anna@EXAMPLE.edu"sv), "anna\0anna@example.edu"sv);
}

TEST(TextFold, AccentsCanBeKept) {
  EXPECT_EQ(folded_with_accents("MÜLLER  Anna"), "müller anna");
  EXPECT_EQ(folded_with_accents("Mu\u0308ller"), "müller");
  EXPECT_EQ(folded_with_accents("straße"), "strasse");
  EXPECT_NE(folded_with_accents("Müller"), folded_with_accents("Muller"));
}

TEST(TextFold, HoldsIsWhatFindSays) {
  std::mt19937 random(12);
  const auto text = [&](std::size_t most) {
    std::string out;
    for (std::size_t n = random() % most; n > 0; --n) out.push_back("ab\x80\x00"[random() % 4]);
    return out;
  };
  for (int i = 0; i < 50000; ++i) {
    const std::string in = text(40), word = text(6);
    ASSERT_EQ(holds(in, word), in.find(word) != std::string::npos);
  }
  EXPECT_TRUE(holds(std::string(10000, 'x') + "y", "xy"));
  EXPECT_FALSE(holds(std::string(10000, 'x'), "xy"));
}

// Once folded nothing changes any more, and it does not matter what stands beside it.
TEST(TextFold, IsTheSameTwice) {
  std::mt19937 random(4711);
  const auto pick = [&]() -> char32_t {
    constexpr char32_t kBlocks[][2] = {{0x20, 0x7E},     {0xA0, 0x24F},    {0x300, 0x36F},  {0x370, 0x5FF},
                                       {0x600, 0x6FF},   {0x900, 0x97F},   {0xE00, 0xE7F},  {0x1E00, 0x1FFF},
                                       {0x2000, 0x206F}, {0x3000, 0x30FF}, {0xAC00, 0xAFFF}, {0xFF00, 0xFFEF},
                                       {0x1F300, 0x1F6FF}};
    const auto& block = kBlocks[random() % std::size(kBlocks)];
    return block[0] + static_cast<char32_t>(random() % (block[1] - block[0] + 1));
  };
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t n = random() % 8; n > 0; --n) append_utf8(text, pick());
    const std::string once = folded(text);
    ASSERT_TRUE(is_utf8(once)) << text;
    ASSERT_EQ(folded(once), once) << text;
    // The quick way and ICU's: a letter of a script that only ICU knows, behind a space, sends all of it there.
    ASSERT_EQ(folded(text + " ก"), folded(once + " ก")) << text;
  }
}

}  // namespace
}  // namespace alphamail
