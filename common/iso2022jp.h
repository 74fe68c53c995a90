// SPDX-License-Identifier: GPL-3.0-or-later
// ISO-2022-JP as mailers write it. ICU's own table of JIS X 0208 lacks the characters that NEC and
// Microsoft added (circled numbers, Roman numerals), which Japanese mail is full of, so double
// bytes are decoded by way of windows-31j, as browsers do.
#ifndef COMMON_ISO2022JP_H
#define COMMON_ISO2022JP_H

#include <string>
#include <string_view>

namespace alphamail {

inline constexpr const char* kIso2022Jp = "iso-2022-jp-mail";  ///< our name, not ICU's

/// True where an escape sequence of ISO-2022-JP to a double-byte set or to kana occurs.
bool looks_like_iso2022jp(std::string_view bytes);
/// Valid UTF-8, controls kept; what fits no set becomes U+FFFD.
std::string decode_iso2022jp(std::string_view bytes);

}  // namespace alphamail

#endif
