// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/folder_settings.h"

#include <algorithm>
#include <iterator>

#include "common/mailbox_name.h"
#include "mod_alphamail/folder_names.h"

namespace alphamail {
namespace {

bool concerns(std::string_view address, std::string_view folder) {
  return address == folder || is_below(address, folder);
}

std::string joined(const std::vector<std::string>& addresses) {
  std::string out;
  for (const std::string& one : addresses) out.append(out.empty() ? "" : "\n").append(one);
  return out;
}

}  // namespace

std::string_view word_of(wire::Role role) {
  switch (role) {
    case wire::Role::Drafts: return "drafts";
    case wire::Role::Sent: return "sent";
    case wire::Role::Archive: return "archive";
    case wire::Role::Junk: return "junk";
    case wire::Role::Trash: return "trash";
    default: return {};
  }
}

std::vector<std::string> favourites_of(const Settings& settings) {
  std::vector<std::string> all;
  for (std::string_view rest = settings.favourites; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (is_address(rest.substr(0, end))) all.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

bool is_favourite(const Settings& settings, std::string_view folder) {
  const auto all = favourites_of(settings);
  return std::find(all.begin(), all.end(), folder) != all.end();
}

bool choose_favourite(Settings& settings, std::string_view folder, bool chosen) {
  auto all = favourites_of(settings);
  std::erase(all, folder);
  if (chosen) all.emplace_back(folder);
  settings.favourites = joined(all);
  return settings.favourites.size() <= Settings::kLongestFavourites;
}

void choose_role(Settings& settings, std::string_view folder, wire::Role role) {
  for (std::size_t i = 0; i < std::size(kChosenRoles); ++i) {
    if (settings.roles[i] == folder) settings.roles[i].clear();
    if (kChosenRoles[i] == role) settings.roles[i] = folder;
  }
}

bool follow_folder(Settings& settings, std::string_view from, std::string_view to) {
  bool changed = false;
  const auto renamed = [&](std::string& address) {
    if (!concerns(address, from)) return;
    address = std::string(to).append(address.substr(from.size()));
    changed = true;
  };
  for (std::string& one : settings.roles) renamed(one);
  auto favourites = favourites_of(settings);
  for (std::string& one : favourites) renamed(one);
  // Longer names may have no room: the last ones go.
  while (!favourites.empty() && joined(favourites).size() > Settings::kLongestFavourites) favourites.pop_back();
  if (changed) settings.favourites = joined(favourites);
  return changed;
}

bool forget_folder(Settings& settings, std::string_view folder) {
  bool changed = false;
  for (std::string& one : settings.roles) {
    if (one.empty() || !concerns(one, folder)) continue;
    one.clear();
    changed = true;
  }
  auto favourites = favourites_of(settings);
  changed |= std::erase_if(favourites, [&](const std::string& one) { return concerns(one, folder); }) > 0;
  if (changed) settings.favourites = joined(favourites);
  return changed;
}

}  // namespace alphamail
