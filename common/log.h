// SPDX-License-Identifier: GPL-3.0-or-later
// Log lines of the daemon and the tools: one line an event, numbered, escaped, without secrets.
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <string>
#include <string_view>

#include "common/result.h"

namespace alphamail {

enum class Severity { kDebug, kInfo, kWarning, kError };

/// Writes "2026-11-22T04:30:00.123Z warning AM0123 text" and a newline in one write(2) to the log.
/// `number` is explained in the admin guide. Control characters, 8-bit junk and characters that
/// change the direction of text become \xHH and a backslash \\, so no input can forge a line; text
/// over 4 KB is cut. Never pass a password, cookie, subject or body. Any thread; not in a signal handler.
void log(Severity severity, int number, std::string_view text);

/// Appends to `path` (made with mode 0640) from now on ("" = standard error); reopen_log() does so
/// again after rotation. A path that cannot be opened leaves the log where it was.
Result<void> open_log(const std::string& path);
Result<void> reopen_log();

}  // namespace alphamail

#endif
