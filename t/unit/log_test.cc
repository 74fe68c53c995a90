// SPDX-License-Identifier: GPL-3.0-or-later
// A log line is one line whatever is in it, and survives rotation and many threads.
#include "common/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace alphamail {
namespace {

class Log : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/log";
    ASSERT_TRUE(open_log(path_));
  }
  void TearDown() override {
    ASSERT_TRUE(open_log(""));
    ::unlink(path_.c_str());
    ::unlink((path_ + ".1").c_str());
    ::rmdir(folder_.c_str());
  }
  std::vector<std::string> lines(const std::string& suffix = "") const {
    std::ifstream file(path_ + suffix);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  /// What the log makes of a text, without time and number.
  std::string written(std::string_view text) const {
    log(Severity::kInfo, 1, text);
    const auto all = lines();
    const std::string& last = all.back();
    return last.substr(last.find(" AM0001 ") + 8);
  }

  std::string folder_ = "/tmp/alphamail-log-XXXXXX";
  std::string path_;
};

TEST_F(Log, HasTimeSeverityAndNumber) {
  log(Severity::kWarning, 123, "the disk is full");
  ASSERT_EQ(lines().size(), 1U);
  const std::regex form(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning AM0123 the disk is full)");
  EXPECT_TRUE(std::regex_match(lines()[0], form)) << lines()[0];
}

TEST_F(Log, EscapesWhatCouldForgeALine) {
  EXPECT_EQ(written("a\nb\r\tc\x7F"), R"(a\x0Ab\x0D\x09c\x7F)");
  EXPECT_EQ(written(R"(C:\x0A)"), R"(C:\\x0A)");
  EXPECT_EQ(written(std::string_view("nul\0", 4)), R"(nul\x00)");
  EXPECT_EQ(written("\xFF\xC3"), R"(\xFF\xC3)");
  EXPECT_EQ(written("\u0085\u2028\u202E"), R"(\xC2\x85\xE2\x80\xA8\xE2\x80\xAE)");
  EXPECT_EQ(written("größer 日本"), "größer 日本");
}

TEST_F(Log, CutsLongTexts) {
  EXPECT_EQ(written(std::string(100000, 'x')), std::string(4096, 'x') + "...");
}

TEST_F(Log, FollowsRotation) {
  log(Severity::kInfo, 1, "before");
  ASSERT_EQ(::rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  log(Severity::kInfo, 1, "meanwhile");
  ASSERT_TRUE(reopen_log());
  log(Severity::kInfo, 1, "after");
  EXPECT_EQ(lines(".1").size(), 2U);
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(Log, StaysWhereItWasIfThePathIsBad) {
  const auto opened = open_log("/nonexistent/log");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find("/nonexistent/log"), std::string::npos);
  log(Severity::kInfo, 1, "still here");
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(Log, IsNotReadableByOthers) {
  struct stat file{};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07, 0U);
}

TEST_F(Log, ThreadsDoNotMixWhileItIsReopened) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 500; ++i) log(Severity::kInfo, 1, std::string(200, 'y'));
    });
  }
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(reopen_log());
  for (auto& thread : threads) thread.join();
  const auto all = lines();
  EXPECT_EQ(all.size(), 2000U);
  for (const auto& line : all) ASSERT_TRUE(line.ends_with(" info AM0001 " + std::string(200, 'y')));
}

}  // namespace
}  // namespace alphamail
