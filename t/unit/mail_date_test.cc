// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/mime_text.h"

namespace alphamail {
namespace {

struct Case {
  std::string_view raw;
  std::int64_t seconds;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.raw;
}
class Date : public testing::TestWithParam<Case> {};
TEST_P(Date, Reads) {
  EXPECT_EQ(parse_date(GetParam().raw), GetParam().seconds);
}

constexpr std::int64_t kNov22 = 1795322432;  // 2026-11-22 04:40:32 UTC

// The form that nearly all mail has is read by a way of its own; a second blank leads to the other.
TEST(DatePlain, IsReadAsAllOthers) {
  static const char* kEnds[] = {"+0000",       "-0730",           "+1400",  "+1401", "+0260",
                                "-0000 (CET)", "+0100 (a) -0200", "+01:00", ""};
  static const char* kTimes[] = {"00:00:00", "23:59:60", "24:00:00",
                                 "12:60:00", "7:08:09",  "07:08"};
  static const char* kDates[] = {"1 Jan 1970", "31 Dec 2099", "29 Feb 2026", "00 Mar 2026",
                                 "9 may 2026", "30 Jun 26",   "1 Jan 1969"};
  for (const char* end : kEnds) {
    for (const char* time : kTimes) {
      for (const char* date : kDates) {
        for (const char* day : {"", "Mon, ", "May, "}) {
          const std::string rest = std::string(date) + " " + time + " " + end;
          EXPECT_EQ(parse_date(day + rest), parse_date(std::string(day) + "  " + rest + " "))
              << day << rest;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc5322, Date,
    testing::Values(Case{"Sun, 22 Nov 2026 04:40:32 +0000", kNov22},
                    Case{"Sun, 22 Nov 2026 13:40:32 +0900", kNov22},
                    Case{"Sat, 21 Nov 2026 23:40:32 -0500", kNov22},
                    Case{"22 Nov 2026 04:40:32 +0000", kNov22},
                    Case{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706},
                    Case{"Tue, 1 Jul 2003 10:52:37 +0200", 1057049557},
                    Case{"Thu,\r\n      13\r\n        Feb\r\n          1997\r\n      23:32\r\n     "
                         "          -0330 (Newfoundland Time)",
                         855889320},
                    Case{"21 Nov 97 09:55:06 GMT", 880106106},
                    Case{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706},
                    Case{"Sun, 22 Nov 2026 04:40 +0000", kNov22 - 32},
                    Case{"Sun, 22 Nov 2026 04:40:32 EST", kNov22 + 5 * 3600},
                    Case{"Sun, 22 Nov 2026 04:40:32 PDT", kNov22 + 7 * 3600},
                    Case{"Sun, 22 Nov 2026 04:40:32 UT", kNov22},
                    Case{"Sun, 22 Nov 2026 04:40:32 Z", kNov22},
                    Case{"Sun, 22 Nov 2026 04:40:32 A", kNov22},
                    Case{"Sun, 22 Nov 2026 04:40:32 +0000 (UTC)", kNov22},
                    Case{"Sun, 22 Nov 2026 04:40:32", kNov22},
                    Case{"Sun, 22 Nov 2026 04:40:60 +0000", kNov22 + 28},
                    Case{"Tue, 29 Feb 2028 00:00:00 +0000", 1835395200}));

INSTANTIATE_TEST_SUITE_P(Careless, Date,
                         testing::Values(Case{"Sun Nov 22 04:40:32 2026", kNov22},
                                         Case{"Sun Nov 22 04:40:32 UTC 2026", kNov22},
                                         Case{"2026-11-22T04:40:32Z", kNov22},
                                         Case{"2026-11-22 04:40:32.123456 +0000", kNov22},
                                         Case{"2026-11-22T05:40:32+01:00", kNov22},
                                         Case{"22-Nov-2026 04:40:32 +0000", kNov22},
                                         Case{"Sunday, November 22, 2026 4:40:32 AM GMT", kNov22},
                                         Case{"Sun, 22 Nov 2026 04:40:32 PM +0000",
                                              kNov22 + 12 * 3600},
                                         Case{"Sun, 22 Nov 2026 04:40:32 GMT+0100", kNov22 - 3600},
                                         Case{"Sun, 22 Nov 2026 04:40:32 +01:00", kNov22 - 3600},
                                         Case{"Sun, 22 Nov 2026 04:40:32 +9999", kNov22},
                                         Case{"Sun, 22 Nov 126 04:40:32 +0000", kNov22},
                                         Case{"Sun,22 Nov 2026 04:40:32+0000", kNov22},
                                         Case{"So, 22 Nov 2026 04:40:32 +0000", kNov22},
                                         Case{"Sun, 22 Nov 2026 04.40.32 +0000", kNov22}));

TEST(DateAbsurd, IsNone) {
  for (const std::string_view raw : {"",
                                     "garbage",
                                     "Sun, 32 Nov 2026 04:40:32 +0000",
                                     "Sun, 30 Feb 2026 04:40:32 +0000",
                                     "29 Feb 2027 00:00 +0000",
                                     "22 Nov 2026 25:00:00 +0000",
                                     "22 Nov 2026 04:61:00 +0000",
                                     "22 Nov 2026 04:40:61 +0000",
                                     "22 Nov 20026 04:40:32 +0000",
                                     "Thu, 13 Feb 1969 23:32 -0330",
                                     "22 Nov 1900 00:00:00 +0000",
                                     "22 Nov 2100 00:00:00 +0000",
                                     "Nov 2026",
                                     "22 2026 04:40",
                                     "1 Jan 1970 00:00:00 +0100",
                                     "99999999999999999999",
                                     "2026-13-01T00:00:00Z",
                                     "2026-00-10T00:00:00Z",
                                     "2026-257-10T00:00:00Z",
                                     "0 Nov 2026 00:00:00 +0000",
                                     "+",
                                     "22 Nov",
                                     ":::",
                                     "((((("})
    EXPECT_EQ(parse_date(raw), std::nullopt) << raw;
  EXPECT_EQ(parse_date(std::string(1000000, '1')), std::nullopt);
}

TEST(DateBounds, AreExact) {
  EXPECT_EQ(parse_date("1 Jan 1970 00:00:00 +0000"), 0);
  EXPECT_EQ(parse_date("31 Dec 2099 23:59:59 +0000"), 4102444799);
}

}  // namespace
}  // namespace alphamail
