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
  auto result = take(**imap);
  settle();
  return result;
}

}  // namespace alphamail

#endif
