// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/tcp_connect.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "common/pulse.h"

namespace alphamail {
namespace {

constexpr std::size_t kMaxAddresses = 16;
constexpr int kMaxLookups = 32;          // threads that may hang in the resolver at once
constexpr Millis kHeadStart{250};        // RFC 8305 section 8: before the next address is tried

struct Address {
  sockaddr_storage where{};
  socklen_t length = 0;
};
using Addresses = std::vector<Address>;

struct Lookup {
  std::mutex mutex;
  std::condition_variable done_cv;
  bool done = false;               // guarded by mutex, as the two below
  int error = 0;
  Addresses found;
};

std::atomic<int> lookups_running{0};

/// IPv6 and IPv4 by turns, so that one broken family costs one head start and not all of them.
Addresses interleaved(const Addresses& in) {
  Addresses six, four, out;
  for (const Address& a : in) (a.where.ss_family == AF_INET6 ? six : four).push_back(a);
  for (std::size_t i = 0; i < std::max(six.size(), four.size()); ++i) {
    if (i < six.size()) out.push_back(six[i]);
    if (i < four.size()) out.push_back(four[i]);
  }
  if (out.size() > kMaxAddresses) out.resize(kMaxAddresses);
  return out;
}

int look_up(const std::string& host, std::uint16_t port, int flags, Addresses& out) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int rc = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (rc != 0) return rc;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.where, a->ai_addr, a->ai_addrlen);
    address.length = a->ai_addrlen;
    out.push_back(address);
  }
  out = interleaved(out);
  return 0;
}

/// getaddrinfo(3) takes no deadline and may take half a minute: it runs in a thread of its own that
/// is left behind when it is late.
Result<Addresses> resolve(const std::string& host, std::uint16_t port, Deadline deadline) {
  Addresses numeric;
  if (look_up(host, port, AI_NUMERICHOST, numeric) == 0) return numeric;

  if (lookups_running.fetch_add(1) >= kMaxLookups) {
    lookups_running.fetch_sub(1);
    return Error{Code::kBusy, "too many name lookups are under way", 5};
  }
  auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host, port] {
      Addresses found;
      const int rc = look_up(host, port, 0, found);
      {
        const std::lock_guard lock(lookup->mutex);
        lookup->error = rc;
        lookup->found = std::move(found);
        lookup->done = true;
      }
      lookup->done_cv.notify_one();
      lookups_running.fetch_sub(1);
    }).detach();
  } catch (const std::system_error&) {
    lookups_running.fetch_sub(1);
    return Error{Code::kBusy, "no thread for a name lookup", 5};
  }
  std::unique_lock lock(lookup->mutex);
  if (!lookup->done_cv.wait_until(lock, deadline.when(), [&] { return lookup->done; })) {
    return Error{Code::kTimeout, "looking up " + host};
  }
  if (lookup->error != 0) return Error{Code::kUnreachable, host + ": " + gai_strerror(lookup->error)};
  return std::move(lookup->found);
}

/// Starts one connection; `error` is 0 or why it could not even start.
UniqueFd start(const Address& address, int& error) {
  UniqueFd fd(::socket(address.where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) {
    error = errno;
    return fd;
  }
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  error = 0;
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.where), address.length) != 0 &&
      errno != EINPROGRESS) {
    error = errno;
    fd.reset();
  }
  return fd;
}

int socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

/// Takes what poll(2) has decided: the first socket that is connected, else drops those that failed.
UniqueFd winner(std::vector<UniqueFd>& racing, const std::vector<pollfd>& polled, int& error) {
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    const int why = socket_error(polled[i].fd);
    if (why == 0) return std::move(racing[i]);
    error = why;
    racing[i].reset();
  }
  std::erase_if(racing, [](const UniqueFd& fd) { return !fd; });
  return UniqueFd();
}

}  // namespace

Result<UniqueFd> tcp_connect(const std::string& host, std::uint16_t port, Deadline deadline) {
  const PulseWait pulse(deadline);
  const auto addresses = resolve(host, port, deadline);
  if (!addresses) return addresses.error();
  std::vector<UniqueFd> racing;
  std::size_t next = 0;
  int error = EADDRNOTAVAIL;
  while (!deadline.passed()) {
    if (next < addresses->size()) {
      int why = 0;
      UniqueFd fd = start((*addresses)[next++], why);
      if (!fd) {
        error = why;
        continue;
      }
      racing.push_back(std::move(fd));
    }
    if (racing.empty()) return Error{Code::kUnreachable, host + ": " + std::strerror(error)};
    std::vector<pollfd> polled;
    for (const UniqueFd& fd : racing) polled.push_back({fd.get(), POLLOUT, 0});
    const Deadline turn = next < addresses->size() ? deadline.sooner(Deadline::in(kHeadStart)) : deadline;
    if (::poll(polled.data(), polled.size(), turn.left_ms()) < 0 && errno != EINTR) {
      return Error{Code::kUnreachable, host + ": " + std::strerror(errno)};
    }
    UniqueFd fd = winner(racing, polled, error);
    if (fd) return fd;
  }
  return Error{Code::kTimeout, "connecting to " + host};
}

}  // namespace alphamail
