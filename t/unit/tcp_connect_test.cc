// SPDX-License-Identifier: GPL-3.0-or-later
// What a connected socket is like.
#include "webcache/tcp_connect.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace alphamail {
namespace {

struct Listener {
  UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd.get(), 1), 0);
    EXPECT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
  }
};

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

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
