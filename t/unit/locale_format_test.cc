// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/locale_format.h"

#include <gtest/gtest.h>

#include <unicode/basictz.h>
#include <unicode/calendar.h>

#include "mod_alphamail/sizes.h"
#include "t/unit/pages_fixture.h"

using namespace alphamail;

namespace {

const TimeZones& zones() {
  static const TimeZones made;
  return made;
}

LocalTime at(const char* zone, std::int64_t seconds) { return zones().find(zone)->local(seconds); }

std::string iso(const char* zone, std::int64_t seconds) {
  std::string out;
  iso_time(at(zone, seconds), out);
  return out;
}

template <typename Write>
std::string written(const char* locale, Write write) {
  const Formats formats(locale);
  std::string out;
  write(formats, out);
  return out;
}

TEST(TimeZones, FollowTheChangesOfDaylightSaving) {
  EXPECT_EQ(iso("Europe/Berlin", 1774745999), "2026-03-29T01:59+01:00");
  EXPECT_EQ(iso("Europe/Berlin", 1774746000), "2026-03-29T03:00+02:00");
  EXPECT_EQ(iso("Europe/Berlin", 1792889999), "2026-10-25T02:59+02:00");
  EXPECT_EQ(iso("Europe/Berlin", 1792890000), "2026-10-25T02:00+01:00");
  EXPECT_EQ(iso("America/New_York", 1772953199), "2026-03-08T01:59-05:00");
  EXPECT_EQ(iso("America/New_York", 1772953200), "2026-03-08T03:00-04:00");
  EXPECT_EQ(iso("Australia/Lord_Howe", 1775314800), "2026-04-05T01:30+10:30");
  EXPECT_EQ(iso("Asia/Kathmandu", 0), "1970-01-01T05:30+05:30");
  EXPECT_EQ(iso("UTC", 951782399), "2000-02-28T23:59+00:00");
  EXPECT_EQ(iso("UTC", 951782400), "2000-02-29T00:00+00:00");
}

TEST(TimeZones, AgreeWithIcuEverywhere) {
  for (const char* name : {"Europe/Berlin", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran",
                           "Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "Europe/Dublin"}) {
    const TimeZone* zone = zones().find(name);
    ASSERT_NE(zone, nullptr) << name;
    const std::unique_ptr<icu::TimeZone> icu_zone(icu::TimeZone::createTimeZone(name));
    for (std::int64_t t = -2000000000; t < 4000000000; t += 864007) {
      UErrorCode status = U_ZERO_ERROR;
      std::int32_t raw = 0, saving = 0;
      icu_zone->getOffset(static_cast<double>(t) * 1000, false, raw, saving, status);
      ASSERT_EQ(zone->offset_at(t), (raw + saving) / 1000) << name << " " << t;
    }
  }
}

TEST(TimeZones, KnowOnlyListedNames) {
  for (const char* name : {"", "GMT+5", "Europe/Atlantis", "../../etc/passwd", "europe/berlin\n", "UTC\x01"}) {
    EXPECT_EQ(zones().find(name), nullptr) << name;
  }
  EXPECT_EQ(zones().find(std::string(100, 'x')), nullptr);
  EXPECT_NE(zones().find("UTC"), nullptr);
}

TEST(TimeZones, AreChosenInOrder) {
  EXPECT_EQ(zones().choose("Asia/Tokyo", "Europe/Berlin", "UTC").name(), "Asia/Tokyo");
  EXPECT_EQ(zones().choose("", "Europe/Berlin", "UTC").name(), "Europe/Berlin");
  EXPECT_EQ(zones().choose("", "nonsense", "UTC").name(), "UTC");
  EXPECT_NE(zones().choose("", "", "").name(), "");
}

TEST(TimeZones, StandAnyInstant) {
  EXPECT_EQ(at("Europe/Berlin", std::numeric_limits<std::int64_t>::min()).year, 1);
  EXPECT_EQ(at("Europe/Berlin", std::numeric_limits<std::int64_t>::max()).year, 9999);
  EXPECT_EQ(iso("UTC", -1), "1969-12-31T23:59+00:00");
  EXPECT_EQ(at("UTC", 1795104000).weekday, 4);  // a Thursday
}

TEST(TimeZones, ATimeNearAnotherIsTheSameTime) {
  for (const char* name : {"Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC"}) {
    const TimeZone& zone = *zones().find(name);
    LocalTime near = zone.local(0);
    for (std::int64_t t = -70000000; t < 1800000000; t += t % 3 == 0 ? 4001 : 9000011) {
      const LocalTime alone = zone.local(t);
      near = zone.local(t, near);
      ASSERT_EQ(near.days, alone.days) << name << " " << t;
      ASSERT_EQ(near.offset, alone.offset) << name << " " << t;
      std::string one, other;
      iso_time(near, one);
      iso_time(alone, other);
      ASSERT_EQ(one, other) << name << " " << t;
      ASSERT_EQ(near.weekday, alone.weekday) << name << " " << t;
    }
  }
}

TEST(Formats, WriteNumbersAsTheLanguageDoes) {
  const auto number = [](const char* locale, std::uint64_t n) {
    return written(locale, [n](const Formats& f, std::string& out) { f.number(n, out); });
  };
  EXPECT_EQ(number("en_GB", 0), "0");
  EXPECT_EQ(number("en_GB", 999), "999");
  EXPECT_EQ(number("en_GB", 1000), "1,000");
  EXPECT_EQ(number("en_GB", 128402), "128,402");
  EXPECT_EQ(number("de", 1234567), "1.234.567");
  EXPECT_EQ(number("es", 1234), "1234");
  EXPECT_EQ(number("es", 12345), "12.345");
  EXPECT_EQ(number("hi", 12345678), "1,23,45,678");
  EXPECT_EQ(number("ar_EG", 128402), "١٢٨٬٤٠٢");
  EXPECT_EQ(number("en_GB", 18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Formats, WriteDatesAsTheLanguageDoes) {
  const LocalTime t = at("Europe/Berlin", 1795102920);  // 19 November 2026, 16:42
  struct Case {
    const char* locale;
    const char *time, *day_month, *date, *month_year, *full;
  };
  for (const Case& c : {
           Case{"en_GB", "16:42", "19 Nov", "19 Nov 2026", "November 2026", "Thursday, 19 November 2026 at 16:42"},
           Case{"en_US", "4:42\u202fPM", "Nov 19", "Nov 19, 2026", "November 2026", "Thursday, November 19, 2026 at 4:42\u202fPM"},
           Case{"de", "16:42", "19. Nov.", "19. Nov. 2026", "November 2026", "Donnerstag, 19. November 2026 um 16:42"},
           Case{"ja", "16:42", "11月19日", "2026年11月19日", "2026年11月", "2026年11月19日木曜日 16:42"},
       }) {
    const Formats f(c.locale);
    std::string time, day_month, date, month_year, full;
    f.time(t, time);
    f.day_month(t, day_month);
    f.date(t, date);
    f.month_year(t, month_year);
    f.full(t, full);
    // Newer data of ICU put a narrow space before AM and PM.
    for (std::string* s : {&time, &full}) {
      if (const auto at_space = s->find(" PM"); at_space != std::string::npos) s->replace(at_space, 1, "\u202f");
    }
    EXPECT_EQ(time, c.time);
    EXPECT_EQ(day_month, c.day_month);
    EXPECT_EQ(date, c.date);
    EXPECT_EQ(month_year, c.month_year);
    EXPECT_EQ(full, c.full);
  }
}

TEST(Formats, SayLessOfWhatIsNear) {
  const Formats f("en_GB");
  const LocalTime now = at("Europe/Berlin", 1795104000);
  const auto brief = [&](std::int64_t seconds) {
    std::string out;
    f.brief(at("Europe/Berlin", seconds), now, out);
    return out;
  };
  EXPECT_EQ(brief(1795104000 - 3600), "16:00");
  EXPECT_EQ(brief(1795104000 - 17 * 3600), "00:00");
  EXPECT_EQ(brief(1795104000 - 17 * 3600 - 1), "18 Nov");
  EXPECT_EQ(brief(1767225600), "1 Jan");
  EXPECT_EQ(brief(1767225600 - 3601), "31 Dec 2025");
}

TEST(Sizes, AreRoundedToWhatPeopleRead) {
  const fixture::Site site;
  const Sizes english(*site.words->find("en"));
  EXPECT_EQ(english.of(0), "1 KB");
  EXPECT_EQ(english.of(1499), "1 KB");
  EXPECT_EQ(english.of(1500), "2 KB");
  EXPECT_EQ(english.of(214000), "214 KB");
  EXPECT_EQ(english.of(999499), "999 KB");
  EXPECT_EQ(english.of(999500), "1.0 MB");
  EXPECT_EQ(english.of(4600000), "4.6 MB");
  EXPECT_EQ(english.of(9960000), "10 MB");
  EXPECT_EQ(english.of(25000000), "25 MB");
  EXPECT_EQ(english.of(18446744073709551615U), "18,446,744,074 GB");
  const Sizes german(*site.words->find("de"));
  EXPECT_EQ(german.of(4600000), "4,6 MB");
}

}  // namespace
