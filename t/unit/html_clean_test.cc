// SPDX-License-Identifier: GPL-3.0-or-later
// html_clean.h and what it is made of, case by case; t/5410-html-cleaner.t holds the whole against another parser.
#include <gtest/gtest.h>

#include <string>

#include "mod_alphamail/html_bounds.h"
#include "mod_alphamail/html_clean.h"
#include "mod_alphamail/html_colour.h"
#include "mod_alphamail/html_css.h"
#include "mod_alphamail/html_shorthand.h"
#include "mod_alphamail/html_tree.h"
#include "mod_alphamail/html_trackers.h"
#include "mod_alphamail/html_url.h"

namespace alphamail {
namespace {

std::string clean(std::string_view html, const CleanOptions& options = {}) {
  return std::string(clean_html(html, options).html.text());
}

std::string css(std::string_view text, double font_px = 16) { return css_text(parse_css(text, font_px)); }

TEST(HtmlClean, KeepsWhatMailIsMadeOf) {
  EXPECT_EQ(clean("<p>Hi <b>you</b>"), "<p>Hi <b>you</b></p>");
  EXPECT_EQ(clean("<ul><li>a<li>b</ul>"), "<ul><li>a</li><li>b</li></ul>");
  EXPECT_EQ(clean("<table width=600px border=0><tr><td colspan=2 bgcolor=eee>x</table>"),
            "<table width=\"600\" border=\"0\"><tbody><tr><td colspan=\"2\" style=\"background-color:#0e0e0e\">x</td></tr>"
            "</tbody></table>");
  EXPECT_EQ(clean("a & b < c \"d\" 'e' `f`"), "a &amp; b &lt; c &quot;d&quot; &#39;e&#39; &#96;f&#96;");
}

TEST(HtmlClean, DropsWhatActs) {
  EXPECT_EQ(clean("a<script>x</script><style>y</style><iframe>z</iframe><template>t</template>b"), "ab");
  EXPECT_EQ(clean("<p onclick=x class=c data-x=y>a</p><o:p>b</o:p>"), "<p>a</p>b");
  EXPECT_EQ(clean("<applet code=x><param name=y>words</applet>"), "words");  // browsers know no such thing any more
  EXPECT_EQ(clean("<svg><style>x</style><text>words</text></svg>"), "words");
  EXPECT_EQ(clean("<!-- x --><?php x ?>a<![CDATA[b]]>"), "a");
}

TEST(HtmlClean, TheBodysLookGoesToABlockAroundIt) {
  EXPECT_EQ(clean("<body bgcolor=white text=#333 style='margin:8px'>x"),
            "<div style=\"margin:8px;background-color:#ffffff;color:#333333\">x</div>");
  EXPECT_EQ(clean("<html dir=rtl><body>x"), "<div dir=\"rtl\">x</div>");
}

TEST(HtmlClean, WhatAParserWouldReadOtherwiseIsWrittenSoThatItReadsTheSame) {
  // Without a doctype a <p> may hold a table; the frame has one.
  EXPECT_EQ(clean("<p>a<table><tr><td>b</table>"),
            "<div style=\"margin-top:1em;margin-bottom:1em\">a<table><tbody><tr><td>b</td></tr></tbody></table></div>");
  EXPECT_EQ(clean("<h1><marquee><h2>a</h2></marquee></h1>"), "<h1><div>a</div></h1>");
  EXPECT_EQ(clean("<li><marquee><li>a"), "<li><div>a</div></li>");
  EXPECT_EQ(clean("<pre>\n\nx</pre>"), "<pre>\n\nx</pre>");
  for (const std::string_view html : {"<p><button><p>x", "<a href='#a'><marquee><a href='#b'>x", "<table>x<b>y<tr>z",
                                      "<b><p>x</b>y", "<form><table><form>a<input></form>", "<dl><dt><marquee><dd>x"}) {
    const std::string once = clean(html);
    EXPECT_EQ(clean(once), once) << html;
  }
}

// What the fuzz target found: the parser's tree was one deeper than its tags had told.
TEST(HtmlClean, NothingIsDeeperThanWhatIsReadAgain) {
  const auto times = [](const char* text, int n) {
    std::string out;
    while (n-- > 0) out += text;
    return out;
  };
  const std::string once = clean(times("<b><i>", 94) + "<b></b></b></b></b>" + times("<i><b>", 7) + "<i>");
  EXPECT_GT(once.size(), 1400u);
  EXPECT_EQ(clean(once), once);
  const std::string tables = clean(times("<table><tr><td>", 70) + "words");
  EXPECT_NE(tables.find("words"), std::string::npos);
  EXPECT_EQ(clean(tables), tables);
}

TEST(HtmlClean, HiddenTextStaysHidden) {
  EXPECT_EQ(clean("<div style='visibility:hidden'>x</div>"), "<div style=\"display:none\">x</div>");
  EXPECT_EQ(clean("<span style='max-height:0;overflow:hidden'>x</span>"), "<span style=\"max-height:0;display:none\">x</span>");
  EXPECT_EQ(clean("<label style='display:none'>x</label>"), "<span style=\"display:none\">x</span>");
  EXPECT_EQ(clean("<p hidden>x"), "<p style=\"display:none\">x</p>");
  EXPECT_EQ(clean("<p style='opacity:.05'>x"), "<p style=\"opacity:0.1;display:none\">x</p>");
}

TEST(HtmlClean, SaysWhatItLeftOut) {
  CleanOptions small;
  small.bounds.elements = 2;
  EXPECT_TRUE(clean_html("<p>a<p>b<p>c", small).cut);
  EXPECT_FALSE(clean_html("<p>a<p>b", small).cut);
  small.bounds.bytes = 10;
  EXPECT_TRUE(clean_html("12345678901", small).cut);
  EXPECT_FALSE(clean_html("1234567890", small).cut);
  const CleanedHtml cleaned = clean_html("<img src=https://a.example/x><img src=//b.example/y><img src=http://t.example/ width=1>");
  EXPECT_EQ(cleaned.remote_pictures, 2U);
  EXPECT_EQ(cleaned.tracking_pictures, 1U);
  EXPECT_EQ(cleaned.trackers, std::vector<std::string>{"t.example"});
}

TEST(HtmlClean, PicturesAndLettersOfTheReaderGoWhereTheyAreTold) {
  CleanOptions options;
  options.picture = [](std::string_view reference) { return reference == "a@b" ? std::string("/p/1") : std::string(); };
  options.compose = [](std::string_view mailto) { return mailto == "mailto:a@b" ? std::string("/compose") : std::string(); };
  EXPECT_EQ(clean("<img src='cid:a%40b'><a href='MAILTO:a@b'>x</a>", options),
            "<img src=\"/p/1\"><a href=\"/compose\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>");
}

TEST(HtmlBounds, DeepElementsGiveWayToTheirContent) {
  HtmlBounds bounds;
  bounds.depth = 2;
  EXPECT_EQ(bound_html("<div><p><i>x</i></p></div>", bounds).html, "<div><p>x</i></p></div>");
  bounds.attributes = 1;
  EXPECT_EQ(bound_html("<p a=1 b='>' c=3>x", bounds).html, "<p a=1 >x");
  EXPECT_EQ(bound_html("a<!-- <p> -->b<!---->c<!-->d<!x>e</ >f").html, "abcdef");
  EXPECT_EQ(bound_html("<script>if (a<b) '<p>'</script><p>").html, "<script>if (a<b) '<p>'</script><p>");
  EXPECT_EQ(bound_html("x</table></x></b>").html, "x</b>");
  EXPECT_EQ(bound_html("x<p title=\"").html, "x");
}

TEST(HtmlBounds, UnclosedParagraphsItemsAndCellsAreNotDeep) {
  std::string html;
  for (int i = 0; i < 1000; ++i) html += "<p>x<li>y<table><tr><td>z<td>w<tr><td>v</table><font size=1>u</p>";
  EXPECT_FALSE(bound_html(html).changed);
}

TEST(HtmlShorthand, OneCharacterStandsForATextOrAValue) {
  HtmlShorthand shorthand;
  EXPECT_EQ(bound_html("<TD Style=\"color:red\" class=none width=5>Some &amp; any words</td>", {}, &shorthand).html,
            "<TD Style=\U000F0000 width=5>\U000F0001</td>");
  EXPECT_EQ(shorthand.take_text("\U000F0001"), "Some & any words");
  // What a tree asks for, and what the parser has to see.
  EXPECT_EQ(bound_html("<input type=hidden value=secret><path/><a href=x/>", {}, &shorthand).html,
            "<input type=hidden value=\U000F0002><path /><a href=\U000F0003>");
  // Dropped content is not even looked at, but where SVG makes another thing of it.
  EXPECT_EQ(bound_html("<style>p { color: red }</style><svg><style>p</style>", {}, &shorthand).html,
            "<style></style><svg><style>p</style>");
}

TEST(HtmlShorthand, TextsComeBackAsAParserReadsThem) {
  EXPECT_EQ(clean("a &lt;b&gt; &amp; AT&T R&D &copy 1 &copy; &#x41;&#66; &nbsp;x&eacute;"),
            "a &lt;b&gt; &amp; AT&amp;T R&amp;D \xC2\xA9 1 \xC2\xA9 AB \xC2\xA0x\xC3\xA9");
  EXPECT_EQ(clean("longer &CounterClockwiseContourIntegral; text"), "longer \xE2\x88\xB3 text");  // a parser knows it
  EXPECT_EQ(clean("longer &nosuchreference; text &; &# &#x; &"),
            "longer &amp;nosuchreference; text &amp;; &amp;# &amp;#x; &amp;");
  EXPECT_EQ(clean("<i title='a&copy=1&copy;&copyx &amp;b'>text</i>"), "<i title=\"a&amp;copy=1\xC2\xA9&amp;copyx &amp;b\">text</i>");
  EXPECT_EQ(clean("one line\r\nand another\rand a third"), "one line\nand another\nand a third");
  EXPECT_EQ(clean("<pre>\n\nwords and more</pre>"), "<pre>\n\nwords and more</pre>");
  EXPECT_EQ(clean("<table>&#32;&#10;&#32;<tr><td>cell and more</table>"),
            "<table><tbody><tr><td>cell and more</td></tr></tbody></table>");
  EXPECT_EQ(clean("words <3 and <> and </ and more"), "words &lt;3 and &lt;&gt; and ");
  EXPECT_EQ(clean("with\x01" "controls and \xC2\x85 more"), "withcontrols and  more");
  EXPECT_EQ(clean("\x01 first words"), "first words");
  EXPECT_EQ(clean("<pre>\x01\nwords</pre>"), "<pre>\n\nwords</pre>");
}

TEST(HtmlShorthand, NobodyElseCanSpeakIt) {
  EXPECT_EQ(clean("secret words \U000F0000 and \U00100000 <xmp>\U000F0000</xmp>"),
            "secret words \U000F0000 and \U00100000 <pre>\xEF\xBF\xBD</pre>");
  // Where a parser has to read a reference, it may come to the character of another text: which is given out once.
  const std::string forged = clean("<p>some words</p>" + std::string("<p>&nosuchreference; &#xF0000;&#xF0000;</p>"));
  EXPECT_EQ(forged, "<p>some words</p><p>&amp;nosuchreference; </p>");
}

TEST(HtmlTree, EndsWhereItsBudgetEnds) {
  std::string html;
  for (int i = 0; i < 10000; ++i) html += "<p>x";
  HtmlTree::Budget budget;
  EXPECT_NE(HtmlTree(html, budget).root(), nullptr);
  budget.bytes = std::size_t{1} << 20;
  EXPECT_EQ(HtmlTree(html, budget).root(), nullptr);
  budget = {};
  budget.cpu_ms = 0;
  EXPECT_EQ(HtmlTree(html, budget).root(), nullptr);
}

TEST(HtmlCss, KeepsKnownDeclarationsAndNothingElse) {
  EXPECT_EQ(css("color:#FFF;font:bold 14px/1.5 Arial,'Segoe UI';margin:0 auto"),
            "color:#ffffff;font:bold 14px/1.5 Arial,'Segoe UI';margin:0 auto");
  EXPECT_EQ(css("position:fixed;z-index:9;top:0;color:red"), "color:#ff0000");
  EXPECT_EQ(css("background:url(x) #fff no-repeat"), "background-color:#ffffff");
  EXPECT_EQ(css("width:600;height:99999px;min-width:150%"), "width:600px;height:4000px;min-width:100%");
  EXPECT_EQ(css("margin:-5px 0;padding:1px!important"), "margin:0 0;padding:1px");
  EXPECT_EQ(css("color:rgb(1 2 3 / 50%);border-color:hsl(120,100%,50%)"), "color:rgba(1,2,3,.500);border-color:#00ff00");
  EXPECT_EQ(css("word-wrap:break-word;list-style:inside square"), "overflow-wrap:break-word;list-style-type:square");
}

TEST(HtmlCss, DropsWhatIsNotClosedOrEscapedOrAFunction) {
  for (const std::string_view bad :
       {"color:url(x", "color:red/*", "color:'red", "co\\6cor:red", "color:r\\65 d", "color:var(--x)", "width:calc(1px)",
        "color:env(x)", "width:expression(alert(1))", "font-family:'a\\'b'", "width:1vw", "color:{red}", "@import 'x'",
        "font-family:\"a\nb\"", "color:red blue", "--x:red", "display:grid", "unicode-bidi:bidi-override"}) {
    EXPECT_EQ(css(bad), "") << bad;
  }
  EXPECT_EQ(css("a:url(;color:red);color:blue"), "color:#0000ff");
  EXPECT_EQ(css("x:';color:red';color:blue"), "color:#0000ff");
  EXPECT_EQ(css("{color:red};color:blue"), "color:#0000ff");
}

TEST(HtmlCss, TextIsKeptBetweenSixAndSeventyTwoPixels) {
  EXPECT_EQ(css("font-size:1px"), "font-size:6px");
  EXPECT_EQ(css("font-size:10em"), "font-size:72px");
  EXPECT_EQ(css("font-size:2em"), "font-size:2em");
  EXPECT_EQ(css("font-size:2em", 40), "font-size:72px");
  EXPECT_EQ(css("font-size:0"), "font-size:0");
  EXPECT_EQ(css("font-size:12pt"), "font-size:12pt");
}

TEST(HtmlColour, DarkPagesKeepContrast) {
  const Colour white{255, 255, 255}, black{0, 0, 0};
  EXPECT_DOUBLE_EQ(contrast(white, black), 21);
  EXPECT_EQ(dark_ground(white), kPaperDark);
  EXPECT_EQ(dark_ground(black), black);
  for (int r = 0; r <= 255; r += 51) {
    for (int g = 0; g <= 255; g += 51) {
      for (int b = 0; b <= 255; b += 51) {
        const Colour colour{static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)};
        for (const Colour& ground : {white, black, kPaperLight, Colour{0x1c, 0x5a, 0x96}, Colour{0xff, 0xee, 0x00}}) {
          if (contrast(colour, ground) < 1.2) continue;
          const Colour dark = dark_ground(ground);
          EXPECT_GE(contrast(dark_text(colour, ground, dark), dark), kEnough) << colour_text(colour) << colour_text(ground);
        }
      }
    }
  }
  EXPECT_EQ(dark_text(white, white, kPaperDark), kPaperDark);  // hidden, and stays so
}

TEST(HtmlColour, ColoursOfOldAttributes) {
  EXPECT_EQ(colour_text(*legacy_colour("#fff")), "#ffffff");
  EXPECT_EQ(colour_text(*legacy_colour("ff8000")), "#ff8000");
  EXPECT_EQ(colour_text(*legacy_colour(" Navy ")), "#000080");
  EXPECT_EQ(colour_text(*legacy_colour("chucknorris")), "#c00000");
  EXPECT_FALSE(legacy_colour("transparent"));
  EXPECT_FALSE(legacy_colour(""));
}

TEST(HtmlUrl, ReadAsBrowsersRead) {
  const auto text = [](std::string_view url) { return read_mail_url(url).text; };
  EXPECT_EQ(text(" ht\ntps:\\\\EXAMPLE.com\\a b?q=\"x\" "), "https://example.com/a%20b?q=%22x%22");
  EXPECT_EQ(text("//example.com"), "https://example.com/");
  EXPECT_EQ(text("https:example.com"), "https://example.com/");
  EXPECT_EQ(text("http://u:p@example.com:8080/x"), "http://example.com:8080/x");
  EXPECT_EQ(text("https://b\xC3\xBC" "cher.example/"), "https://xn--bcher-kva.example/");
  EXPECT_EQ(text("https://exa%6Dple.com/"), "https://example.com/");
  EXPECT_EQ(text("https://[2001:DB8::1]/"), "https://[2001:db8::1]/");
  for (const std::string_view bad : {"javascript:x", "/a", "a/b", "?x", "https://", "https://a b/", "https://a<b/", "data:text/html,x",
                                     "data:image/svg+xml;base64,AAAA", "data:image/png,x", "vbscript:x", "file:///x", "", "x:"}) {
    EXPECT_EQ(read_mail_url(bad).kind, MailUrl::Kind::kNone) << bad;
  }
  EXPECT_EQ(read_mail_url("cid:%3Ca@b%3E").text, "a@b");
  for (const std::string_view url : {"https://example.com/%zz'`<>", "mailto:a@b?subject=x y", "tel:+1 2"}) {
    EXPECT_EQ(text(text(url)), text(url));
  }
}

TEST(HtmlUrl, HostsInWords) {
  EXPECT_EQ(host_in_words("https://Bank.example/login"), "bank.example");
  EXPECT_EQ(host_in_words(" www.bank.example "), "www.bank.example");
  EXPECT_EQ(host_in_words("bank.example/x"), "bank.example");
  for (const std::string_view none : {"Click here", "me@bank.example", "3.14", "and so on...", "v1.2.3", "see bank.example now"}) {
    EXPECT_EQ(host_in_words(none), "") << none;
  }
  EXPECT_TRUE(same_site("www.a.example", "a.example"));
  EXPECT_TRUE(same_site("news.a.example", "a.example"));
  EXPECT_FALSE(same_site("a.example.evil.example", "a.example"));
  EXPECT_FALSE(same_site("aa.example", "a.example"));
}

TEST(HtmlTrackers, KnownOnes) {
  EXPECT_EQ(known_tracker("x.list-manage.com", "https://x.list-manage.com/track/open.php?u=1"), "Mailchimp");
  EXPECT_EQ(known_tracker("list-manage.com.evil.example", "https://list-manage.com.evil.example/a.png"), "");
  EXPECT_EQ(known_tracker("a.example", "https://a.example/logo.png"), "");
}

}  // namespace
}  // namespace alphamail
