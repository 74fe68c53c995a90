// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/session.h"

#include <cstring>

namespace alphamail {

Session::Keys Session::keys_of(std::span<const std::byte, 32> cookie_secret) {
  Keys keys;
  Key name = derive_key(cookie_secret, "alphamail session row v1");
  keys.row = sha256(name);
  wipe(name);
  keys.password = derive_key(cookie_secret, "alphamail session password v1");
  keys.token = derive_key(cookie_secret, "alphamail session token v1");
  const Key handle = derive_key(cookie_secret, "alphamail session handle v1");
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, handle.data(), sizeof high);
  std::memcpy(&low, handle.data() + sizeof high, sizeof low);
  keys.handle = wire::Handle(high, low);
  return keys;
}

}  // namespace alphamail
