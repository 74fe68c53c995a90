// SPDX-License-Identifier: GPL-3.0-or-later
// A browser that somebody has logged in from keeps a cookie that says so (S9): when strangers guess
// at the same account, or from the same network, and everybody else has to wait, its owner still
// comes in. It opens nothing: without the password it only has a count of failures of its own.
//
//   NONCE "." MARK   16 random bytes, and HMAC-SHA-256 over nonce, user and domain; both base64url
//
// No state on the server; the site's secret makes the mark. Whoever changes secret_file forgets all.
#ifndef MOD_ALPHAMAIL_KNOWN_BROWSER_H
#define MOD_ALPHAMAIL_KNOWN_BROWSER_H

#include <cstdint>
#include <string>
#include <string_view>

#include "common/seal.h"

namespace alphamail {

class KnownBrowser {
 public:
  static constexpr std::int64_t kRemembered = 90 * 24 * 3600;  ///< seconds; the cookie's life

  explicit KnownBrowser(const Key& site_secret);

  /// A cookie for a browser from which this user has just logged in.
  std::string new_cookie(std::string_view user, std::string_view domain) const;
  /// What this browser's failures are counted under (the nonce); "" where the cookie is not ours, or
  /// somebody else's.
  std::string_view name_of(std::string_view cookie, std::string_view user,
                           std::string_view domain) const;

 private:
  Digest mark(std::string_view nonce, std::string_view user, std::string_view domain) const;
  Key key_;
};

}  // namespace alphamail

#endif
