// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/locale_format.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <unicode/calendar.h>
#include <unicode/dcfmtsym.h>
#include <unicode/decimfmt.h>
#include <unicode/dtfmtsym.h>
#include <unicode/dtptngen.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/numfmt.h>

#include "mod_alphamail/page_buffer.h"

namespace alphamail {

namespace {

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

constexpr std::size_t kPadding = 16;  // bytes that put() may read and write beyond a text
constexpr std::size_t kLongestWord = 64;

constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> all{};
  for (std::size_t n = 0; n < 100; ++n) {
    all[2 * n] = static_cast<char>('0' + n / 10);
    all[2 * n + 1] = static_cast<char>('0' + n % 10);
  }
  return all;
}();

/// @param n  below 100
void put_two(int n, char* out) { std::memcpy(out, &kTwoDigits[2 * static_cast<std::size_t>(n)], 2); }

}  // namespace

Formats::Formats(const std::string& icu_locale) {
  // Mail is dated in the Gregorian calendar, also where another one hangs on the wall.
  const icu::Locale locale((icu_locale + "@calendar=gregorian").c_str());
  read_symbols(locale);
  read_dates(locale);
  plain_ = needs_no_escape(words_);
  words_.append(kPadding, '\0');
}

void Formats::read_symbols(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::DecimalFormatSymbols symbols(locale, status);
  for (int i = 0; i < 10; ++i) {
    const std::string digit = utf8(symbols.getConstDigitSymbol(i));
    digits_[static_cast<std::size_t>(i)] = word(digit);
    ascii_digits_ &= digit == std::string(1, static_cast<char>('0' + i));
  }
  group_ = word(utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kGroupingSeparatorSymbol)));
  point_ = word(utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kDecimalSeparatorSymbol)));
  const std::unique_ptr<icu::NumberFormat> numbers(icu::NumberFormat::createInstance(locale, status));
  if (const auto* decimal = dynamic_cast<const icu::DecimalFormat*>(numbers.get())) {
    group_size_ = std::max(1, static_cast<int>(decimal->getGroupingSize()));
    group_size_2_ = decimal->getSecondaryGroupingSize() > 0 ? decimal->getSecondaryGroupingSize()
                                                            : group_size_;
    // Spanish and others leave four digits together; ICU says so only by doing it.
    const auto four = icu::number::NumberFormatter::withLocale(locale).formatInt(1000, status);
    group_from_ = four.toString(status).length() == 4 ? 2 : 1;
  }
}

void Formats::read_dates(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::DateFormatSymbols dates(locale, status);
  using Symbols = icu::DateFormatSymbols;
  int32_t count = 0;
  const auto month_names = [&](Symbols::DtContextType context, Symbols::DtWidthType width) {
    const icu::UnicodeString* from = dates.getMonths(count, context, width);
    return words<12>(from, count);
  };
  months_short_ = month_names(Symbols::FORMAT, Symbols::ABBREVIATED);
  months_long_ = month_names(Symbols::FORMAT, Symbols::WIDE);
  months_short_alone_ = month_names(Symbols::STANDALONE, Symbols::ABBREVIATED);
  months_long_alone_ = month_names(Symbols::STANDALONE, Symbols::WIDE);
  const auto* weekdays = dates.getWeekdays(count, Symbols::FORMAT, Symbols::ABBREVIATED);
  weekdays_short_ = words<7>(weekdays, count, 1);  // ICU counts them from 1
  weekdays = dates.getWeekdays(count, Symbols::FORMAT, Symbols::WIDE);
  weekdays_long_ = words<7>(weekdays, count, 1);
  const auto* half_days = dates.getAmPmStrings(count);
  half_days_ = words<2>(half_days, count);

  const std::unique_ptr<icu::Calendar> calendar(icu::Calendar::createInstance(locale, status));
  if (calendar) first_day_of_week_ = calendar->getFirstDayOfWeek(status) - 1;

  const std::unique_ptr<icu::DateTimePatternGenerator> generator(
      icu::DateTimePatternGenerator::createInstance(locale, status));
  if (!generator) return;
  time_ = pattern_for(*generator, "jm");
  day_month_ = pattern_for(*generator, "MMMd");
  date_ = pattern_for(*generator, "yMMMd");
  month_year_ = pattern_for(*generator, "yMMMM");
  full_ = pattern_for(*generator, "yMMMMEEEEdjm");
}

