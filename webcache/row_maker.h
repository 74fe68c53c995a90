// SPDX-License-Identifier: GPL-3.0-or-later
// From what FETCH said of a message to the row that a list shows: headers decoded, the text part
// found, the first attachment's name.
#ifndef WEBCACHE_ROW_MAKER_H
#define WEBCACHE_ROW_MAKER_H

#include <string>
#include <string_view>
#include <vector>

#include "webcache/index_row.h"
#include "webcache/imap_types.h"

namespace alphamail {

NewRow make_row(const FetchedRow& fetched);

/// The parts that a page of the message most likely shows as its text, the first one first: what the
/// web child chooses in the end it decides by itself (mime_reader.h).
std::vector<const PartInfo*> likely_texts(const std::vector<PartInfo>& parts);
/// message_identity() of what will be such a row.
std::uint32_t identity_of(const FetchedRow& fetched);

/// The characters of a snippet: what a list has room for beside a subject, and as much as keeps a
/// message with its snippet within 128 bytes of memory.
inline constexpr std::size_t kSnippetCharacters = 68;

/// The snippet out of a text part's first bytes as the server has them.
std::string make_snippet(std::string_view raw, const TextPart& part);
/// The same out of a server's PREVIEW.
std::string make_snippet(std::string_view preview);

/// Valid UTF-8 with each control character made a space.
std::string clean_text(std::string_view text);

}  // namespace alphamail

#endif
