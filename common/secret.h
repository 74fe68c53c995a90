// SPDX-License-Identifier: GPL-3.0-or-later
// Passwords and keys in memory: locked against swapping, kept out of core dumps and of forked
// children, wiped when let go. Nothing prints one, nothing copies one by accident.
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace alphamail {

/// Owns up to kMaxBytes secret bytes in pages of their own (mmap, mlock, MADV_DONTDUMP,
/// MADV_WIPEONFORK). Where RLIMIT_MEMLOCK refuses the lock the rest still holds.
class Secret {
 public:
  static constexpr std::size_t kMaxBytes = 4096;

  Secret() = default;
  /// Copies `bytes`; the caller wipes its own copy (wipe()). More than kMaxBytes gives an empty one.
  explicit Secret(std::span<const std::byte> bytes);
  explicit Secret(std::string_view text);
  /// `size` zero bytes to be filled through writable(), so that a secret need not pass through
  /// ordinary memory on its way in. More than kMaxBytes gives an empty one.
  static Secret zeros(std::size_t size);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::span<std::byte> writable() { return {data_, size_}; }
  /// The bytes as text, NUL-terminated behind the end for C interfaces. Valid while this lives.
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const char* c_str() const { return data_ ? reinterpret_cast<const char*>(data_) : ""; }
  void clear();

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites memory in a way the compiler keeps (explicit_bzero).
void wipe(std::span<std::byte> bytes);
inline void wipe(void* p, std::size_t n) { wipe({static_cast<std::byte*>(p), n}); }

}  // namespace alphamail

#endif
