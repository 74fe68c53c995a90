// SPDX-License-Identifier: GPL-3.0-or-later
// Has the webcache do what a form asks for, after the user's own rules: what is moved away is marked as read first
// where they want that, the archive has a folder for each year where they keep years apart, and junk is reported with
// their password where the site reports by mail.
#ifndef MOD_ALPHAMAIL_ACTION_SENDER_H
#define MOD_ALPHAMAIL_ACTION_SENDER_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "mod_alphamail/list_filter.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/page_context.h"
#include "mod_alphamail/response.h"

namespace alphamail {

/// What has become of it so far.
struct SentAction {
  std::uint64_t report = 0;
  bool asks = false;      ///< nothing was done: it is for good, and somebody has to be sure
  std::size_t left = 0;   ///< messages that were not asked for, after an error
};

class ActionSender {
 public:
  /// Borrows both.
  ActionSender(const Request& request, const PageContext& context) : request_(request), context_(context) {}

  /// Where archived messages go; "" for the folder of that role. To be put into MailAction::target of an archiving
  /// one before it is sent.
  Result<std::string> archive() const;

  /// Single messages of one folder. @param report  that it goes on with; 0 = none
  /// @return an error where nothing was done yet under that report; later ones leave messages over
  Result<SentAction> messages(const std::string& folder, const MailAction& asked, std::uint64_t report = 0) const;
  /// All that is listed of a folder, up to MailAction::below.
  Result<SentAction> all(const std::string& folder, const MailAction& asked, const WantedChosen& listed) const;
  /// All that a search has found.
  Result<SentAction> found(std::uint64_t search, const MailAction& asked) const;

 private:
  bool reports_by_mail(wire::Action action) const;
  void not_marked(const Error& error) const;
  void mark_read(const std::string& folder, const MailAction& asked) const;

  const Request& request_;
  const PageContext& context_;
};

/// Where a form leads back to, with what is said there: "notice=none", "done=...".
Response back_to(const std::string& address, const std::string& says);

}  // namespace alphamail

#endif
