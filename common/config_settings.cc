// SPDX-License-Identifier: GPL-3.0-or-later
// What alphamail_config says of settings:
//
//     setting_defaults: rows=100, theme=dark
//     setting_locks: links, language
//
// Names and values are those of setting_table.h.
#include <algorithm>

#include "common/config_keys.h"
#include "common/setting_table.h"

namespace alphamail {
namespace {

using Reasons = std::vector<std::string>;

std::vector<std::string_view> entries_of(std::string_view value) {
  std::vector<std::string_view> entries;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    entries.push_back(trimmed(value.substr(0, comma)));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return entries;
}

const Setting* setting_named(std::string_view name, Reasons& reasons) {
  const Setting* setting = find_setting(name);
  if (!setting) reasons.push_back("there is no setting " + quoted(name) + "; the admin guide has a table of them");
  return setting;
}

std::string values_of(const Setting& setting) {
  if (setting.kind == SettingKind::kSwitch) return "on or off";
  if (setting.kind == SettingKind::kLanguage) return "a language like de, or browser";
  if (setting.kind == SettingKind::kTimeZone) return "a time zone like Europe/Berlin, or browser";
  if (setting.kind == SettingKind::kFolder) return "a folder's address";
  std::string values;
  for (const SettingChoice& choice : setting.choices) values += (values.empty() ? "" : ", ") + std::string(choice.value);
  return "one of " + values;
}

}  // namespace

void set_setting_defaults(Config& config, std::string_view value, Reasons& reasons) {
  config.settings.defaults = Settings{};
  std::vector<std::string_view> seen;
  for (const std::string_view entry : entries_of(value)) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) {
      reasons.push_back(quoted(entry) + " is not name=value");
      continue;
    }
    const std::string_view name = trimmed(entry.substr(0, equals));
    const std::string_view wanted = trimmed(entry.substr(equals + 1));
    const Setting* setting = setting_named(name, reasons);
    if (!setting) continue;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      reasons.push_back(quoted(name) + " is there twice");
    } else if (!setting->offers(wanted) || !setting->put(config.settings.defaults, wanted)) {
      reasons.push_back(quoted(wanted) + " is no value of " + setting->name + ", which is " + values_of(*setting));
    }
    seen.push_back(name);
  }
}

void set_setting_locks(Config& config, std::string_view value, Reasons& reasons) {
  config.settings.locks.clear();
  for (const std::string_view name : entries_of(value)) {
    if (setting_named(name, reasons)) config.settings.locks.emplace_back(name);
  }
}

}  // namespace alphamail
