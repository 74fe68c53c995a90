// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "mod_alphamail/percent.h"
#include "mod_alphamail/request.h"

namespace alphamail {
namespace {

TEST(Fields, DecodesNamesAndValuesOnce) {
  const auto fields = Fields::parse("a=1&b+c=%C3%A4+%2B&d=%2541&e&=f");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->get("a"), "1");
  EXPECT_EQ(fields->get("b c"), "\xC3\xA4 +");
  EXPECT_EQ(fields->get("d"), "%41");
  EXPECT_TRUE(fields->has("e"));
  EXPECT_EQ(fields->get("e"), "");
  EXPECT_FALSE(fields->has("f"));
}

TEST(Fields, TheFirstOfEqualNamesCounts) { EXPECT_EQ(Fields::parse("x=1&x=2")->get("x"), "1"); }

TEST(Fields, RefusesWhatIsNoText) {
  for (const char* bad : {"a=%00", "a=%ff", "a=%C0%80", "a=%ED%A0%80", "a=%", "a=%4", "a=%zz", "%00=1",
                          "a=%F4%90%80%80", "a=%E4"}) {
    EXPECT_FALSE(Fields::parse(bad)) << bad;
  }
  EXPECT_TRUE(Fields::parse(""));
  EXPECT_TRUE(Fields::parse("&&&"));
}

TEST(Fields, TakesTwoHundredAndNoMore) {
  std::string most = "a=1";
  for (int i = 1; i < 200; ++i) most += "&a=1";
  EXPECT_TRUE(Fields::parse(most));
  EXPECT_FALSE(Fields::parse(most + "&a=1"));
}

TEST(Fields, NumbersOutsideOfTheirRangeAreTheDefault) {
  const auto f = Fields::parse("a=7&b=-1&c=4294967296&d=7x&e=+7&g=007");
  EXPECT_EQ(f->number("a", 1, 10, 3), 7u);
  EXPECT_EQ(f->number("a", 8, 10, 3), 3u);
  for (const char* name : {"b", "c", "d", "e", "absent"}) EXPECT_EQ(f->number(name, 0, 9, 3), 3u) << name;
}

TEST(Percent, EncodesAllThatIsNotUnreserved) {
  EXPECT_EQ(percent_encode("a/b \xC3\xA4~", "/"), "a/b%20%C3%A4~");
  EXPECT_EQ(percent_decode(percent_encode(std::string("\0\xff%", 3))), std::string("\0\xff%", 3));
}

}  // namespace
}  // namespace alphamail
