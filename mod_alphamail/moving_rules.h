// SPDX-License-Identifier: GPL-3.0-or-later
// What users have chosen of messages that they move away: where the page leads then, what counts as read, and which
// folder the archive is.
#ifndef MOD_ALPHAMAIL_MOVING_RULES_H
#define MOD_ALPHAMAIL_MOVING_RULES_H

#include <string>
#include <string_view>

#include "common/protocol_generated.h"
#include "common/settings.h"

namespace alphamail {

/// Whether the messages are no longer in their folder afterwards.
bool moves_away(wire::Action action);

/// Whether they are to be marked as read first.
bool marks_read(wire::Action action, const Settings& settings);

/// Where archived messages go: "Archive", or "Archive/2026" where the user keeps years apart.
/// @param archive  address of the folder of that role
/// @param year     the one that it is for the user
std::string archive_folder(std::string_view archive, const Settings& settings, int year);

}  // namespace alphamail

#endif
