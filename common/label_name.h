// SPDX-License-Identifier: GPL-3.0-or-later
// A label is a keyword at the mail server (RFC 9051, flag-keyword), which is a few ASCII characters, and a name for
// people. One leads to the other as in Thunderbird, so that the same label is one in both.
#ifndef COMMON_LABEL_NAME_H
#define COMMON_LABEL_NAME_H

#include <cstddef>
#include <string>
#include <string_view>

namespace alphamail {

/// Bytes of a keyword; the webcache keeps no longer ones.
inline constexpr std::size_t kKeywordBytes = 50;

/// The keyword of a label of that name: small letters, what cannot stand in one as '_', other than ASCII in modified
/// UTF-7. A name that is too long for that, or means something else to mail programs ("Junk"), gets one of its own
/// that says nothing. "" for no name and for what is not UTF-8.
std::string keyword_of_label(std::string_view name);

/// What a keyword is called where nobody has given it a name.
std::string name_of_keyword(std::string_view keyword);

/// Keywords that programs use among themselves ("$MDNSent"): shown only where somebody has named one.
bool is_silent_keyword(std::string_view keyword);

}  // namespace alphamail

#endif
