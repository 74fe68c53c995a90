// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, sizes, dates and times as a language writes them. ICU says how, once; the writing itself is
// ours, because a page of 50 rows holds 150 of them and ICU's formatters cost microseconds each.
#ifndef MOD_ALPHAMAIL_LOCALE_FORMAT_H
#define MOD_ALPHAMAIL_LOCALE_FORMAT_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mod_alphamail/time_zones.h"

namespace alphamail {

class Formats {
 public:
  /// @param icu_locale  "de", "en_GB"
  explicit Formats(const std::string& icu_locale);

  // All append to `out`.
  void number(std::uint64_t n, std::string& out) const;            ///< 128,402
  /// A decimal fraction with one digit: tenths(46) is 4.6.
  void tenths(std::uint64_t n, std::string& out) const;
  void time(const LocalTime& t, std::string& out) const;           ///< 16:42
  void day_month(const LocalTime& t, std::string& out) const;      ///< 19 Nov
  void date(const LocalTime& t, std::string& out) const;           ///< 19 Nov 2024
  void month_year(const LocalTime& t, std::string& out) const;     ///< November 2024
  void full(const LocalTime& t, std::string& out) const;           ///< Thursday, 19 November 2026, 16:42
  /// As a list shows it: the time today, day and month this year, else the date.
  void brief(const LocalTime& t, const LocalTime& now, std::string& out) const;

  std::string number(std::uint64_t n) const;
  /// 0 is Sunday.
  int first_day_of_week() const { return first_day_of_week_; }

 private:
  enum class Field : std::uint8_t {
    kText, kYear, kYearOfCentury, kMonth, kMonthShort, kMonthLong, kMonthShortAlone, kMonthLongAlone,
    kDay, kWeekdayShort, kWeekdayLong, kHour24, kHour12, kHour11, kMinute, kSecond, kHalfDay
  };
  struct Step {
    Field field;
    int width;         // of a number, filled with zeros
    std::string text;  // of kText
  };
  using Pattern = std::vector<Step>;

  Pattern compile(std::string_view icu_pattern) const;
  void write(const Pattern& pattern, const LocalTime& t, std::string& out) const;
  void digits(std::uint64_t n, int width, std::string& out) const;

  std::array<std::string, 10> digits_;
  bool ascii_digits_ = true;
  std::string group_, point_;
  int group_size_ = 3, group_size_2_ = 3, group_from_ = 1;
  std::array<std::string, 12> months_short_, months_long_, months_short_alone_, months_long_alone_;
  std::array<std::string, 7> weekdays_short_, weekdays_long_;
  std::array<std::string, 2> half_days_;
  int first_day_of_week_ = 1;
  Pattern time_, day_month_, date_, month_year_, full_;
};

/// "2026-11-19T16:42+01:00", for datetime attributes.
void iso_time(const LocalTime& t, std::string& out);

}  // namespace alphamail

#endif
