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

/// What is known of a page's HTML versions.
struct HtmlShown {
  bool shown = false;       ///< in frames; else its words are
  bool words_only = false;  ///< too costly for its look
  bool odd = false;         ///< has letters that another charset would read as others
  std::size_t remote = 0;         ///< pictures from elsewhere in the message itself
  std::size_t remote_inside = 0;  ///< and in the messages inside it, whose senders nobody vouches for
  bool once = false;              ///< they are loaded this once
  bool vouched = false;           ///< for the sender, by the receiving server
  bool always = false;            ///< this sender's pictures are loaded by themselves
  std::size_t tracking = 0;                ///< pictures that are never loaded
  std::vector<std::string> trackers = {};  ///< whose they are

  bool remote_shown(bool inside) const { return once || (always && !inside); }
  std::size_t held() const { return (remote_shown(false) ? 0 : remote) + (remote_shown(true) ? 0 : remote_inside); }
};

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
  HtmlShown html = {};
};

/// Sound or film can be played on the page (its policy must allow that).
bool plays_media(const std::vector<Letter>& letters);

/// Valid until this thread renders again.
std::string_view render_message(Frame& frame, const MessageInput& message);

}  // namespace alphamail

#endif
