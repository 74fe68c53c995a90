// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, sizes, dates and times as a language writes them. ICU says how, once; the writing itself is
// ours, because a page of 50 rows holds 150 of them and ICU's formatters cost microseconds each. It goes
// straight into the page, as bytes copied sixteen at a time from one text with all names.
#ifndef MOD_ALPHAMAIL_LOCALE_FORMAT_H
#define MOD_ALPHAMAIL_LOCALE_FORMAT_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <unicode/unistr.h>

#include "mod_alphamail/time_zones.h"

U_NAMESPACE_BEGIN
class DateTimePatternGenerator;
class Locale;
U_NAMESPACE_END

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

  // The same straight to `out`, where kLongest bytes must be free; they return the end.
  static constexpr std::size_t kLongest = 320;
  char* number(std::uint64_t n, char* out) const;
  char* tenths(std::uint64_t n, char* out) const;
  char* full(const LocalTime& t, char* out) const { return write(full_, t, out); }
  char* brief(const LocalTime& t, const LocalTime& now, char* out) const;
  /// True where nothing of all that has to be escaped in a page.
  bool plain() const { return plain_; }

  /// 0 is Sunday.
  int first_day_of_week() const { return first_day_of_week_; }

 private:
  enum class Field : std::uint8_t {
    kText, kYear, kYearOfCentury, kMonth, kMonthShort, kMonthLong, kMonthShortAlone, kMonthLongAlone,
    kDay, kWeekdayShort, kWeekdayLong, kHour24, kHour12, kHour11, kMinute, kSecond, kHalfDay
  };
  struct Word {
    std::uint32_t at = 0, size = 0;  // in words_
  };
  struct Step {
    Field field;
    int width;  // of a number, filled with zeros
    Word text;  // of kText
  };
  using Pattern = std::vector<Step>;

  void read_symbols(const icu::Locale& locale);
  void read_dates(const icu::Locale& locale);
  Word word(std::string_view text);
  template <std::size_t N>
  std::array<Word, N> words(const icu::UnicodeString* from, int count, int skip = 0);
  Pattern compile(std::string_view icu_pattern);
  /// A pattern of ICU's for a skeleton, or a plain one where that would be too long.
  Pattern pattern_for(icu::DateTimePatternGenerator& generator, const char* skeleton);
  std::size_t longest(const Pattern& pattern) const;
  char* write(const Pattern& pattern, const LocalTime& t, char* out) const;
  void append(const Pattern& pattern, const LocalTime& t, std::string& out) const;
  char* digits(std::uint64_t n, int width, char* out) const;
  char* put(Word word, char* out) const;

  std::string words_;  // every text below, and some padding
  std::array<Word, 10> digits_;
  bool ascii_digits_ = true;
  bool plain_ = true;
  Word group_, point_;
  int group_size_ = 3, group_size_2_ = 3, group_from_ = 1;
  std::array<Word, 12> months_short_, months_long_, months_short_alone_, months_long_alone_;
  std::array<Word, 7> weekdays_short_, weekdays_long_;
  std::array<Word, 2> half_days_;
  int first_day_of_week_ = 1;
  Pattern time_, day_month_, date_, month_year_, full_;
};

/// "2026-11-19T16:42+01:00", for datetime attributes: kIsoBytes bytes. @return the end
inline constexpr std::size_t kIsoBytes = 22;
char* iso_time(const LocalTime& t, char* out);
void iso_time(const LocalTime& t, std::string& out);

}  // namespace alphamail

#endif
