// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all settings: the page of settings and its form, the rows of the store, session records and the
// keys setting_defaults and setting_locks of alphamail_config are all read and written by it.
#ifndef COMMON_SETTING_TABLE_H
#define COMMON_SETTING_TABLE_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/settings.h"

namespace alphamail {

/// What a value is: "on" or "off"; one of a few words; one of a few numbers; a language or a time zone ("browser" =
/// as the browser has it); a folder's address ("" = none chosen).
enum class SettingKind : std::uint8_t { kSwitch, kChoice, kNumber, kLanguage, kTimeZone, kFolder };

/// Of numbers.
enum class SettingUnit : std::uint8_t { kNone, kSeconds, kMinutes };

/// Settings that stand together on the page. Words are English; Language::tr() has others.
struct SettingGroup {
  const char* name;     ///< of addresses: /settings/NAME/
  const char* heading;
  const char* help;
};

struct SettingChoice {
  const char* value;
  const char* words;    ///< null for a number
};

struct Setting {
  const char* name;
  const char* group;    ///< SettingGroup::name
  SettingKind kind;
  const char* label;
  const char* help;
  std::span<const SettingChoice> choices;  ///< of kChoice and kNumber: what the page offers
  SettingUnit unit;
  /// The value as a word, as the store and forms have it.
  std::string (*get)(const Settings& settings);
  /// @return false where the value is none; nothing has changed then
  bool (*put)(Settings& settings, std::string_view value);

  /// Whether the page has such a choice: of numbers, put() also takes others that older versions offered.
  bool offers(std::string_view value) const;
};

std::span<const Setting> setting_table();
std::span<const SettingGroup> setting_groups();
/// Null where there is no such name.
const Setting* find_setting(std::string_view name);
const SettingGroup* find_setting_group(std::string_view name);

}  // namespace alphamail

#endif
