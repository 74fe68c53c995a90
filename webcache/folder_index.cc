// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/folder_index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "webcache/heap_bytes.h"
#include "webcache/keyword.h"
#include "webcache/row_sort.h"

namespace alphamail {
namespace {

std::uint32_t u32(Uid uid) {
  return static_cast<std::uint32_t>(uid);
}

RowId id_at(std::uint32_t chunk, std::size_t slot) {
  return RowId{static_cast<std::uint32_t>(chunk * IndexChunk::kRows + slot)};
}

std::pair<std::string_view, std::string_view> split(std::string_view both) {
  const std::size_t nul = both.find('\0');
  if (nul == std::string_view::npos) return {both, {}};
  return {both.substr(0, nul), both.substr(nul + 1)};
}

}  // namespace

// ---- rows ----

RecipientList FolderIndex::recipient_list(RowId id) const {
  const TextRef kept = recipients_key(id);
  return chunk(id).more[slot(id)].is_list() ? RecipientList(text_->get(kept)) : RecipientList(kept);
}

TextRef FolderIndex::recipient(RowId id) const {
  return recipient_list(id).first_to();
}

std::vector<Recipient> FolderIndex::recipients(RowId id) const {
  const RecipientList list = recipient_list(id);
  std::vector<Recipient> all(list.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::tie(all[i].name, all[i].address) = split(text_->get(list.text(i)));
    all[i].cc = i >= list.to();
  }
  return all;
}

std::optional<std::size_t> FolderIndex::find_label(std::string_view keyword) const {
  for (std::size_t n = 0; n < labels_->size(); ++n) {
    if ((*labels_)[n] != kNoText && same_keyword(label_name(n), keyword)) return n;
  }
  return std::nullopt;
}

MessageHash FolderIndex::message_id(RowId id) const {
  return chunk(id).more[slot(id)].id;
}

std::span<const RowReference> FolderIndex::references(RowId id) const {
  return chunk(id).references_of(slot(id));
}

std::uint32_t FolderIndex::identity(RowId id) const {
  const IndexRow& r = row(id);
  return message_identity(message_id(id), r.arrived, r.size);
}

ShownRow FolderIndex::shown(RowId id) const {
  const IndexRow& r = row(id);
  ShownRow s;
  s.uid = r.uid;
  s.identity = identity(id);
  s.flags = r.flags;
  s.arrived = r.arrived;
  s.sent = r.sent == 0 ? std::numeric_limits<std::int64_t>::min() : std::int64_t{r.sent};
  s.size = r.size;
  std::tie(s.from, s.from_address) =
      split(text_->get(shows_recipients_ ? recipient(id) : r.sender));
  std::tie(s.subject, s.attachment) = split(text_->get(r.subject));
  s.prefix = prefix(r);
  s.snippet = snippet(r);
  s.labels = labels(id);
  return s;
}

void FolderIndex::prefetch(std::span<const RowId> ids) const {
  for (const RowId id : ids) __builtin_prefetch(&chunk(id));
  for (const RowId id : ids) __builtin_prefetch(&row(id));
  for (const RowId id : ids) {
    const IndexRow& r = row(id);
    text_->prefetch(shows_recipients_ ? recipient(id) : r.sender);
    text_->prefetch(r.subject);
    snippets_->prefetch(r.snippet);
  }
}

std::optional<RowId> FolderIndex::id_of(Uid uid) const {
  // The last chunk that begins at or below the UID.
  const auto above = std::upper_bound(
      by_uid_.begin(), by_uid_.end(), u32(uid),
      [&](std::uint32_t value, std::uint32_t n) { return value < chunks_[n]->rows.front().uid; });
  if (above == by_uid_.begin()) return std::nullopt;
  const std::uint32_t number = *std::prev(above);
  const auto& rows = chunks_[number]->rows;
  const auto found =
      std::lower_bound(rows.begin(), rows.end(), u32(uid),
                       [](const IndexRow& r, std::uint32_t value) { return r.uid < value; });
  if (found == rows.end() || found->uid != u32(uid) || found->gone()) return std::nullopt;
  return id_at(number, static_cast<std::size_t>(found - rows.begin()));
}

const IndexRow* FolderIndex::find(Uid uid) const {
  const auto id = id_of(uid);
  return id ? &row(*id) : nullptr;
}

std::vector<RowId> FolderIndex::ids() const {
  std::vector<RowId> all;
  all.reserve(size());
  for (const std::uint32_t number : by_uid_) {
    const auto& rows = chunks_[number]->rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].gone()) all.push_back(id_at(number, i));
    }
  }
  return all;
}

