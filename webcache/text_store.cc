// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/text_store.h"

#include <algorithm>
#include <cstring>
#include <functional>

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

TextStore::TextStore() : table_(64, kNoText) {
  bytes_ = sizeof *this + table_.size() * sizeof(TextRef);
  append({});  // lands at 0, which stays unused: kNoText
  append({});  // kEmptyText
}

char* TextStore::place(std::uint32_t at) const {
  const std::uint32_t block = at >> kBlockBits;
  return (*blocks_[block >> kMiddleBits])[block & ((1U << kMiddleBits) - 1)].get() +
         (at & (kBlock - 1));
}

void TextStore::make_block(std::uint32_t block) {
  auto& middle = blocks_[block >> kMiddleBits];
  if (!middle) {
    middle = std::make_unique<Middle>();
    bytes_.fetch_add(sizeof(Middle), std::memory_order_relaxed);
  }
  auto& bytes = (*middle)[block & ((1U << kMiddleBits) - 1)];
  if (bytes) return;
  bytes = std::make_unique<char[]>(kBlock);  // zeros: what no string fills goes to disk, too
  bytes_.fetch_add(kBlock, std::memory_order_relaxed);
}

TextRef TextStore::append(std::string_view text) {
  text = cut(text, kLongest);
  const auto need = static_cast<std::uint32_t>(text.size() + 2);
  if (room_ < need) {
    const std::uint32_t block = end_ == 0 ? 0 : (end_ + room_) >> kBlockBits;
    if (end_ != 0 && end_ + room_ < end_) return kEmptyText;  // past 4 GB
    make_block(block);
    end_ = block << kBlockBits;
    room_ = kBlock;
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
    const std::uint32_t in_block = static_cast<std::uint32_t>(kBlock) - (from & (kBlock - 1));
    const std::uint32_t some = std::min(to - from, in_block);
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
    make_block(at >> kBlockBits);
    const std::size_t some = std::min<std::size_t>(bytes.size(), kBlock - (at & (kBlock - 1)));
    std::memcpy(place(at), bytes.data(), some);
    bytes = bytes.subspan(some);
    at += static_cast<std::uint32_t>(some);
  }
  end_ = std::max(end_, at);
  const std::uint32_t used = end_ & (kBlock - 1);
  room_ = used == 0 ? 0 : static_cast<std::uint32_t>(kBlock) - used;
  return true;
}

void TextStore::grow_table() {
  std::vector<TextRef> bigger(table_.size() * 2, kNoText);
  const std::size_t mask = bigger.size() - 1;
  for (const TextRef ref : table_) {
    if (ref == kNoText) continue;
    std::size_t slot = std::hash<std::string_view>{}(get(ref)) & mask;
    while (bigger[slot] != kNoText) slot = (slot + 1) & mask;
    bigger[slot] = ref;
  }
  bytes_.fetch_add((bigger.size() - table_.size()) * sizeof(TextRef), std::memory_order_relaxed);
  table_ = std::move(bigger);
}

}  // namespace alphamail
