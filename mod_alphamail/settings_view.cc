// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/settings_view.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "mod_alphamail/zone_list.h"

namespace alphamail {

namespace {

constexpr std::array<std::string_view, 3> kThemes = {"auto", "light", "dark"};
constexpr std::array<std::string_view, 2> kDensities = {"comfortable", "compact"};
constexpr std::array<std::string_view, 2> kDates = {"arrived", "sent"};
constexpr std::array<std::string_view, 2> kSwitch = {"on", "off"};
constexpr std::array<std::string_view, 2> kTypes = {"proportional", "fixed"};

template <std::size_t N>
std::optional<std::size_t> position(const std::array<std::string_view, N>& words,
                                    std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

void add_zones(Values& page, const Frame& frame, const SettingsInput& input) {
  const Language& language = frame.reader().language;
  for (const ZoneGroup& group : zone_list(language)) {
    Values& section = page.add(Name::ZONE_GROUP);
    section.set(Name::ZONE_GROUP_NAME, std::string(group.name));
    for (const auto& zone : group.zones) {
      Values& item = section.add(Name::ZONE);
      const TimeZone* known = input.words.zones().find(zone.id);
      item.set(Name::ZONE_ID, std::string(zone.id));
      item.flag(Name::ZONE_CHOSEN, zone.id == input.settings.time_zone);
      std::string label = zone.city;
      if (known) label += " (" + offset_text(known->offset_at(input.now)) + ")";
      item.set(Name::ZONE_LABEL, std::move(label));
    }
  }
}

void add_choices(Values& page, const Frame& frame, const SettingsInput& input) {
  const Settings& chosen = input.settings;
  page.flag(Name::CHOSE_AUTO, chosen.theme == Theme::kAuto);
  page.flag(Name::CHOSE_LIGHT, chosen.theme == Theme::kLight);
  page.flag(Name::CHOSE_DARK, chosen.theme == Theme::kDark);
  page.flag(Name::CHOSE_COMFORTABLE, chosen.density == Density::kComfortable);
  page.flag(Name::CHOSE_COMPACT, chosen.density == Density::kCompact);
  page.flag(Name::CHOSE_SENT, chosen.dates == Dates::kSent);
  page.flag(Name::CHOSE_COLLECT, chosen.collect);
  page.flag(Name::CHOSE_ASK_ATTACHMENT, chosen.ask_attachment);
  page.flag(Name::CHOSE_ASK_SUBJECT, chosen.ask_subject);
  page.flag(Name::CHOSE_ASK_MANY, chosen.ask_many);
  page.flag(Name::CHOSE_ASK_DOMAIN, chosen.ask_domain);
  for (const std::uint8_t seconds : kUndoChoices) {
    Values& item = page.add(Name::UNDO_CHOICE);
    const Language& l = frame.reader().language;
    item.set(Name::UNDO_SECONDS, std::to_string(seconds));
    item.flag(Name::UNDO_CHOSEN, seconds == chosen.undo_seconds);
    item.set(Name::UNDO_WORDS, seconds == 0 ? std::string(l.tr("not at all"))
                                            : fill(l.trn("{1} second", "{1} seconds", seconds), {l.formats().number(seconds)}));
  }
  page.flag(Name::CHOSE_LINKS, chosen.links);
  page.flag(Name::CHOSE_NO_LINKS, !chosen.links);
  page.flag(Name::CHOSE_PROPORTIONAL, !chosen.fixed_type);
  page.flag(Name::CHOSE_FIXED, chosen.fixed_type);
  page.flag(Name::CHOSE_PLAIN, chosen.plain_first);
  page.flag(Name::CHOSE_PAPER, chosen.paper);
  for (const std::uint16_t rows : kRowChoices) {
    Values& item = page.add(Name::ROWS_CHOICE);
    item.set(Name::ROWS_NUMBER, frame.reader().language.formats().number(rows));
    item.flag(Name::ROWS_CHOSEN, rows == chosen.rows);
  }
  for (const auto& language : input.words.languages()) {
    Values& item = page.add(Name::LANGUAGE);
    item.set(Name::LANGUAGE_CODE, language->code());
    item.set(Name::LANGUAGE_NAME, language->name());
    item.flag(Name::LANGUAGE_CURRENT, language->code() == chosen.language);
  }
}

}  // namespace

std::string_view render_settings(Frame& frame, const SettingsInput& input) {
  const Language& language = frame.reader().language;
  Values page(&frame);
  const std::string title = language.tr("Settings");
  frame.set_title(input.notice.empty() ? title : input.notice + " – " + title);
  page.set(Name::NOTICE, input.notice);
  page.set(Name::SETTINGS_ERROR, input.error);
  add_choices(page, frame, input);
  add_zones(page, frame, input);
  page.set(Name::ZONE_DEFAULT,
           fill(language.tr("As the browser ({1})"), {input.default_zone}));
  std::string now;
  language.formats().full(frame.reader().now, now);
  page.set(Name::CLOCK_NOW, fill(language.tr("It is {1}."), {now}));
  return frame.reader().templates.expand(PageTemplate::kSettings, language, page);
}

Result<Settings> read_settings(const Fields& form, Settings settings, const Words& words) {
  if (form.has("theme")) {
    const auto theme = position(kThemes, form.get("theme"));
    if (!theme) return Error{Code::kInvalid, "no such theme"};
    settings.theme = static_cast<Theme>(*theme);
  }
  if (form.has("density")) {
    const auto density = position(kDensities, form.get("density"));
    if (!density) return Error{Code::kInvalid, "no such density"};
    settings.density = static_cast<Density>(*density);
  }
  if (form.has("dates")) {
    const auto dates = position(kDates, form.get("dates"));
    if (!dates) return Error{Code::kInvalid, "no such date"};
    settings.dates = static_cast<Dates>(*dates);
  }
  if (form.has("links")) {
    const auto links = position(kSwitch, form.get("links"));
    if (!links) return Error{Code::kInvalid, "no such choice for links"};
    settings.links = *links == 0;
  }
  if (form.has("type")) {
    const auto type = position(kTypes, form.get("type"));
    if (!type) return Error{Code::kInvalid, "no such type"};
    settings.fixed_type = *type == 1;
  }
  if (form.has("reading")) {
    const std::string_view word = form.get("reading");
    if (word != "html" && word != "plain") return Error{Code::kInvalid, "no such version"};
    settings.plain_first = word == "plain";
  }
  if (form.has("mail_colours")) {
    const std::string_view word = form.get("mail_colours");
    if (word != "recolour" && word != "paper") return Error{Code::kInvalid, "no such colours of mail"};
    settings.paper = word == "paper";
  }
  if (form.has("rows")) {
    const std::uint32_t rows = form.number("rows", 1, 1000, 0);
    if (std::find(std::begin(kRowChoices), std::end(kRowChoices), rows) == std::end(kRowChoices)) {
      return Error{Code::kInvalid, "no such number of rows"};
    }
    settings.rows = static_cast<std::uint16_t>(rows);
  }
  if (form.has("language")) {
    const std::string_view code = form.get("language");
    const Language* language = words.find(code);
    if (!code.empty() && language == nullptr) return Error{Code::kInvalid, "no such language"};
    settings.language = language ? language->code() : std::string();
  }
  if (form.has("undo_seconds")) {
    settings.undo_seconds = static_cast<std::uint8_t>(form.number("undo_seconds", 0, 10, 0));
  }
  if (form.has("writing")) {  // boxes that are not ticked send nothing
    settings.collect = form.has("collect");
    settings.ask_attachment = form.has("ask_attachment");
    settings.ask_subject = form.has("ask_subject");
    settings.ask_many = form.has("ask_many");
    settings.ask_domain = form.has("ask_domain");
  }
  if (form.has("zone")) {
    const std::string_view zone = form.get("zone");
    if (!zone.empty() && words.zones().find(zone) == nullptr) {
      return Error{Code::kInvalid, "no such time zone"};
    }
    settings.time_zone = zone;
  }
  return settings;
}

}  // namespace alphamail
