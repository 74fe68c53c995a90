// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/csrf.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <span>

namespace alphamail {
namespace {

constexpr std::string_view kFormClass = "alphamail form v1";
constexpr std::size_t kMarkBytes = 16;
using Mark = std::array<std::byte, kMarkBytes>;

Mark mark_of(const Key& key) {
  const Digest full = hmac_sha256(key, as_bytes(kFormClass));
  Mark mark;
  std::copy_n(full.begin(), mark.size(), mark.begin());
  return mark;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool is_origin_of(std::string_view origin, std::string_view scheme, std::string_view host) {
  return origin.starts_with(scheme) && same_ignoring_case(origin.substr(scheme.size()), host);
}

}  // namespace

std::string form_token(const Key& token_key) {
  const Mark mark = mark_of(token_key);
  std::array<std::byte, 2 * kMarkBytes> spelled;
  random_bytes(std::span(spelled).first(kMarkBytes));
  for (std::size_t i = 0; i < kMarkBytes; ++i) spelled[kMarkBytes + i] = spelled[i] ^ mark[i];
  return base64url(spelled);
}

bool is_form_token(const Key& token_key, std::string_view token) {
  if (token.size() > 64) return false;
  const Result<Bytes> spelled = from_base64url(token);
  if (!spelled || spelled->size() != 2 * kMarkBytes) return false;
  Mark mark;
  for (std::size_t i = 0; i < kMarkBytes; ++i) mark[i] = (*spelled)[i] ^ (*spelled)[kMarkBytes + i];
  return equal_constant_time(mark, mark_of(token_key));
}

bool is_same_origin(const Provenance& from) {
  if (from.sec_fetch_site == "same-origin") return true;
  // "none" is the user's own doing (a form sent again from history); all else is another page.
  if (!from.sec_fetch_site.empty() && from.sec_fetch_site != "none") return false;
  if (from.origin.empty()) return true;
  if (from.host.empty()) return false;
  if (is_origin_of(from.origin, from.tls ? "https://" : "http://", from.host)) return true;
  return from.proxied_tls && is_origin_of(from.origin, "https://", from.host);
}

bool says_same_origin(const Provenance& from) {
  return is_same_origin(from) && (from.sec_fetch_site == "same-origin" || !from.origin.empty());
}

}  // namespace alphamail
