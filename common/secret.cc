// SPDX-License-Identifier: GPL-3.0-or-later
// A secret's pages come straight from the kernel, never from malloc: pages can be locked and kept
// out of dumps one by one, and unmapping them leaves nothing behind in a free list.
#include "common/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

namespace alphamail {
namespace {

/// Pages for `size` bytes and the NUL behind them.
std::size_t mapped_size(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + 1 + page - 1) / page * page;
}

std::byte* map_pages(std::size_t size) {
  const std::size_t length = mapped_size(size);
  void* pages = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // Each of these may be refused (RLIMIT_MEMLOCK, an old kernel) without harm to the others.
  (void)::mlock(pages, length);
  (void)::madvise(pages, length, MADV_DONTDUMP);
  (void)::madvise(pages, length, MADV_WIPEONFORK);
  return static_cast<std::byte*>(pages);
}

}  // namespace

void wipe(std::span<std::byte> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

Secret Secret::zeros(std::size_t size) {
  Secret secret;
  if (size == 0 || size > kMaxBytes) return secret;
  secret.data_ = map_pages(size);
  secret.size_ = size;
  return secret;
}

Secret::Secret(std::span<const std::byte> bytes) {
  *this = zeros(bytes.size());
  if (!empty()) std::copy(bytes.begin(), bytes.end(), data_);
}

Secret::Secret(std::string_view text) : Secret(std::as_bytes(std::span(text.data(), text.size()))) {}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    clear();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { clear(); }

void Secret::clear() {
  if (data_ == nullptr) return;
  wipe({data_, size_});
  ::munmap(data_, mapped_size(size_));
  data_ = nullptr;
  size_ = 0;
}

}  // namespace alphamail
