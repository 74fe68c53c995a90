// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/moving_rules.h"

namespace alphamail {

using wire::Action;

bool moves_away(Action action) {
  switch (action) {
    case Action::Delete:
    case Action::Purge:
    case Action::Move:
    case Action::Archive:
    case Action::Junk:
    case Action::NotJunk: return true;
    default: return false;
  }
}

bool marks_read(Action action, const Settings& settings) {
  return (action == Action::Archive && settings.archive_read) || (action == Action::Junk && settings.junk_read);
}

std::string archive_folder(std::string_view archive, const Settings& settings, int year) {
  std::string folder(archive);
  if (settings.archive_years) folder += "/" + std::to_string(year);
  return folder;
}

}  // namespace alphamail
