// SPDX-License-Identifier: GPL-3.0-or-later
// The page of settings, and how its form is read.
#ifndef MOD_ALPHAMAIL_SETTINGS_VIEW_H
#define MOD_ALPHAMAIL_SETTINGS_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/settings.h"

namespace alphamail {

struct SettingsInput {
  const Words& words;
  Settings settings;                ///< what the form shows as chosen
  std::string_view default_zone;    ///< what no choice means
  std::int64_t now = 0;             ///< seconds since 1970
  std::string notice;               ///< what the action before did, in words
  std::string error;                ///< what was wrong with it
};

/// Valid until this thread renders again.
std::string_view render_settings(Frame& frame, const SettingsInput& input);

/// `old` with the fields that the form has put in; those it lacks stay. kInvalid where a value is none
/// that the page offers.
Result<Settings> read_settings(const Fields& form, Settings old, const Words& words);

inline constexpr std::uint8_t kUndoChoices[] = {0, 3, 5, 10};
inline constexpr std::uint16_t kRowChoices[] = {25, 50, 100, 200};

}  // namespace alphamail

#endif
