// SPDX-License-Identifier: GPL-3.0-or-later
// The strings of one folder index: senders, subjects, snippets, each kept once and named by a
// 32-bit reference. Only appended to, never moved, so readers of older snapshots and the one writer
// need no lock between them: a reference reaches a reader only through a published snapshot.
//
//   reference = block << 14 | offset;   at it: 16-bit length, then the bytes, never across blocks
//
// Most folders are small, so block 0 comes in pieces of 1, 1, 2, 4 and 8 KB, and what leads to further
// blocks is made with the first of them.
#ifndef WEBCACHE_TEXT_STORE_H
#define WEBCACHE_TEXT_STORE_H

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace alphamail {

/// Names a string in a TextStore. kNoText: never set; kEmptyText: set, and empty.
enum class TextRef : std::uint32_t {};
inline constexpr TextRef kNoText{0};
inline constexpr TextRef kEmptyText{2};

class TextStore {
 public:
  /// Longer strings are cut here, at a character's boundary: no list shows more of one.
  static constexpr std::size_t kLongest = 1000;

  TextStore();
  TextStore(const TextStore&) = delete;
  TextStore& operator=(const TextStore&) = delete;

  /// The reference of `text`, the old one where it is known already. Writer only. When all 4 GB are
  /// full every new string becomes kEmptyText.
  TextRef intern(std::string_view text);
  /// The same without looking whether it is known: for what hardly ever repeats. Writer only.
  TextRef append(std::string_view text);

  /// Any thread that got `ref` through a snapshot. Valid as long as the store.
  std::string_view get(TextRef ref) const;

  /// Tells the processor that get(ref) comes soon: a page's strings lie all over the store, and
  /// waiting for each in turn takes longer than all the rest of an answer.
  void prefetch(TextRef ref) const {
    if (ref == kNoText) return;
    const char* at = place(static_cast<std::uint32_t>(ref));
    __builtin_prefetch(at);
    __builtin_prefetch(at + 64);
  }

  // For keeping them on disk: all references from 0 on, as they lie in memory.

  /// Behind the last string. Writer only.
  std::uint32_t end() const { return end_; }
  /// Gives what lies from..to-1, a piece at a time; any thread that got `to` through a snapshot.
  Result<void> write(std::uint32_t from, std::uint32_t to,
                     const std::function<Result<void>(std::span<const std::byte>)>& sink) const;
  /// Puts it back, in order, before anything else is added. @return false where it leaves a gap
  bool restore(std::uint32_t at, std::span<const std::byte> bytes);
  /// A restored string will be found by intern(). Writer only.
  void remember(TextRef ref);

  /// Blocks of the heap in use; any thread.
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr unsigned kBlockBits = 14, kMiddleBits = 9, kPieceBits = 10;
  static constexpr std::size_t kBlock = std::size_t{1} << kBlockBits;
  using Block = std::unique_ptr<char[]>;
  using Middle = std::array<Block, std::size_t{1} << kMiddleBits>;
  using Top = std::array<std::unique_ptr<Middle>, 512>;

  // Of block 0: which piece, and where that begins.
  static std::size_t piece_of(std::uint32_t at) { return std::bit_width(at >> kPieceBits); }
  static std::uint32_t piece_begin(std::size_t piece) {
    return piece == 0 ? 0 : 1U << (kPieceBits + piece - 1);
  }
  // Behind the last byte that lies in one stretch with this one.
  static std::uint32_t stretch_end(std::uint32_t at) {
    return at < kBlock ? 1U << (kPieceBits + piece_of(at))
                       : (at | (static_cast<std::uint32_t>(kBlock) - 1)) + 1;
  }
  char* place(std::uint32_t at) const {
    if (at < kBlock) {
      const std::size_t piece = piece_of(at);
      return pieces_[piece].get() + (at - piece_begin(piece));
    }
    const std::uint32_t block = at >> kBlockBits;
    return (*(*top_)[block >> kMiddleBits])[block & ((1U << kMiddleBits) - 1)].get() +
           (at & (kBlock - 1));
  }
  void make_stretch(std::uint32_t at);
  void count(std::size_t bytes);
  void enter(std::size_t slot, TextRef ref);
  void grow_table();

  std::array<Block, kBlockBits - kPieceBits + 1> pieces_;  // of block 0
  std::unique_ptr<Top> top_;                               // to all others
  std::uint32_t end_ = 0;       // where the next string goes
  std::uint32_t room_ = 0;      // bytes left in its stretch
  std::vector<TextRef> table_;  // open addressing over the interned strings, a power of two
  std::size_t interned_ = 0;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace alphamail

#endif
