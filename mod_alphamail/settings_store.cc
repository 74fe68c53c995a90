// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/settings_store.h"

#include <string>
#include <vector>

#include "common/setting_table.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/session_store.h"
#include "mod_alphamail/store.h"

namespace alphamail {

Result<Settings> SettingsStore::load(std::string_view user, std::string_view domain,
                                     Deadline deadline) {
  const auto rows =
      store_.select({Sql::kSettingsSelect, {std::string(user), std::string(domain)}}, deadline);
  if (!rows) return rows.error().while_doing("reading the settings");
  Settings settings = rules_.defaults;
  for (const Store::Row& row : *rows) rules_.apply(settings, row[0], row[1]);
  return settings;
}

// What is locked keeps its row: it counts again when the lock is gone.
Result<void> SettingsStore::save(const Session& session, const Settings& settings,
                                 Deadline deadline) {
  std::vector<Store::Step> steps;
  for (const Setting& setting : setting_table()) {
    if (rules_.locked(setting.name)) continue;
    std::string value = setting.get(settings);
    if (value == setting.get(rules_.defaults)) {
      steps.push_back({Sql::kSettingDelete, {session.user, session.domain, setting.name}});
    } else {
      steps.push_back({Sql::kSettingPut, {session.user, session.domain, setting.name, std::move(value)}});
    }
  }
  const auto written = store_.write(steps, deadline);
  if (!written) return written.error().while_doing("keeping the settings");
  sessions_.refresh_user(session.user, session.domain, deadline);
  return {};
}

}  // namespace alphamail
