// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/known_browser.h"

#include <gtest/gtest.h>

namespace alphamail {
namespace {

Key secret(unsigned char fill) {
  Key key;
  key.fill(std::byte{fill});
  return key;
}

TEST(KnownBrowser, IsKnownForTheUserWhoLoggedIn) {
  const KnownBrowser site(secret(1));
  const std::string cookie = site.new_cookie("ann", "example.edu");
  EXPECT_EQ(site.name_of(cookie, "ann", "example.edu"), cookie.substr(0, 22));
  EXPECT_EQ(site.name_of(cookie, "bob", "example.edu"), "");
  EXPECT_EQ(site.name_of(cookie, "ann", "example.org"), "");
  // The user's end and the domain's beginning are told apart.
  EXPECT_EQ(site.name_of(cookie, "annexample", ".edu"), "");
}

TEST(KnownBrowser, EachCookieIsAnother) {
  const KnownBrowser site(secret(1));
  EXPECT_NE(site.new_cookie("ann", "example.edu"), site.new_cookie("ann", "example.edu"));
}

TEST(KnownBrowser, IsNotForgedOrTakenFromAnotherSite) {
  const KnownBrowser site(secret(1)), other(secret(2));
  const std::string cookie = site.new_cookie("ann", "example.edu");
  EXPECT_EQ(other.name_of(cookie, "ann", "example.edu"), "");
  for (std::size_t i = 0; i + 1 < cookie.size(); ++i) {
    std::string changed = cookie;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(site.name_of(changed, "ann", "example.edu"), "") << i;
  }
  for (const std::string& odd : {std::string(), std::string("."), cookie.substr(0, 23),
                                 cookie.substr(0, 40), cookie + cookie, std::string(1000, 'x')}) {
    EXPECT_EQ(site.name_of(odd, "ann", "example.edu"), "") << odd;
  }
}

}  // namespace
}  // namespace alphamail
