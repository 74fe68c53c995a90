// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/time_zones.h"

#include <algorithm>
#include <limits>

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>

namespace alphamail {

namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kFirst = -62135596800;  // 1 January of the year 1
constexpr std::int64_t kLast = 253402300799;   // 31 December 9999
/// Rules are written out this far (2100); nobody's mail is dated later in earnest.
constexpr double kEndOfTableMs = 4102444800e3;
constexpr double kStartOfTableMs = -2208988800e3;  // 1900
constexpr int kMaxChanges = 1000;

bool is_listed(const icu::UnicodeString& name) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString canonical;
  UBool is_system = false;
  icu::TimeZone::getCanonicalID(name, canonical, is_system, status);
  return U_SUCCESS(status) && is_system;
}

int raw_offset(const icu::TimeZone& zone, double at_ms) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t raw = 0;
  std::int32_t saving = 0;
  zone.getOffset(at_ms, false, raw, saving, status);
  return U_SUCCESS(status) ? (raw + saving) / 1000 : 0;
}

/// The civil date of a number of days since 1970 (era of 400 years, March-based).
void set_date(LocalTime& t, std::int64_t days) {
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  t.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  t.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  t.year = static_cast<int>(year_of_era + era * 400 + (t.month <= 2 ? 1 : 0));
  t.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  t.days = days;
}

void set_clock(LocalTime& t, int of_day) {
  t.hour = of_day / 3600;
  t.minute = of_day / 60 % 60;
  t.second = of_day % 60;
}

}  // namespace

int TimeZone::offset_at(std::int64_t seconds) const {
  LocalTime t;
  set_offset(t, seconds);
  return t.offset;
}

void TimeZone::set_offset(LocalTime& t, std::int64_t seconds) const {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), seconds,
                                      [](std::int64_t s, const Change& c) { return s < c.at; });
  t.offset_until = after == changes_.end() ? std::numeric_limits<std::int64_t>::max() : after->at;
  if (after == changes_.begin()) return;
  t.offset = std::prev(after)->offset;
  t.offset_from = std::prev(after)->at;
}

LocalTime TimeZone::local(std::int64_t seconds) const { return local(seconds, LocalTime{}); }

LocalTime TimeZone::local(std::int64_t seconds, const LocalTime& near) const {
  seconds = std::clamp(seconds, kFirst + kDay, kLast - kDay);
  LocalTime t = near;
  if (seconds < t.offset_from || seconds >= t.offset_until) set_offset(t, seconds);
  const std::int64_t wall = seconds + t.offset;
  if (const std::int64_t of_day = wall - t.days * kDay; of_day >= 0 && of_day < kDay) {
    set_clock(t, static_cast<int>(of_day));
    return t;
  }
  const std::int64_t days = (wall >= 0 ? wall : wall - (kDay - 1)) / kDay;
  set_date(t, days);
  set_clock(t, static_cast<int>(wall - days * kDay));
  return t;
}

const TimeZone* TimeZones::find(std::string_view name) const {
  constexpr std::size_t kMaxName = 64;
  if (name.empty() || name.size() > kMaxName) return nullptr;
  const std::scoped_lock lock(mutex_);
  if (const auto found = zones_.find(name); found != zones_.end()) return found->second.get();

  const auto id = icu::UnicodeString::fromUTF8({name.data(), static_cast<int32_t>(name.size())});
  if (!is_listed(id)) return nullptr;
  const std::unique_ptr<icu::TimeZone> rules(icu::TimeZone::createTimeZone(id));
  auto zone = std::make_unique<TimeZone>();
  zone->name_ = name;
  zone->changes_.push_back({std::numeric_limits<std::int64_t>::min(),
                            raw_offset(*rules, kStartOfTableMs)});
  if (const auto* basic = dynamic_cast<const icu::BasicTimeZone*>(rules.get())) {
    icu::TimeZoneTransition change;
    double at = kStartOfTableMs;
    while (zone->changes_.size() < kMaxChanges && basic->getNextTransition(at, false, change)) {
      at = change.getTime();
      if (at > kEndOfTableMs) break;
      zone->changes_.push_back({static_cast<std::int64_t>(at / 1000), raw_offset(*rules, at)});
    }
  }
  return zones_.emplace(std::string(name), std::move(zone)).first->second.get();
}

const TimeZone& TimeZones::choose(std::string_view chosen, std::string_view browser,
                                  std::string_view site_default) const {
  for (const std::string_view name : {chosen, browser, site_default}) {
    if (const TimeZone* zone = find(name)) return *zone;
  }
  const std::unique_ptr<icu::TimeZone> host(icu::TimeZone::detectHostTimeZone());
  icu::UnicodeString id;
  std::string name;
  host->getID(id).toUTF8String(name);
  if (const TimeZone* zone = find(name)) return *zone;
  return *find("UTC");
}

}  // namespace alphamail