/// No word of a language is as long as kLongestWord; one that is keeps its beginning.
Formats::Word Formats::word(std::string_view text) {
  const auto at = static_cast<std::uint32_t>(words_.size());
  text = text.substr(0, kLongestWord);
  words_ += text;
  return {at, static_cast<std::uint32_t>(text.size())};
}

template <std::size_t N>
std::array<Formats::Word, N> Formats::words(const icu::UnicodeString* from, int count, int skip) {
  std::array<Word, N> out;
  for (std::size_t i = 0; i < N && static_cast<int>(i) + skip < count; ++i) {
    out[i] = word(utf8(from[i + static_cast<std::size_t>(skip)]));
  }
  return out;
}

Formats::Pattern Formats::pattern_for(icu::DateTimePatternGenerator& generator,
                                      const char* skeleton) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString best =
      generator.getBestPattern(icu::UnicodeString(skeleton, -1, US_INV), status);
  if (U_SUCCESS(status)) {
    Pattern pattern = compile(utf8(best));
    if (longest(pattern) + kPadding <= kLongest) return pattern;
  }
  return compile("y-MM-dd HH:mm");
}

std::size_t Formats::longest(const Pattern& pattern) const {
  std::size_t bytes = 0;
  for (const Step& step : pattern) {
    switch (step.field) {
      case Field::kText: bytes += step.text.size; break;
      case Field::kMonthShort:
      case Field::kMonthLong:
      case Field::kMonthShortAlone:
      case Field::kMonthLongAlone:
      case Field::kWeekdayShort:
      case Field::kWeekdayLong:
      case Field::kHalfDay: {
        std::size_t word = 0;
        for (const auto* names : {&months_short_, &months_long_, &months_short_alone_, &months_long_alone_}) {
          for (const Word w : *names) word = std::max<std::size_t>(word, w.size);
        }
        for (const Word w : weekdays_long_) word = std::max<std::size_t>(word, w.size);
        for (const Word w : half_days_) word = std::max<std::size_t>(word, w.size);
        bytes += word;
        break;
      }
      default: bytes += 4 * 4; break;  // a year, in digits of any script
    }
  }
  return bytes;
}

