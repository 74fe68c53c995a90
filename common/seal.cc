// SPDX-License-Identifier: GPL-3.0-or-later
// HMAC and HKDF are written out over one fetched SHA-256: OpenSSL's own one-shot forms look the
// algorithm up by name on every call, which costs more than the hashing, and a page derives
// several keys.
#include "common/seal.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>

namespace alphamail {
namespace {

constexpr std::byte kVersion{1};
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kOverhead = 1 + kNonceBytes + kTagBytes;
constexpr std::size_t kMaxSealedBytes = std::size_t{1} << 30;  // OpenSSL counts in int
constexpr std::size_t kBlockBytes = 64;                        // of SHA-256

/// A library call that can fail only for want of memory or of the algorithm itself.
void must(bool succeeded, const char* what) {
  if (succeeded) return;
  std::fprintf(stderr, "alphamail: %s failed in OpenSSL\n", what);
  std::abort();
}

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const noexcept { Free(p); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

// Fetched once and never freed: other threads may hash while the process exits.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  must(method != nullptr, "fetching SHA-256");
  return method;
}

const EVP_CIPHER* gcm_method() {
  static const EVP_CIPHER* const method = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  must(method != nullptr, "fetching AES-256-GCM");
  return method;
}

unsigned char* raw(std::byte* p) { return reinterpret_cast<unsigned char*>(p); }
const unsigned char* raw(const std::byte* p) { return reinterpret_cast<const unsigned char*>(p); }

Digest hash(EVP_MD_CTX* context, std::initializer_list<std::span<const std::byte>> pieces) {
  Digest out;
  must(EVP_DigestInit_ex2(context, sha256_method(), nullptr) == 1, "SHA-256");
  for (const auto piece : pieces) {
    must(EVP_DigestUpdate(context, piece.data(), piece.size()) == 1, "SHA-256");
  }
  must(EVP_DigestFinal_ex(context, raw(out.data()), nullptr) == 1, "SHA-256");
  return out;
}

/// RFC 2104 over the pieces one after the other.
Digest hmac(EVP_MD_CTX* context, std::span<const std::byte> key, std::span<const std::byte> first,
            std::span<const std::byte> second = {}) {
  std::array<std::byte, kBlockBytes> pad{};
  if (key.size() > kBlockBytes) {
    const Digest hashed = hash(context, {key});
    std::copy(hashed.begin(), hashed.end(), pad.begin());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  for (auto& b : pad) b ^= std::byte{0x36};
  const Digest inner = hash(context, {pad, first, second});
  for (auto& b : pad) b ^= std::byte{0x36} ^ std::byte{0x5C};
  const Digest outer = hash(context, {pad, inner});
  wipe(pad);
  return outer;
}

DigestContext digest_context() {
  DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr, "SHA-256");
  return context;
}

enum class Way { kEncrypt, kDecrypt };

/// A context that has taken key, nonce and what is authenticated only.
CipherContext gcm_context(Way way, const Key& key, const std::byte* nonce,
                          std::span<const std::byte> context) {
  CipherContext cipher(EVP_CIPHER_CTX_new());
  must(cipher != nullptr, "AES-256-GCM");
  must(EVP_CipherInit_ex2(cipher.get(), gcm_method(), raw(key.data()), raw(nonce),
                          way == Way::kEncrypt ? 1 : 0, nullptr) == 1,
       "AES-256-GCM");
  int written = 0;
  must(context.empty() ||
           EVP_CipherUpdate(cipher.get(), nullptr, &written, raw(context.data()),
                            static_cast<int>(context.size())) == 1,
       "AES-256-GCM");
  return cipher;
}

}  // namespace

void random_bytes(std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t got = ::getrandom(into.data(), into.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      std::fputs("alphamail: the system gives no random bytes\n", stderr);
      std::abort();
    }
    into = into.subspan(static_cast<std::size_t>(got));
  }
}

Digest sha256(std::span<const std::byte> data) { return hash(digest_context().get(), {data}); }

Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data) {
  return hmac(digest_context().get(), key, data);
}

Key derive_key(std::span<const std::byte> secret, std::string_view purpose) {
  const DigestContext context = digest_context();
  constexpr Digest kNoSalt{};
  constexpr std::array<std::byte, 1> kFirstBlock{std::byte{1}};
  Digest extracted = hmac(context.get(), kNoSalt, secret);
  const Key key = hmac(context.get(), extracted, as_bytes(purpose), kFirstBlock);
  wipe(extracted);
  return key;
}

bool equal_constant_time(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

Bytes seal(const Key& key, std::span<const std::byte> plain, std::string_view context) {
  must(plain.size() <= kMaxSealedBytes && context.size() <= kMaxSealedBytes, "sealing over 1 GB");
  Bytes out(plain.size() + kOverhead);
  out[0] = kVersion;
  std::byte* const nonce = out.data() + 1;
  random_bytes({nonce, kNonceBytes});
  std::byte* const text = nonce + kNonceBytes;
  const CipherContext cipher = gcm_context(Way::kEncrypt, key, nonce, as_bytes(context));
  int written = 0;
  must(plain.empty() || EVP_CipherUpdate(cipher.get(), raw(text), &written, raw(plain.data()),
                                         static_cast<int>(plain.size())) == 1,
       "AES-256-GCM");
  must(EVP_CipherFinal_ex(cipher.get(), raw(text + written), &written) == 1, "AES-256-GCM");
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, text + plain.size()) == 1,
       "AES-256-GCM");
  return out;
}

