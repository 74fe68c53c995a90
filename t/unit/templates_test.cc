// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/templates.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "mod_alphamail/links.h"
#include "mod_alphamail/urls.h"
#include "mod_alphamail/view.h"
#include "t/unit/pages_fixture.h"

using namespace alphamail;

namespace {

class Weaving : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("templates_test." + std::to_string(getpid()));
    std::filesystem::create_directory(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void write(const std::string& name, const std::string& text, bool pragma = true) {
    std::ofstream(dir_ / name) << (pragma ? "{{%AUTOESCAPE context=\"HTML\"}}\n" : "") << text;
  }
  Result<std::string> weave(const std::string& text, const char* language = "en") {
    write("page.tpl", text);
    return weave_template(dir_.string(), "page.tpl", *site_.words->find(language),
                          {{"mount", "/a&b"}, {"site_name", "{{SUBJECT}}<b>[[@mount]]"}});
  }
  std::string body(const std::string& text, const char* language = "en") {
    const auto woven = weave(text, language);
    if (!woven) return "refused: " + woven.error().detail;
    return woven->substr(woven->find('\n') + 1);
  }
  std::filesystem::path dir_;
  fixture::Site site_;
};

TEST_F(Weaving, PutsWordsInTheLanguage) {
  EXPECT_EQ(body("<p>[[Inbox]]</p>"), "<p>Inbox</p>");
  EXPECT_EQ(body("<p>[[Inbox]]</p>", "de"), "<p>Posteingang</p>");
  EXPECT_EQ(body("[[a < b & \"c\"]]"), "a &lt; b &amp; &quot;c&quot;");
}

TEST_F(Weaving, PutsConstantsAsText) {
  EXPECT_EQ(body("[[@mount]] [[@lang]] [[@dir]]"), "/a&amp;b en ltr");
  // A site's name is never taken for a marker.
  EXPECT_EQ(body("[[@site_name]]"), "&#123;&#123;SUBJECT}}&lt;b&gt;[[@mount]]");
}

TEST_F(Weaving, TurnsNamesIntoCodes) {
  const std::string code = code_of(Name::SUBJECT);
  EXPECT_EQ(body("{{SUBJECT}}{{#SUBJECT}}{{/SUBJECT}}"), "{{" + code + "}}{{#" + code + "}}{{/" + code + "}}");
  EXPECT_EQ(name_of(code.c_str()), Name::SUBJECT);
  EXPECT_EQ(name_of(code_of(static_cast<Name>(std::size(kNames) - 1)).c_str()),
            static_cast<Name>(std::size(kNames) - 1));
}

TEST_F(Weaving, TakesParts) {
  write("part_a.tpl", "[[Inbox]]");
  EXPECT_EQ(body("<{{>PART_A}}>"), "<Inbox>");
  write("part_b.tpl", "{{>PART_B}}");
  EXPECT_FALSE(weave("{{>PART_B}}"));
}

TEST_F(Weaving, RefusesWhatNobodyKnows) {
  EXPECT_FALSE(weave("{{NOBODY_SETS_THIS}}"));
  EXPECT_FALSE(weave("[[@nobody_sets_this]]"));
  EXPECT_FALSE(weave("{{>PART_NOWHERE}}"));
  EXPECT_FALSE(weave("{{SUBJECT"));
  EXPECT_FALSE(weave("[[Inbox"));
}

TEST_F(Weaving, RefusesWaysAroundEscaping) {
  EXPECT_FALSE(weave("{{SUBJECT:none}}"));
  EXPECT_FALSE(weave("{{SUBJECT:o}}"));
  EXPECT_FALSE(weave("{{%AUTOESCAPE context=\"TEXT\"}}"));
  EXPECT_FALSE(weave("{{=<< >>=}}"));
  write("page.tpl", "{{SUBJECT}}", false);
  EXPECT_FALSE(weave_template(dir_.string(), "page.tpl", *site_.words->find("en"), {}));
}

TEST(Urls, AreEncodedOnce) {
  EXPECT_EQ(url_of_folder("/m", "INBOX"), "/m/mail/INBOX/");
  EXPECT_EQ(url_of_folder("/m", "A/b c/\"<%?#"), "/m/mail/A/b%20c/%22%3C%25%3F%23/");
  EXPECT_EQ(url_of_folder("/m", "研"), "/m/mail/%E7%A0%94/");
  EXPECT_EQ(url_of_message("", "a~2Fb", 4294967295U), "/mail/a~2Fb/4294967295");
  EXPECT_EQ(query_value("/mail/a%20b/?page=2"), "/mail/a%2520b/%3Fpage%3D2");
}

TEST(Urls, ReturnOnlyToOurselves) {
  EXPECT_EQ(safe_return_path("/mail/INBOX/?page=2"), "/mail/INBOX/?page=2");
  EXPECT_EQ(safe_return_path("/settings/"), "/settings/");
  for (const std::string path : {"", "/", "//evil.example", "/mail//evil.example", "https://evil.example",
                                 "/mail/\r\nSet-Cookie: x", "/mail/\\evil", "/logout", "mail/", "/mail/../logout"}) {
    EXPECT_EQ(safe_return_path(path), "") << path;
  }
}

std::string marked(std::string_view text) {
  std::string out;
  for (const Run& run : find_links(text)) {
    out += run.link ? "[" + std::string(run.text) + "]" : std::string(run.text);
  }
  return out;
}

TEST(Links, AreFoundWhereAReaderSeesThem) {
  EXPECT_EQ(marked(""), "");
  EXPECT_EQ(marked("no link"), "no link");
  EXPECT_EQ(marked("http://a.example/"), "[http://a.example/]");
  EXPECT_EQ(marked("see https://a.example/x?y=1&z#f."), "see [https://a.example/x?y=1&z#f].");
  EXPECT_EQ(marked("(https://a.example/x)"), "([https://a.example/x])");
  EXPECT_EQ(marked("https://a.example/wiki/Ice_(x)!"), "[https://a.example/wiki/Ice_(x)]!");
  EXPECT_EQ(marked("<HTTPS://A.example/>"), "<[HTTPS://A.example/]>");
  EXPECT_EQ(marked("https://a.example/研究会、次"), "[https://a.example/研究会]、次");
  EXPECT_EQ(marked("a https://x https://y\nz"), "a [https://x] [https://y]\nz");
  EXPECT_EQ(marked("javascript://x ftp://y xhttp://z http:// https://."),
            "javascript://x ftp://y xhttp://z http:// https://.");
}

TEST(Links, AreBoundedAndLoseNoText) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "http://a ";
  std::string together;
  std::size_t links = 0;
  for (const alphamail::Run& run : find_links(text, 100)) {
    together += run.text;
    links += run.link;
  }
  EXPECT_EQ(together, text);
  EXPECT_EQ(links, 100U);
}

}  // namespace
