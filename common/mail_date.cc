// SPDX-License-Identifier: GPL-3.0-or-later
// Dates of mail: RFC 5322 section 3.3 with its obsolete forms (section 4.3), C's asctime, ISO 8601
// and what lies between. Read word by word, whatever their order.
#include <algorithm>
#include <array>
#include <chrono>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

constexpr std::size_t kDateBytes = 200;  // longer is no date
constexpr int kFirstYear = 1970;         // earlier, later: a clock that was never set
constexpr int kLastYear = 2099;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
struct ZoneName {
  std::string_view name;
  int hours;
};
// RFC 5322 section 4.3; the military letters mean nothing since RFC 822 had their signs wrong.
constexpr std::array kZones = {
    ZoneName{"ut", 0},   ZoneName{"gmt", 0},  ZoneName{"utc", 0},  ZoneName{"z", 0},
    ZoneName{"est", -5}, ZoneName{"edt", -4}, ZoneName{"cst", -6}, ZoneName{"cdt", -5},
    ZoneName{"mst", -7}, ZoneName{"mdt", -6}, ZoneName{"pst", -8}, ZoneName{"pdt", -7},
    ZoneName{"cet", 1},  ZoneName{"cest", 2}, ZoneName{"met", 1},  ZoneName{"mest", 2},
    ZoneName{"bst", 1},  ZoneName{"jst", 9},  ZoneName{"kst", 9}};

struct Reading {
  std::optional<int> day, month, year, hour, minute, second, zone_minutes;
};

int century(std::string_view digits, int value) {
  if (digits.size() == 2) return value < 50 ? 2000 + value : 1900 + value;
  return digits.size() == 3 ? 1900 + value : value;  // RFC 5322 section 4.3
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

/// Without comments, and without the white space that was once allowed around colons.
std::string simplified(std::string_view raw) {
  std::string out;
  int depth = 0;
  for (const char c : raw) {
    if (c == '(') ++depth;
    if (depth == 0 && !(is_space(c) && out.ends_with(':'))) {
      while (c == ':' && out.ends_with(' ')) out.pop_back();
      out.push_back(is_space(c) ? ' ' : c);
    }
    if (c == ')' && depth > 0) --depth;
  }
  return out;
}

/// "Mon, 02 Nov 2026 17:28:20 +0100 (CET)", as nearly all mail has it, with or without what stands
/// at its ends; read as DateReader would. Nothing for all other forms.
std::optional<Reading> plain_date(std::string_view text) {
  static constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
  static constexpr std::string_view kNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto name = [&](std::string_view names) {  // which of them comes next, from 0
    for (std::size_t i = 0; i < names.size(); i += 3) {
      if (text.substr(0, 3) == names.substr(i, 3)) return static_cast<int>(i / 3);
    }
    return -1;
  };
  const auto take = [&](std::size_t digits, char end, std::optional<int>& value) {
    if (text.size() <= digits || text[digits] != end) return false;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text[i])) return false;
    }
    value = number(text.substr(0, digits));
    text.remove_prefix(digits + 1);
    return true;
  };
  if (name(kDays) >= 0 && text.substr(3, 2) == ", ") text.remove_prefix(5);
  Reading date;
  if (!take(2, ' ', date.day) && !take(1, ' ', date.day)) return std::nullopt;
  const int month = name(kNames);
  if (month < 0 || text.substr(3, 1) != " ") return std::nullopt;
  date.month = month + 1;
  text.remove_prefix(4);
  if (!take(4, ' ', date.year) || !take(2, ':', date.hour) || !take(2, ':', date.minute) ||
      !take(2, ' ', date.second)) {
    return std::nullopt;
  }
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  const std::string_view zone = text.substr(1, 4), rest = text.substr(5);
  if (!std::all_of(zone.begin(), zone.end(), is_digit)) return std::nullopt;
  if (!rest.empty() && (!rest.starts_with(" (") || rest.find(')') != rest.size() - 1))
    return std::nullopt;
  const int value = number(zone), minutes = value / 100 * 60 + value % 100;
  if (value % 100 >= 60 || minutes > 14 * 60) return std::nullopt;
  date.zone_minutes = sign * minutes;
  return date;
}