Result<Secret> open_seal(const Key& key, std::span<const std::byte> sealed,
                         std::string_view context) {
  const Error refused{Code::kInvalid, "the seal does not fit"};
  if (sealed.size() < kOverhead || sealed[0] != kVersion) return refused;
  const std::size_t size = sealed.size() - kOverhead;
  if (size > Secret::kMaxBytes) return Error{Code::kTooLarge, "the sealed text is too long"};
  if (context.size() > kMaxSealedBytes) return refused;
  const std::byte* const nonce = sealed.data() + 1;
  const std::byte* const text = nonce + kNonceBytes;
  std::array<std::byte, kTagBytes> tag;
  std::copy_n(text + size, kTagBytes, tag.begin());

  Secret plain = Secret::zeros(size);
  const CipherContext cipher = gcm_context(Way::kDecrypt, key, nonce, as_bytes(context));
  int written = 0;
  if (size > 0) {
    must(EVP_CipherUpdate(cipher.get(), raw(plain.writable().data()), &written, raw(text),
                          static_cast<int>(size)) == 1,
         "AES-256-GCM");
  }
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1,
       "AES-256-GCM");
  std::byte nothing;
  if (EVP_CipherFinal_ex(cipher.get(), raw(&nothing), &written) != 1) return refused;
  return plain;
}

void seal_piece(const Key& key, const Nonce& nonce, std::span<const std::byte> context,
                std::span<const std::byte> plain, std::span<std::byte> sealed) {
  must(plain.size() <= kMaxSealedBytes && sealed.size() == plain.size() + kPieceOverhead,
       "sealing a piece");
  const CipherContext cipher = gcm_context(Way::kEncrypt, key, nonce.data(), context);
  int written = 0;
  must(plain.empty() || EVP_CipherUpdate(cipher.get(), raw(sealed.data()), &written,
                                         raw(plain.data()), static_cast<int>(plain.size())) == 1,
       "AES-256-GCM");
  must(EVP_CipherFinal_ex(cipher.get(), raw(sealed.data() + written), &written) == 1, "AES-256-GCM");
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                           sealed.data() + plain.size()) == 1,
       "AES-256-GCM");
}

bool open_piece(const Key& key, const Nonce& nonce, std::span<const std::byte> context,
                std::span<const std::byte> sealed, std::span<std::byte> plain) {
  if (sealed.size() != plain.size() + kPieceOverhead || plain.size() > kMaxSealedBytes) return false;
  std::array<std::byte, kTagBytes> tag;
  std::copy_n(sealed.data() + plain.size(), kTagBytes, tag.begin());
  const CipherContext cipher = gcm_context(Way::kDecrypt, key, nonce.data(), context);
  int written = 0;
  must(plain.empty() || EVP_CipherUpdate(cipher.get(), raw(plain.data()), &written,
                                         raw(sealed.data()), static_cast<int>(plain.size())) == 1,
       "AES-256-GCM");
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1,
       "AES-256-GCM");
  std::byte nothing;
  return EVP_CipherFinal_ex(cipher.get(), raw(&nothing), &written) == 1;
}

Result<Secret> stretch_password(const Secret& password, std::span<const std::byte> salt,
                                ScryptCost cost) {
  constexpr std::uint64_t kMostMemory = std::uint64_t{128} << 20;
  const bool sane = cost.log2_n >= 1 && cost.log2_n <= 24 && cost.r >= 1 && cost.p >= 1 &&
                    cost.p <= 4 && (std::uint64_t{128} * cost.r << cost.log2_n) <= kMostMemory;
  if (!sane) return Error{Code::kInvalid, "scrypt's cost is absurd"};
  Secret key = Secret::zeros(sizeof(Key));
  must(EVP_PBE_scrypt(password.c_str(), password.size(), raw(salt.data()), salt.size(),
                      std::uint64_t{1} << cost.log2_n, cost.r, cost.p, 2 * kMostMemory,
                      raw(key.writable().data()), key.size()) == 1,
       "scrypt");
  return key;
}

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

}  // namespace

std::string base64url(std::span<const std::byte> data) {
  std::string out;
  out.reserve((data.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int have = 0;
  for (const std::byte b : data) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(b);
    for (have += 8; have >= 6; have -= 6) out.push_back(kAlphabet[bits >> (have - 6) & 63]);
  }
  if (have > 0) out.push_back(kAlphabet[bits << (6 - have) & 63]);
  return out;
}

Result<Bytes> from_base64url(std::string_view text) {
  const Error refused{Code::kInvalid, "not base64url"};
  if (text.size() % 4 == 1) return refused;
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const int value = digit_value(c);
    if (value < 0) return refused;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out.push_back(static_cast<std::byte>(bits >> have & 0xFF));
    }
  }
  // One text for each value, so that a token cannot be written in two ways.
  if ((bits & ((1U << have) - 1)) != 0) return refused;
  return out;
}

}  // namespace alphamail
