// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages of writing show: the form, the questions before sending, the outbox.
#ifndef MOD_ALPHAMAIL_COMPOSE_VIEW_H
#define MOD_ALPHAMAIL_COMPOSE_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/compose_form.h"
#include "mod_alphamail/compose_send.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/identities.h"

namespace alphamail {

/// A line beside the form, perhaps with something to follow.
struct ComposeNotice {
  std::string words;
  std::string link, link_words;   ///< "" = none
};

struct ComposeInput {
  const ComposeForm& form;
  const std::vector<Identity>& identities;
  std::vector<ComposeFault> faults;     ///< why it was not sent, in words
  std::vector<ComposeNotice> notices;
  std::string status;                   ///< what has just been done: "Draft saved at 16:58"
  std::uint64_t limit = 0;              ///< bytes of attachments that a message may have
  bool unsaved = false;                 ///< what is in the form lies nowhere else: the script warns whoever leaves
};
/// Valid until this thread renders again, as all below.
std::string_view render_compose(Frame& frame, const ComposeInput& input);

/// Why a file was not taken, by its name and in bytes.
std::string upload_words(const RefusedUpload& upload, const Language& language);

struct AskInput {
  std::string heading, icon, button, what;   ///< `what` is the button's value
  std::vector<std::string> questions;
  std::string kept;                          ///< ComposeForm::spelled()
  bool of_settings = false;                  ///< the questions can be switched off
};
std::string_view render_ask(Frame& frame, const AskInput& input);

struct OutboxInput {
  const wire::Outbox& outbox;
  std::string notice;
  bool trouble = false;
};
std::string_view render_outbox(Frame& frame, const OutboxInput& input);

/// How one that was given to be sent stands, in words: "Sent.", "The mail server did not take it ...".
std::string outgoing_words(const wire::OutboxEntry& entry, const Language& language);
/// The subject of an entry, out of its note.
std::string_view outgoing_subject(const wire::OutboxEntry& entry);

}  // namespace alphamail

#endif
