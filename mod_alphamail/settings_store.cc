// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/settings_store.h"

#include <charconv>
#include <string>
#include <vector>

#include "mod_alphamail/session.h"
#include "mod_alphamail/session_store.h"
#include "mod_alphamail/store.h"

namespace alphamail {
namespace {

constexpr std::string_view kThemes[] = {"auto", "light", "dark"};
constexpr std::string_view kDensities[] = {"comfortable", "compact"};
constexpr std::string_view kDates[] = {"arrived", "sent"};

struct Switch {
  std::string_view name;
  bool Settings::*member;
};
constexpr Switch kSwitches[] = {{"collect", &Settings::collect},
                                {"ask_attachment", &Settings::ask_attachment},
                                {"ask_subject", &Settings::ask_subject},
                                {"ask_many", &Settings::ask_many},
                                {"ask_domain", &Settings::ask_domain}};

}  // namespace

void apply_setting(Settings& settings, std::string_view name, std::string_view value) {
  if (name == "language") settings.language = value;
  if (name == "time_zone") settings.time_zone = value;
  if (name == "links") settings.links = value != "off";
  if (name == "type") settings.fixed_type = value == "fixed";
  if (name == "rows") {
    unsigned rows = 0;
    std::from_chars(value.data(), value.data() + value.size(), rows);
    if (rows >= 10 && rows <= 200) settings.rows = static_cast<std::uint16_t>(rows);
  }
  if (name == "undo_seconds" && value.size() <= 2) {
    unsigned seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (seconds <= 10) settings.undo_seconds = static_cast<std::uint8_t>(seconds);
  }
  for (const Switch& s : kSwitches) {
    if (name == s.name) settings.*s.member = value != "off";
  }
  if (name == "reading") settings.plain_first = value == "plain";
  if (name == "mail_colours") settings.paper = value == "paper";
  for (std::size_t i = 0; name == "theme" && i < std::size(kThemes); ++i) {
    if (value == kThemes[i]) settings.theme = static_cast<Theme>(i);
  }
  for (std::size_t i = 0; name == "density" && i < std::size(kDensities); ++i) {
    if (value == kDensities[i]) settings.density = static_cast<Density>(i);
  }
  for (std::size_t i = 0; name == "dates" && i < std::size(kDates); ++i) {
    if (value == kDates[i]) settings.dates = static_cast<Dates>(i);
  }
}

Result<Settings> SettingsStore::load(std::string_view user, std::string_view domain,
                                     Deadline deadline) {
  const auto rows =
      store_.select({Sql::kSettingsSelect, {std::string(user), std::string(domain)}}, deadline);
  if (!rows) return rows.error().while_doing("reading the settings");
  Settings settings;
  for (const Store::Row& row : *rows) apply_setting(settings, row[0], row[1]);
  return settings;
}

Result<void> SettingsStore::save(const Session& session, const Settings& settings,
                                 Deadline deadline) {
  const auto put = [&](std::string name, std::string value) {
    // "" is the default, which has no row.
    if (value.empty()) return Store::Step{Sql::kSettingDelete, {session.user, session.domain, name}};
    return Store::Step{Sql::kSettingPut, {session.user, session.domain, name, value}};
  };
  std::vector<Store::Step> steps = {
      put("language", settings.language),
      put("time_zone", settings.time_zone),
      put("links", settings.links ? "" : "off"),
      put("type", settings.fixed_type ? "fixed" : ""),
      put("rows", std::to_string(settings.rows)),
      put("theme", std::string(kThemes[static_cast<std::size_t>(settings.theme)])),
      put("dates", std::string(kDates[static_cast<std::size_t>(settings.dates)])),
      put("reading", settings.plain_first ? "plain" : ""),
      put("mail_colours", settings.paper ? "paper" : ""),
      put("density", std::string(kDensities[static_cast<std::size_t>(settings.density)])),
  };
  steps.push_back(put("undo_seconds", settings.undo_seconds == 0 ? "" : std::to_string(settings.undo_seconds)));
  for (const Switch& s : kSwitches) {
    steps.push_back(put(std::string(s.name), settings.*s.member ? "" : "off"));
  }
  const auto written = store_.write(steps, deadline);
  if (!written) return written.error().while_doing("keeping the settings");
  sessions_.refresh_user(session.user, session.domain, deadline);
  return {};
}

}  // namespace alphamail
