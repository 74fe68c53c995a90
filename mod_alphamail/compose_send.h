// SPDX-License-Identifier: GPL-3.0-or-later
// From a form to a message that is sent or lies among the drafts.
#ifndef MOD_ALPHAMAIL_COMPOSE_SEND_H
#define MOD_ALPHAMAIL_COMPOSE_SEND_H

#include <string>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/identities.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/recipients.h"
#include "mod_alphamail/request.h"

namespace alphamail {

/// Recipients of one message, before the webcache has its own word.
inline constexpr std::size_t kMostRecipients = 10000;

/// What is wrong with a form, in words, and at which field ("to", "subject", "attachments", "").
struct ComposeFault {
  std::string field;
  std::string words;
};

/// A form that was read as what it means.
struct CheckedForm {
  const Identity* identity = nullptr;
  TypedAddresses to, cc, bcc;
  std::vector<std::string> recipients() const;   ///< of the envelope, each once
};

/// Addresses, fields and sizes. A draft may have addresses that are none and nobody to go to.
/// @param faults  gets all that keeps the form from being sent
CheckedForm check_form(const Request& request, const Language& language, ComposeForm& form,
                       const std::vector<Identity>& identities, bool draft, std::vector<ComposeFault>& faults);

/// A reason to ask before sending, in words.
struct ComposeQuestion {
  std::string kind;    ///< "attachment", "subject", "many", "domain"
  std::string words;
};
std::vector<ComposeQuestion> questions_before(const Request& request, const Language& language,
                                              const ComposeForm& form, const CheckedForm& checked);

/// Writes the message into the spool and puts it into the outbox. Sent once for one form.key, however often.
Result<Reply<wire::OutboxEntry>> send_form(const Request& request, const PageContext& context, const ComposeForm& form,
                                           const CheckedForm& checked);

/// Puts the message among the drafts, in the place of form.draft, which then names the new one. Where that was
/// changed elsewhere, it stays, and this one is kept beside it. @return whether that was so
Result<bool> save_draft(const Request& request, const PageContext& context, ComposeForm& form,
                        const CheckedForm& checked);

/// Does the text speak of an attachment that is to be there? Words of several languages, quotes left out.
bool speaks_of_attachment(std::string_view text);
/// The domain that this one is most likely meant to be, where it is one letter off; else "".
std::string likely_domain(std::string_view domain, const std::vector<std::string>& known);

}  // namespace alphamail

#endif
