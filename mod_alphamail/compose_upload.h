// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the form of /compose as it comes: fields into request.form, each file straight into the account's spool.
#ifndef MOD_ALPHAMAIL_COMPOSE_UPLOAD_H
#define MOD_ALPHAMAIL_COMPOSE_UPLOAD_H

#include "common/result.h"
#include "mod_alphamail/exchange.h"

namespace alphamail {

/// With a session: a file is kept once the form's token, which comes before it, has been found good, and becomes
/// an "att" field; one that is not is in request.refused_uploads, and what comes behind it is read all the same.
/// Without one: fields alone. A form that was cut off gives what came, and request.upload_trouble.
/// @return kInvalid for what is no form at all, kTooLarge for fields over the limit, kTimeout
Result<void> read_compose_form(Exchange& exchange);

}  // namespace alphamail

#endif
