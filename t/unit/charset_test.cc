// SPDX-License-Identifier: GPL-3.0-or-later
// Charsets: by label, by repair of a wrong label, by detection; and that nothing but text comes
// out.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/characters.h"
#include "common/mime_text.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

struct Sample {
  std::string_view charset;
  std::string_view bytes;
  std::string_view text;
};

void PrintTo(const Sample& sample, std::ostream* out) {
  *out << sample.charset;
}

class Charset : public testing::TestWithParam<Sample> {};

TEST_P(Charset, DecodesByItsLabel) {
  EXPECT_EQ(to_utf8(GetParam().bytes, GetParam().charset), GetParam().text);
}

TEST_P(Charset,
       DecodesTheSameAgain) {  // the converter is reused, and has no memory of the text before
  to_utf8("\xE4\x1B$B", GetParam().charset);
  EXPECT_EQ(to_utf8(GetParam().bytes, GetParam().charset), GetParam().text);
}

TEST_P(Charset, CutAnywhereStaysUtf8) {
  const std::string_view bytes = GetParam().bytes;
  for (std::size_t i = 0; i <= bytes.size(); ++i)
    EXPECT_TRUE(is_utf8(to_utf8(bytes.substr(0, i), GetParam().charset))) << i;
}

INSTANTIATE_TEST_SUITE_P(
    Real, Charset,
    testing::Values(
        Sample{"utf-8",
               "Gr\xC3\xBC\xC3\x9F"
               "e aus \xC5\x81\xC3\xB3"
               "d\xC5\xBA \xE2\x80\x94 \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E \xF0\x9F\x98\x80",
               "Grüße aus Łódź — 日本語 😀"},
        Sample{"UTF8", "na\xC3\xAFve", "naïve"},
        Sample{"iso-2022-jp", "\x1B$B2q5D$N$*CN$i$;\x1B(B(\x1B$BL@F|\x1B(B)",
               "会議のお知らせ(明日)"},
        Sample{"ISO-2022-JP", "\x1B$B7oL>\x1B(B: Re: \x1B$B%F%9%H\x1B(B", "件名: Re: テスト"},
        Sample{"Shift_JIS",
               "\x89\xEF\x8B"
               "c\x82\xCC\x8E\x91\x97\xBF\x87@\x81`\x95\\\x8E\xA6\x83\\\x94\\",
               "会議の資料①～表示ソ能"},
        Sample{"sjis", "\xCA\xDD\xB6\xB8\x94\xBC\x8Ap", "ﾊﾝｶｸ半角"},
        Sample{"euc-jp", "\xC6\xFC\xCB\xDC\xB8\xEC\xA4\xCE\xCA\xB8\xBE\xCF", "日本語の文章"},
        Sample{"EUC-KR", "\xBE\xC8\xB3\xE7\xC7\xCF\xBC\xBC\xBF\xE4 \xBF\xA9\xB7\xAF\xBA\xD0",
               "안녕하세요 여러분"},
        Sample{"ks_c_5601-1987",
               "\x8C"
               "c\xB9\xE6\xB0\xA2\xC7\xCF \xBC\x84\xBD\xC3\xC4\xDD\xB6\xF3",
               "똠방각하 펲시콜라"},
        Sample{"gb2312",
               "\xC4\xE3\xBA\xC3\xA3\xAC\xE9"
               "F\xBB\xF9\xA3\xAC\x9Cy\xD4\x87",
               "你好，镕基，測試"},
        Sample{"gbk",
               "\xBC\xF2\xCC\xE5\xD6\xD0\xCE\xC4\xC5"
               "c\xB7\xB1\xF3w",
               "简体中文與繁體"},
        Sample{"GB18030",
               "\xBA\xBA\xD7\xD6 \xA2\xE3 \x94"
               "9\xFC"
               "6 \x81"
               "9\xEE"
               "9",
               "汉字 € 😀 㐀"},
        Sample{"big5",
               "\xC1"
               "c\xC5\xE9\xA4\xA4\xA4\xE5\xB6l\xA5\xF3\xB4\xFA\xB8\xD5",
               "繁體中文郵件測試"},
        Sample{"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4, \xCD\xC9\xD2", "Привет, мир"},
        Sample{"koi8-u", "\xF0\xD2\xC9\xD7\xA6\xD4, \xB7\xD6\xC1\xCB", "Привіт, Їжак"},
        Sample{"windows-1251",
               "\xD1\xFA\xE5\xF8\xFC \xE5\xF9\xB8 \xFD\xF2\xE8\xF5 \xE1\xF3\xEB\xEE\xEA",
               "Съешь ещё этих булок"},
        Sample{"windows-1256", "\xC7\xE1\xD3\xE1\xC7\xE3 \xDA\xE1\xED\xDF\xE3\xA1 \x90\x8D\x81\x8E",
               "السلام عليكم، گچپژ"},
        Sample{"iso-8859-6", "\xE5\xD1\xCD\xC8\xC7", "مرحبا"},
        Sample{"ISO-8859-15", "Prix: 20 \xA4 - \xBDuvre", "Prix: 20 € - œuvre"},
        Sample{"iso-8859-1", "\x93Smart\x94 quotes \x96 5 \x80", "“Smart” quotes – 5 €"},
        Sample{"windows-1252", "Se\xF1or", "Señor"},
        Sample{"iso-8859-2", "P\xF8\xEDli\xB9 \xBElu\xBBou\xE8k\xFD", "Příliš žluťoučký"},
        Sample{"windows-1250", "P\xF8\xEDli\x9A \x9Elu\x9Dou\xE8k\xFD", "Příliš žluťoučký"},
        Sample{"iso-8859-7", "\xC5\xEB\xEB\xE7\xED\xE9\xEA\xDC", "Ελληνικά"},
        Sample{"iso-8859-8-i", "\xF9\xEC\xE5\xED", "שלום"},
        Sample{"windows-1255", "\xF9\xEC\xE5\xED", "שלום"},
        Sample{"iso-8859-9", "\xDDstanbul \xF0\xFE\xFD", "İstanbul ğşı"},
        Sample{"tis-620", "\xCA\xC7\xD1\xCA\xB4\xD5", "สวัสดี"},
        Sample{"windows-1258", "\xD0\xFDng", "Đưng"}, Sample{"utf-7", "H+AOll5Q-", "Hé日"},
        Sample{"utf-16le",
               "H\x00\xE9\x00\xE5"
               "e=\xD8\x00\xDE"sv,
               "Hé日😀"},
        Sample{"hz-gb-2312", "~{Dc:C~}abc", "你好abc"}));

