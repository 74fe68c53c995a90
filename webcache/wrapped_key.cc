// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/wrapped_key.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <semaphore>

namespace alphamail {
namespace {

constexpr char kMagic[] = "AMkey\x01";
constexpr std::size_t kHowAt = 6, kCostAt = 7, kSaltAt = 10, kMarkAt = 26, kSealAt = 42;
constexpr std::size_t kSaltBytes = 16, kMarkBytes = 16;
constexpr std::byte kByPassword{1}, kBySecret{2};

// scrypt takes 16 MB each: many log-ins at once queue here instead of taking all memory.
class Place {
 public:
  Place() { places().acquire(); }
  ~Place() { places().release(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  static std::counting_semaphore<4>& places() {
    static std::counting_semaphore<4> semaphore(4);
    return semaphore;
  }
};

Digest mark_of(const Secret& account_key) {
  return hmac_sha256(account_key.bytes(), as_bytes("alphamail account key's mark v1"));
}

std::string context_of(std::span<const std::byte> head, std::string_view account) {
  std::string context(reinterpret_cast<const char*>(head.data()), head.size());
  return context.append(account);
}

// The key that wraps: from the password, if there is one, and the daemon's secret.
Result<Secret> wrapping_key(std::span<const std::byte> head, const Secret& password,
                            const Secret& daemon_secret) {
  Secret both = Secret::zeros(2 * sizeof(Key));
  if (head[kHowAt] == kByPassword) {
    const ScryptCost cost{std::to_integer<std::uint8_t>(head[kCostAt]),
                          std::to_integer<std::uint8_t>(head[kCostAt + 1]),
                          std::to_integer<std::uint8_t>(head[kCostAt + 2])};
    const Place place;
    const auto stretched = stretch_password(password, head.subspan(kSaltAt, kSaltBytes), cost);
    if (!stretched) return stretched.error();
    std::copy_n(stretched->bytes().begin(), sizeof(Key), both.writable().begin());
  }
  std::copy_n(daemon_secret.bytes().begin(), std::min(daemon_secret.size(), sizeof(Key)),
              both.writable().begin() + sizeof(Key));
  std::string purpose = "alphamail wrapping key v1";
  purpose += '\0';
  purpose.append(reinterpret_cast<const char*>(head.data() + kSaltAt), kSaltBytes);
  Key key = derive_key(both.bytes(), purpose);
  Secret kept{std::span<const std::byte>(key)};
  wipe(key);
  return kept;
}

const Key& key_in(const Secret& secret) {
  return *reinterpret_cast<const Key*>(secret.bytes().data());
}

}  // namespace

Secret new_account_key() {
  Secret key = Secret::zeros(sizeof(Key));
  random_bytes(key.writable());
  return key;
}

Bytes wrap_key(const Secret& account_key, const Secret& password, const Secret& daemon_secret,
               std::string_view account) {
  Bytes head(kSealAt);
  std::memcpy(head.data(), kMagic, kHowAt);
  head[kHowAt] = password.empty() ? kBySecret : kByPassword;
  const ScryptCost cost;
  head[kCostAt] = std::byte{cost.log2_n};
  head[kCostAt + 1] = std::byte{cost.r};
  head[kCostAt + 2] = std::byte{cost.p};
  random_bytes(std::span(head).subspan(kSaltAt, kSaltBytes));
  const Digest mark = mark_of(account_key);
  std::copy_n(mark.begin(), kMarkBytes, head.begin() + kMarkAt);
  const auto wrapping = wrapping_key(head, password, daemon_secret);
  const Bytes sealed = seal(key_in(*wrapping), account_key.bytes(), context_of(head, account));
  Bytes wrapped(kSealAt + sealed.size());
  std::copy(head.begin(), head.end(), wrapped.begin());
  std::copy(sealed.begin(), sealed.end(), wrapped.begin() + kSealAt);
  return wrapped;
}

Result<Secret> unwrap_key(std::span<const std::byte> wrapped, const Secret& password,
                          const Secret& daemon_secret, std::string_view account) {
  const Error refused{Code::kInvalid, "the wrapped key does not open", 0};
  if (wrapped.size() < kSealAt || std::memcmp(wrapped.data(), kMagic, kHowAt) != 0) return refused;
  const auto head = wrapped.first(kSealAt);
  if (head[kHowAt] != (password.empty() ? kBySecret : kByPassword)) return refused;
  const auto wrapping = wrapping_key(head, password, daemon_secret);
  if (!wrapping) return refused;
  auto key = open_seal(key_in(*wrapping), wrapped.subspan(kSealAt), context_of(head, account));
  if (!key || key->size() != sizeof(Key) || !is_key_of(*key, wrapped)) return refused;
  return key;
}

bool is_key_of(const Secret& account_key, std::span<const std::byte> wrapped) {
  if (wrapped.size() < kSealAt || account_key.size() != sizeof(Key)) return false;
  const Digest mark = mark_of(account_key);
  return equal_constant_time(std::span(mark).first(kMarkBytes),
                             wrapped.subspan(kMarkAt, kMarkBytes));
}

}  // namespace alphamail
