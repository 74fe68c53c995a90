// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/words.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "t/unit/pages_fixture.h"

using namespace alphamail;

namespace {

const Words& words() {
  static const fixture::Site site;
  return *site.words;
}

TEST(Words, ComeFromTheCatalogue) {
  const Language& german = *words().find("de");
  EXPECT_STREQ(german.tr("Inbox"), "Posteingang");
  EXPECT_STREQ(german.tr("nobody translated this"), "nobody translated this");
  EXPECT_EQ(german.name(), "Deutsch");
  EXPECT_FALSE(german.right_to_left());
  const Language& english = *words().find("en");
  EXPECT_STREQ(english.tr("Inbox"), "Inbox");
  EXPECT_EQ(english.name(), "English");
}

TEST(Words, HavePluralForms) {
  const Language& german = *words().find("de");
  EXPECT_STREQ(german.trn("{1} new message", "{1} new messages", 1), "{1} neue Nachricht");
  for (const std::uint64_t n : {0ULL, 2ULL, 1001ULL, 1ULL << 40}) {
    EXPECT_STREQ(german.trn("{1} new message", "{1} new messages", n), "{1} neue Nachrichten") << n;
  }
  const Language& english = *words().find("en");
  EXPECT_STREQ(english.trn("{1} new message", "{1} new messages", 0), "{1} new messages");
}

TEST(Words, AreFilledWithTexts) {
  EXPECT_EQ(fill("{1} of {2}", {"5", "402"}), "5 of 402");
  EXPECT_EQ(fill("{2}, {1}{1}", {"a", "b"}), "b, aa");
  EXPECT_EQ(fill("{1} {3} {x} {", {"{2}"}), "{2} {3} {x} {");
}

TEST(Languages, AreChosenByUserThenBrowserThenSite) {
  const auto choose = [](std::string_view chosen, std::string_view accept, std::string_view site) {
    return words().choose(chosen, accept, site).code();
  };
  EXPECT_EQ(choose("de", "en", "en"), "de");
  EXPECT_EQ(choose("", "de-CH, en;q=0.8", "en"), "de");
  EXPECT_EQ(choose("", "fr, en;q=0.4, de;q=0.5", "en"), "de");
  EXPECT_EQ(choose("", "en-US,en;q=0.9", "de"), "en-US");
  EXPECT_EQ(choose("", "en-AU", "de"), "en");
  EXPECT_EQ(choose("", "fr", "de"), "de");
  EXPECT_EQ(choose("", "", ""), "en");
  EXPECT_EQ(choose("xx", "", "de"), "de");
  EXPECT_EQ(choose("", "de;q=0", "en"), "en");
  EXPECT_EQ(choose("", ",,;;q=,de;q=x,\xff;q=1," + std::string(5000, ','), "en"), "en");
}

TEST(Words, RefuseWhatIsNoCatalogue) {
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("words_test." + std::to_string(getpid()));
  std::filesystem::create_directory(dir);
  for (const std::string& bytes : {std::string(), std::string("nonsense"),
                                   std::string("\xde\x12\x04\x95\0\0\0\0\xff\xff\xff\x7f", 12) + std::string(40, '\x7f')}) {
    std::ofstream(dir / "fr.mo", std::ios::binary) << bytes;
    EXPECT_FALSE(Words::load(dir.string())) << bytes.size();
  }
  std::filesystem::remove_all(dir);
  EXPECT_FALSE(Words::load(dir.string()));
}

}  // namespace
