// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "common/mime_text.h"

namespace alphamail {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view encoding, encoded, plain;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.encoding << ": " << c.encoded;
}

class Transfer : public testing::TestWithParam<Case> {};

TEST_P(Transfer, DecodesAtOnce) {
  EXPECT_EQ(decode_transfer(GetParam().encoded, GetParam().encoding), GetParam().plain);
}

TEST_P(Transfer, DecodesInPiecesOfAnySize) {
  const std::string_view encoded = GetParam().encoded;
  for (std::size_t size = 1; size <= encoded.size(); ++size) {
    TransferDecoder decoder(GetParam().encoding);
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += size)
      decoder.decode(encoded.substr(at, size), out);
    decoder.finish(out);
    EXPECT_EQ(out, GetParam().plain) << "pieces of " << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Base64, Transfer,
    testing::Values(Case{"base64", "", ""}, Case{"base64", "Zg==", "f"},
                    Case{"base64", "Zm8=", "fo"}, Case{"base64", "Zm9v", "foo"},
                    Case{"BASE64", "Zm9vYg==", "foob"}, Case{" base64 ", "Zm9vYmE=", "fooba"},
                    Case{"base64", "Zm9vYmFy", "foobar"},
                    Case{"base64", "Zm9v\r\nYmFy\r\n", "foobar"},
                    Case{"base64", "Zm 9v\tYm\nFy", "foobar"}, Case{"base64", "Zm8", "fo"},
                    Case{"base64", "Zg", "f"}, Case{"base64", "Z", ""},  // padding lost
                    Case{"base64", "Zm9v!!YmFy", "foobar"},              // junk between
                    Case{"base64", "AP8Q", "\x00\xFF\x10"sv},
                    Case{"base64", "Zm9vYg==\nZm9vYg==\n", "foobfoob"},  // each line padded
                    Case{"base64", "Zm9v\nYg==\nZm9v\nYg==", "foobfoob"},
                    Case{"base64", "Zg==\n_______________\nMailing list\nhttp://example.edu/list\n",
                         "f"},  // a list's footer
                    Case{"base64", "Zg==\nabc\nZm9v\n", "f"}, Case{"base64", "====", ""},
                    Case{"base64", "=Zg==", "f"}));

INSTANTIATE_TEST_SUITE_P(
    QuotedPrintable, Transfer,
    testing::Values(
        Case{"quoted-printable", "", ""}, Case{"quoted-printable", "plain", "plain"},
        Case{"quoted-printable", "caf=C3=A9", "café"},
        Case{"quoted-printable", "caf=c3=a9", "café"}, Case{"Quoted-Printable", "a=3Db", "a=b"},
        Case{"quoted-printable", "soft=\r\nbreak", "softbreak"},
        Case{"quoted-printable", "soft=\nbreak", "softbreak"},
        Case{"quoted-printable", "soft= \t\r\nbreak", "softbreak"},
        Case{"quoted-printable", "soft=\rbreak", "softbreak"},
        Case{"quoted-printable", "trailing  \r\nspace \t\nend  ", "trailing\r\nspace\nend"},
        Case{"quoted-printable", "in  between", "in  between"},
        Case{"quoted-printable", "kept=20\r\n", "kept \r\n"},
        Case{"quoted-printable", "not=an encoding", "not=an encoding"},
        Case{"quoted-printable", "a=ZZ", "a=ZZ"}, Case{"quoted-printable", "a=4", "a=4"},
        Case{"quoted-printable", "a=4 b", "a=4 b"}, Case{"quoted-printable", "a=4=41", "a=4A"},
        Case{"quoted-printable", "a==41", "a=A"}, Case{"quoted-printable", "end=", "end"},
        Case{"quoted-printable", "a= b", "a= b"},
        Case{"quoted-printable", "raw \xE9", "raw \xE9"}));

INSTANTIATE_TEST_SUITE_P(Others, Transfer,
                         testing::Values(Case{"7bit", "a=41 Zg==", "a=41 Zg=="},
                                         Case{"8bit", "\xE9", "\xE9"},
                                         Case{"binary", "\x00\x01"sv, "\x00\x01"sv},
                                         Case{"", "x", "x"}, Case{"x-unknown", "x", "x"}));

TEST(TransferDecoder, GroupsAreDecodedAsTheirLettersOneByOne) {
  std::mt19937 random(64);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::string_view kJunk = "\r\n\n = \t-!\x80\xFF";
  for (int round = 0; round < 300; ++round) {
    std::string encoded;
    const std::size_t length = random() % 9000, junk_in = 1 + random() % 200;
    while (encoded.size() < length) {
      const bool junk = random() % junk_in == 0;
      encoded += junk ? kJunk[random() % kJunk.size()] : kLetters[random() % kLetters.size()];
    }
    std::string slow, quick;
    TransferDecoder one_by_one("base64"), in_pieces("base64");
    for (const char& c : encoded) one_by_one.decode({&c, 1}, slow);
    one_by_one.finish(slow);
    for (std::size_t at = 0; at < encoded.size();) {
      const std::size_t size = 1 + random() % 5000;
      in_pieces.decode(std::string_view(encoded).substr(at, size), quick);
      at += size;
    }
    in_pieces.finish(quick);
    ASSERT_EQ(quick, slow) << encoded;
  }
}

TEST(TransferDecoder, HoldsLittleBack) {  // what decides nothing goes on
  TransferDecoder decoder("quoted-printable");
  std::string out;
  decoder.decode(std::string(100000, ' '), out);
  EXPECT_GT(out.size(), 98000u);
  decoder.decode("x", out);
  decoder.finish(out);
  EXPECT_EQ(out.size(), 100001u);
}

}  // namespace
}  // namespace alphamail
