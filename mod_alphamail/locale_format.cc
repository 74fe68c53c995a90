// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/locale_format.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <unicode/calendar.h>
#include <unicode/dcfmtsym.h>
#include <unicode/decimfmt.h>
#include <unicode/dtfmtsym.h>
#include <unicode/dtptngen.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/numfmt.h>

namespace alphamail {

namespace {

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

template <std::size_t N>
std::array<std::string, N> names(const icu::UnicodeString* from, int count, int skip = 0) {
  std::array<std::string, N> out;
  for (std::size_t i = 0; i < N && static_cast<int>(i) + skip < count; ++i) {
    out[i] = utf8(from[i + static_cast<std::size_t>(skip)]);
  }
  return out;
}

std::string pattern_for(icu::DateTimePatternGenerator& generator, const char* skeleton) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString best =
      generator.getBestPattern(icu::UnicodeString(skeleton, -1, US_INV), status);
  return U_SUCCESS(status) ? utf8(best) : std::string("y-MM-dd HH:mm");
}

}  // namespace

Formats::Formats(const std::string& icu_locale) {
  // Mail is dated in the Gregorian calendar, also where another one hangs on the wall.
  const icu::Locale locale((icu_locale + "@calendar=gregorian").c_str());
  UErrorCode status = U_ZERO_ERROR;

  const icu::DecimalFormatSymbols symbols(locale, status);
  for (int i = 0; i < 10; ++i) {
    digits_[static_cast<std::size_t>(i)] = utf8(symbols.getConstDigitSymbol(i));
    ascii_digits_ &= digits_[static_cast<std::size_t>(i)] == std::string(1, static_cast<char>('0' + i));
  }
  group_ = utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kGroupingSeparatorSymbol));
  point_ = utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kDecimalSeparatorSymbol));
  const std::unique_ptr<icu::NumberFormat> numbers(icu::NumberFormat::createInstance(locale, status));
  if (const auto* decimal = dynamic_cast<const icu::DecimalFormat*>(numbers.get())) {
    group_size_ = std::max(1, static_cast<int>(decimal->getGroupingSize()));
    group_size_2_ = decimal->getSecondaryGroupingSize() > 0 ? decimal->getSecondaryGroupingSize()
                                                            : group_size_;
    // Spanish and others leave four digits together; ICU says so only by doing it.
    const auto four = icu::number::NumberFormatter::withLocale(locale).formatInt(1000, status);
    group_from_ = four.toString(status).length() == 4 ? 2 : 1;
  }

  const icu::DateFormatSymbols dates(locale, status);
  using Symbols = icu::DateFormatSymbols;
  int32_t count = 0;
  const auto month_names = [&](Symbols::DtContextType context, Symbols::DtWidthType width) {
    const icu::UnicodeString* from = dates.getMonths(count, context, width);
    return names<12>(from, count);
  };
  months_short_ = month_names(Symbols::FORMAT, Symbols::ABBREVIATED);
  months_long_ = month_names(Symbols::FORMAT, Symbols::WIDE);
  months_short_alone_ = month_names(Symbols::STANDALONE, Symbols::ABBREVIATED);
  months_long_alone_ = month_names(Symbols::STANDALONE, Symbols::WIDE);
  const auto* weekdays = dates.getWeekdays(count, Symbols::FORMAT, Symbols::ABBREVIATED);
  weekdays_short_ = names<7>(weekdays, count, 1);  // ICU counts them from 1
  weekdays = dates.getWeekdays(count, Symbols::FORMAT, Symbols::WIDE);
  weekdays_long_ = names<7>(weekdays, count, 1);
  const auto* half_days = dates.getAmPmStrings(count);
  half_days_ = names<2>(half_days, count);

  const std::unique_ptr<icu::Calendar> calendar(icu::Calendar::createInstance(locale, status));
  if (calendar) first_day_of_week_ = calendar->getFirstDayOfWeek(status) - 1;

  const std::unique_ptr<icu::DateTimePatternGenerator> generator(
      icu::DateTimePatternGenerator::createInstance(locale, status));
  if (!generator) return;
  time_ = compile(pattern_for(*generator, "jm"));
  day_month_ = compile(pattern_for(*generator, "MMMd"));
  date_ = compile(pattern_for(*generator, "yMMMd"));
  month_year_ = compile(pattern_for(*generator, "yMMMM"));
  full_ = compile(pattern_for(*generator, "yMMMMEEEEdjm"));
}

Formats::Pattern Formats::compile(std::string_view pattern) const {
  Pattern steps;
  const auto add_text = [&](std::string_view text) {
    if (steps.empty() || steps.back().field != Field::kText) steps.push_back({Field::kText, 0, {}});
    steps.back().text += text;
  };
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {  // quoted text; two quotes are one
      const auto end = pattern.find('\'', i + 1);
      if (end == i + 1) add_text("'");
      if (end == std::string_view::npos) break;
      add_text(pattern.substr(i + 1, end - i - 1));
      i = end + 1;
      continue;
    }
    std::size_t run = 1;
    while (i + run < pattern.size() && pattern[i + run] == c) ++run;
    const int width = static_cast<int>(run);
    const auto add = [&](Field field, int w) { steps.push_back({field, w, {}}); };
    switch (c) {
      case 'y': case 'u': add(run == 2 ? Field::kYearOfCentury : Field::kYear, width); break;
      case 'M': add(run <= 2 ? Field::kMonth : run == 3 ? Field::kMonthShort : Field::kMonthLong, width); break;
      case 'L': add(run <= 2 ? Field::kMonth : run == 3 ? Field::kMonthShortAlone : Field::kMonthLongAlone, width); break;
      case 'd': add(Field::kDay, width); break;
      case 'E': case 'c': case 'e': add(run <= 3 ? Field::kWeekdayShort : Field::kWeekdayLong, 0); break;
      case 'H': case 'k': add(Field::kHour24, width); break;
      case 'h': add(Field::kHour12, width); break;
      case 'K': add(Field::kHour11, width); break;
      case 'm': add(Field::kMinute, width); break;
      case 's': add(Field::kSecond, width); break;
      case 'a': case 'b': case 'B': add(Field::kHalfDay, 0); break;
      default: add_text(pattern.substr(i, run)); break;
    }
    i += run;
  }
  return steps;
}

