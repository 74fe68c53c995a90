// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "mod_alphamail/cookie.h"
#include "mod_alphamail/user_agent.h"

namespace alphamail {
namespace {

TEST(Cookie, FindsItsNameAndNoOther) {
  EXPECT_EQ(find_cookie("a=1; b=2;c=3", "b"), "2");
  EXPECT_EQ(find_cookie("a=1; b=2;c=3 ", "c"), "3");
  EXPECT_EQ(find_cookie("ab=1; b=2", "b"), "2");
  EXPECT_EQ(find_cookie("b=; b=2", "b"), "");
  EXPECT_EQ(find_cookie("b", "b"), "");
  EXPECT_EQ(find_cookie("", "b"), "");
  EXPECT_EQ(find_cookie(";;; ;", "b"), "");
  EXPECT_EQ(find_cookie("b==x=", "b"), "=x=");
  EXPECT_EQ(find_cookie("b=   ", "b"), "");
}

TEST(Cookie, UnderTlsItIsBoundToTheHost) {
  const CookieRules rules{.secure = true, .port = 8443};
  EXPECT_EQ(rules.session_name(), "__Host-alphamail");
  EXPECT_EQ(set_cookie(rules, rules.session_name(), "v"),
            "__Host-alphamail=v; Path=/; HttpOnly; SameSite=Lax; Secure");
}

TEST(Cookie, OverLoopbackThePortIsInItsName) {
  const CookieRules rules{.secure = false, .port = 8080};
  EXPECT_EQ(set_cookie(rules, rules.session_name(), "v"),
            "alphamail-8080=v; Path=/; HttpOnly; SameSite=Lax");
}

TEST(Cookie, AnEmptyValueTakesItBack) {
  EXPECT_EQ(set_cookie({.secure = true, .port = 0}, "n", ""),
            "n=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
}

TEST(BrowserClass, TellsFamiliesApart) {
  EXPECT_EQ(browser_class("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                          "Chrome/141.0.0.0 Safari/537.36"), "chromium");
  EXPECT_EQ(browser_class("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "firefox");
  EXPECT_EQ(browser_class("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"),
            "safari");
  EXPECT_EQ(browser_class("w3m/0.5.3+git20230121"), "w3m");
  EXPECT_EQ(browser_class(""), "none");
  EXPECT_EQ(browser_class("Something"), "other");
}

}  // namespace
}  // namespace alphamail