class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  Reading read() {
    while (at_ < text_.size()) step();
    return date_;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (is_digit(c))
      digits();
    else if (is_letter(c))
      word();
    else if ((c == '+' || c == '-') && date_.minute && at_ + 1 < text_.size() &&
             is_digit(text_[at_ + 1]))
      zone();
    else
      ++at_;
  }

  std::string_view take_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool next_is(char c) const {
    return at_ + 1 < text_.size() && text_[at_] == c && is_digit(text_[at_ + 1]);
  }

  void digits() {
    const std::string_view found = take_digits();
    if (found.size() > 4) return;
    const int value = number(found);
    if (!date_.hour && (next_is(':') || (next_is('.') && date_.year))) return time(value);
    if (!date_.year && found.size() == 4 && next_is('-')) return iso(value);
    if (!date_.day && found.size() <= 2)
      date_.day = value;
    else if (!date_.year)
      date_.year = century(found, value);
  }

  /// hh:mm[:ss[.fraction]], the hours already read; with dots, as some Finnish mailers have it.
  void time(int hours) {
    date_.hour = hours;
    const char mark = text_[at_++];
    date_.minute = number(take_digits().substr(0, 4));
    date_.second = 0;
    if (next_is(mark)) {
      ++at_;
      date_.second = number(take_digits().substr(0, 4));
      if (next_is('.')) {
        ++at_;
        take_digits();
      }
    }
  }

  /// yyyy-mm-dd, the year already read.
  void iso(int year) {
    date_.year = year;
    ++at_;
    date_.month = number(take_digits().substr(0, 4));
    if (!next_is('-')) return;
    ++at_;
    date_.day = number(take_digits().substr(0, 4));
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    const std::string name = lower(text_.substr(begin, at_ - begin));
    if (name == "pm" && date_.hour && *date_.hour < 12) *date_.hour += 12;
    if (name == "am" && date_.hour && *date_.hour == 12) date_.hour = 0;
    for (std::size_t i = 0; i < kMonths.size() && name.size() >= 3; ++i)
      if (!date_.month && name.substr(0, 3) == kMonths[i]) date_.month = static_cast<int>(i) + 1;
    for (const ZoneName& zone : kZones)
      if (date_.minute && !date_.zone_minutes && zone.name == name)
        date_.zone_minutes = zone.hours * 60;
  }

  void zone() {
    const int sign = text_[at_++] == '-' ? -1 : 1;
    std::string found(take_digits());
    if (found.size() <= 2 && next_is(':')) {  // +01:00
      ++at_;
      found += take_digits();
    }
    if (found.size() <= 2) found += "00";
    if (found.size() > 4) return;
    const int value = number(found);
    const int minutes = value / 100 * 60 + value % 100;
    // What no place on earth has says nothing; "GMT+0200" is +0200.
    if (value % 100 < 60 && minutes <= 14 * 60 && (!date_.zone_minutes || *date_.zone_minutes == 0))
      date_.zone_minutes = sign * minutes;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Reading date_;
};

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view raw) {
  raw = trim(raw);
  if (raw.size() > kDateBytes) return std::nullopt;
  const auto plain = plain_date(raw);
  const Reading date = plain ? *plain : DateReader(simplified(raw)).read();
  if (!date.day || !date.month || !date.year || *date.year < kFirstYear || *date.year > kLastYear)
    return std::nullopt;
  if (*date.month < 1 || *date.month > 12 || *date.day < 1 || *date.day > 31) return std::nullopt;
  using namespace std::chrono;
  const year_month_day ymd{year{*date.year}, month{static_cast<unsigned>(*date.month)},
                           day{static_cast<unsigned>(*date.day)}};
  const int hour = date.hour.value_or(0), minute = date.minute.value_or(0),
            second = date.second.value_or(0);
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = sys_days{ymd}.time_since_epoch().count();
  const std::int64_t seconds =
      ((days * 24 + hour) * 60 + minute - date.zone_minutes.value_or(0)) * 60 + second;
  return seconds < 0 ? std::nullopt : std::optional(seconds);
}

}  // namespace alphamail
