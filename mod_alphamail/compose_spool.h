// SPDX-License-Identifier: GPL-3.0-or-later
// Where a form and its attachments lie: the account's spool, and messages at the mail server.
#ifndef MOD_ALPHAMAIL_COMPOSE_SPOOL_H
#define MOD_ALPHAMAIL_COMPOSE_SPOOL_H

#include "common/result.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/mime_writer.h"
#include "mod_alphamail/request.h"

namespace alphamail {

/// Puts all of the form into the spool, in the place of what `form.text` names, and names the new one in it.
/// @return kChanged where another tab or device has put something there meanwhile: nothing was overwritten
Result<void> keep_form(const Request& request, ComposeForm& form);

/// What keep_form() kept. kNotFound where it is gone.
Result<ComposeForm> read_kept_form(const Request& request, const wire::SpoolId& id);

/// Forgets what the form left in the spool: its text and its uploads. What does not go now goes by itself.
void forget_form(const Request& request, const ComposeForm& form);

/// The bytes of an attachment, read anew each time. Its errors name the attachment.
PieceSource source_of(const Request& request, const ComposeAttachment& attachment);

}  // namespace alphamail

#endif
