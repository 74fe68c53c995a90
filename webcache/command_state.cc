// SPDX-License-Identifier: GPL-3.0-or-later
// How a folder stands, for browsers that ask again and again: from memory alone, whatever the mail server does. What
// it says becomes true as pages do, by a check behind the answer; it takes no log-in for that, and no index is read.
#include "webcache/commands.h"

namespace alphamail {

void answer_show_state(Server& server, Asked asked, const wire::ShowState& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const std::string folder(ask.folder()->string_view());
  const auto view = account->view(folder, Account::Looking::kNobody);
  if (!view || (!view->index && !(*view->folders.counts)[view->number].counted)) {
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "nothing is known of it", 0});
  }
  // Without a connection a check is left to the next page, which brings the password.
  const bool due = view->index && view->entry().selectable && !account->unable() &&
                   account->claim_check(folder, *view->index);
  server.deliver(std::move(asked.question), reply_state(*view), asked.deadline);
  if (due) check_later(server, account, folder);
}

}  // namespace alphamail
