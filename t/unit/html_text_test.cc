// SPDX-License-Identifier: GPL-3.0-or-later
// HTML to words, and the line of a message that stands beside its subject.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/html_entities.h"
#include "common/mime_text.h"
#include "common/utf8.h"
#include "t/unit/cpu_time.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view html, text;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.html;
}
class Html : public testing::TestWithParam<Case> {};
TEST_P(Html, BecomesText) {
  EXPECT_EQ(html_to_text(GetParam().html, 100000), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, Html,
    testing::Values(
        Case{"plain", "plain"}, Case{"", ""}, Case{"  a \n b  ", "a b"},
        Case{"<p>one</p><p>two</p>", "one\n\ntwo"},
        Case{"<div>one</div><div>two</div>", "one\ntwo"},
        Case{"<div><div><div>one</div></div></div>two", "one\ntwo"},
        Case{"one<br>two<br/>three<BR >four", "one\ntwo\nthree\nfour"},
        Case{"one<br><br>two", "one\n\ntwo"}, Case{"one<br><br><br><br>two", "one\n\ntwo"},
        Case{"<h1>Title</h1>text", "Title\n\ntext"}, Case{"a<b>b</b>c", "abc"},
        Case{"a <b> b </b> c", "a b c"}, Case{"<span>a</span><span>b</span>", "ab"},
        Case{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
             "a b\nc d"},
        Case{"<ul><li>one</li><li>two</li></ul>after", "• one\n• two\n\nafter"},
        Case{"<ul><li><p>one</p></li><li></li><li>two</ul>", "• one\n\n• two"},
        Case{"<ol><li>one<li>two<ul><li>deep</ul><li>three</ol>",
             "1. one\n2. two\n  • deep\n3. three"},
        Case{"<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\n\nd"}, Case{"a<hr>b", "a\n\nb"},
        Case{"a<img alt='pic &amp; more'>b", "apic & moreb"}, Case{"a<img src=x>b", "ab"},
        Case{"<blockquote>old</blockquote>new", "> old\n\nnew"},
        Case{"<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"}));

INSTANTIATE_TEST_SUITE_P(
    Dropped, Html,
    testing::Values(Case{"a<script>alert('<p>x</p>')</script>b", "ab"},
                    Case{"a<style>p { color: red }</style>b", "ab"}, Case{"<title>t</title>b", "b"},
                    Case{"a<SCRIPT SRC=x>y</ScRiPt >b", "ab"},
                    Case{"a<script>y</scriptx>z</script>b", "ab"},
                    Case{"a<script>never ended", "a"}, Case{"a<svg><text>x</text></svg>b", "ab"},
                    Case{"a<svg>b", "ab"}, Case{"a<template>x</template>b", "ab"},
                    Case{"a<object>x</object>b", "ab"}, Case{"a<math><mi>x</mi></math>b", "ab"},
                    Case{"a<!-- c -->b", "ab"}, Case{"a<!-->b", "ab"}, Case{"a<!--->b", "ab"},
                    Case{"a<!-- <p>x</p> --!> b --> c", "a c"}, Case{"a<!doctype html>b", "ab"},
                    Case{"a<?xml x?>b", "ab"}, Case{"a<![if mso]>b<![endif]>c", "abc"},
                    Case{"a<!-- never", "a"}, Case{"a</>b", "ab"}, Case{"a</ x>b", "ab"},
                    Case{"a<b", "a"}, Case{"a<b title=\"x>y\">c", "ac"},
                    Case{"a<b title='x>y'>c", "ac"}, Case{"a<b title=x\"y>c\">d", "ac\">d"},
                    Case{"a<noscript>shown</noscript>", "ashown"}));

INSTANTIATE_TEST_SUITE_P(
    Text, Html,
    testing::Values(
        Case{"1 < 2 > 1", "1 < 2 > 1"}, Case{"a<1>b", "a<1>b"}, Case{"a < b", "a < b"},
        Case{"<", "<"}, Case{"a<", "a<"}, Case{"&lt;b&gt; &amp;amp; &quot;", "<b> &amp; \""},
        Case{"&eacute;&euro;&#233;&#xE9;&#XE9;", "é€ééé"},
        Case{"&copy 2026 &ampx &notin;", "© 2026 &x ∉"}, Case{"&nosuch; & &;", "&nosuch; & &;"},
        Case{"a&nbsp;&nbsp;b", "a b"}, Case{"&#150;&#128;", "–€"},
        Case{"&#0;&#xD800;&#x110000;&#99999999999999999999;", "\uFFFD\uFFFD\uFFFD\uFFFD"},
        Case{"&#x41&#66", "AB"}, Case{"&#;&#x;", "&#;&#x;"},
        Case{"a&#7;&#27;[31m&#x9b;b", "a[31m›b"}, Case{"a&#10;b", "a b"},
        Case{"so&shy;ft&ZeroWidthSpace;", "soft"}, Case{"\u202Ebidi stays", "\u202Ebidi stays"},
        Case{"日本語<br>の文", "日本語\nの文"},
        Case{"a\xFF"
             "b",
             "a\uFFFDb"}));

TEST(Entities, AreCaseSensitive) {
  EXPECT_EQ(html_to_text("&Eacute;&eacute;&AMP;&dagger;&Dagger;", 100), "Éé&†‡");
}

TEST(HtmlLimit, IsNeverExceededNorCutsACharacter) {
  std::string html;
  for (int i = 0; i < 40; ++i) html += "<p>é日😀</p><blockquote><ol><li>x";
  const std::string whole = html_to_text(html, 1000000);
  for (std::size_t limit = 0; limit < 600; ++limit) {
    const std::string text = html_to_text(html, limit);
    EXPECT_LE(text.size(), limit);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(text, whole.substr(0, text.size()));
  }
}

TEST(HtmlTime, IsLinear) {
  for (const std::string_view part : {"<"sv,
                                      "<!--"sv,
                                      "<svg>"sv,
                                      "<object>"sv,
                                      "<a b=\""sv,
                                      "<ul>"sv,
                                      "<blockquote>"sv,
                                      "&"sv,
                                      "&#"sv,
                                      "<p>"sv,
                                      "</p>"sv,
                                      "<b x='>"sv,
                                      "<pre>"sv,
                                      "<li>"sv,
                                      "<template></template"sv,
                                      "<img alt="sv,
                                      "&amp"sv,
                                      "<ol><li>a"sv,
                                      "<blockquote>a"sv,
                                      "</"sv,
                                      "<script>"sv,
                                      "<svg></svgx>"sv}) {
    std::string html;
    while (html.size() < 2000000) html += part;
    const CpuTime time;
    const std::string text = html_to_text(html, 1 << 20);
    EXPECT_LE(text.size(), 1u << 20);
    EXPECT_LT(time.seconds(), kLinearSeconds) << part;
  }
}

TEST(Snippet, TakesTheFirstWords) {
  EXPECT_EQ(snippet_of("Hello\n\nthis  is\tthe text.\n", 100), "Hello this is the text.");
  EXPECT_EQ(snippet_of("a\r\nb\rc", 100), "a b c");
  EXPECT_EQ(snippet_of("", 100), "");
  EXPECT_EQ(snippet_of("   \n ", 100), "");
  EXPECT_EQ(snippet_of("text", 0), "");
}

TEST(Snippet, LeavesOutWhatIsNotNew) {
  EXPECT_EQ(snippet_of("On Monday, Jane Doe <j@x.test> wrote:\n> old\n> words\n\nnew words", 100),
            "new words");
  EXPECT_EQ(snippet_of("First.\n\nThe plan for this week is:\nread.", 100),
            "First. The plan for this week is: read.");
  EXPECT_EQ(snippet_of("text\n-- \nJane\nOffice 12", 100), "text");
  EXPECT_EQ(snippet_of("=====\nNews\n-----\nitem\n_ _ _ _", 100), "News item");
  EXPECT_EQ(snippet_of("text\n-----Original Message-----\nFrom: x", 100), "text");
  EXPECT_EQ(snippet_of("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext\n-----BEGIN PGP "
                       "SIGNATURE-----\nabc",
                       100),
            "text");
}

TEST(Snippet, OfNothingButAQuotationIsTheQuotation) {
  EXPECT_EQ(snippet_of("> only\n>> quoted", 100), "only quoted");
}

TEST(Snippet, CutsBetweenWhatReadersCallCharacters) {
  EXPECT_EQ(snippet_of("abcdef", 3), "abc");
  EXPECT_EQ(snippet_of("日本語の文", 3), "日本語");
  EXPECT_EQ(snippet_of("e\u0301e\u0301e\u0301", 2), "e\u0301e\u0301");
  EXPECT_EQ(snippet_of("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 1),
            "👨‍👩‍👧‍👦");
  EXPECT_EQ(snippet_of("🇩🇪🇫🇷", 1), "🇩🇪");
  EXPECT_EQ(snippet_of("ab cd", 3), "ab");
}

TEST(Snippet, IsBoundedWhateverTheAccents) {
  std::string zalgo = "a";
  for (int i = 0; i < 100000; ++i) zalgo += "\u0301";
  const std::string snippet = snippet_of(zalgo, 10);
  EXPECT_LE(snippet.size(), 10u * 32);
  EXPECT_TRUE(is_utf8(snippet));
}

TEST(Snippet, DropsFillersOfNewsletters) {
  EXPECT_EQ(snippet_of("Sale \u200C\u00A0\u200C\u00A0\u034F \u00AD now", 100), "Sale now");
  EXPECT_EQ(snippet_of("می\u200Cخواهم", 100), "می\u200Cخواهم");  // a joiner that Persian needs
}

}  // namespace
}  // namespace alphamail
