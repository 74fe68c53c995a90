// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/zone_list.h"

#include <algorithm>
#include <cstdlib>

#include <unicode/coll.h>
#include <unicode/locid.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/tznames.h>

namespace alphamail {

namespace {

const char* part_of_world(const Language& language, std::string_view part) {
  if (part == "Africa") return language.tr("Africa");
  if (part == "America") return language.tr("America");
  if (part == "Antarctica") return language.tr("Antarctica");
  if (part == "Arctic") return language.tr("Arctic Ocean");
  if (part == "Asia") return language.tr("Asia");
  if (part == "Atlantic") return language.tr("Atlantic Ocean");
  if (part == "Australia") return language.tr("Australia");
  if (part == "Europe") return language.tr("Europe");
  if (part == "Indian") return language.tr("Indian Ocean");
  if (part == "Pacific") return language.tr("Pacific Ocean");
  return nullptr;
}

std::string city_of(const icu::TimeZoneNames& names, const icu::UnicodeString& id,
                    std::string_view utf8_id) {
  icu::UnicodeString city;
  std::string out;
  names.getExemplarLocationName(id, city).toUTF8String(out);
  if (out.empty()) {
    out = utf8_id.substr(utf8_id.rfind('/') + 1);
    std::replace(out.begin(), out.end(), '_', ' ');
  }
  return out;
}

ZoneGroup& group_named(std::vector<ZoneGroup>& groups, const char* name) {
  for (auto& group : groups) {
    if (group.name == name) return group;
  }
  return groups.emplace_back(ZoneGroup{name, {}});
}

}  // namespace

std::vector<ZoneGroup> zone_list(const Language& language) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Locale locale = icu::Locale::createCanonical(language.code().c_str());
  const std::unique_ptr<icu::TimeZoneNames> names(
      icu::TimeZoneNames::createInstance(locale, status));
  const std::unique_ptr<icu::StringEnumeration> ids(icu::TimeZone::createTimeZoneIDEnumeration(
      UCAL_ZONE_TYPE_CANONICAL_LOCATION, nullptr, nullptr, status));
  std::vector<ZoneGroup> groups;
  if (U_FAILURE(status) || !names || !ids) return groups;

  while (const icu::UnicodeString* id = ids->snext(status)) {
    std::string utf8_id;
    id->toUTF8String(utf8_id);
    const char* part = part_of_world(language, utf8_id.substr(0, utf8_id.find('/')));
    if (part == nullptr) continue;
    group_named(groups, part).zones.push_back({utf8_id, city_of(*names, *id, utf8_id)});
  }

  status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Collator> order(icu::Collator::createInstance(locale, status));
  const auto before = [&order](const std::string& a, const std::string& b) {
    UErrorCode failure = U_ZERO_ERROR;
    return order ? order->compareUTF8(a, b, failure) == UCOL_LESS : a < b;
  };
  std::sort(groups.begin(), groups.end(),
            [&](const ZoneGroup& a, const ZoneGroup& b) { return before(a.name, b.name); });
  for (auto& group : groups) {
    std::sort(group.zones.begin(), group.zones.end(),
              [&](const auto& a, const auto& b) { return before(a.city, b.city); });
  }
  return groups;
}

std::string offset_text(int seconds) {
  const int minutes = std::abs(seconds) / 60;
  const auto two = [](int n) {
    return std::string{static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
  };
  return (seconds < 0 ? "\u2212" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

}  // namespace alphamail
