// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/row_order.h"

#include <algorithm>

#include "webcache/heap_bytes.h"
#include "webcache/row_sort.h"

namespace alphamail {
namespace {

constexpr std::size_t kMost = 2048;  // ids of a leaf: 8 KB to copy for a change
constexpr std::size_t kFew = 256;    // a leaf that shrank so far joins its neighbour
constexpr std::size_t kRunOf = 512;  // what goes down one by one for so long is kept as a run

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::uint32_t u32(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

// The last of ids[0..end-1] with that bit, and the first of ids[from..]. Half a folder may sort the
// same, so they go 16 ids at a time.
std::size_t last_with(std::uint32_t bit, const std::vector<std::uint32_t>& ids, std::size_t end) {
  constexpr std::size_t kAtOnce = 16;
  for (; end >= kAtOnce; end -= kAtOnce) {
    std::uint32_t any = 0;
    for (std::size_t i = 1; i <= kAtOnce; ++i) any |= ids[end - i];
    if (any & bit) break;
  }
  while (end > 0 && !(ids[end - 1] & bit)) --end;
  return end == 0 ? kNone : end - 1;
}

std::size_t first_with(std::uint32_t bit, const std::vector<std::uint32_t>& ids, std::size_t from) {
  constexpr std::size_t kAtOnce = 16;
  for (; from + kAtOnce <= ids.size(); from += kAtOnce) {
    std::uint32_t any = 0;
    for (std::size_t i = 0; i < kAtOnce; ++i) any |= ids[from + i];
    if (any & bit) break;
  }
  while (from < ids.size() && !(ids[from] & bit)) ++from;
  return from >= ids.size() ? kNone : from;
}

}  // namespace

std::vector<std::uint32_t> RowOrder::Leaf::all() const {
  if (!ids.empty()) return ids;
  std::vector<std::uint32_t> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = get(i);
  return out;
}

// ---- reading ----

std::size_t RowOrder::leaf_of(std::size_t position) const {
  const auto at = std::upper_bound(leaves_.begin(), leaves_.end(), position,
                                   [](std::size_t p, const Place& place) { return p < place.end; });
  return static_cast<std::size_t>(at - leaves_.begin());
}

RowId RowOrder::at(std::size_t position) const {
  const std::size_t leaf = leaf_of(position);
  return id_in(leaves_[leaf].leaf->get(position - begin_of(leaf)));
}

void RowOrder::read(std::size_t first, std::size_t last, std::vector<RowId>& out) const {
  for (std::size_t leaf = leaf_of(first); first < last; ++leaf) {
    const std::size_t begin = begin_of(leaf), end = std::min<std::size_t>(leaves_[leaf].end, last);
    for (; first < end; ++first) out.push_back(id_in(leaves_[leaf].leaf->get(first - begin)));
  }
}

std::pair<std::size_t, std::size_t> RowOrder::group_of(std::size_t position) const {
  const std::size_t home = leaf_of(position), inside = position - begin_of(home);
  std::size_t first = 0, last = size();  // where no leaf says otherwise
  for (std::size_t leaf = home + 1; leaf-- > 0;) {
    const Place& place = leaves_[leaf];
    if (place.groups == 0) continue;
    const std::size_t end = leaf == home ? inside + 1 : place.leaf->ids.size();
    const std::size_t at = last_with(kBegins, place.leaf->ids, end);
    if (at == kNone) continue;
    first = begin_of(leaf) + at;
    break;
  }
  for (std::size_t leaf = home; leaf < leaves_.size(); ++leaf) {
    const Place& place = leaves_[leaf];
    if (place.groups == 0) continue;
    const std::size_t at = first_with(kBegins, place.leaf->ids, leaf == home ? inside + 1 : 0);
    if (at == kNone) continue;
    last = begin_of(leaf) + at;
    break;
  }
  return {first, last};
}

std::uint32_t RowOrder::last_in(std::size_t leaf) const {
  const Leaf& in = *leaves_[leaf].leaf;
  return in.get(in.count - 1);
}

std::size_t RowOrder::leaf_for(RowId row, const RowSort& sort) const {
  std::size_t low = 0, high = leaves_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (sort.before(id_in(last_in(middle)), row)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::optional<std::size_t> RowOrder::position_of(RowId row, const RowSort& sort) const {
  const std::size_t leaf = leaf_for(row, sort);
  if (leaf == leaves_.size()) return {};
  const Leaf& in = *leaves_[leaf].leaf;
  std::size_t low = 0, high = in.count;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (sort.before(id_in(in.get(middle)), row)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == in.count || sort.before(row, id_in(in.get(low)))) return {};
  return begin_of(leaf) + low;
}

std::size_t RowOrder::bytes() const {
  std::size_t sum = shared_block<RowOrder>() + heap_bytes(leaves_);
  for (const Place& place : leaves_) sum += shared_block<Leaf>() + heap_bytes(place.leaf->ids);
  return sum;
}

// ---- changing ----

void RowOrder::cut(std::span<const std::uint32_t> ids, std::vector<Place>& out) {
  const auto keep = [&](std::span<const std::uint32_t> some) {
    const std::size_t pieces = (some.size() + kMost - 1) / kMost;
    for (std::size_t n = pieces; n > 0; --n) {
      const auto piece = some.first(some.size() / n);
      some = some.subspan(piece.size());
      auto leaf = std::make_shared<Leaf>();
      leaf->ids.assign(piece.begin(), piece.end());
      leaf->count = u32(piece.size());
      const auto begins = [](std::uint32_t entry) { return (entry & kBegins) != 0; };
      out.push_back(
          {std::move(leaf), 0,
           u32(static_cast<std::size_t>(std::count_if(piece.begin(), piece.end(), begins)))});
    }
  };
  std::size_t kept = 0;
  for (std::size_t from = 0; from < ids.size();) {
    std::size_t to = from + 1;
    while (to < ids.size() && ids[to] + 1 == ids[to - 1] && !(ids[to] & kBegins)) ++to;
    if (to - from >= kRunOf && !(ids[from] & kBegins)) {
      keep(ids.subspan(kept, from - kept));
      auto leaf = std::make_shared<Leaf>();
      leaf->run = ids[from];
      leaf->count = u32(to - from);
      out.push_back({std::move(leaf), 0, 0});
      kept = to;
    }
    from = to;
  }
  keep(ids.subspan(kept));
}

void RowOrder::count_from(std::size_t leaf) {
  std::size_t end = begin_of(leaf);
  for (; leaf < leaves_.size(); ++leaf) leaves_[leaf].end = u32(end += leaves_[leaf].leaf->count);
}

void RowOrder::put(std::size_t leaf, std::span<const std::uint32_t> ids) {
  std::vector<Place> pieces;
  cut(ids, pieces);
  const auto at = leaves_.begin() + static_cast<std::ptrdiff_t>(leaf);
  if (pieces.size() == 1) {
    *at = std::move(pieces.front());
    return;
  }
  const auto next = leaves_.erase(at);
  leaves_.insert(next, std::make_move_iterator(pieces.begin()),
                 std::make_move_iterator(pieces.end()));
}

RowOrder RowOrder::of_sorted(std::span<const RowId> rows, const RowSort& sort) {
  std::vector<std::uint32_t> ids(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ids[i] = static_cast<std::uint32_t>(rows[i]);
    if (sort.groups() && (i == 0 || !sort.same(rows[i - 1], rows[i]))) ids[i] |= kBegins;
  }
  RowOrder order;
  cut(ids, order.leaves_);
  order.count_from(0);
  return order;
}

void RowOrder::insert(std::vector<RowId> rows, const RowSort& sort) {
  const auto before = [&](RowId a, RowId b) { return sort.before(a, b); };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) {
    std::sort(rows.begin(), rows.end(), before);
  }
  if (leaves_.empty()) {
    *this = of_sorted(rows, sort);
    return;
  }
  // From the back, so that the numbers of leaves in front stay as they are. What is inserted into a
  // leaf sorts before its last, which therefore stays its last; only behind the last leaf it may
  // not.
  std::size_t lowest = leaves_.size();
  for (std::size_t to = rows.size(); to > 0;) {
    const std::size_t leaf = std::min(leaf_for(rows[to - 1], sort), leaves_.size() - 1);
    std::size_t from = to - 1;
    if (leaf == 0) {
      from = 0;
    } else {
      const RowId last_below = id_in(last_in(leaf - 1));
      while (from > 0 && sort.before(last_below, rows[from - 1])) --from;
    }
    const std::vector<std::uint32_t> old = leaves_[leaf].leaf->all();
    std::vector<std::uint32_t> merged;
    merged.reserve(old.size() + to - from);
    std::optional<RowId> previous;
    if (leaf > 0) previous = id_in(last_in(leaf - 1));
    bool behind_new = false;
    const auto add = [&](std::uint32_t entry, bool is_new) {
      const RowId id = id_in(entry);
      if (sort.groups() && (is_new || behind_new)) {
        entry = static_cast<std::uint32_t>(id);
        if (!previous || !sort.same(*previous, id)) entry |= kBegins;
      }
      merged.push_back(entry);
      previous = id;
      behind_new = is_new;
    };
    std::size_t i = 0;
    for (std::size_t n = from; n < to; ++n) {
      // Where the new row goes among the old ones is searched, not walked to: comparing costs most.
      const auto at = std::partition_point(
          old.begin() + static_cast<std::ptrdiff_t>(i), old.end(),
          [&](std::uint32_t entry) { return sort.before(id_in(entry), rows[n]); });
      for (const auto end = static_cast<std::size_t>(at - old.begin()); i < end; ++i) {
        add(old[i], false);
      }
      add(static_cast<std::uint32_t>(rows[n]), true);
    }
    for (; i < old.size(); ++i) add(old[i], false);
    put(leaf, merged);
    lowest = std::min(lowest, leaf);
    to = from;
  }
  count_from(lowest);
}

bool RowOrder::erase(RowId row, const RowSort& sort) {
  const auto position = position_of(row, sort);
  if (!position) return false;
  std::size_t leaf = leaf_of(*position);
  std::vector<std::uint32_t> ids = leaves_[leaf].leaf->all();
  const auto at = ids.begin() + static_cast<std::ptrdiff_t>(*position - begin_of(leaf));
  const bool began = (*at & kBegins) != 0;
  const auto next = ids.erase(at);
  if (began && next != ids.end()) {
    *next |= kBegins;  // of the same group, or it begins one already
  } else if (began && leaf + 1 < leaves_.size()) {
    std::vector<std::uint32_t> following = leaves_[leaf + 1].leaf->all();
    following.front() |= kBegins;
    put(leaf + 1, following);
  }
  if (ids.size() < kFew && leaf > 0 && leaves_[leaf - 1].leaf->count + ids.size() <= kMost / 2) {
    std::vector<std::uint32_t> both = leaves_[leaf - 1].leaf->all();
    both.insert(both.end(), ids.begin(), ids.end());
    leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(leaf));
    ids = std::move(both);
    --leaf;
  }
  put(leaf, ids);  // nothing of no ids
  count_from(leaf);
  return true;
}

void RowOrder::erase_if(const std::function<bool(RowId)>& gone) {
  std::vector<std::uint32_t> kept;
  kept.reserve(size());
  bool begins = false;
  for (const Place& place : leaves_) {
    for (std::size_t i = 0; i < place.leaf->count; ++i) {
      const std::uint32_t entry = place.leaf->get(i);
      begins |= (entry & kBegins) != 0;
      if (gone(id_in(entry))) continue;
      kept.push_back(static_cast<std::uint32_t>(id_in(entry)) | (begins ? kBegins : 0));
      begins = false;
    }
  }
  leaves_.clear();
  cut(kept, leaves_);
  count_from(0);
}

void RowOrder::replace(RowId row, RowId now, const RowSort& sort) {
  const auto position = position_of(row, sort);
  if (!position) return;
  const std::size_t leaf = leaf_of(*position);
  std::vector<std::uint32_t> ids = leaves_[leaf].leaf->all();
  std::uint32_t& entry = ids[*position - begin_of(leaf)];
  entry = static_cast<std::uint32_t>(now) | (entry & kBegins);
  put(leaf, ids);
  count_from(leaf);
}

}  // namespace alphamail