Formats::Pattern Formats::compile(std::string_view pattern) {
  Pattern steps;
  const auto add_text = [&](std::string_view text) {
    // What is added to the last text stands right behind it in words_.
    const Word more = word(text);
    if (steps.empty() || steps.back().field != Field::kText) {
      steps.push_back({Field::kText, 0, more});
    } else {
      steps.back().text.size += more.size;
    }
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

char* Formats::put(Word word, char* out) const {
  const char* const from = words_.data() + word.at;
  for (std::uint32_t i = 0; i < word.size; i += kPadding) std::memcpy(out + i, from + i, kPadding);
  return out + word.size;
}

char* Formats::digits(std::uint64_t n, int width, char* out) const {
  if (n < 100 && ascii_digits_ && width <= 2) {  // most of what a date is made of
    const int both = static_cast<int>(n);
    if (n < 10 && width < 2) {
      *out = static_cast<char>('0' + both);
      return out + 1;
    }
    put_two(both, out);
    return out + 2;
  }
  char text[20];
  const auto size = static_cast<int>(write_digits(n, text) - text);
  for (int i = size; i < std::min(width, 4); ++i) out = put(digits_[0], out);
  for (int i = 0; i < size; ++i) out = put(digits_[static_cast<std::size_t>(text[i] - '0')], out);
  return out;
}

char* Formats::write(const Pattern& pattern, const LocalTime& t, char* out) const {
  const auto month = static_cast<std::size_t>(t.month - 1);
  const auto weekday = static_cast<std::size_t>(t.weekday);
  const auto number = [&](int n, int width) {
    return digits(static_cast<std::uint64_t>(n), width, out);
  };
  const auto year = [&](int width) {
    if (!ascii_digits_ || t.year < 1000) return number(t.year, width);
    put_two(t.year / 100, out);
    put_two(t.year % 100, out + 2);
    return out + 4;
  };
  for (const Step& step : pattern) {
    switch (step.field) {
      case Field::kText: out = put(step.text, out); break;
      case Field::kYear: out = year(step.width); break;
      case Field::kYearOfCentury: out = number(t.year % 100, 2); break;
      case Field::kMonth: out = number(t.month, step.width); break;
      case Field::kMonthShort: out = put(months_short_[month], out); break;
      case Field::kMonthLong: out = put(months_long_[month], out); break;
      case Field::kMonthShortAlone: out = put(months_short_alone_[month], out); break;
      case Field::kMonthLongAlone: out = put(months_long_alone_[month], out); break;
      case Field::kDay: out = number(t.day, step.width); break;
      case Field::kWeekdayShort: out = put(weekdays_short_[weekday], out); break;
      case Field::kWeekdayLong: out = put(weekdays_long_[weekday], out); break;
      case Field::kHour24: out = number(t.hour, step.width); break;
      case Field::kHour12: out = number((t.hour + 11) % 12 + 1, step.width); break;
      case Field::kHour11: out = number(t.hour % 12, step.width); break;
      case Field::kMinute: out = number(t.minute, step.width); break;
      case Field::kSecond: out = number(t.second, step.width); break;
      case Field::kHalfDay: out = put(half_days_[t.hour < 12 ? 0 : 1], out); break;
    }
  }
  return out;
}

void Formats::append(const Pattern& pattern, const LocalTime& t, std::string& out) const {
  char text[kLongest];
  out.append(text, write(pattern, t, text));
}

char* Formats::number(std::uint64_t n, char* out) const {
  if (n < 100) return digits(n, 1, out);  // no language groups these
  char text[20];
  const auto length = static_cast<int>(write_digits(n, text) - text);
  const bool grouped = length >= group_size_ + group_from_;
  for (int i = length - 1; i >= 0; --i) {
    out = put(digits_[static_cast<std::size_t>(text[length - 1 - i] - '0')], out);
    const bool boundary = i > 0 && i >= group_size_ && (i - group_size_) % group_size_2_ == 0;
    if (grouped && boundary) out = put(group_, out);
  }
  return out;
}

void Formats::number(std::uint64_t n, std::string& out) const {
  char text[kLongest];
  out.append(text, number(n, text));
}

std::string Formats::number(std::uint64_t n) const {
  std::string out;
  number(n, out);
  return out;
}

char* Formats::tenths(std::uint64_t n, char* out) const {
  return digits(n % 10, 1, put(point_, number(n / 10, out)));
}

void Formats::tenths(std::uint64_t n, std::string& out) const {
  char text[kLongest];
  out.append(text, tenths(n, text));
}

void Formats::time(const LocalTime& t, std::string& out) const { append(time_, t, out); }
void Formats::day_month(const LocalTime& t, std::string& out) const { append(day_month_, t, out); }
void Formats::date(const LocalTime& t, std::string& out) const { append(date_, t, out); }
void Formats::month_year(const LocalTime& t, std::string& out) const { append(month_year_, t, out); }
void Formats::full(const LocalTime& t, std::string& out) const { append(full_, t, out); }

char* Formats::brief(const LocalTime& t, const LocalTime& now, char* out) const {
  return write(t.days == now.days ? time_ : t.year == now.year ? day_month_ : date_, t, out);
}

void Formats::brief(const LocalTime& t, const LocalTime& now, std::string& out) const {
  char text[kLongest];
  out.append(text, brief(t, now, text));
}

char* iso_time(const LocalTime& t, char* out) {
  std::memcpy(out, "0000-00-00T00:00+00:00", kIsoBytes);
  put_two(t.year / 100, out);
  put_two(t.year % 100, out + 2);
  put_two(t.month, out + 5);
  put_two(t.day, out + 8);
  put_two(t.hour, out + 11);
  put_two(t.minute, out + 14);
  const int minutes = std::abs(t.offset) / 60;
  if (t.offset < 0) out[16] = '-';
  put_two(minutes / 60, out + 17);
  put_two(minutes % 60, out + 20);
  return out + kIsoBytes;
}

void iso_time(const LocalTime& t, std::string& out) {
  char text[kIsoBytes];
  out.append(text, iso_time(t, text));
}

}  // namespace alphamail
