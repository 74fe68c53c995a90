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
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/sender_trust.h"

namespace alphamail {

/// One text part as it was read.
struct ReadText {
  TextPart part;
  ShownText shown;
};

/// Everything the page shows; it must outlive rendering.
struct MessageInput {
  const wire::MessageView& view;
  const MessageHeader& header;
  const MessageContent& content;
  const std::vector<ReadText>& texts;
  std::string missing;  ///< why text is missing, in words; ""
  ListSort sort = {};   ///< of the list that it is read from
  std::string notice = {};      ///< what is to be said beside the page's reports, in words; ""
  std::string_view here = {};   ///< its address, for what is to be looked at again
  SenderTrust trust = {};       ///< what the receiving server established
  std::span<const std::string> own_domains = {};  ///< the site's, lower case
};

/// Valid until this thread renders again.
std::string_view render_message(Frame& frame, const MessageInput& message);

}  // namespace alphamail

#endif
