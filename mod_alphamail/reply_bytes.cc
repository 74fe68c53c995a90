// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/reply_bytes.h"

#include <utility>

namespace alphamail {
namespace {

constexpr std::size_t kUsual = 64 * 1024;   ///< taken at least, so that the next reply fits, too
constexpr std::size_t kMostKept = 256 * 1024;

/// One: a request reads its replies one after the other.
struct Kept {
  std::unique_ptr<std::byte[]> bytes;
  std::size_t capacity = 0;
};
thread_local Kept kept;

}  // namespace

ReplyBytes::ReplyBytes(std::size_t size) : size_(size) {
  if (size <= kept.capacity) {
    bytes_ = std::move(kept.bytes);
    capacity_ = std::exchange(kept.capacity, 0);
    return;
  }
  capacity_ = size < kUsual ? kUsual : size;
  bytes_.reset(new std::byte[capacity_]);
}

ReplyBytes::ReplyBytes(ReplyBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

ReplyBytes& ReplyBytes::operator=(ReplyBytes&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

ReplyBytes::~ReplyBytes() {
  if (!bytes_ || capacity_ > kMostKept || capacity_ <= kept.capacity) return;
  kept.bytes = std::move(bytes_);
  kept.capacity = capacity_;
}

}  // namespace alphamail
