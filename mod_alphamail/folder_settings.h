// SPDX-License-Identifier: GPL-3.0-or-later
// What a user has chosen about folders (settings.h): which one serves for sent mail, drafts and so on, and
// favourites, as the pages about folders change it.
#ifndef MOD_ALPHAMAIL_FOLDER_SETTINGS_H
#define MOD_ALPHAMAIL_FOLDER_SETTINGS_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/settings.h"

namespace alphamail {

/// Roles that a user can choose a folder for, in the order of Settings::roles.
inline constexpr wire::Role kChosenRoles[] = {wire::Role::Drafts, wire::Role::Sent, wire::Role::Archive,
                                              wire::Role::Junk, wire::Role::Trash};

/// "drafts", as forms say it; "" for one that cannot be chosen.
std::string_view word_of(wire::Role role);

/// Addresses, in the order chosen.
std::vector<std::string> favourites_of(const Settings& settings);
bool is_favourite(const Settings& settings, std::string_view folder);
/// @return false where there is no room
bool choose_favourite(Settings& settings, std::string_view folder, bool chosen);
/// The folder serves for this role, and for no other; None: for none.
void choose_role(Settings& settings, std::string_view folder, wire::Role role);
/// What was chosen follows a folder that got another name, with all below it. @return whether that is anything
bool follow_folder(Settings& settings, std::string_view from, std::string_view to);
/// The same for one that is gone.
bool forget_folder(Settings& settings, std::string_view folder);

}  // namespace alphamail

#endif
