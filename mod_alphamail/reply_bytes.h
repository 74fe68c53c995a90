// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that a reply is read into.
#ifndef MOD_ALPHAMAIL_REPLY_BYTES_H
#define MOD_ALPHAMAIL_REPLY_BYTES_H

#include <cstddef>
#include <memory>
#include <span>

namespace alphamail {

/// Bytes of one owner, not set to anything. A page's reply is some 30 KB, for which malloc looks through all that it has to
/// spare; so what a thread gives back is kept for its next one, unless it is large.
class ReplyBytes {
 public:
  ReplyBytes() = default;
  explicit ReplyBytes(std::size_t size);
  ReplyBytes(ReplyBytes&& other) noexcept;
  ReplyBytes& operator=(ReplyBytes&& other) noexcept;
  ~ReplyBytes();
  std::span<std::byte> span() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace alphamail

#endif
