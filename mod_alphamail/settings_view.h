// SPDX-License-Identifier: GPL-3.0-or-later
// The page of settings, how its form is read, and the page that asks before settings are reset. What there is to be
// set, and its words, come from common/setting_table.h.
#ifndef MOD_ALPHAMAIL_SETTINGS_VIEW_H
#define MOD_ALPHAMAIL_SETTINGS_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/setting_table.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/request.h"

namespace alphamail {

struct SettingsInput {
  const Words& words;
  const SettingRules& rules;        ///< of the site
  Settings settings;                ///< what the form shows as chosen
  std::string_view browser_zone;    ///< what the choice of no zone means
  std::int64_t now = 0;             ///< seconds since 1970
  std::string notice;               ///< what the action before did, in words
  std::string error;                ///< what was wrong with it
};

/// Valid until this thread renders again.
std::string_view render_settings(Frame& frame, const SettingsInput& input);

/// `old` with the fields that the form has put in; those it lacks stay, and so does what is locked. A box that is not
/// ticked is not in a form: those it has are named by fields `shown`. kInvalid where a value is none that the page
/// offers.
Result<Settings> read_settings(const Fields& form, Settings old, const Words& words, const SettingRules& rules);

/// What a word of ?reset= names: a setting, "group-NAME", or "all". Of these, those that the user may change, that
/// stand on the page, and that are not as the site has them; empty where there are none, or no such word.
std::vector<const Setting*> to_reset(std::string_view what, const Settings& settings, const SettingRules& rules);

/// The page that asks before those go back to the site's defaults.
std::string_view render_reset(Frame& frame, const SettingsInput& input, std::string_view what,
                              const std::vector<const Setting*>& settings);

}  // namespace alphamail

#endif
