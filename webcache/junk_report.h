// SPDX-License-Identifier: GPL-3.0-or-later
// Tells the site's junk filter, or whoever looks after it, what users call junk and not junk, as junk_report and
// ham_report say: a mail with the message in it, sent as the user, or a command that reads the message.
//
//   Act Junk, done ──▶ account's strand: the message is read ──▶ outbox, or the strand of commands
//
// All of it happens behind the answer and after what users ask. What cannot be reported is logged and counted; the
// user's folders are as they are.
#ifndef WEBCACHE_JUNK_REPORT_H
#define WEBCACHE_JUNK_REPORT_H

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/secret.h"
#include "webcache/account.h"
#include "webcache/actions.h"

namespace alphamail {

class Server;

inline constexpr std::size_t kMostReported = 50;                      ///< messages of one action
inline constexpr std::size_t kMostReportedBytes = 5 * 1024 * 1024;    ///< of one of them

/// Reports what an Act has moved, where the configuration wants that.
/// @param action    Junk or NotJunk
/// @param where     Acted::back of it: where they are now
/// @param from      Acted::back_from
/// @param done      how many were moved
/// @param password  of the user, to send mail with; empty where nobody has brought it
void report_junk(Server& server, const std::shared_ptr<Account>& account, Action action, std::vector<Act> where,
                 std::uint32_t from, std::size_t done, Secret password);

/// The mail that carries a message: RFC 5322, lines with LF.
/// @param unique  hexadecimal digits that no message holds
std::string junk_mail(Action action, std::string_view from, std::string_view to, std::string_view unique,
                      std::int64_t now, std::string_view message);

}  // namespace alphamail

#endif
