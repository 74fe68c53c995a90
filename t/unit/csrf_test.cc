// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "mod_alphamail/csrf.h"

namespace alphamail {
namespace {

Key key_of(unsigned char n) {
  Key key;
  key.fill(std::byte{n});
  return key;
}

TEST(FormToken, IsGoodForItsOwnSessionOnly) {
  const std::string token = form_token(key_of(1));
  EXPECT_TRUE(is_form_token(key_of(1), token));
  EXPECT_FALSE(is_form_token(key_of(2), token));
}

TEST(FormToken, IsSpelledAnewEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(form_token(key_of(1)));
  EXPECT_EQ(seen.size(), 100u);
  for (const auto& token : seen) EXPECT_TRUE(is_form_token(key_of(1), token));
}

TEST(FormToken, NoOtherTextIsOne) {
  const std::string token = form_token(key_of(1));
  for (const std::string& bad :
       {std::string(), std::string("x"), token.substr(1), token + "A", token + "=", std::string(43, 'A'),
        std::string(100000, 'A'), std::string("\0", 1), "%" + token.substr(1)}) {
    EXPECT_FALSE(is_form_token(key_of(1), bad)) << bad.substr(0, 60);
  }
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_form_token(key_of(1), changed)) << i;
  }
}

TEST(SameOrigin, SecFetchSiteDecidesWhereItIsSent) {
  EXPECT_TRUE(is_same_origin({"same-origin", "", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"cross-site", "", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"same-site", "https://a.example", "a.example", true}));
  EXPECT_TRUE(is_same_origin({"none", "", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"none", "https://b.example", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"junk", "", "a.example", true}));
}

TEST(SameOrigin, ABrowserThatSaysNothingOfTheOriginHasNotSaidThatItIsOurs) {
  EXPECT_TRUE(says_same_origin({"same-origin", "", "a.example", true}));
  EXPECT_TRUE(says_same_origin({"", "https://a.example", "a.example", true}));
  EXPECT_TRUE(says_same_origin({"none", "https://a.example", "a.example", true}));
  EXPECT_FALSE(says_same_origin({"none", "", "a.example", true}));
  EXPECT_FALSE(says_same_origin({"", "", "a.example", true}));
  EXPECT_FALSE(says_same_origin({"", "https://b.example", "a.example", true}));
  EXPECT_FALSE(says_same_origin({"cross-site", "https://a.example", "a.example", true}));
}

TEST(SameOrigin, ElseTheOrigin) {
  EXPECT_TRUE(is_same_origin({"", "https://a.example", "A.example", true}));
  EXPECT_TRUE(is_same_origin({"", "http://localhost:8080", "localhost:8080", false}));
  EXPECT_FALSE(is_same_origin({"", "http://a.example", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"", "https://a.example:444", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"", "https://a.example.evil", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"", "https://evil", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"", "null", "a.example", true}));
  EXPECT_FALSE(is_same_origin({"", "https://", "", true}));
  EXPECT_FALSE(is_same_origin({"", "https://a.example", "a.example", false}));
  EXPECT_TRUE(is_same_origin({"", "https://a.example", "a.example", false, true}));
}

TEST(SameOrigin, WithoutEitherTheTokenDecides) {
  EXPECT_TRUE(is_same_origin({"", "", "a.example", true}));
}

}  // namespace
}  // namespace alphamail
