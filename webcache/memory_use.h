// SPDX-License-Identifier: GPL-3.0-or-later
// Where memory that grows with users and mail has gone, by kinds; in the order in which it is let go of
// when there is too much (memory_limit.h).
#ifndef WEBCACHE_MEMORY_USE_H
#define WEBCACHE_MEMORY_USE_H

#include <array>
#include <cstddef>
#include <numeric>

namespace alphamail {

enum class MemoryKind : std::size_t {
  kMessages,     ///< opened messages with their parts
  kOrders,       ///< orders of lists but that of arrival
  kSnippets,
  kIndexes,      ///< all else of indexes
  kAccounts,     ///< folder lists, handles, queues
  kConnections,  ///< but for what OpenSSL has (tls_memory.h)
  kEnd
};

/// Bytes of each kind.
struct MemoryUse {
  std::array<std::size_t, static_cast<std::size_t>(MemoryKind::kEnd)> bytes{};

  std::size_t& operator[](MemoryKind kind) { return bytes[static_cast<std::size_t>(kind)]; }
  std::size_t operator[](MemoryKind kind) const { return bytes[static_cast<std::size_t>(kind)]; }
  MemoryUse& operator+=(const MemoryUse& other) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] += other.bytes[i];
    return *this;
  }
  std::size_t sum() const { return std::accumulate(bytes.begin(), bytes.end(), std::size_t{0}); }
};

}  // namespace alphamail

#endif
