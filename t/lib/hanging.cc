// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded into the webcache, so that one of its threads hangs while it waits for a mail server,
// whatever its deadline: the next one that does after the file $HANGING was made, which is then
// removed. Where it holds "connection", the thread hangs until its connection ends; else for ever.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

bool is_server(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
         (peer.ss_family == AF_INET || peer.ss_family == AF_INET6);
}

void hang(pollfd* waited) {
  const char* const path = getenv("HANGING");
  char how[16] = "";
  const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0 || read(fd, how, sizeof how - 1) < 0 || unlink(path) != 0) return;
  close(fd);
  const bool wakes = std::strcmp(how, "connection") == 0;
  // No event but the end of the connection, and no time.
  pollfd end{waited->fd, 0, 0};
  do {
    syscall(SYS_ppoll, wakes ? &end : nullptr, wakes ? 1 : 0, nullptr, nullptr, 0);
  } while (!wakes || end.revents == 0);
}

}  // namespace

// Called poll by the linker alone: the compiler believes that poll() reads nothing of what it is given.
extern "C" __attribute__((visibility("default"))) int hanging_poll(pollfd*, nfds_t, int) asm("poll");

int hanging_poll(pollfd* fds, nfds_t count, int ms) {
  if (count == 1 && fds->events == POLLIN && is_server(fds->fd)) hang(fds);
  timespec patience{ms / 1000, (ms % 1000) * 1000000L};
  return static_cast<int>(syscall(SYS_ppoll, fds, count, ms < 0 ? nullptr : &patience, nullptr, 0));
}