void Formats::digits(std::uint64_t n, int width, std::string& out) const {
  if (n < 100 && ascii_digits_ && width <= 2) {  // most of what a date is made of
    const char two[] = {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
    const bool both = n >= 10 || width == 2;
    out.append(two + (both ? 0 : 1), both ? 2 : 1);
    return;
  }
  char buffer[20];
  char* const end = buffer + sizeof buffer;
  char* p = end;
  do {
    *--p = static_cast<char>('0' + n % 10);
    n /= 10;
  } while (n != 0);
  while (end - p < std::min(width, 20)) *--p = '0';
  if (ascii_digits_) {
    out.append(p, static_cast<std::size_t>(end - p));
    return;
  }
  for (; p < end; ++p) out += digits_[static_cast<std::size_t>(*p - '0')];
}

void Formats::write(const Pattern& pattern, const LocalTime& t, std::string& out) const {
  const auto month = static_cast<std::size_t>(t.month - 1);
  const auto weekday = static_cast<std::size_t>(t.weekday);
  const auto put = [&](int n, int width) { digits(static_cast<std::uint64_t>(n), width, out); };
  for (const Step& step : pattern) {
    switch (step.field) {
      case Field::kText: out += step.text; break;
      case Field::kYear: put(t.year, step.width); break;
      case Field::kYearOfCentury: put(t.year % 100, 2); break;
      case Field::kMonth: put(t.month, step.width); break;
      case Field::kMonthShort: out += months_short_[month]; break;
      case Field::kMonthLong: out += months_long_[month]; break;
      case Field::kMonthShortAlone: out += months_short_alone_[month]; break;
      case Field::kMonthLongAlone: out += months_long_alone_[month]; break;
      case Field::kDay: put(t.day, step.width); break;
      case Field::kWeekdayShort: out += weekdays_short_[weekday]; break;
      case Field::kWeekdayLong: out += weekdays_long_[weekday]; break;
      case Field::kHour24: put(t.hour, step.width); break;
      case Field::kHour12: put((t.hour + 11) % 12 + 1, step.width); break;
      case Field::kHour11: put(t.hour % 12, step.width); break;
      case Field::kMinute: put(t.minute, step.width); break;
      case Field::kSecond: put(t.second, step.width); break;
      case Field::kHalfDay: out += half_days_[t.hour < 12 ? 0 : 1]; break;
    }
  }
}

void Formats::number(std::uint64_t n, std::string& out) const {
  std::uint64_t rest = n;
  int length = 0;
  std::array<int, 20> reversed{};
  do {
    reversed[static_cast<std::size_t>(length++)] = static_cast<int>(rest % 10);
    rest /= 10;
  } while (rest != 0);
  const bool grouped = length >= group_size_ + group_from_;
  for (int i = length - 1; i >= 0; --i) {
    out += digits_[static_cast<std::size_t>(reversed[static_cast<std::size_t>(i)])];
    const bool boundary = i > 0 && i >= group_size_ && (i - group_size_) % group_size_2_ == 0;
    if (grouped && boundary) out += group_;
  }
}

std::string Formats::number(std::uint64_t n) const {
  std::string out;
  number(n, out);
  return out;
}

void Formats::tenths(std::uint64_t n, std::string& out) const {
  number(n / 10, out);
  out += point_;
  digits(n % 10, 1, out);
}

void Formats::time(const LocalTime& t, std::string& out) const { write(time_, t, out); }
void Formats::day_month(const LocalTime& t, std::string& out) const { write(day_month_, t, out); }
void Formats::date(const LocalTime& t, std::string& out) const { write(date_, t, out); }
void Formats::month_year(const LocalTime& t, std::string& out) const { write(month_year_, t, out); }
void Formats::full(const LocalTime& t, std::string& out) const { write(full_, t, out); }

void Formats::brief(const LocalTime& t, const LocalTime& now, std::string& out) const {
  if (t.days == now.days) return time(t, out);
  if (t.year == now.year) return day_month(t, out);
  date(t, out);
}

void iso_time(const LocalTime& t, std::string& out) {
  char text[] = "0000-00-00T00:00+00:00";
  const auto two = [&text](std::size_t at, int n) {
    text[at] = static_cast<char>('0' + n / 10);
    text[at + 1] = static_cast<char>('0' + n % 10);
  };
  two(0, t.year / 100);
  two(2, t.year % 100);
  two(5, t.month);
  two(8, t.day);
  two(11, t.hour);
  two(14, t.minute);
  const int minutes = std::abs(t.offset) / 60;
  if (t.offset < 0) text[16] = '-';
  two(17, minutes / 60);
  two(20, minutes % 60);
  out.append(text, sizeof text - 1);
}

}  // namespace alphamail
