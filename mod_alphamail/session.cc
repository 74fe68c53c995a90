// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/session.h"

#include <cstring>

namespace alphamail {

namespace {

/// HKDF-Expand (RFC 5869 section 2.3) of one block, with the secret itself as the key: its 256 bits
/// are uniformly random, so there is nothing to extract first (section 3.3). Every request does this.
Digest expand(std::span<const std::byte, 32> secret, std::string_view info) {
  return hmac_sha256(secret, as_bytes(info));
}

}  // namespace

Session::Keys Session::keys_of(std::span<const std::byte, 32> cookie_secret) {
  Keys keys;
  keys.password = expand(cookie_secret, "alphamail session password v1\x01");
  keys.token = expand(cookie_secret, "alphamail session token v1\x01");
  // The two names of the session: one half for the webcache, the hash of the other for the store.
  Digest names = expand(cookie_secret, "alphamail session names v1\x01");
  const auto half = std::span(names).first<16>();
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, half.data(), sizeof high);
  std::memcpy(&low, half.data() + sizeof high, sizeof low);
  keys.handle = wire::Handle(high, low);
  keys.row = sha256(std::span(names).last<16>());
  wipe(names);
  return keys;
}

}  // namespace alphamail
