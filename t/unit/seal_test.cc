// SPDX-License-Identifier: GPL-3.0-or-later
// The published test vectors, and that nothing opens with a bit changed.
#include "common/seal.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace alphamail {
namespace {

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

Key key_of(unsigned char fill) {
  Key key;
  key.fill(std::byte{fill});
  return key;
}

TEST(Sha256, Fips180Vectors) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hmac, Rfc4231Vectors) {
  const Bytes key1(20, std::byte{0x0b});
  EXPECT_EQ(hex(hmac_sha256(key1, as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Bytes key6(131, std::byte{0xaa});  // longer than a block: hashed first
  EXPECT_EQ(hex(hmac_sha256(key6, as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(DeriveKey, Rfc5869Case3WithoutSaltAndInfo) {
  const Bytes secret(22, std::byte{0x0b});
  EXPECT_EQ(hex(derive_key(secret, "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKey, PurposesAreUnrelated) {
  std::set<std::string> seen;
  for (const char* purpose : {"a", "b", "aa", ""}) seen.insert(hex(derive_key(as_bytes("s"), purpose)));
  seen.insert(hex(derive_key(as_bytes("t"), "a")));
  EXPECT_EQ(seen.size(), 5U);
}

TEST(EqualConstantTime, Compares) {
  EXPECT_TRUE(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(RandomBytes, FillsAllAndDiffers) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::array<std::byte, 32> bytes{};
    random_bytes(bytes);
    seen.insert(hex(bytes));
  }
  EXPECT_EQ(seen.size(), 100U);
  Bytes large(1 << 20);
  random_bytes(large);
  EXPECT_NE(hex(std::span(large).last(32)), std::string(64, '0'));
}

TEST(Seal, OpensWithKeyAndContextOnly) {
  const Bytes sealed = seal(key_of(1), as_bytes("password"), "context");
  EXPECT_EQ(sealed.size(), 8U + 1 + 12 + 16);
  const auto opened = open_seal(key_of(1), sealed, "context");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->text(), "password");
  EXPECT_EQ(open_seal(key_of(2), sealed, "context").error().code, Code::kInvalid);
  EXPECT_EQ(open_seal(key_of(1), sealed, "contexT").error().code, Code::kInvalid);
  EXPECT_EQ(open_seal(key_of(1), sealed, "").error().code, Code::kInvalid);
}

TEST(Seal, EveryBitAndEveryLengthCounts) {
  const Bytes sealed = seal(key_of(1), as_bytes("password"), "context");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(open_seal(key_of(1), changed, "context")) << "bit " << bit;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(open_seal(key_of(1), std::span(sealed).first(length), "context")) << length;
  }
  Bytes longer = sealed;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(open_seal(key_of(1), longer, "context"));
}

TEST(Seal, NeverTheSameTwice) {
  EXPECT_NE(seal(key_of(1), as_bytes("p"), "c"), seal(key_of(1), as_bytes("p"), "c"));
}

TEST(Seal, Sizes) {
  const auto empty = open_seal(key_of(1), seal(key_of(1), {}, ""), "");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
  const std::string most(Secret::kMaxBytes, 'x');
  const auto full = open_seal(key_of(1), seal(key_of(1), as_bytes(most), "c"), "c");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->text(), most);
  EXPECT_EQ(open_seal(key_of(1), seal(key_of(1), as_bytes(most + "x"), "c"), "c").error().code,
            Code::kTooLarge);
}

/// AES-256-GCM test case 14 of its specification: zero key, zero nonce, one zero block.
TEST(Seal, PublishedVector) {
  Bytes sealed(1 + 12 + 16 + 16);
  sealed[0] = std::byte{1};
  const char* const text = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919";
  for (std::size_t i = 0; i < 32; ++i) {
    sealed[13 + i] = static_cast<std::byte>(std::stoi(std::string(text + 2 * i, 2), nullptr, 16));
  }
  const auto opened = open_seal(Key{}, sealed, "");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->text(), std::string(16, '\0'));
}

TEST(Seal, PiecesOpenUnderTheirOwnNonceAndContextAlone) {
  const std::string text = "some text of a piece";
  Bytes sealed(text.size() + kPieceOverhead), plain(text.size());
  Nonce nonce{std::byte{7}};
  seal_piece(key_of(1), nonce, as_bytes("context"), as_bytes(text), sealed);
  ASSERT_TRUE(open_piece(key_of(1), nonce, as_bytes("context"), sealed, plain));
  EXPECT_EQ(hex(plain), hex(as_bytes(text)));
  EXPECT_FALSE(open_piece(key_of(2), nonce, as_bytes("context"), sealed, plain));
  EXPECT_FALSE(open_piece(key_of(1), Nonce{}, as_bytes("context"), sealed, plain));
  EXPECT_FALSE(open_piece(key_of(1), nonce, as_bytes("other"), sealed, plain));
  EXPECT_FALSE(open_piece(key_of(1), nonce, as_bytes("context"), std::span(sealed).first(20), plain));
  sealed.back() ^= std::byte{1};
  EXPECT_FALSE(open_piece(key_of(1), nonce, as_bytes("context"), sealed, plain));
}

/// RFC 7914 section 12, the third vector.
TEST(Scrypt, PublishedVector) {
  const auto key = stretch_password(Secret("pleaseletmein"), as_bytes("SodiumChloride"), {14, 8, 1});
  ASSERT_TRUE(key);
  EXPECT_EQ(hex(key->bytes()), "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(Scrypt, RefusesWhatWouldTakeAllMemory) {
  for (const ScryptCost cost : {ScryptCost{24, 8, 1}, ScryptCost{18, 8, 1}, ScryptCost{14, 0, 1},
                                ScryptCost{0, 8, 1}, ScryptCost{14, 8, 200}, ScryptCost{63, 255, 1}}) {
    EXPECT_FALSE(stretch_password(Secret("p"), as_bytes("salt"), cost)) << int{cost.log2_n};
  }
}

TEST(Base64Url, Rfc4648Vectors) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},          {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF", "-_8"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(base64url(as_bytes(plain)), text);
    const auto back = from_base64url(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(hex(*back), hex(as_bytes(plain)));
  }
}

TEST(Base64Url, RefusesEveryOtherSpelling) {
  for (const char* text : {"Zg==", "Z", "Zh", "Zm9", "Zm9v Zg", "Zm+v", "Zm/v", "Zm9v\n", "Zm9vY"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
  EXPECT_FALSE(from_base64url(std::string_view("Zm9\0", 4)));
  EXPECT_TRUE(from_base64url("Zm8"));
}

TEST(Base64Url, RandomRoundTrip) {
  for (std::size_t length = 0; length < 200; ++length) {
    Bytes bytes(length);
    random_bytes(bytes);
    const auto back = from_base64url(base64url(bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, bytes);
  }
}

}  // namespace
}  // namespace alphamail
