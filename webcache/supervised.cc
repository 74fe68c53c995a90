// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/supervised.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace alphamail::link {
namespace {

constexpr std::size_t kLongest = 1000;

}  // namespace

bool Link::tell(Word word, std::string_view text) const {
  std::string packet(1, static_cast<char>(word));
  packet.append(text.substr(0, kLongest - 1));
  return ::send(fd_.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(packet.size());
}

bool Link::tell(const Birth& birth) const {
  return ::send(fd_.get(), &birth, sizeof birth, MSG_NOSIGNAL) ==
         static_cast<ssize_t>(sizeof birth);
}

std::optional<Birth> Link::hear_birth() const {
  Birth birth;
  ssize_t got;
  while ((got = ::recv(fd_.get(), &birth, sizeof birth, 0)) < 0 && errno == EINTR) {
  }
  if (got != static_cast<ssize_t>(sizeof birth)) return std::nullopt;
  birth.last_end[sizeof birth.last_end - 1] = '\0';
  return birth;
}

std::optional<Packet> Link::hear(bool& closed) const {
  std::array<char, kLongest> bytes;
  const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  closed = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  if (got <= 0) return std::nullopt;
  return Packet{static_cast<Word>(bytes[0]),
                std::string(bytes.data() + 1, static_cast<std::size_t>(got) - 1)};
}

}  // namespace alphamail::link