TEST(CharsetLabel, IsReadWithCarelessWriting) {
  EXPECT_EQ(to_utf8("\xE4", " ISO-8859-1 "), "ä");
  EXPECT_EQ(to_utf8("\xE4", "\"iso-8859-1\""), "ä");
  EXPECT_EQ(to_utf8("\xE4", "iso-8859-1*de"), "ä");
  EXPECT_EQ(to_utf8("\xE4", "ISO_8859-1"), "ä");
  EXPECT_EQ(to_utf8("\xE4", "Latin1"), "ä");
}

TEST(CharsetLabel, ThatCannotBeRightIsRepaired) {
  EXPECT_EQ(to_utf8("Gr\xC3\xBC\xC3\x9F"
                    "e",
                    "us-ascii"),
            "Grüße");
  EXPECT_EQ(to_utf8("Gr\xC3\xBC\xC3\x9F"
                    "e",
                    "iso-8859-1"),
            "Grüße");
  EXPECT_EQ(to_utf8("Gr\xFC\xDF"
                    "e",
                    "us-ascii"),
            "Grüße");
  EXPECT_EQ(to_utf8("Gr\xFC\xDF"
                    "e",
                    "utf-8"),
            "Grüße");
  EXPECT_EQ(to_utf8("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", "gb2312"), "日本語");
  EXPECT_EQ(to_utf8("\x1B$B2q5D\x1B(B", "us-ascii"), "会議");
  EXPECT_EQ(to_utf8("\x1B$B2q5D\x1B(B", "utf-8"), "会議");
}

TEST(CharsetLabel, UnknownOnesAreNoObstacle) {
  for (const std::string_view label :
       {"x-unknown"sv, "unknown-8bit"sv, ""sv, "x-user-defined"sv, "../../etc/passwd"sv,
        "utf-8,locale=ja"sv, "%s%n"sv, "iso-8859-999"sv, "iso-2022-jp-mail"sv, "\xFF\xFE"sv}) {
    EXPECT_EQ(to_utf8("caf\xC3\xA9", label), "café") << label;
    EXPECT_EQ(to_utf8("caf\xE9", label), "café") << label;
    EXPECT_EQ(to_utf8("coffee", label), "coffee") << label;
  }
  EXPECT_EQ(to_utf8("x", std::string(100000, 'a')), "x");
}

