// SPDX-License-Identifier: GPL-3.0-or-later
// The words of one text part of a message: what came with the head, else what the webcache streams.
#ifndef MOD_ALPHAMAIL_MESSAGE_TEXT_H
#define MOD_ALPHAMAIL_MESSAGE_TEXT_H

#include <cstddef>
#include <string>

#include "common/result.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {

/// Reads one part to its end or to the reader's limit of bytes shown.
Result<ShownText> read_text_part(WebcacheClient& webcache, const Caller& caller, const std::string& folder,
                                 const wire::MessageView& view, const TextPart& part, std::size_t limit,
                                 const TextView& how = {});

}  // namespace alphamail

#endif
