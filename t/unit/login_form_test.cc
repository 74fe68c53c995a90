// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "mod_alphamail/login_form.h"

namespace alphamail {
namespace {

using Verdict = LoginForm::Verdict;
constexpr std::int64_t kNow = 1795104000;

LoginForm form_of(unsigned char n) {
  Key key;
  key.fill(std::byte{n});
  return LoginForm(key);
}

TEST(LoginForm, TakesItsOwnTokenWithItsOwnCookie) {
  const LoginForm form = form_of(1);
  const std::string cookie = LoginForm::new_cookie();
  const std::string token = form.token(cookie, kNow);
  EXPECT_EQ(form.check(cookie, token, kNow), Verdict::kGood);
  EXPECT_EQ(form.check(cookie, token, kNow + 11 * 3600), Verdict::kGood);
  EXPECT_EQ(form.check(LoginForm::new_cookie(), token, kNow), Verdict::kForeign);
  EXPECT_EQ(form_of(2).check(cookie, token, kNow), Verdict::kForeign);
}

TEST(LoginForm, AgesInHalfADay) {
  const LoginForm form = form_of(1);
  const std::string cookie = LoginForm::new_cookie();
  const std::string token = form.token(cookie, kNow);
  EXPECT_EQ(form.check(cookie, token, kNow + 14 * 3600), Verdict::kStale);
  EXPECT_EQ(form.check(cookie, token, kNow - 3 * 3600), Verdict::kStale);
}

TEST(LoginForm, NoOtherTextIsAToken) {
  const LoginForm form = form_of(1);
  const std::string cookie = LoginForm::new_cookie();
  const std::string token = form.token(cookie, kNow);
  for (const std::string& bad : {std::string(), std::string("."), std::string("1."), "9" + token,
                                 token + "A", token.substr(0, token.size() - 1), std::string(9999, '1')}) {
    EXPECT_EQ(form.check(cookie, bad, kNow), Verdict::kForeign) << bad.substr(0, 60);
  }
  EXPECT_EQ(form.check("", form.token("", kNow), kNow), Verdict::kForeign);
  EXPECT_FALSE(LoginForm::is_cookie("AAAAAAAAAAAAAAAAAAAAA="));
  EXPECT_FALSE(LoginForm::is_cookie(std::string(22, '!')));
}

class SecretFile : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/alphamail-secret-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/secret";
  }
  void TearDown() override {
    unlink(path_.c_str());
    EXPECT_EQ(rmdir(folder_.c_str()), 0) << "something was left behind";
  }
  std::string folder_, path_;
};

TEST_F(SecretFile, IsMadeOncePrivateAndReadAgain) {
  const auto first = site_secret(path_);
  ASSERT_TRUE(first) << first.error().detail;
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(*site_secret(path_), *first);
}

TEST_F(SecretFile, IsOneForAllWhoStartAtOnce) {
  std::vector<Key> keys(16);
  std::vector<std::thread> threads;
  for (auto& key : keys) {
    threads.emplace_back([&] {
      const auto made = site_secret(path_);
      if (made) key = *made;
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& key : keys) EXPECT_EQ(key, keys.front());
  EXPECT_NE(keys.front(), Key{});
}

TEST_F(SecretFile, IsRefusedWhereOthersMayReadIt) {
  ASSERT_TRUE(site_secret(path_));
  chmod(path_.c_str(), 0644);
  const auto refused = site_secret(path_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("0600"), std::string::npos);
}

TEST_F(SecretFile, IsRefusedWhereItIsTooShort) {
  std::ofstream(path_) << "short";
  chmod(path_.c_str(), 0600);
  EXPECT_FALSE(site_secret(path_));
}

}  // namespace
}  // namespace alphamail
