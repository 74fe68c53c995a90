// SPDX-License-Identifier: GPL-3.0-or-later
// How many messages of a chunk (index_row.h) some filters let pass.
#ifndef WEBCACHE_CHUNK_COUNTS_H
#define WEBCACHE_CHUNK_COUNTS_H

#include <atomic>
#include <cstdint>
#include <optional>

namespace alphamail {

/// Known once somebody has counted, and for as long as the chunk stays as it is: snapshots share chunks, so that what is
/// counted anew after a change is the chunk that changed. Of a chunk that is published; any thread. A copy knows
/// nothing, for it is made to be changed.
class ChunkCounts {
 public:
  /// Each at most IndexChunk::kRows, which is what there is room for.
  struct Flags {
    std::uint32_t unread, starred, attachment;
  };

  ChunkCounts() = default;
  ChunkCounts(const ChunkCounts&) noexcept {}
  ChunkCounts& operator=(const ChunkCounts&) noexcept {
    flags_.store(0, kRelaxed);
    to_.store(0, kRelaxed);
    return *this;
  }

  std::optional<Flags> flags() const {
    const std::uint64_t known = flags_.load(kRelaxed);
    if (known == 0) return std::nullopt;
    return Flags{low(known >> 2 * kBits), low(known >> kBits), low(known)};
  }
  void set_flags(Flags flags) const {
    flags_.store(kKnown | std::uint64_t{flags.unread} << 2 * kBits | flags.starred << kBits | flags.attachment, kRelaxed);
  }

  /// Messages to one of some addresses, of which the last that were asked for are remembered.
  /// @param whose  a hash of the addresses
  std::optional<std::uint32_t> to(std::uint64_t whose) const {
    const std::uint64_t known = to_.load(kRelaxed);
    if ((known ^ mark(whose)) >> kBits != 0) return std::nullopt;
    return low(known);
  }
  void set_to(std::uint64_t whose, std::uint32_t count) const { to_.store(mark(whose) | count, kRelaxed); }

 private:
  static constexpr unsigned kBits = 11;
  static constexpr std::uint64_t kKnown = std::uint64_t{1} << 63;
  static constexpr auto kRelaxed = std::memory_order_relaxed;  // each number is true by itself
  static std::uint32_t low(std::uint64_t bits) { return static_cast<std::uint32_t>(bits & ((1U << kBits) - 1)); }
  static std::uint64_t mark(std::uint64_t whose) { return kKnown | whose << kBits; }

  mutable std::atomic<std::uint64_t> flags_{0}, to_{0};
};

}  // namespace alphamail

#endif
