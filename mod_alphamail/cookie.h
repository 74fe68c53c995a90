// SPDX-License-Identifier: GPL-3.0-or-later
// Our three cookies (S2). Under TLS their names begin with __Host-, which a browser believes only with
// Secure, Path=/ and no Domain. Over plain http, which only a configured loopback site may use, the
// port stands in the name instead: cookies ignore ports, and two demos must not take each other's.
#ifndef MOD_ALPHAMAIL_COOKIE_H
#define MOD_ALPHAMAIL_COOKIE_H

#include <cstdint>
#include <string>
#include <string_view>

namespace alphamail {

struct CookieRules {
  bool secure = true;
  std::uint16_t port = 0;   ///< the port in the name where not secure

  std::string session_name() const;  ///< "__Host-alphamail" or "alphamail-8080"
  std::string login_name() const;    ///< of the log-in form's cookie
  std::string known_name() const;    ///< of a browser that somebody logged in from (known_browser.h)
};

/// The value of the first cookie with this name in a Cookie header; "" where absent.
std::string_view find_cookie(std::string_view header, std::string_view name);

/// A Set-Cookie value for the browser's life, or for so many seconds. An empty value takes the
/// cookie back.
std::string set_cookie(const CookieRules& rules, std::string_view name, std::string_view value,
                       std::int64_t seconds = 0);

}  // namespace alphamail

#endif
