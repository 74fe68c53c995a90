// SPDX-License-Identifier: GPL-3.0-or-later
// The cryptography that both sides use, and no more of it: random bytes, SHA-256, HMAC, HKDF
// (RFC 5869), scrypt (RFC 7914), AES-256-GCM, base64url; all by OpenSSL.
#ifndef COMMON_SEAL_H
#define COMMON_SEAL_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/secret.h"

namespace alphamail {

using Bytes = std::vector<std::byte>;
using Digest = std::array<std::byte, 32>;
using Key = std::array<std::byte, 32>;

/// getrandom(2); ends the process where the system has none to give.
void random_bytes(std::span<std::byte> into);

Digest sha256(std::span<const std::byte> data);
Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data);
/// HKDF with SHA-256; `purpose` is its info, no salt. Different purposes give unrelated keys.
Key derive_key(std::span<const std::byte> secret, std::string_view purpose);
/// Takes the same time whatever the content; false for different lengths.
bool equal_constant_time(std::span<const std::byte> a, std::span<const std::byte> b);

/// A Seal: 1 byte version (1), 12 bytes random nonce, ciphertext, 16 bytes tag.
/// `context` is authenticated and not stored: who opens must know it.
Bytes seal(const Key& key, std::span<const std::byte> plain, std::string_view context);
/// @return the plain bytes; kInvalid where key, context or a single bit differs; kTooLarge for more
///         than Secret::kMaxBytes
Result<Secret> open_seal(const Key& key, std::span<const std::byte> sealed, std::string_view context);

/// One piece under a nonce that the caller chooses and never uses again with this key. `sealed` has
/// kPieceOverhead bytes more than `plain`: the ciphertext, then the tag.
using Nonce = std::array<std::byte, 12>;
inline constexpr std::size_t kPieceOverhead = 16;
void seal_piece(const Key& key, const Nonce& nonce, std::span<const std::byte> context,
                std::span<const std::byte> plain, std::span<std::byte> sealed);
/// @return false where key, nonce, context or a single bit differs; `plain` is then worth nothing
bool open_piece(const Key& key, const Nonce& nonce, std::span<const std::byte> context,
                std::span<const std::byte> sealed, std::span<std::byte> plain);

/// What scrypt costs: memory 128 * r * 2^log2_n bytes, time in proportion to that times p.
struct ScryptCost {
  std::uint8_t log2_n = 14;
  std::uint8_t r = 8;
  std::uint8_t p = 1;
};
/// A key from a password. @return kInvalid for a cost over 128 MB or p over 4
Result<Secret> stretch_password(const Secret& password, std::span<const std::byte> salt,
                                ScryptCost cost);

std::string base64url(std::span<const std::byte> data);  ///< RFC 4648 section 5, no padding
/// kInvalid for anything that base64url() would not have written.
Result<Bytes> from_base64url(std::string_view text);

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace alphamail

#endif
