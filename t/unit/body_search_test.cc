// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/body_search.h"

#include <gtest/gtest.h>

#include <string>

#include "common/text_fold.h"
#include "webcache/readable_charsets.h"

namespace alphamail {
namespace {

// "a|b & c": each word as the server is asked for it.
std::string keys(const char* text, bool utf8 = true) {
  std::string out;
  for (const auto& any : BodyWords(text).keys(utf8).all) {
    out += out.empty() ? "" : " & ";
    for (std::size_t i = 0; i < any.size(); ++i) out += (i > 0 ? "|" : "") + any[i].text;
  }
  return out;
}

bool in(const char* words, const char* text) {
  return BodyWords(words).in(folded_with_accents(text));
}

TEST(BodySearch, CaseAndLineEndsDoNotMatterAndAccentsDo) {
  EXPECT_TRUE(in("Beam TIME", "the beam\r\n  time is"));
  EXPECT_TRUE(in("MÜLLER", "Frau müller"));
  EXPECT_TRUE(in("straße", "STRASSE"));
  EXPECT_FALSE(in("muller", "Frau Müller"));
  EXPECT_TRUE(in("ulle", "Mullen fuller"));
}

TEST(BodySearch, AServerIsAskedForWhatEachOfThemFinds) {
  EXPECT_EQ(keys("meeting"), "meeting");
  EXPECT_EQ(keys("the long meeting"), "meeting & long & the");
  EXPECT_EQ(keys("Müller"), "ller");
  EXPECT_EQ(keys("AT&T-Konferenz"), "konferenz");
  EXPECT_EQ(keys("R&D"), "r&d|R&D|r&amp;d|&#");
  // A letter that folds to two: the server may have either.
  EXPECT_EQ(keys("trasse"), "trasse|traße");
  EXPECT_EQ(keys("Traße"), "trasse|traße");
  EXPECT_EQ(keys("trasse", false), "tra");
  // Half of it may stand at either end: "ras" is in "Straße".
  EXPECT_EQ(keys("students"), "tudent");
  EXPECT_EQ(keys("as"), "as|aß");
}

TEST(BodySearch, WithoutPlainLettersItIsAskedForTheWordAndForWhatHtmlMakesOfIt) {
  EXPECT_EQ(keys("привет"), "привет|&#");
  EXPECT_EQ(keys("Привет"), "привет|Привет|&#");
  EXPECT_EQ(keys("fü"), "fü|&#|&u");
  EXPECT_EQ(keys("öss"), "öss|öß|&#|&o");
  // Only reading the messages finds it then.
  EXPECT_EQ(keys("привет", false), "");
  EXPECT_EQ(keys("привет meeting", false), "meeting");
}

TEST(BodySearch, ThePartsThatAreAMessagesText) {
  PartInfo plain{"1", 1, "text", "plain", {{"charset", "iso-8859-1"}}, "quoted-printable", "", "", "", {}, 40};
  PartInfo html{"2", 1, "text", "html", {{"charset", "utf-8"}}, "8bit", "", "", "", {}, 40};
  PartInfo file{"3", 1, "text", "plain", {}, "7bit", "", "", "attachment", {}, 40};
  PartInfo picture{"4", 1, "image", "png", {}, "base64", "", "", "", {}, 40};
  const std::vector<PartInfo> parts{plain, html, file, picture};
  const auto texts = searched_parts(parts);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0]->section, "1");
  EXPECT_EQ(texts[1]->section, "2");
  EXPECT_EQ(searched_text("Gr=FC=DFe\r\n aus  M=FCnchen", plain), "grüsse aus münchen");
  EXPECT_EQ(searched_text("<style>x</style><p>M&uuml;<b>ll</b>er", html).find("müller") != std::string::npos, true);
}

TEST(ReadableCharsets, AreKnownByOneWordBehindOtherLettersOrByManyPlainOnes) {
  ReadableCharsets charsets;
  charsets.tried("koi8-r", true, true);
  EXPECT_EQ(charsets.reads("koi8-r"), true);
  for (unsigned n = 1; n < ReadableCharsets::kEnoughPlain; ++n) charsets.tried("iso-8859-1", false, true);
  EXPECT_EQ(charsets.reads("iso-8859-1"), std::nullopt);
  charsets.tried("iso-8859-1", false, true);
  EXPECT_EQ(charsets.reads("iso-8859-1"), true);
  EXPECT_FALSE(charsets.some_blind());
  charsets.tried("windows-1251", false, false);
  EXPECT_EQ(charsets.reads("windows-1251"), false);
  EXPECT_TRUE(charsets.some_blind());
}

TEST(ReadableCharsets, TextsThatTeachNothingAreNotLookedAtForEver) {
  ReadableCharsets charsets;
  for (unsigned n = 0; n < ReadableCharsets::kFruitless; ++n) {
    EXPECT_TRUE(charsets.worth_trying("iso-2022-jp")) << n;
    charsets.taught_nothing("iso-2022-jp");
  }
  EXPECT_FALSE(charsets.worth_trying("iso-2022-jp"));
  EXPECT_TRUE(charsets.worth_trying("koi8-r"));
}

}  // namespace
}  // namespace alphamail
