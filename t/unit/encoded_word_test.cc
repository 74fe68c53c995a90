// SPDX-License-Identifier: GPL-3.0-or-later
// Header values: RFC 2047 as it should be, and as it is.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/encoded_word.h"
#include "common/mime_text.h"
#include "common/utf8.h"
#include "t/unit/cpu_time.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view raw, text;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.raw;
}

class Header : public testing::TestWithParam<Case> {};
TEST_P(Header, Decodes) {
  EXPECT_EQ(decode_header(GetParam().raw), GetParam().text);
}

// The table of RFC 2047 section 8, as it looks in an unstructured field.
INSTANTIATE_TEST_SUITE_P(
    Rfc2047, Header,
    testing::Values(Case{"=?ISO-8859-1?Q?a?=", "a"}, Case{"=?ISO-8859-1?Q?a?= b", "a b"},
                    Case{"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
                    Case{"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"},
                    Case{"=?ISO-8859-1?Q?a?=\r\n     =?ISO-8859-1?Q?b?=", "ab"},
                    Case{"=?ISO-8859-1?Q?a_b?=", "a b"},
                    Case{"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
                    Case{"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>",
                         "Keith Moore <moore@cs.utk.edu>"},
                    Case{"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld Jørn Simonsen"},
                    Case{"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
                         "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
                         "If you can read this you understand the example."},
                    Case{"=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "םולש ןב ילטפנ"}));

INSTANTIATE_TEST_SUITE_P(
    Charsets, Header,
    testing::Values(
        Case{"=?utf-8?B?5pel5pys6Kqe?=", "日本語"},
        Case{"=?ISO-2022-JP?B?GyRCMnE1RCROJCpDTiRpJDsbKEI=?=", "会議のお知らせ"},
        Case{"=?Shift_JIS?B?ie+LY4LMjpGXvw==?=", "会議の資料"},
        Case{"=?EUC-KR?B?vsiz58fPvLy/5A==?=", "안녕하세요"},
        Case{"=?ks_c_5601-1987?B?vsiz58fPvLy/5A==?=", "안녕하세요"},
        Case{"=?GB18030?B?xOO6ww==?=", "你好"}, Case{"=?GB2312?B?6UU=?=", "镋"},  // in GBK only
        Case{"=?Big5?B?wWPF6aSkpOU=?=", "繁體中文"},
        Case{"=?koi8-r?B?8NLJ18XULCDNydI=?=", "Привет, мир"},
        Case{"=?windows-1256?Q?=C7=E1=D3=E1=C7=E3?=", "السلام"},
        Case{"=?ISO-8859-15?Q?20_=A4?=", "20 €"}, Case{"=?iso-8859-1?Q?=93a=94_=80?=", "“a” €"},
        Case{"=?x-unknown?Q?caf=C3=A9?=", "café"}, Case{"=?us-ascii?Q?caf=E9?=", "café"}));

INSTANTIATE_TEST_SUITE_P(
    Misuse, Header,
    testing::Values(
        Case{"=?utf-8?B?5pel5pw=?= =?utf-8?B?rOiqng==?=", "日本語"},  // cut in a character
        Case{"=?utf-8?Q?=E6=97=A5=E6?= =?UTF-8?B?nKw=?=", "日本"},    // and two encodings
        Case{"=?utf-8?B?5pel5pys6K?= =?utf-8?B?qe?=", "日本語"},      // cut in a base64 group
        Case{"=?utf-8?B?5pel5pys6Kqe", "=?utf-8?B?5pel5pys6Kqe"},     // never ended
        Case{"=?utf-8?B?5pel5pys6Kqe?", "=?utf-8?B?5pel5pys6Kqe?"},
        Case{"=?utf-8?B?5pel5pys6Kq?=", "日本\uFFFD"},   // padding and byte lost
        Case{"=?utf-8?B?YWI?=", "ab"},                   // padding lost
        Case{"=?utf-8?Q?hello world?=", "hello world"},  // spaces inside
        Case{"=?utf-8?Q?what?_now?=", "what? now"},
        Case{"=?utf-8?Q?what?=20now?=", "what? now"},  // a question mark left as it is
        Case{"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},      // no space between
        Case{"=?utf-8?Q?a?=b=?utf-8?Q?c?=", "abc"},
        Case{"Re:=?utf-8?Q?caf=C3=A9?=", "Re:café"},    // no space before
        Case{"\"=?utf-8?Q?caf=C3=A9?=\"", "\"café\""},  // in quotes
        Case{"=?utf-8?q?lower_=c3=a9?=", "lower é"},
        Case{"=?utf-8*en?Q?a?=", "a"},  // RFC 2231 section 5
        Case{"=?utf-8?Q\?\?=", ""}, Case{"=?utf-8?B\?\?= x", "x"},
        Case{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="}, Case{"=?\?Q?abc?=", "=?\?Q?abc?="},
        Case{"=?utf-8?B?not base64!?=", "=?utf-8?B?not base64!?="},
        Case{"=?utf-8?Q?100=?=", "100="}, Case{"=?utf-8?Q?100=zz?=", "100=zz"},
        Case{"=?utf-8?Q?a=0D=0AX-Evil:_b?=", "a X-Evil: b"},  // an encoded line end
        Case{"=?utf-8?Q?=00=07=1B[31m?=", "[31m"},
        Case{"=?utf-8?B?4pyT4p?=\r\n =?utf-8?B?yT?=", "✓✓"},
        Case{"=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=", "=?utf-8?Q?a?="},  // decoded once only
        Case{"a = b? c", "a = b? c"}, Case{"=?", "=?"}, Case{"=?=", "=?="}, Case{"?=", "?="},
        Case{"", ""}));

INSTANTIATE_TEST_SUITE_P(RawBytes, Header,
                         testing::Values(Case{"caf\xC3\xA9", "café"}, Case{"caf\xE9", "café"},
                                         Case{"\x1B$B2q5D\x1B(B!", "会議!"},
                                         Case{"caf\xC3\xA9 =?iso-8859-1?Q?caf=E9?=", "café café"},
                                         Case{"a\xC2\x85"
                                              "b",
                                              "ab"},
                                         Case{"a\xE2\x80\xA8"
                                              "b",
                                              "a b"},
                                         Case{"a\x01\x02\x7F"
                                              "b",
                                              "ab"},
                                         Case{"  spaces \t around  ", "spaces   around"},
                                         Case{"folded\r\n\tonce\r\n more", "folded once more"},
                                         Case{"bare\nline", "bare line"}, Case{"end\r\n", "end"}));

TEST(DecodeHeader, KeepsPlainTextAsItIs) {
  std::string all;
  for (char c = 0x20; c < 0x7F; ++c) all += c;
  EXPECT_EQ(decode_header("x" + all + "x"), "x" + all + "x");
}

// The scan looks at eight bytes at once: each byte is told at each place among them.
TEST(DecodeHeader, TellsEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 1; place < 18; ++place) {
      std::string raw(19, 'x');
      raw[place] = static_cast<char>(byte);
      const std::string text = decode_header(raw);
      if (byte >= 0x20 && byte < 0x7F) {
        EXPECT_EQ(text, raw);
      } else if (byte == '\t' || byte == '\n' || byte == '\r') {
        EXPECT_EQ(text, raw.replace(place, 1, " ")) << byte;
      } else if (byte < 0x80) {
        EXPECT_EQ(text, raw.erase(place, 1)) << byte;
      } else {
        EXPECT_TRUE(is_utf8(text) && text != raw) << byte;
      }
    }
  }
}

TEST(DecodeHeader, BidiControlsStay) {
  EXPECT_EQ(decode_header("a\u202Eb"), "a\u202Eb");
}

std::string words(std::size_t count) {
  std::string raw;
  for (std::size_t i = 0; i < count; ++i) raw += "=?utf-8?Q?=C3=A9?= ";
  return raw;
}

TEST(DecodeHeader, DecodesAtMostTheLimitOfWords) {
  const auto letters = [](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "é";
    return out;
  };
  EXPECT_EQ(decode_header(words(kEncodedWords - 1)), letters(kEncodedWords - 1));
  EXPECT_EQ(decode_header(words(kEncodedWords)), letters(kEncodedWords));
  EXPECT_EQ(decode_header(words(kEncodedWords + 1)),
            letters(kEncodedWords) + " =?utf-8?Q?=C3=A9?=");
}

TEST(DecodeHeader, TimeIsLinear) {
  const std::string_view beginnings[] = {
      "=?",        "=?a?q?", "=?a?q? ",   "=?a?b?",   "=?utf-8?q\?\?=20",
      "=?a?q?x?=", "?=",     "=?a?b?!?=", "=?a?q?=\n"};
  for (const std::string_view part : beginnings) {
    std::string raw;
    while (raw.size() < 1000000) raw += part;
    const CpuTime time;
    EXPECT_TRUE(is_utf8(decode_header(raw)));
    EXPECT_LT(time.seconds(), kLinearSeconds) << part;
  }
}

TEST(DecodeHeader, DecodingPlainOutputChangesNothing) {
  for (const std::string_view raw :
       {"=?utf-8?Q?caf=C3=A9?="sv, "a\tb"sv, "=?utf-8?B?5pel5pys6Kqe?= x"sv, "\xE9t\xE9"sv}) {
    const std::string once = decode_header(raw);
    EXPECT_EQ(decode_header(once), once);
  }
}

}  // namespace
}  // namespace alphamail
