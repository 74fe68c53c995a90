// SPDX-License-Identifier: GPL-3.0-or-later
// What mailers call charsets, and what they mean.
#ifndef COMMON_CHARSET_NAME_H
#define COMMON_CHARSET_NAME_H

#include <string>
#include <string_view>

namespace alphamail {

/// The name to decode a label by (ICU's, or kIso2022Jp); "" where nobody knows it. Labels come from
/// mail: nothing in them can name a file or an option of a converter.
std::string charset_named(std::string_view label);

}  // namespace alphamail

#endif
