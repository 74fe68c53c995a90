// SPDX-License-Identifier: GPL-3.0-or-later
// The form that an address of /compose asks for: new, to somebody, an answer, a message passed on, a draft, or
// what was being written when the session ended. Changes nothing anywhere.
#ifndef MOD_ALPHAMAIL_COMPOSE_START_H
#define MOD_ALPHAMAIL_COMPOSE_START_H

#include <string>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/identities.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/request.h"

namespace alphamail {

/// By the query: ?to= ?cc= ?bcc= ?subject= ?body= (to may be a whole mailto: address, RFC 6068), ?reply=FOLDER/UID,
/// ?replyall=, ?replylist=, ?forward= (in the text), ?forwardas= (as attachments; several), ?draft=, ?resume=HEX.
/// @param notices  gets what is to be said beside the form
Result<ComposeForm> start_compose(const Request& request, const PageContext& context,
                                  const std::vector<Identity>& identities, std::vector<std::string>& notices);

/// Fields of a mailto: address put into a form; what it must not set (Bcc, From ...) is left out.
void take_mailto(ComposeForm& form, std::string_view address);

/// "Re: " or "Fwd: " before a subject, once.
std::string answer_subject(std::string_view subject);
std::string forward_subject(std::string_view subject);

}  // namespace alphamail

#endif