TEST(CharsetDetection, KnowsLongerText) {
  EXPECT_EQ(
      to_utf8("\xE4\xCF\xC2\xD2\xD9\xCA \xC4\xC5\xCE\xD8, \xD5\xD7\xC1\xD6\xC1\xC5\xCD\xD9\xC5 "
              "\xCB\xCF\xCC\xCC\xC5\xC7\xC9! \xEE\xC1\xD0\xCF\xCD\xC9\xCE\xC1\xC5\xCD \xCF "
              "\xD3\xCF\xC2\xD2\xC1\xCE\xC9\xC9 \xD7 \xD0\xD1\xD4\xCE\xC9\xC3\xD5.",
              ""),
      "Добрый день, уважаемые коллеги! Напоминаем о собрании в пятницу.");
  EXPECT_EQ(
      to_utf8("\xC4\xEE\xE1\xF0\xFB\xE9 \xE4\xE5\xED\xFC, \xF3\xE2\xE0\xE6\xE0\xE5\xEC\xFB\xE5 "
              "\xEA\xEE\xEB\xEB\xE5\xE3\xE8! \xCD\xE0\xEF\xEE\xEC\xE8\xED\xE0\xE5\xEC \xEE "
              "\xF1\xEE\xE1\xF0\xE0\xED\xE8\xE8 \xE2 \xEF\xFF\xF2\xED\xE8\xF6\xF3.",
              ""),
      "Добрый день, уважаемые коллеги! Напоминаем о собрании в пятницу.");
  EXPECT_EQ(
      to_utf8(
          "\x82\xA8\x90\xA2\x98"
          "b\x82\xC9\x82\xC8\x82\xC1\x82\xC4\x82\xA8\x82\xE8\x82\xDC\x82\xB7\x81"
          "B\x97\x88\x8FT\x82\xCC\x89\xEF\x8B"
          "c\x82\xCC\x8E\x91\x97\xBF\x82\xF0\x82\xA8\x91\x97\x82\xE8\x82\xA2\x82\xBD\x82\xB5\x82"
          "\xDC\x82\xB7\x81"
          "B\x82\xE6\x82\xEB\x82\xB5\x82\xAD\x82\xA8\x8A\xE8\x82\xA2\x82\xB5\x82\xDC\x82\xB7\x81"
          "B",
          ""),
      "お世話になっております。来週の会議の資料をお送りいたします。よろしくお願いします。");
  EXPECT_EQ(
      to_utf8("\xA4\xAA\xC0\xA4\xCF\xC3\xA4\xCB\xA4\xCA\xA4\xC3\xA4\xC6\xA4\xAA\xA4\xEA\xA4\xDE\xA4"
              "\xB9\xA1\xA3\xCD\xE8\xBD\xB5\xA4\xCE\xB2\xF1\xB5\xC4\xA4\xCE\xBB\xF1\xCE\xC1\xA4\xF2"
              "\xA4\xAA\xC1\xF7\xA4\xEA\xA4\xA4\xA4\xBF\xA4\xB7\xA4\xDE\xA4\xB9\xA1\xA3\xA4\xE8\xA4"
              "\xED\xA4\xB7\xA4\xAF\xA4\xAA\xB4\xEA\xA4\xA4\xA4\xB7\xA4\xDE\xA4\xB9\xA1\xA3",
              ""),
      "お世話になっております。来週の会議の資料をお送りいたします。よろしくお願いします。");
  EXPECT_EQ(to_utf8("\xBE\xC8\xB3\xE7\xC7\xCF\xBD\xCA\xB4\xCF\xB1\xEE. \xB4\xD9\xC0\xBD \xC1\xD6 "
                    "\xC8\xB8\xC0\xC7 \xC0\xDA\xB7\xE1\xB8\xA6 \xBA\xB8\xB3\xBB "
                    "\xB5\xE5\xB8\xB3\xB4\xCF\xB4\xD9. \xB0\xA8\xBB\xE7\xC7\xD5\xB4\xCF\xB4\xD9.",
                    ""),
            "안녕하십니까. 다음 주 회의 자료를 보내 드립니다. 감사합니다.");
  EXPECT_EQ(to_utf8("\xB8\xF7\xCE\xBB\xC0\xCF\xCA\xA6\xA1\xA2\xCD\xAC\xD1\xA7\xA3\xBA\xB4\xF3\xBC"
                    "\xD2\xBA\xC3\xA3\xA1\xCF\xD6\xBD\xAB\xCF\xC2\xD6\xDC\xBB\xE1\xD2\xE9\xB5\xC4"
                    "\xD3\xD0\xB9\xD8\xCA\xC2\xCF\xEE\xCD\xA8\xD6\xAA\xC8\xE7\xCF\xC2\xA3\xAC\xC7"
                    "\xEB\xD7\xBC\xCA\xB1\xB2\xCE\xBC\xD3\xA1\xA3",
                    ""),
            "各位老师、同学：大家好！现将下周会议的有关事项通知如下，请准时参加。");
  EXPECT_EQ(to_utf8("\xA6U\xA6\xEC\xA6\xD1\xAEv\xA1"
                    "B\xA6P\xBE\xC7\xA1G\xA4j\xAE"
                    "a\xA6n\xA1I\xB2{\xB1N\xA4U\xB6g\xB7|"
                    "\xC4\xB3\xAA\xBA\xA6\xB3\xC3\xF6\xA8\xC6\xB6\xB5\xB3q\xAA\xBE\xA6p\xA4U\xA1"
                    "A\xBD\xD0\xB7\xC7\xAE\xC9\xB0\xD1\xA5[\xA1"
                    "C",
                    ""),
            "各位老師、同學：大家好！現將下週會議的有關事項通知如下，請準時參加。");
  EXPECT_EQ(to_utf8("Gr\xF6\xDF"
                    "ere \xC4nderungen w\xFCrden nat\xFCrlich sp\xE4ter \xFC"
                    "ber die \xFC"
                    "blichen Kan\xE4le verk\xFCndet \x96 sch\xF6ne Gr\xFC\xDF"
                    "e.",
                    ""),
            "Größere Änderungen würden natürlich später über die üblichen Kanäle verkündet – "
            "schöne Grüße.");
  EXPECT_EQ(to_utf8("Voil\xE0 ! Tr\xE8s ch\xE8re \xE9l\xE8ve, l\x92\xE9t\xE9 a \xE9t\xE9 un peu "
                    "trop pr\xE8s du caf\xE9 o\xF9 nous \xE9tions \xE0 No\xEBl. \xC0 bient\xF4t.",
                    ""),
            "Voilà ! Très chère élève, l’été a été un peu trop près du café où nous étions à Noël. "
            "À bientôt.");
}

