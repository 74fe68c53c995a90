// SPDX-License-Identifier: GPL-3.0-or-later
// What users have chosen, a row a setting (settings.h). Read with the session, so that a page needs
// no question of its own; written here.
#ifndef MOD_ALPHAMAIL_SETTINGS_STORE_H
#define MOD_ALPHAMAIL_SETTINGS_STORE_H

#include <string_view>

#include "common/deadline.h"
#include "common/result.h"
#include "common/settings.h"

namespace alphamail {

class SessionStore;
class Store;
class Session;

class SettingsStore {
 public:
  /// @param rules  must outlive it
  SettingsStore(Store& store, SessionStore& sessions, const SettingRules& rules)
      : store_(store), sessions_(sessions), rules_(rules) {}

  Result<Settings> load(std::string_view user, std::string_view domain, Deadline deadline);
  /// Keeps them for the user, as far as they differ from the site's and are not locked; from the next request on
  /// every session of theirs has them.
  /// @return kStorage where the database is read-only or full; nothing has changed then
  Result<void> save(const Session& session, const Settings& settings, Deadline deadline);

 private:
  Store& store_;
  SessionStore& sessions_;
  const SettingRules& rules_;
};

}  // namespace alphamail

#endif
