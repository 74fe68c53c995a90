// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/query_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "common/characters.h"

namespace alphamail {
namespace {

namespace chrono = std::chrono;

constexpr int kFirstYear = 1970, kLastYear = 9999;

// All digits, at most `most` of them.
std::optional<int> read_number(std::string_view text, std::size_t most) {
  int value = 0;
  if (text.empty() || text.size() > most || !std::all_of(text.begin(), text.end(), is_digit)) return {};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<chrono::sys_days> day_of(std::optional<int> year, std::optional<int> month, std::optional<int> day) {
  if (!year || !month || !day || *year < kFirstYear || *year > kLastYear) return {};
  const chrono::year_month_day date(chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)});
  if (!date.ok()) return {};
  return chrono::sys_days(date);
}

std::optional<chrono::sys_days> read_day(std::string_view text) {
  if (const auto dot = text.find('.'); dot != text.npos) {
    const auto second = text.find('.', dot + 1);
    if (second == text.npos) return {};
    return day_of(read_number(text.substr(second + 1), 4), read_number(text.substr(dot + 1, second - dot - 1), 2),
                  read_number(text.substr(0, dot), 2));
  }
  if (text.size() < 4) return {};
  const auto year = read_number(text.substr(0, 4), 4);
  if (text.size() == 4) return day_of(year, 1, 1);
  const char between = text[4];
  if (between != '-' && between != '/') return {};
  text.remove_prefix(5);
  const auto next = text.find(between);
  const auto month = read_number(text.substr(0, next), 2);
  return day_of(year, month, next == text.npos ? std::optional(1) : read_number(text.substr(next + 1), 2));
}

chrono::sys_days months_before(chrono::sys_days today, int months) {
  const chrono::year_month_day date(today);
  const auto month = chrono::year_month(date.year(), date.month()) - chrono::months(months);
  const chrono::year_month_day same(month.year(), month.month(), date.day());
  return same.ok() ? chrono::sys_days(same) : chrono::sys_days(month / chrono::last);
}

std::optional<chrono::sys_days> read_age(std::string_view text, chrono::sys_days today) {
  if (text == "today") return today;
  if (text == "yesterday") return today - chrono::days(1);
  if (text.size() < 2) return {};
  const auto number = read_number(text.substr(0, text.size() - 1), 4);
  if (!number) return {};
  switch (text.back()) {
    case 'd': return today - chrono::days(*number);
    case 'w': return today - chrono::days(*number * 7);
    case 'm': return months_before(today, *number);
    case 'y': return months_before(today, *number * 12);
    default: return {};
  }
}

}  // namespace

std::optional<std::int64_t> read_query_date(std::string_view text, const QueryClock& clock) {
  // Beyond these std::chrono's years end, and nobody's mail is there.
  constexpr std::int64_t kFarAway = std::int64_t{1} << 36;
  const std::int64_t local = std::clamp<std::int64_t>(clock.now, 0, kFarAway) + clock.zone_offset;
  const auto today = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(local)));
  const std::string word = lower(text);
  auto day = read_day(word);
  if (!day) day = read_age(word, today);
  if (!day) return {};
  return chrono::sys_seconds(*day).time_since_epoch().count() - clock.zone_offset;
}

std::optional<std::int64_t> read_query_size(std::string_view text) {
  std::string word = lower(text);
  if (word.size() > 1 && word.back() == 'b') word.pop_back();
  std::int64_t unit = 1;
  if (!word.empty() && !is_digit(word.back())) {
    unit = word.back() == 'k' ? 1'000 : word.back() == 'm' ? 1'000'000 : word.back() == 'g' ? 1'000'000'000 : 0;
    word.pop_back();
  }
  const auto point = word.find_first_of(".,");
  const auto whole = read_number(std::string_view(word).substr(0, point), 9);
  if (unit == 0 || !whole) return {};
  std::int64_t bytes = *whole * unit;
  if (point == word.npos) return bytes;
  const auto tenths = read_number(std::string_view(word).substr(point + 1), 1);
  if (!tenths || unit == 1) return {};
  return bytes + *tenths * (unit / 10);
}

}  // namespace alphamail
