// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/row_sort.h"

#include <algorithm>
#include <string>
#include <utility>

#include "webcache/base_subject.h"
#include "webcache/collation.h"
#include "webcache/folder_index.h"

namespace alphamail {
namespace {

using wire::SortKey;

bool has(const IndexRow& row, wire::Flag flag) {
  return (row.flags & static_cast<std::uint16_t>(flag)) != 0;
}

// Starred above unread above answered above forwarded.
std::uint32_t weight_of_flags(const IndexRow& row) {
  return (has(row, wire::Flag::Flagged) ? 8U : 0U) + (has(row, wire::Flag::Seen) ? 0U : 4U) +
         (has(row, wire::Flag::Answered) ? 2U : 0U) + (has(row, wire::Flag::Forwarded) ? 1U : 0U);
}

bool newer(const IndexRow& a, const IndexRow& b) {
  return a.arrived != b.arrived ? a.arrived > b.arrived : a.uid > b.uid;
}

}  // namespace

std::string_view RowSort::shown_name(std::string_view text) {
  const std::size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return text;
  return nul > 0 ? text.substr(0, nul) : text.substr(1);
}

std::uint32_t RowSort::number_of(const IndexRow& row) const {
  switch (key_) {
    // Newest first; a message without a date of its own counts by its arrival (RFC 5256).
    case SortKey::Sent:
      return ~(row.sent != 0 ? row.sent : row.arrived);
    case SortKey::Size:
      return row.size;
    case SortKey::Flags:
      return weight_of_flags(row);
    default:
      return 0;
  }
}

TextRef RowSort::text_of(RowId id) const {
  switch (key_) {
    case SortKey::From:
      return index_.row(id).sender;
    case SortKey::To:
      return index_.recipient(id);
    default:
      return index_.row(id).subject;
  }
}

std::string_view RowSort::key_text(TextRef ref) const {
  const std::string_view text = index_.text(ref);
  if (key_ != SortKey::Subject) return shown_name(text);
  return base_subject(text.substr(0, text.find('\0')));
}

int RowSort::compare(RowId a, RowId b) const {
  if (collation_) {
    const TextRef x = text_of(a), y = text_of(b);
    return x == y ? 0 : collation_->compare(key_text(x), key_text(y));
  }
  const std::uint32_t x = number_of(index_.row(a)), y = number_of(index_.row(b));
  return x < y ? -1 : x > y ? 1 : 0;
}

bool RowSort::before(RowId a, RowId b) const {
  if (key_ != SortKey::Arrived) {
    const int keys = compare(a, b);
    if (keys != 0) return keys < 0;
  }
  return newer(index_.row(a), index_.row(b));
}

// The place of each row's text among all different texts; those that compare as the same share one.
std::vector<std::uint32_t> RowSort::ranks(const std::vector<RowId>& rows) const {
  std::vector<TextRef> texts(rows.size());
  std::transform(rows.begin(), rows.end(), texts.begin(), [&](RowId id) { return text_of(id); });
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  // All keys in one piece of memory; the first eight bytes of each decide nearly always.
  struct Key {
    std::uint64_t first;
    std::uint32_t begin, length, text;
  };
  std::string bytes;
  std::vector<Key> keys(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::size_t begin = bytes.size();
    collation_->append_key(key_text(texts[i]), bytes);
    const std::string_view key = std::string_view(bytes).substr(begin);
    std::uint64_t first = 0;
    for (std::size_t n = 0; n < 8; ++n) {
      first = first << 8 | (n < key.size() ? static_cast<unsigned char>(key[n]) : 0U);
    }
    keys[i] = {first, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(key.size()),
               static_cast<std::uint32_t>(i)};
  }
  const auto whole = [&](const Key& key) {
    return std::string_view(bytes).substr(key.begin, key.length);
  };
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return a.first != b.first ? a.first < b.first : whole(a) < whole(b);
  });
  std::vector<std::uint32_t> rank_of(texts.size());
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0 && (keys[i].first != keys[i - 1].first || whole(keys[i]) != whole(keys[i - 1]))) {
      ++rank;
    }
    rank_of[keys[i].text] = rank;
  }
  std::vector<std::uint32_t> out(rows.size());
  std::transform(rows.begin(), rows.end(), out.begin(), [&](RowId id) {
    const auto at = std::lower_bound(texts.begin(), texts.end(), text_of(id));
    return rank_of[static_cast<std::size_t>(at - texts.begin())];
  });
  return out;
}

std::vector<RowId> RowSort::sorted() const {
  std::vector<RowId> rows = index_.ids();
  struct Entry {
    std::uint32_t key, older, lower;
    RowId id;
    auto operator<=>(const Entry&) const = default;
  };
  std::vector<Entry> entries(rows.size());
  const std::vector<std::uint32_t> rank = collation_ ? ranks(rows) : std::vector<std::uint32_t>{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const IndexRow& row = index_.row(rows[i]);
    entries[i] = {collation_ ? rank[i] : number_of(row), ~row.arrived, ~row.uid, rows[i]};
  }
  std::sort(entries.begin(), entries.end());
  std::transform(entries.begin(), entries.end(), rows.begin(), [](const Entry& e) { return e.id; });
  return rows;
}

}  // namespace alphamail
