// SPDX-License-Identifier: GPL-3.0-or-later
// The large items of a FETCH response, for imap_fetch.cc alone: ENVELOPE and BODYSTRUCTURE.
#ifndef WEBCACHE_IMAP_FETCH_H
#define WEBCACHE_IMAP_FETCH_H

#include <vector>

#include "webcache/imap_cursor.h"
#include "webcache/imap_types.h"

namespace alphamail {

/// RFC 3501 section 7.4.2. Of From the first address is kept, of To and Cc the first so many; groups' names are left
/// out.
void parse_envelope(ImapCursor& at, FetchedRow& row);

/// Preorder. The root multipart has section ""; one inside a message/rfc822 at 2 has "2.TEXT". What is
/// deeper than kPartDepth or beyond kParts is left out.
void parse_structure(ImapCursor& at, std::vector<PartInfo>& parts);

}  // namespace alphamail

#endif
