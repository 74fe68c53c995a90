// SPDX-License-Identifier: GPL-3.0-or-later
// From what a mail server or libetpan says to an Error.
#ifndef WEBCACHE_IMAP_ERROR_H
#define WEBCACHE_IMAP_ERROR_H

#include <string_view>

#include "common/result.h"
#include "webcache/imap_parser.h"

namespace alphamail {

/// A tagged NO or BAD: kServerSaid with its words; kNotFound for [NONEXISTENT].
Error server_said(const StatusText& status);
/// The answer NO or BAD to a log-in: kBadCredentials, unless its code (RFC 5530) says that the server
/// itself is in trouble, which is kServerSaid.
Error login_refused(const StatusText& status);
/// The same for SELECT: a NO means that the folder is not there or not ours (RFC 3501 section 6.3.1), so
/// kNotFound, unless its code says something else.
Error select_refused(const StatusText& status);
/// An untagged BYE: kUnreachable with the server's words.
Error said_goodbye(const StatusText& status);
/// A result code of libetpan that is not success. What the server said comes by StatusText instead.
Error etpan_error(int code);

Error protocol_error(std::string_view what);

}  // namespace alphamail

#endif
