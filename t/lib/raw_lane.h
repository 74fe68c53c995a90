// SPDX-License-Identifier: GPL-3.0-or-later
// A lane as a hostile web child may hold it: connected and greeted, but bare descriptors instead of
// a LaneClient, so that a test can write what it likes where it likes.
#ifndef T_LIB_RAW_LANE_H
#define T_LIB_RAW_LANE_H

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "common/lane.h"
#include "common/unique_fd.h"

namespace alphamail {

struct RawLane {
  UniqueFd control, memory, doorbell;

  void ring() const {
    const std::uint64_t one = 1;
    (void)!write(doorbell.get(), &one, sizeof one);
  }
  /// True once the daemon has closed this lane.
  bool closed() const {
    char c;
    return recv(control.get(), &c, 1, MSG_DONTWAIT) == 0;
  }
};

inline UniqueFd raw_connect(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

/// Nothing where the daemon is away or refuses.
inline std::optional<RawLane> raw_lane(const std::string& path) {
  RawLane made;
  made.control = raw_connect(path);
  const lane::Hello hello;
  if (!made.control || send(made.control.get(), &hello, sizeof hello, MSG_NOSIGNAL) < 0)
    return std::nullopt;
  lane::Greeting greeting;
  iovec piece{&greeting, sizeof greeting};
  alignas(cmsghdr) char rights[CMSG_SPACE(2 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = rights;
  message.msg_controllen = sizeof rights;
  if (recvmsg(made.control.get(), &message, MSG_CMSG_CLOEXEC) !=
      static_cast<ssize_t>(sizeof greeting))
    return std::nullopt;
  const cmsghdr* c = CMSG_FIRSTHDR(&message);
  if (c == nullptr || c->cmsg_len != CMSG_LEN(2 * sizeof(int))) return std::nullopt;
  int fds[2];
  std::memcpy(fds, CMSG_DATA(c), sizeof fds);
  made.memory.reset(fds[0]);
  made.doorbell.reset(fds[1]);
  return made;
}

}  // namespace alphamail

#endif
