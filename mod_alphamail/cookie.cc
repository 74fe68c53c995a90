// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/cookie.h"

#include <algorithm>

namespace alphamail {

std::string CookieRules::session_name() const {
  return secure ? "__Host-alphamail" : "alphamail-" + std::to_string(port);
}

std::string CookieRules::login_name() const {
  return secure ? "__Host-alphamail-login" : "alphamail-login-" + std::to_string(port);
}

std::string CookieRules::known_name() const {
  return secure ? "__Host-alphamail-known" : "alphamail-known-" + std::to_string(port);
}

std::string_view find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), pair.size() + 1));
    const std::size_t start = std::min(pair.find_first_not_of(" \t"), pair.size());
    pair.remove_prefix(start);
    if (pair.size() <= name.size() || pair[name.size()] != '=' || !pair.starts_with(name)) continue;
    std::string_view value = pair.substr(name.size() + 1);
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    return value;
  }
  return {};
}

std::string set_cookie(const CookieRules& rules, std::string_view name, std::string_view value,
                       std::int64_t seconds) {
  std::string line(name);
  line += '=';
  line += value;
  line += "; Path=/; HttpOnly; SameSite=Lax";
  if (rules.secure) line += "; Secure";
  if (value.empty()) line += "; Max-Age=0";
  if (!value.empty() && seconds > 0) line += "; Max-Age=" + std::to_string(seconds);
  return line;
}

}  // namespace alphamail
