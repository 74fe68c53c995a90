// SPDX-License-Identifier: GPL-3.0-or-later
// What people do to messages, as forms say it:
//
//   do=read|unread|star|unstar|delete|purge|move|copy|archive|junk|notjunk
//      to=FOLDER   v=UIDVALIDITY   m=UID-IDENTITY ...
//   do=label|unlabel   label=KEYWORD
//   star=UID-IDENTITY or unstar=UID-IDENTITY            the star of one row
//   all=1  below=UID  count=N  rows=N                   instead of the m: all of the folder under that UID
//
// Where all of a folder is chosen the rows of the page are ticked, so many of them as `rows` says. Who unticks one
// means the others that are ticked, and no more.
//
// IDENTITY is eight hexadecimal digits of wire::Row.identity, so that a form that is old does nothing
// to another message.
#ifndef MOD_ALPHAMAIL_MAIL_ACTION_H
#define MOD_ALPHAMAIL_MAIL_ACTION_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/request.h"

namespace alphamail {

struct MailAction {
  /// Messages of one form; more are refused (5 000 ticked rows are no mistake).
  static constexpr std::size_t kMost = 5000;

  wire::Action action = wire::Action::Read;
  std::string target;  ///< a folder's address, of Move and Copy; "" where none was chosen
  std::uint32_t uid_validity = 0;
  std::string label;   ///< a keyword, of Label and Unlabel; "" where none was chosen
  std::vector<wire::Marked> messages;  ///< empty where none was ticked
  std::uint32_t below = 0;  ///< all of the folder under this UID, instead of `messages`; 0 = not all
  bool found = false;       ///< all that a search has found, in whatever folders
  std::uint32_t count = 0;  ///< how many that were when the page was shown

  bool all() const { return below != 0 || found; }
  std::size_t about() const { return all() ? count : messages.size(); }

  bool wants_target() const {
    return action == wire::Action::Move || action == wire::Action::Copy;
  }
  bool wants_label() const {
    return action == wire::Action::Label || action == wire::Action::Unlabel;
  }
  /// @return kInvalid for an action or a mark that is none, kTooLarge above kMost
  static Result<MailAction> of(const Fields& form);
};

/// "17-0a1b2c3d", at most kMarkBytes. @return its end
inline constexpr std::size_t kMarkBytes = 10 + 1 + 8;
char* write_mark(std::uint32_t uid, std::uint32_t identity, char* out);
std::string mark_of(std::uint32_t uid, std::uint32_t identity);
std::optional<wire::Marked> read_mark(std::string_view mark);

/// A report's number as addresses have it: sixteen hexadecimal digits. 0 for anything else.
std::string report_word(std::uint64_t id);
std::uint64_t read_report_word(std::string_view word);

}  // namespace alphamail

#endif
