// SPDX-License-Identifier: GPL-3.0-or-later
// The page of one message: its head, attachments and text.
#ifndef MOD_ALPHAMAIL_MESSAGE_VIEW_H
#define MOD_ALPHAMAIL_MESSAGE_VIEW_H

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/letter.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/message_query.h"
#include "mod_alphamail/sender_trust.h"

namespace alphamail {

/// Everything the page shows; it must outlive rendering.
struct MessageInput {
  const wire::MessageView& view;
  const std::vector<Letter>& letters;  ///< at least one: the page's own, and those inside it
  MessageQuery query = {};      ///< how it is shown
  bool print = false;           ///< to be printed: nothing folded, nothing to click
  ListSort sort = {};           ///< of the list that it is read from
  std::string notice = {};      ///< what is to be said beside the page's reports, in words; ""
  std::string_view here = {};   ///< its address, for what is to be looked at again
  SenderTrust trust = {};       ///< what the receiving server established
  std::span<const std::string> own_domains = {};  ///< the site's, lower case
  bool links = true;            ///< addresses in texts can be followed
  bool fixed_type = false;      ///< texts in letters of one width
};

/// Sound or film can be played on the page (its policy must allow that).
bool plays_media(const std::vector<Letter>& letters);

/// Valid until this thread renders again.
std::string_view render_message(Frame& frame, const MessageInput& message);

}  // namespace alphamail

#endif
