// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/folder_names.h"

#include "common/characters.h"
#include "common/mailbox_name.h"

namespace alphamail {

std::optional<std::string> level_of_name(std::string_view typed) {
  const std::string_view name = trim(typed);
  if (name.empty() || name.size() > kMaxName) return {};
  const bool dots = name == "." || name == "..";
  std::string level;
  for (const char c : name) {
    if (c == '/') {
      level += "~2F";
    } else if (c == '~') {
      level += "~7E";
    } else if (dots) {
      level += "~2E";
    } else {
      level += c;
    }
  }
  // INBOX in other letters is no folder of its own; control characters are in no address.
  if (!is_address(level) && !is_address("x/" + level)) return {};
  return level;
}

std::string_view parent_of(std::string_view address) {
  const std::size_t slash = address.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : address.substr(0, slash);
}

std::string_view last_level_of(std::string_view address) {
  return address.substr(address.rfind('/') + 1);
}

std::string address_below(std::string_view parent, std::string_view level) {
  return parent.empty() ? std::string(level) : std::string(parent).append("/").append(level);
}

bool is_below(std::string_view address, std::string_view folder) {
  return address.size() > folder.size() && address.starts_with(folder) && address[folder.size()] == '/';
}

}  // namespace alphamail
