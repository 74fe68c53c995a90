// SPDX-License-Identifier: GPL-3.0-or-later
// Reading where much is expected. TLS itself is tried with real servers (t/2010-imap.t).
#include "webcache/tls_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "t/unit/loopback.h"
#include "webcache/tcp_connect.h"

namespace alphamail {
namespace {

class Streaming : public testing::Test {
 protected:
  Streaming() : stream_(std::move(*tcp_connect("127.0.0.1", listener_.port, soon()))), peer_(accept(listener_.fd.get(), nullptr, nullptr)) {}

  static Deadline soon() { return Deadline::in(Millis(5000)); }
  int wakes_for() { return option(stream_.fd(), SOL_SOCKET, SO_RCVLOWAT); }
  void say(std::string_view words) {
    EXPECT_EQ(send(peer_.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
  }
  std::string hear() {
    std::array<char, 64> into;
    const auto got = stream_.read(into, soon());
    return got ? std::string(into.data(), *got) : got.error().detail;
  }

  Listener listener_;
  TlsStream stream_;
  UniqueFd peer_;
};

TEST_F(Streaming, WakesForMuchAsLongAsMuchIsExpected) {
  EXPECT_EQ(wakes_for(), 1);
  {
    const TlsStream::Bulk much(stream_);
    EXPECT_GT(wakes_for(), 16 * 1024);
    const std::jthread server([&] {
      std::this_thread::sleep_for(Millis(30));  // until the stream waits
      say("* 1 FETCH");
    });
    EXPECT_EQ(hear(), "* 1 FETCH");  // little, since no more comes
    EXPECT_GT(wakes_for(), 16 * 1024);
  }
  EXPECT_EQ(wakes_for(), 1);
  say("A1 OK");
  EXPECT_EQ(hear(), "A1 OK");
}

TEST_F(Streaming, WhereMuchIsExpectedTheEndAndSilenceAreToldAllTheSame) {
  const TlsStream::Bulk much(stream_);
  std::array<char, 64> into;
  const auto begun = Deadline::Clock::now();
  const auto silent = stream_.read(into, Deadline::in(Millis(30)));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, Code::kTimeout);
  EXPECT_GE(Deadline::Clock::now() - begun, Millis(29));
  peer_.reset();
  const auto ended = stream_.read(into, soon());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kUnreachable);
}

TEST_F(Streaming, HasEndedOnceNothingIsLeftToReadAndThePeerIsGone) {
  EXPECT_FALSE(stream_.ended());
  say("* BYE");
  EXPECT_FALSE(stream_.ended());
  shutdown(peer_.get(), SHUT_WR);
  EXPECT_FALSE(stream_.ended());  // what was said comes first
  EXPECT_EQ(hear(), "* BYE");
  EXPECT_TRUE(stream_.ended());
  EXPECT_FALSE(stream_.has_unread());
}

TEST_F(Streaming, HasEndedWhereItWasBroken) {
  const linger at_once{1, 0};
  setsockopt(peer_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer_.reset();  // a reset, no end
  pollfd polled{stream_.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&polled, 1, 5000), 1);
  EXPECT_TRUE(stream_.ended());
}

}  // namespace
}  // namespace alphamail
