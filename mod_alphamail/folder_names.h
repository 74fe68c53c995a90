// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of folders (mailbox_name.h) as forms put them together: what people type becomes a level.
#ifndef MOD_ALPHAMAIL_FOLDER_NAMES_H
#define MOD_ALPHAMAIL_FOLDER_NAMES_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace alphamail {

/// Bytes of a level that somebody types; servers with files take no more.
constexpr std::size_t kMaxName = 255;

/// A name as typed, as a level of an address: spaces around it are left out, '/' and '~' are escaped, so that no
/// name becomes two levels. nullopt where nothing is left, or it is too long, or holds control characters.
std::optional<std::string> level_of_name(std::string_view typed);

/// "Work/2026" gives "Work", one at the top "".
std::string_view parent_of(std::string_view address);
std::string_view last_level_of(std::string_view address);
/// `level` below `parent`, or at the top where that is "".
std::string address_below(std::string_view parent, std::string_view level);
/// Somewhere below, not the folder itself.
bool is_below(std::string_view address, std::string_view folder);

}  // namespace alphamail

#endif
