// SPDX-License-Identifier: GPL-3.0-or-later
// What a connected socket is like.
#include "webcache/tcp_connect.h"

#include <fcntl.h>
#include <netinet/tcp.h>

#include <gtest/gtest.h>

#include "t/unit/loopback.h"

namespace alphamail {
namespace {

TEST(TcpConnect, CommandsLeaveAtOnceAndNoChildInheritsThem) {
  const Listener listener;
  const auto fd = tcp_connect("127.0.0.1", listener.port, Deadline::in(Millis(5000)));
  ASSERT_TRUE(fd);
  EXPECT_NE(option(fd->get(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(fd->get(), SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_TRUE(fcntl(fd->get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(fcntl(fd->get(), F_GETFL) & O_NONBLOCK);
}

TEST(TcpConnect, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    const Listener gone;
    port = gone.port;
  }
  const auto fd = tcp_connect("127.0.0.1", port, Deadline::in(Millis(5000)));
  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().code, Code::kUnreachable);
}

}  // namespace
}  // namespace alphamail
