// SPDX-License-Identifier: GPL-3.0-or-later
// The command that the admin has for junk, and the mail that carries a message.
#include "webcache/junk_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "webcache/junk_command.h"

namespace alphamail {
namespace {

class JunkCommand : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/junk_command.XXXXXX";
    const int fd = ::mkstemp(name);
    ASSERT_GE(fd, 0);
    ::close(fd);
    path_ = name;
  }
  void TearDown() override { std::remove(path_.c_str()); }
  std::string written() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string path_;
};

TEST_F(JunkCommand, GetsTheMessageAndASmallEnvironment) {
  const std::string message = "Subject: x\r\n\r\n" + std::string(300 * 1024, 'a') + "\r\n";
  const std::vector<std::string> command{"/bin/sh", "-c", "cat >\"$1\"; env | sort >>\"$1\"; ls /proc/self/fd | wc -l >>\"$1\"",
                                         "sh", path_};
  ASSERT_TRUE(run_junk_command(command, message, "ann@example.edu", Deadline::in(Millis(20000))));
  const std::string text = written();
  ASSERT_EQ(text.substr(0, message.size()), message);
  const std::string rest = text.substr(message.size());
  EXPECT_NE(rest.find("ALPHAMAIL_USER=ann@example.edu\n"), std::string::npos);
  EXPECT_NE(rest.find("LC_ALL=C\n"), std::string::npos);
  EXPECT_EQ(rest.find("HOME="), std::string::npos);
  EXPECT_EQ(rest.substr(rest.size() - 2), "4\n");  // in, out, error, and the folder that ls reads
}

TEST_F(JunkCommand, SaysHowItEnded) {
  const auto run = [](const char* script) {
    return run_junk_command({"/bin/sh", "-c", script}, "x", "u", Deadline::in(Millis(20000)));
  };
  EXPECT_TRUE(run("exit 0"));
  EXPECT_EQ(run("echo no such thing >&2; echo more >&2; exit 3").error().detail, "exit status 3: no such thing");
  EXPECT_EQ(run("kill -9 $$").error().detail, "signal 9: ");
}

TEST_F(JunkCommand, NeedNotReadTheMessage) {
  EXPECT_TRUE(run_junk_command({"/bin/true"}, std::string(4 * 1024 * 1024, 'a'), "u", Deadline::in(Millis(20000))));
}

TEST_F(JunkCommand, IsKilledWithItsChildrenWhenItsTimeIsOver) {
  const auto begun = Deadline::Clock::now();
  const auto ran = run_junk_command({"/bin/sh", "-c", "(sleep 3; echo late >\"$1\") & sleep 60", "sh", path_}, "x", "u",
                                    Deadline::in(Millis(200)));
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Code::kTimeout);
  EXPECT_LT(Deadline::Clock::now() - begun, std::chrono::seconds(3));
  ::sleep(4);
  EXPECT_EQ(written(), "");
}

TEST_F(JunkCommand, ThatIsNotThereIsSaid) {
  EXPECT_FALSE(run_junk_command({"/no/such/program"}, "x", "u", Deadline::in(Millis(5000))));
}

TEST(JunkMail, CarriesTheMessageAsItIs) {
  const std::string mail = junk_mail(Action::Junk, "ann@example.edu", "spam@example.edu", "00ff", 0,
                                     "Subject: Buy\r\n\r\nNow\r\n");
  EXPECT_NE(mail.find("From: ann@example.edu\nTo: spam@example.edu\nSubject: Reported as junk\n"
                      "Date: Thu, 01 Jan 1970 00:00:00 +0000\nMessage-ID: <00ff@example.edu>\n"),
            std::string::npos);
  EXPECT_NE(mail.find("Content-Type: message/rfc822\nContent-Disposition: attachment\n"
                      "Content-Transfer-Encoding: 8bit\n\nSubject: Buy\n\nNow\n--=_00ff--\n"),
            std::string::npos);
}

}  // namespace
}  // namespace alphamail
