// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in for a session on the log-in page (S8), without any state on the server: a random
// cookie, and in the form a mark over it and the hour. A form from another site fails, since it
// cannot set our cookie; a POST without the cookie tells that the browser keeps none.
#ifndef MOD_ALPHAMAIL_LOGIN_FORM_H
#define MOD_ALPHAMAIL_LOGIN_FORM_H

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/seal.h"

namespace alphamail {

class LoginForm {
 public:
  /// Hours for which a form that was left open still works.
  static constexpr std::int64_t kValidHours = 12;

  explicit LoginForm(const Key& site_secret);

  static std::string new_cookie();                     ///< 128 random bits
  static bool is_cookie(std::string_view cookie);      ///< of that shape
  std::string token(std::string_view cookie, std::int64_t now) const;

  enum class Verdict { kGood, kStale, kForeign };
  Verdict check(std::string_view cookie, std::string_view token, std::int64_t now) const;

 private:
  Digest mark(std::string_view cookie, std::int64_t hour) const;
  Key key_;
};

/// Reads the site's secret of 32 bytes, or makes it (mode 0600) where there is none; safe beside
/// another process that does the same. kStorage with the reason in words, also for unsafe modes.
Result<Key> site_secret(const std::string& path);

}  // namespace alphamail

#endif