std::vector<Uid> FolderIndex::uids() const {
  std::vector<Uid> all;
  all.reserve(size());
  for (const std::uint32_t number : by_uid_) {
    for (const IndexRow& r : chunks_[number]->rows) {
      if (!r.gone()) all.push_back(Uid{r.uid});
    }
  }
  return all;
}

Uid FolderIndex::highest_uid() const {
  if (by_uid_.empty()) return Uid{};
  const auto& rows = chunks_[by_uid_.back()]->rows;
  const auto last =
      std::find_if(rows.rbegin(), rows.rend(), [](const IndexRow& r) { return !r.gone(); });
  return last == rows.rend() ? Uid{} : Uid{last->uid};
}

// ---- lists ----

ListedRows FolderIndex::listed(const Order& order, bool descending) const {
  using Way = ListedRows::Way;
  const bool date = order.key == wire::SortKey::Arrived || order.key == wire::SortKey::Sent;
  const Way way = date == descending ? Way::kForward : date ? Way::kBackward : Way::kGroupsBackward;
  return {*this, *order.rows, order.key, order.collation.get(), way};
}

ListedRows FolderIndex::listed() const {
  return listed(orders_.front(), true);
}

std::optional<ListedRows> FolderIndex::listed(const ListOrder& wanted) const {
  for (const Order& order : orders_) {
    if (order.key != wanted.key) continue;
    if (order.collation && order.collation->locale() != wanted.locale) continue;
    return listed(order, wanted.descending);
  }
  return std::nullopt;
}

RowId ListedRows::at(std::size_t position) const {
  if (way_ == Way::kForward) return order_.at(position);
  const std::size_t mirrored = order_.size() - 1 - position;
  if (way_ == Way::kBackward) return order_.at(mirrored);
  const auto [first, last] = order_.group_of(mirrored);
  return order_.at(first + (last - 1 - mirrored));
}

void ListedRows::read(std::size_t first, std::size_t last, std::vector<RowId>& out) const {
  out.clear();
  const std::size_t n = order_.size();
  last = std::min(last, n);
  if (first >= last) return;
  if (way_ == Way::kForward) return order_.read(first, last, out);
  if (way_ == Way::kBackward) {
    order_.read(n - last, n - first, out);
    std::reverse(out.begin(), out.end());
    return;
  }
  // Positions of the list first..last-1 are mirrored ones n-1-first down to n-last.
  while (first < last) {
    const std::size_t mirrored = n - 1 - first;
    const auto [group, end] = order_.group_of(mirrored);
    const std::size_t from = group + (end - 1 - mirrored);
    const std::size_t take = std::min(last - first, end - from);
    order_.read(from, from + take, out);
    first += take;
  }
}

std::optional<std::size_t> ListedRows::position_of(Uid uid) const {
  const auto id = index_.id_of(uid);
  if (!id) return std::nullopt;
  const auto at = order_.position_of(*id, RowSort(index_, key_, collation_));
  if (!at || way_ == Way::kForward) return at;
  const std::size_t n = order_.size();
  if (way_ == Way::kBackward) return n - 1 - *at;
  const auto [first, last] = order_.group_of(*at);
  return n - last + (*at - first);
}

// ---- the whole ----

std::size_t FolderIndex::pages(std::size_t rows) const {
  return std::max<std::size_t>((total() + rows - 1) / rows, 1);
}

bool FolderIndex::has_page(std::size_t page, std::size_t rows) const {
  if (complete_) return true;
  page = std::clamp<std::size_t>(page, 1, pages(rows));
  return std::min(page * rows, total()) <= std::min(covered_, size());
}

MemoryUse FolderIndex::memory() const {
  MemoryUse use;
  use[MemoryKind::kSnippets] = shared_block<TextStore>() + snippets_->bytes();
  std::size_t& index = use[MemoryKind::kIndexes];
  index = shared_block<FolderIndex>() + heap_bytes(chunks_) + heap_bytes(by_uid_) +
          heap_bytes(orders_) + orders_.front().rows->bytes() + shared_block<TextStore>() +
          text_->bytes() + 2 * shared_block<std::vector<TextRef>>() + heap_bytes(*prefixes_) +
          heap_bytes(*labels_);
  for (const std::uint32_t number : by_uid_) index += chunks_[number]->bytes();
  for (std::size_t i = 1; i < orders_.size(); ++i)
    use[MemoryKind::kOrders] += orders_[i].rows->bytes();
  return use;
}

}  // namespace alphamail
