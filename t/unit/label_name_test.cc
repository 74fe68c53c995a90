// SPDX-License-Identifier: GPL-3.0-or-later
// Labels and keywords: what leads to what, and that nothing else than a keyword ever comes of a name.
#include "common/label_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace alphamail {
namespace {

bool is_atom(std::string_view keyword) {
  return !keyword.empty() && keyword.size() <= kKeywordBytes &&
         std::all_of(keyword.begin(), keyword.end(), [](char c) {
           return c > ' ' && c < 0x7F && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
         });
}

TEST(LabelName, KeywordsAsThunderbirdMakesThem) {
  const std::pair<const char*, const char*> names[] = {
      {"Work", "work"},          {"To do", "to_do"},           {"  Travel  2027 ", "travel__2027"},
      {"R&D", "r&-d"},           {"Prüfung", "pr&APw-fung"},   {"台北", "&U,BTFw-"},
      {"a(b)c/d{e%f*g<h>i", "a_b_c_d_e_f_g_h_i"},              {"say \"x\\y\"]", "say__x_y__"},
      {"$label9", "_label9"},
  };
  for (const auto& [name, keyword] : names) EXPECT_EQ(keyword_of_label(name), keyword) << name;
  for (const char* none : {"", " ", "\t\n", "\xff", "a\xc3"}) EXPECT_EQ(keyword_of_label(none), "") << none;
}

TEST(LabelName, WhatMeansSomethingElseOrIsTooLongGetsAKeywordOfItsOwn) {
  std::set<std::string> all;
  for (const std::string& name : {std::string("Junk"), std::string("nonJunk"), std::string("NotJunk"),
                                  std::string("Forwarded"), std::string(51, 'x'), std::string(52, 'x'),
                                  std::string("Übungsblätter äöü äöü äöü äöü äöü")}) {
    const std::string keyword = keyword_of_label(name);
    EXPECT_TRUE(keyword.starts_with("label-")) << keyword;
    EXPECT_TRUE(is_atom(keyword)) << keyword;
    EXPECT_EQ(keyword, keyword_of_label(name));
    all.insert(keyword);
  }
  EXPECT_EQ(all.size(), 7U);
  EXPECT_EQ(keyword_of_label(std::string(50, 'x')), std::string(50, 'x'));
}

TEST(LabelName, NamesOfKeywordsThatNobodyNamed) {
  EXPECT_EQ(name_of_keyword("Thesis"), "Thesis");
  EXPECT_EQ(name_of_keyword("pr&APw-fung"), "prüfung");
  EXPECT_EQ(name_of_keyword("pr&apw-fung"), "pr&apw-fung") << "in small letters it is another text, or none";
  EXPECT_EQ(name_of_keyword("a&b"), "a&b");
  EXPECT_TRUE(is_silent_keyword("$MDNSent"));
  EXPECT_FALSE(is_silent_keyword("MDNSent"));
}

TEST(LabelName, RandomNamesGiveKeywordsOrNothing) {
  std::mt19937 random(7);
  const char* pieces[] = {"a", "Z", " ", "&", "-", "ä", "日", "😀", "\\", "\"", "(", "]", "\x01", "\x7f", "\xc2\x85", "\xff", "$", "%"};
  for (int i = 0; i < 20000; ++i) {
    std::string name;
    for (auto n = random() % 20; n > 0; --n) name += pieces[random() % std::size(pieces)];
    const std::string keyword = keyword_of_label(name);
    EXPECT_TRUE(keyword.empty() || is_atom(keyword)) << name << ": " << keyword;
  }
}

}  // namespace
}  // namespace alphamail
