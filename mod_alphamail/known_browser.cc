// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/known_browser.h"

#include <array>

namespace alphamail {

KnownBrowser::KnownBrowser(const Key& site_secret)
    : key_(derive_key(site_secret, "alphamail known browser v1")) {}

Digest KnownBrowser::mark(std::string_view nonce, std::string_view user,
                          std::string_view domain) const {
  std::string text(nonce);
  text += '\0';
  text += user;
  text += '\0';
  text += domain;
  return hmac_sha256(key_, as_bytes(text));
}

std::string KnownBrowser::new_cookie(std::string_view user, std::string_view domain) const {
  std::array<std::byte, 16> bytes;
  random_bytes(bytes);
  const std::string nonce = base64url(bytes);
  return nonce + '.' + base64url(mark(nonce, user, domain));
}

std::string_view KnownBrowser::name_of(std::string_view cookie, std::string_view user,
                                       std::string_view domain) const {
  constexpr std::size_t kNonce = 22;  // 16 bytes as base64url
  if (cookie.size() <= kNonce + 1 || cookie.size() > 80 || cookie[kNonce] != '.') return {};
  const std::string_view nonce = cookie.substr(0, kNonce);
  const Result<Bytes> claimed = from_base64url(cookie.substr(kNonce + 1));
  if (!claimed || !equal_constant_time(*claimed, mark(nonce, user, domain))) return {};
  return nonce;
}

}  // namespace alphamail
