// SPDX-License-Identifier: GPL-3.0-or-later
// What a message's page says of its sender, in words: whether the receiving server vouches for it, and
// whether its name or address passes for another.
#ifndef MOD_ALPHAMAIL_TRUST_VIEW_H
#define MOD_ALPHAMAIL_TRUST_VIEW_H

#include <span>
#include <string>

#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/name_deceit.h"
#include "mod_alphamail/sender_trust.h"
#include "mod_alphamail/view.h"
#include "mod_alphamail/words.h"

namespace alphamail {

/// Sets TRUST and what belongs to it. Nothing is said where the site names no server that checks.
void add_trust(Values& page, const SenderTrust& trust, const Language& language);
/// An item of DECEIT for each thing that a reader should know about who wrote.
void add_deceits(Values& page, const MessageHeader& header, std::span<const std::string> own_domains,
                 const Language& language);

}  // namespace alphamail

#endif
