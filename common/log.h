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
/// `number` is explained in the admin guide. Control characters and 8-bit junk become \xHH, so no
/// input can forge a line; never pass a password, cookie, subject or body.
void log(Severity severity, int number, std::string_view text);

/// Appends to `path` from now on ("" = standard error); reopen_log() does so again after rotation.
Result<void> open_log(const std::string& path);
void reopen_log();

}  // namespace alphamail

#endif
