// SPDX-License-Identifier: GPL-3.0-or-later
// Text as people type it into a form, to the lines of a text/plain part with format=flowed (RFC 3676), and
// the quoting of what is answered.
#ifndef MOD_ALPHAMAIL_FLOWED_TEXT_H
#define MOD_ALPHAMAIL_FLOWED_TEXT_H

#include <string>
#include <string_view>
#include <vector>

#include "mod_alphamail/mime_reader.h"

namespace alphamail {

/// Typed text (any line ends) as flowed lines ended by CRLF, at most 78 characters where words allow. A line
/// that begins with '>' is a quote and keeps its depth on every line it is broken into. White space at the
/// end of a line goes, but for the signature's "-- ".
std::string flowed_lines(std::string_view typed);

/// Blocks of words of a message as they are quoted in an answer: "> " before each, one '>' more for what
/// was a quote already. Lines end with '\n'; what lies behind a signature's "-- " is left out.
/// @param limit  bytes at most; a cut ends with a line "> [...]"
std::string quoted_text(const std::vector<TextBlock>& blocks, std::size_t limit);
/// The same as it was, for a message forwarded in the text: nothing left out.
std::string plain_text(const std::vector<TextBlock>& blocks, std::size_t limit);

}  // namespace alphamail

#endif
