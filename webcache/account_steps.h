// SPDX-License-Identifier: GPL-3.0-or-later
// How the account's functions take a step on their connection; for account*.cc alone.
#ifndef WEBCACHE_ACCOUNT_STEPS_H
#define WEBCACHE_ACCOUNT_STEPS_H

#include "webcache/account.h"

namespace alphamail {

template <typename Step>
auto Account::on_server(Step&& take) -> decltype(take(std::declval<ImapConnection&>())) {
  const auto imap = connection();
  if (!imap) return imap.error();
  const auto begun = Deadline::Clock::now();
  auto result = take(**imap);
  settle();
  // What it said before may be no better.
  if ((*imap)->take_nonsense() || (!result && result.error().code == Code::kProtocol)) {
    if (const auto found = work_.find(selection_.address); found != work_.end()) found->second.doubted = true;
  }
  if (result) {
    last_answer_ = Deadline::Clock::now();
    gate_->answered();
    return result;
  }
  const Code code = result.error().code;
  if (code == Code::kTimeout) gate_->stalled();
  if (code == Code::kTimeout || code == Code::kUnreachable) gate_->suspect();
  if (code == Code::kInUse && !selection_.address.empty())
    note_trouble(selection_.address, &result.error());
  if (result.error().code == Code::kUnreachable && begun - last_answer_ > kIdle) {
    // It broke while nobody used it (the server was restarted): whoever asked brings the password
    // and asks again. One that breaks in use is trouble and told as such.
    return Error{Code::kNeedCredentials, "", 0};
  }
  return result;
}

}  // namespace alphamail

#endif
