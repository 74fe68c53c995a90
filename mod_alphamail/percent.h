// SPDX-License-Identifier: GPL-3.0-or-later
// Percent-encoding (RFC 3986 section 2.1) and a check for UTF-8, for addresses, queries and forms.
#ifndef MOD_ALPHAMAIL_PERCENT_H
#define MOD_ALPHAMAIL_PERCENT_H

#include <optional>
#include <string>
#include <string_view>

namespace alphamail {

/// Undoes %XX once, and '+' too where asked (forms); nullopt for a '%' without two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Encodes all but unreserved characters and those of `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = "");

/// True for well-formed UTF-8 (no surrogates, no overlong forms) without NUL.
bool is_utf8_text(std::string_view text);

}  // namespace alphamail

#endif
