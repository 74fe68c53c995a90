// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/text_store.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "webcache/heap_bytes.h"

namespace alphamail {
namespace {

// Cuts at `limit` bytes, and further back while that would split a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

TextStore::TextStore() {
  append({});  // lands at 0, which stays unused: kNoText
  append({});  // kEmptyText
}

void TextStore::count(std::size_t bytes) {
  bytes_.fetch_add(heap_block(bytes), std::memory_order_relaxed);
}

// Zeros: what no string fills goes to disk, too.
void TextStore::make_stretch(std::uint32_t at) {
  if (at < kBlock) {
    const std::size_t piece = piece_of(at), size = stretch_end(at) - piece_begin(piece);
    if (pieces_[piece]) return;
    pieces_[piece] = std::make_unique<char[]>(size);
    return count(size);
  }
  const std::uint32_t block = at >> kBlockBits;
  if (!top_) {
    top_ = std::make_unique<Top>();
    count(sizeof(Top));
  }
  auto& middle = (*top_)[block >> kMiddleBits];
  if (!middle) {
    middle = std::make_unique<Middle>();
    count(sizeof(Middle));
  }
  auto& bytes = (*middle)[block & ((1U << kMiddleBits) - 1)];
  if (bytes) return;
  bytes = std::make_unique<char[]>(kBlock);
  count(kBlock);
}

TextRef TextStore::append(std::string_view text) {
  text = cut(text, kLongest);
  const auto need = static_cast<std::uint32_t>(text.size() + 2);
  if (room_ < need) {
    if (end_ != 0 && end_ + room_ < end_) return kEmptyText;  // past 4 GB
    end_ += room_;
    make_stretch(end_);
    room_ = stretch_end(end_) - end_;
  }
  char* at = place(end_);
  const auto length = static_cast<std::uint16_t>(text.size());
  std::memcpy(at, &length, 2);
  if (!text.empty()) std::memcpy(at + 2, text.data(), text.size());
  const TextRef ref{end_};
  // The last byte of the last block is never given out, so that end_ cannot wrap to 0.
  end_ += need;
  room_ -= need;
  return ref;
}

std::string_view TextStore::get(TextRef ref) const {
  if (ref == kNoText) return {};
  const char* at = place(static_cast<std::uint32_t>(ref));
  std::uint16_t length;
  std::memcpy(&length, at, 2);
  return {at + 2, length};
}

TextRef TextStore::intern(std::string_view text) {
  text = cut(text, kLongest);
  if (text.empty()) return kEmptyText;
  if (table_.empty()) grow_table();
  std::size_t mask = table_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  for (; table_[slot] != kNoText; slot = (slot + 1) & mask) {
    if (get(table_[slot]) == text) return table_[slot];
  }
  const TextRef ref = append(text);
  if (ref != kEmptyText) enter(slot, ref);
  return ref;
}

void TextStore::enter(std::size_t slot, TextRef ref) {
  table_[slot] = ref;
  if (++interned_ * 4 > table_.size() * 3) grow_table();
}

void TextStore::remember(TextRef ref) {
  if (ref == kNoText || ref == kEmptyText) return;
  const std::string_view text = get(ref);
  if (table_.empty()) grow_table();
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  for (; table_[slot] != kNoText; slot = (slot + 1) & mask) {
    if (table_[slot] == ref || get(table_[slot]) == text) return;
  }
  enter(slot, ref);
}

Result<void> TextStore::write(
    std::uint32_t from, std::uint32_t to,
    const std::function<Result<void>(std::span<const std::byte>)>& sink) const {
  while (from < to) {
    const std::uint32_t some = std::min(to - from, stretch_end(from) - from);
    const auto* begin = reinterpret_cast<const std::byte*>(place(from));
    if (const auto put = sink({begin, some}); !put) return put;
    from += some;
  }
  return {};
}

bool TextStore::restore(std::uint32_t at, std::span<const std::byte> bytes) {
  constexpr std::uint64_t kAll = std::uint64_t{1} << 32;
  if (at > end_ || at + bytes.size() >= kAll) return false;
  while (!bytes.empty()) {
    make_stretch(at);
    const std::size_t some = std::min<std::size_t>(bytes.size(), stretch_end(at) - at);
    std::memcpy(place(at), bytes.data(), some);
    bytes = bytes.subspan(some);
    at += static_cast<std::uint32_t>(some);
  }
  end_ = std::max(end_, at);
  const bool at_begin = end_ == (end_ < kBlock ? piece_begin(piece_of(end_)) : end_ & ~(kBlock - 1));
  room_ = at_begin ? 0 : stretch_end(end_) - end_;
  return true;
}

void TextStore::grow_table() {
  std::vector<TextRef> bigger(std::max<std::size_t>(table_.size() * 2, 32), kNoText);
  const std::size_t mask = bigger.size() - 1;
  for (const TextRef ref : table_) {
    if (ref == kNoText) continue;
    std::size_t slot = std::hash<std::string_view>{}(get(ref)) & mask;
    while (bigger[slot] != kNoText) slot = (slot + 1) & mask;
    bigger[slot] = ref;
  }
  bytes_.fetch_add(heap_block(bigger.size() * sizeof(TextRef)) -
                       heap_block(table_.size() * sizeof(TextRef)),
                   std::memory_order_relaxed);
  table_ = std::move(bigger);
}

}  // namespace alphamail
