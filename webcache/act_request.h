// SPDX-License-Identifier: GPL-3.0-or-later
// What a wire::Act asks for, checked: one Act, or one for each folder of what a search has found.
#ifndef WEBCACHE_ACT_REQUEST_H
#define WEBCACHE_ACT_REQUEST_H

#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "webcache/account.h"
#include "webcache/actions.h"

namespace alphamail {

/// In the order in which they are done, all under one report. Any thread.
///
/// Of what a search has found, what lies in the folder already that it would go to is left out, and what is
/// deleted for good is what lies in the trash; where nothing is left that way it is asked for as it stands, and
/// the report says why it was not done. Each names ranges of UIDs: within the UIDVALIDITY under which they were
/// found no message ever gets another's (RFC 3501 section 2.3.1.1).
/// @return at least one; kInvalid, kTooLarge; kNotFound for a folder's address that is none, or a search that is
///     forgotten; kChanged for a search that is not over yet
Result<std::vector<Act>> acts_of(Account& account, const wire::Act& asked);

}  // namespace alphamail

#endif
