// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/tls_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>

namespace alphamail {
namespace {

std::atomic<std::size_t> held{0};

std::size_t size_of(void* block) {
  return block ? malloc_usable_size(block) + sizeof(std::size_t) : 0;
}

void* take(std::size_t size, const char*, int) noexcept {
  if (size == 0) return nullptr;
  void* const block = std::malloc(size);
  held.fetch_add(size_of(block), std::memory_order_relaxed);
  return block;
}

void give_back(void* block, const char*, int) noexcept {
  held.fetch_sub(size_of(block), std::memory_order_relaxed);
  std::free(block);
}

void* take_again(void* block, std::size_t size, const char* file, int line) noexcept {
  if (size == 0) {
    give_back(block, file, line);
    return nullptr;
  }
  const std::size_t before = size_of(block);
  void* const now = std::realloc(block, size);
  if (!now) return nullptr;  // the old one stays
  held.fetch_add(size_of(now), std::memory_order_relaxed);
  held.fetch_sub(before, std::memory_order_relaxed);
  return now;
}

}  // namespace

bool count_tls_memory() {
  return CRYPTO_set_mem_functions(take, take_again, give_back) == 1;
}

std::size_t tls_memory() {
  return held.load(std::memory_order_relaxed);
}

}  // namespace alphamail
