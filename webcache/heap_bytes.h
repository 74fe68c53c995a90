// SPDX-License-Identifier: GPL-3.0-or-later
// What things on the heap really take: glibc's malloc puts 8 bytes before each block, rounds up to 16,
// and gives none below 32. Sums over these agree with what the process has; sums over sizes do not.
#ifndef WEBCACHE_HEAP_BYTES_H
#define WEBCACHE_HEAP_BYTES_H

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace alphamail {

/// A block of so many bytes; none takes nothing.
constexpr std::size_t heap_block(std::size_t bytes) {
  return bytes == 0 ? 0 : std::max<std::size_t>((bytes + 8 + 15) / 16 * 16, 32);
}
/// What std::make_shared allocates.
template <typename T>
constexpr std::size_t shared_block() {
  return heap_block(sizeof(T) + 16);
}
/// What hangs on it, without itself.
inline std::size_t heap_bytes(const std::string& text) {
  constexpr std::size_t kInside = 15;  // kept in the object
  return text.capacity() > kInside ? heap_block(text.capacity() + 1) : 0;
}
template <typename T>
std::size_t heap_bytes(const std::vector<T>& values) {
  return heap_block(values.capacity() * sizeof(T));
}
/// An entry of a std::map or std::set, and of an unordered one with its share of buckets.
template <typename T>
constexpr std::size_t tree_node() {
  return heap_block(sizeof(T) + 32);
}
template <typename T>
constexpr std::size_t hash_node() {
  return heap_block(sizeof(T) + 16) + 8;
}

}  // namespace alphamail

#endif
