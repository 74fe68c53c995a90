// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/settings_view.h"

#include <algorithm>
#include <cstdlib>

#include "mod_alphamail/zone_list.h"

namespace alphamail {

namespace {

using Kind = SettingKind;

constexpr std::string_view kGroupPrefix = "group-";
constexpr std::string_view kBrowser = "browser";
constexpr std::size_t kMostPicked = 3;  // choices that all stand there; of more there is a list to unfold

/// Folders are chosen where folders are.
bool on_page(const Setting& setting) { return setting.kind != Kind::kFolder; }

/// Words for a number: "50", "5 seconds", "every 5 minutes", and for 0 that there is none.
std::string number_words(const Setting& setting, std::string_view value, const Language& l) {
  const auto n = static_cast<std::uint64_t>(std::strtoull(std::string(value).c_str(), nullptr, 10));
  const std::string number = l.formats().number(n);
  switch (setting.unit) {
    case SettingUnit::kSeconds:
      return n == 0 ? l.tr("not at all") : fill(l.trn("{1} second", "{1} seconds", n), {number});
    case SettingUnit::kMinutes:
      return n == 0 ? l.tr("never") : fill(l.trn("every {1} minute", "every {1} minutes", n), {number});
    default: return number;
  }
}

/// A value in the words of the page.
std::string value_words(const Setting& setting, const std::string& value, const SettingsInput& input, const Language& l) {
  switch (setting.kind) {
    case Kind::kSwitch: return value == "on" ? l.tr("on") : l.tr("off");
    case Kind::kNumber: return number_words(setting, value, l);
    case Kind::kLanguage: {
      const Language* language = value == kBrowser ? nullptr : input.words.find(value);
      return language ? language->name() : l.tr("As the browser");
    }
    case Kind::kTimeZone:
      return value == kBrowser ? fill(l.tr("As the browser ({1})"), {input.browser_zone}) : value;
    default: break;
  }
  for (const SettingChoice& choice : setting.choices) {
    if (value == choice.value) return l.tr(choice.words);
  }
  return value;
}

void add_choice(Values& item, std::string_view value, std::string words, bool chosen) {
  Values& choice = item.add(Name::SETTING_CHOICE, {Name::SETTING_LANG});
  choice.set(Name::SETTING_VALUE, std::string(value));
  choice.set(Name::SETTING_WORDS, std::move(words));
  choice.flag(Name::SETTING_CHOSEN, chosen);
}

void add_languages(Values& item, const std::string& chosen, const SettingsInput& input, const Language& l) {
  add_choice(item, kBrowser, l.tr("As the browser"), chosen == kBrowser);
  for (const auto& language : input.words.languages()) {
    Values& choice = item.add(Name::SETTING_CHOICE);
    choice.set(Name::SETTING_VALUE, language->code());
    choice.set(Name::SETTING_LANG, language->code());
    choice.set(Name::SETTING_WORDS, language->name());
    choice.flag(Name::SETTING_CHOSEN, language->code() == chosen);
  }
}

void add_zones(Values& item, const std::string& chosen, const SettingsInput& input, const Language& l) {
  add_choice(item, kBrowser, fill(l.tr("As the browser ({1})"), {input.browser_zone}), chosen == kBrowser);
  for (const ZoneGroup& group : zone_list(l)) {
    Values& section = item.add(Name::ZONE_GROUP);
    section.set(Name::ZONE_GROUP_NAME, std::string(group.name));
    for (const auto& zone : group.zones) {
      Values& option = section.add(Name::ZONE);
      const TimeZone* known = input.words.zones().find(zone.id);
      option.set(Name::ZONE_ID, std::string(zone.id));
      option.flag(Name::ZONE_CHOSEN, zone.id == chosen);
      std::string label = zone.city;
      if (known) label += " (" + offset_text(known->offset_at(input.now)) + ")";
      option.set(Name::ZONE_LABEL, std::move(label));
    }
  }
}

std::string reset_url(const Frame& frame, std::string_view what) {
  return std::string(frame.input().mount) + "/settings/?reset=" + std::string(what);
}

/// One setting: its control, or its value where nobody changes it.
void add_setting(Values& section, const Frame& frame, const Setting& setting, const SettingsInput& input) {
  const Language& l = frame.reader().language;
  Values& item = section.add(Name::SETTING, {Name::SETTING_FIXED, Name::SETTING_PICK, Name::SETTING_SELECT,
                                             Name::SETTING_SWITCH, Name::SETTING_OPEN, Name::SETTING_RESET_URL,
                                             Name::SETTING_CHOICE, Name::ZONE_GROUP});
  const std::string value = setting.get(input.settings);
  item.set(Name::SETTING_LABEL, l.tr(setting.label));
  item.set(Name::SETTING_HELP, l.tr(setting.help));
  if (input.rules.locked(setting.name)) {
    item.set(Name::SETTING_FIXED, value_words(setting, value, input, l));
    return;
  }
  const std::string standard = setting.get(input.rules.defaults);
  item.flag(Name::SETTING_OPEN, true);
  item.set(Name::SETTING_NAME, setting.name);
  item.set(Name::SETTING_ID, std::string("s-") + setting.name);
  item.set(Name::SETTING_DEFAULT, fill(l.tr("Default: {1}."), {value_words(setting, standard, input, l)}));
  if (value != standard) item.set(Name::SETTING_RESET_URL, reset_url(frame, setting.name));
  item.flag(Name::SETTING_SWITCH, setting.kind == Kind::kSwitch);
  item.flag(Name::SETTING_ON, value == "on");
  if (setting.kind == Kind::kSwitch) return;
  const bool pick = setting.kind == Kind::kChoice && setting.choices.size() <= kMostPicked;
  item.flag(Name::SETTING_PICK, pick);
  item.flag(Name::SETTING_SELECT, !pick);
  if (setting.kind == Kind::kLanguage) add_languages(item, value, input, l);
  if (setting.kind == Kind::kTimeZone) add_zones(item, value, input, l);
  // One that an older version offered stays to be chosen.
  if (!setting.offers(value)) add_choice(item, value, value_words(setting, value, input, l), true);
  for (const SettingChoice& choice : setting.choices) {
    add_choice(item, choice.value, value_words(setting, choice.value, input, l), value == choice.value);
  }
}

void add_group(Values& page, const Frame& frame, const SettingGroup& group, const SettingsInput& input) {
  const Language& l = frame.reader().language;
  Values& section = page.add(Name::SETTING_GROUP, {Name::CLOCK_NOW, Name::SETTING_GROUP_WRITING,
                                                   Name::SETTING_GROUP_LIST, Name::SETTING_GROUP_RESET_URL});
  const std::string_view name = group.name;
  section.set(Name::SETTING_GROUP_ID, group.name);
  section.set(Name::SETTING_GROUP_HEADING, l.tr(group.heading));
  section.set(Name::SETTING_GROUP_HELP, l.tr(group.help));
  section.flag(Name::SETTING_GROUP_WRITING, name == "writing");
  section.flag(Name::SETTING_GROUP_LIST, name == "lists");
  if (name == "time") {
    std::string now;
    l.formats().full(frame.reader().now, now);
    section.set(Name::CLOCK_NOW, fill(l.tr("It is {1}."), {now}));
  }
  const std::string whole = std::string(kGroupPrefix) + group.name;
  if (!to_reset(whole, input.settings, input.rules).empty()) {
    section.set(Name::SETTING_GROUP_RESET_URL, reset_url(frame, whole));
  }
  for (const Setting& setting : setting_table()) {
    if (setting.group == name && on_page(setting)) add_setting(section, frame, setting, input);
  }
  Values& tab = page.add(Name::SETTING_TAB);
  tab.set(Name::SETTING_TAB_ID, group.name);
  tab.set(Name::SETTING_TAB_WORDS, l.tr(group.heading));
}

/// What the form says of one setting; "" and no error where it says nothing.
Result<std::string> wanted_value(const Fields& form, const Setting& setting, const Words& words) {
  if (setting.kind == Kind::kSwitch) {
    const bool shown = std::any_of(form.all.begin(), form.all.end(), [&](const auto& field) {
      return field.first == "shown" && field.second == setting.name;
    });
    if (shown) return std::string(form.has(setting.name) ? "on" : "off");
  }
  if (!form.has(setting.name)) return std::string();
  std::string value(form.get(setting.name));
  const bool named = setting.kind == Kind::kLanguage || setting.kind == Kind::kTimeZone;
  if (named && (value.empty() || value == kBrowser)) return std::string(kBrowser);
  if (setting.kind == Kind::kLanguage) {
    const Language* language = words.find(value);
    if (language == nullptr) return Error{Code::kInvalid, "no such language"};
    return language->code();
  }
  if (setting.kind == Kind::kTimeZone && words.zones().find(value) == nullptr) {
    return Error{Code::kInvalid, "no such time zone"};
  }
  return value;
}

}  // namespace

std::string_view render_settings(Frame& frame, const SettingsInput& input) {
  const Language& language = frame.reader().language;
  Values page(&frame, {Name::SETTINGS_RESET_URL});
  const std::string title = language.tr("Settings");
  frame.set_title(input.notice.empty() ? title : input.notice + " – " + title);
  page.set(Name::NOTICE, input.notice);
  page.set(Name::SETTINGS_ERROR, input.error);
  for (const SettingGroup& group : setting_groups()) add_group(page, frame, group, input);
  if (!to_reset("all", input.settings, input.rules).empty()) {
    page.set(Name::SETTINGS_RESET_URL, reset_url(frame, "all"));
  }
  return frame.reader().templates.expand(PageTemplate::kSettings, language, page);
}

Result<Settings> read_settings(const Fields& form, Settings settings, const Words& words, const SettingRules& rules) {
  for (const Setting& setting : setting_table()) {
    if (rules.locked(setting.name) || !on_page(setting)) continue;
    const Result<std::string> value = wanted_value(form, setting, words);
    if (!value) return value.error();
    const bool says = !value->empty() || form.has(setting.name);
    if (!says || *value == setting.get(settings)) continue;
    if (!setting.offers(*value) || !setting.put(settings, *value)) {
      return Error{Code::kInvalid, std::string("no such value of ") + setting.name};
    }
  }
  return settings;
}

std::vector<const Setting*> to_reset(std::string_view what, const Settings& settings, const SettingRules& rules) {
  std::vector<const Setting*> found;
  const bool group = what.starts_with(kGroupPrefix);
  if (group) what.remove_prefix(kGroupPrefix.size());
  const bool all = !group && what == "all";
  for (const Setting& setting : setting_table()) {
    if (!all && what != (group ? setting.group : setting.name)) continue;
    if (!on_page(setting) || rules.locked(setting.name)) continue;
    if (setting.get(settings) != setting.get(rules.defaults)) found.push_back(&setting);
  }
  return found;
}

std::string_view render_reset(Frame& frame, const SettingsInput& input, std::string_view what,
                              const std::vector<const Setting*>& settings) {
  const Language& l = frame.reader().language;
  Values page(&frame);
  std::string question = fill(l.trn("Reset {1} setting?", "Reset {1} settings?", settings.size()),
                              {l.formats().number(settings.size())});
  frame.set_title(question);
  page.set(Name::RESET_QUESTION, std::move(question));
  page.set(Name::RESET_WHAT, std::string(what));
  for (const Setting* setting : settings) {
    page.add(Name::RESET_ITEM)
        .set(Name::RESET_WORDS,
             fill(l.tr("{1}: {2} instead of {3}"),
                  {l.tr(setting->label), value_words(*setting, setting->get(input.rules.defaults), input, l),
                   value_words(*setting, setting->get(input.settings), input, l)}));
  }
  return frame.reader().templates.expand(PageTemplate::kReset, l, page);
}

}  // namespace alphamail