TEST(CharsetDetection, DoesNotGuessFromAFewLetters) {
  EXPECT_EQ(to_utf8("M\xFCller", ""), "Müller");
  EXPECT_EQ(to_utf8("Ren\xE9"
                    "e Ch\xE2teau",
                    ""),
            "Renée Château");
}

TEST(CharsetDetection, KeepsUtf8WithADamagedByte) {
  EXPECT_EQ(to_utf8("\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82\xD0", "utf-8"),
            "Привет\uFFFD");
  EXPECT_EQ(to_utf8("\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82\xD0", ""), "Привет\uFFFD");
}

TEST(CharsetJapanese, KnowsWhatMailersAdded) {
  EXPECT_EQ(to_utf8("\x1B$B-!-5\x1B(B", "iso-2022-jp"), "①Ⅰ");        // NEC row 13
  EXPECT_EQ(to_utf8("\x1B(I1\x1B(B", "iso-2022-jp"), "ｱ");            // half-width kana
  EXPECT_EQ(to_utf8("\x1B$(D0!\x1B(B", "iso-2022-jp-1"), "丂");       // JIS X 0212
  EXPECT_EQ(to_utf8("\x1B$B2q5D", "iso-2022-jp"), "会議");            // no way back to ASCII
  EXPECT_EQ(to_utf8("\x1B$B2q\r\nabc", "iso-2022-jp"), "会\r\nabc");  // lines begin in ASCII
  EXPECT_EQ(to_utf8("\x89\xEF\x8B"
                    "c",
                    "iso-2022-jp"),
            to_utf8("\x89\xEF\x8B"
                    "c",
                    ""));
}

TEST(Utf8, ReplacesWhatIsIllFormed) {
  EXPECT_EQ(valid_utf8("a\xFF"
                       "b"),
            "a\uFFFDb");
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\uFFFD\uFFFD");            // overlong NUL
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\uFFFD");  // a cut one is one mark
  EXPECT_EQ(valid_utf8("\xE2\x82 \xE2\x82\xAC"), "\uFFFD €");
  EXPECT_EQ(valid_utf8(std::string_view("\0a", 2)), std::string_view("\0a", 2));
}

TEST(Utf8, KeepsWhatIsWellFormed) {
  const std::string text = "plain ascii, and then é, €, 😀, and ascii again that is long enough";
  EXPECT_EQ(valid_utf8(text), text);
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_TRUE(is_utf8(valid_utf8(text.substr(i))));
}

TEST(Controls, NeverComeThrough) {
  EXPECT_EQ(to_utf8("a\x00z\x07"
                    "b\x1B[31mc\x7F"
                    "d\te\r\n"sv,
                    "utf-8"),
            "azb[31mcd\te\r\n");
  EXPECT_EQ(to_utf8("a\xC2\x9B"
                    "b",
                    "utf-8"),
            "ab");  // CSI as C1
  EXPECT_EQ(to_utf8("a\x9B"
                    "b\xA4",
                    "iso-8859-15"),
            "ab€");
}

}  // namespace
}  // namespace alphamail
