// SPDX-License-Identifier: GPL-3.0-or-later
// What a message's page says of texts, attachments and reports, in the reader's language.
#ifndef MOD_ALPHAMAIL_MESSAGE_WORDS_H
#define MOD_ALPHAMAIL_MESSAGE_WORDS_H

#include <string>
#include <string_view>

#include "mod_alphamail/letter.h"
#include "mod_alphamail/words.h"

namespace alphamail {

/// Why text is missing; "" where none is.
std::string missing_words(Missing missing, const Language& language);
/// What a delivery report says of one recipient.
std::string delivery_words(const DeliveryReport::Recipient& one, const Language& l);
/// What should be known before a file is opened; "" where nothing has to be.
std::string warning_for(const Attachment& attachment, const Language& l);
/// What people call a type.
const char* kind_of(std::string_view type, const Language& language);

}  // namespace alphamail

#endif
