// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the admin's command for one message that a user called junk, or not junk: no shell, the message on standard
// input, a small environment of its own, bounded in time. A junk filter learns that way.
#ifndef WEBCACHE_JUNK_COMMAND_H
#define WEBCACHE_JUNK_COMMAND_H

#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"

namespace alphamail {

/// Waits for its end; where that takes longer than `until`, the command and its children are killed.
/// @param command  an absolute path and arguments, as they are
/// @param user     user@domain, in $ALPHAMAIL_USER; beside it there are PATH and LC_ALL
/// @return kStorage where it cannot be started, kTimeout, kInvalid with how it ended and the first line of what it
///         wrote to standard error
Result<void> run_junk_command(const std::vector<std::string>& command, std::string_view message,
                              const std::string& user, Deadline until);

}  // namespace alphamail

#endif
