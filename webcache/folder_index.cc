// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/folder_index.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace alphamail {
namespace {

std::uint32_t u32(Uid uid) {
  return static_cast<std::uint32_t>(uid);
}

std::uint32_t to_seconds(std::int64_t when) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(when, 0, std::numeric_limits<std::uint32_t>::max()));
}

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);

bool is_unread(std::uint16_t flags) {
  return (flags & kSeen) == 0;
}

// "first NUL second", or "first" alone where there is no second.
std::string joined(const std::string& first, const std::string& second) {
  if (second.empty()) return first;
  // Both must fit: an overlong first one is cut so that the second survives the store's limit.
  constexpr std::size_t kFirst = 700, kSecond = 255;
  std::string both = first.substr(0, kFirst);
  both += '\0';
  both += second.substr(0, kSecond);
  return both;
}

std::pair<std::string_view, std::string_view> split(std::string_view both) {
  const std::size_t nul = both.find('\0');
  if (nul == std::string_view::npos) return {both, {}};
  return {both.substr(0, nul), both.substr(nul + 1)};
}

}  // namespace

// ---- FolderIndex ----

ShownRow FolderIndex::shown(std::size_t position) const {
  const IndexRow& r = at(position);
  ShownRow s;
  s.uid = r.uid;
  s.flags = r.flags;
  s.arrived = r.arrived;
  s.sent = r.sent == 0 ? std::numeric_limits<std::int64_t>::min() : std::int64_t{r.sent};
  s.size = r.size;
  std::tie(s.from, s.from_address) = split(text_->get(r.sender));
  std::tie(s.subject, s.attachment) = split(text_->get(r.subject));
  s.snippet = text_->get(r.snippet);
  return s;
}

void FolderIndex::prefetch(std::size_t first, std::size_t last) const {
  for (std::size_t i = first; i < last; ++i) __builtin_prefetch(&at(i));
  for (std::size_t i = first; i < last; ++i) {
    const IndexRow& r = at(i);
    text_->prefetch(r.sender);
    text_->prefetch(r.subject);
    text_->prefetch(r.snippet);
  }
}

std::optional<RowId> FolderIndex::id_of(Uid uid) const {
  // The last chunk that begins at or below the UID.
  const auto chunk = std::upper_bound(
      by_uid_.begin(), by_uid_.end(), u32(uid),
      [&](std::uint32_t value, std::uint32_t n) { return value < chunks_[n]->rows.front().uid; });
  if (chunk == by_uid_.begin()) return std::nullopt;
  const std::uint32_t number = *std::prev(chunk);
  const auto& rows = chunks_[number]->rows;
  const auto row =
      std::lower_bound(rows.begin(), rows.end(), u32(uid),
                       [](const IndexRow& r, std::uint32_t value) { return r.uid < value; });
  if (row == rows.end() || row->uid != u32(uid)) return std::nullopt;
  return RowId{static_cast<std::uint32_t>(number * kChunkRows) +
               static_cast<std::uint32_t>(row - rows.begin())};
}

const IndexRow* FolderIndex::find(Uid uid) const {
  const auto id = id_of(uid);
  return id ? &row(*id) : nullptr;
}

std::optional<std::size_t> FolderIndex::position_of(Uid uid) const {
  const IndexRow* wanted = find(uid);
  if (!wanted) return std::nullopt;
  const auto at = std::lower_bound(order_->begin(), order_->end(), *wanted,
                                   [&](RowId id, const IndexRow& w) { return newer(row(id), w); });
  if (at == order_->end() || row(*at).uid != wanted->uid) return std::nullopt;
  return static_cast<std::size_t>(at - order_->begin());
}

std::vector<Uid> FolderIndex::uids() const {
  std::vector<Uid> all;
  for (const std::uint32_t number : by_uid_) {
    for (const IndexRow& r : chunks_[number]->rows) all.push_back(Uid{r.uid});
  }
  return all;
}

Uid FolderIndex::highest_uid() const {
  return by_uid_.empty() ? Uid{} : Uid{chunks_[by_uid_.back()]->rows.back().uid};
}

std::size_t FolderIndex::pages(std::size_t rows) const {
  return std::max<std::size_t>((total() + rows - 1) / rows, 1);
}

bool FolderIndex::has_page(std::size_t page, std::size_t rows) const {
  if (complete_) return true;
  page = std::clamp<std::size_t>(page, 1, pages(rows));
  return std::min(page * rows, total()) <= std::min(covered_, size());
}

std::size_t FolderIndex::bytes() const {
  std::size_t sum = sizeof *this + order_->capacity() * sizeof(RowId) +
                    chunks_.capacity() * (sizeof(chunks_[0]) + sizeof(Chunk) + 32) +
                    by_uid_.capacity() * sizeof(std::uint32_t) + text_->bytes();
  for (const auto& chunk : chunks_) sum += chunk->rows.capacity() * sizeof(IndexRow);
  return sum;
}

// ---- IndexWriter ----

IndexWriter::IndexWriter(std::uint32_t uid_validity) : text_(std::make_shared<TextStore>()) {
  next_.text_ = text_;
  next_.uid_validity_ = uid_validity;
}

std::uint16_t IndexWriter::text_part_id(const TextPart& part) {
  // Newest first: neighbours in a folder are often alike. A hostile folder with thousands of kinds
  // gets no snippets for the rest of them.
  constexpr std::size_t kMost = 500;
  for (std::size_t i = text_parts_.size(); i-- > 0;) {
    if (text_parts_[i] == part) return static_cast<std::uint16_t>(i + 1);
  }
  if (text_parts_.size() >= kMost) return 0;
  text_parts_.push_back(part);
  return static_cast<std::uint16_t>(text_parts_.size());
}

const TextPart* IndexWriter::text_part(const IndexRow& row) const {
  return row.text_part == 0 ? nullptr : &text_parts_[row.text_part - 1U];
}

IndexRow IndexWriter::make_row(const NewRow& row) {
  IndexRow r{};
  r.uid = u32(row.uid);
  r.arrived = to_seconds(row.arrived);
  r.sent = row.sent ? to_seconds(*row.sent) : 0;
  r.size = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(row.size, std::numeric_limits<std::uint32_t>::max()));
  r.sender = text_->intern(joined(row.from, row.from_address));
  r.subject = text_->intern(joined(row.subject, row.attachment));
  r.snippet = kNoText;
  r.flags = row.flags;
  r.text_part = row.text_part ? text_part_id(*row.text_part) : std::uint16_t{0};
  return r;
}

std::size_t IndexWriter::add(std::vector<NewRow> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const NewRow& a, const NewRow& b) { return a.uid < b.uid; });
  std::vector<IndexRow> fresh;
  fresh.reserve(rows.size());
  for (const NewRow& row : rows) {
    if (row.uid == Uid{} || (!fresh.empty() && fresh.back().uid == u32(row.uid))) continue;
    if (next_.find(row.uid)) {
      set_flags(row.uid, row.flags);
    } else {
      fresh.push_back(make_row(row));
    }
  }
  for (const IndexRow& r : fresh) next_.unread_ += is_unread(r.flags) ? 1 : 0;
  known_ += fresh.size();
  // Chunks never interleave, so a batch is cut where a known chunk lies inside it.
  for (std::size_t from = 0; from < fresh.size();) {
    const std::size_t place = chunks_below(fresh[from].uid);
    const auto& by_uid = next_.by_uid_;
    const std::uint32_t limit = place < by_uid.size()
                                    ? next_.chunks_[by_uid[place]]->rows.front().uid
                                    : std::numeric_limits<std::uint32_t>::max();
    std::size_t to = from + 1;
    while (to < fresh.size() && fresh[to].uid < limit) ++to;
    if (place > 0 && next_.chunks_[by_uid[place - 1]]->rows.back().uid > fresh[from].uid) {
      rebuild_with(
          std::span(fresh).subspan(from));  // a hole inside a chunk: rare, so simply all anew
      break;
    }
    add_run(std::span(fresh).subspan(from, to - from), place);
    from = to;
  }
  return fresh.size();
}

std::size_t IndexWriter::chunks_below(std::uint32_t uid) const {
  const auto above = std::upper_bound(next_.by_uid_.begin(), next_.by_uid_.end(), uid,
                                      [&](std::uint32_t value, std::uint32_t n) {
                                        return value < next_.chunks_[n]->rows.front().uid;
                                      });
  return static_cast<std::size_t>(above - next_.by_uid_.begin());
}

bool IndexWriter::knows_between(Uid a, Uid b) const {
  const std::size_t below_b = chunks_below(u32(b));
  if (below_b == 0) return false;
  const auto& rows = next_.chunks_[next_.by_uid_[below_b - 1]]->rows;
  auto at = std::lower_bound(rows.begin(), rows.end(), u32(b),
                             [](const IndexRow& r, std::uint32_t value) { return r.uid < value; });
  return at != rows.begin() && std::prev(at)->uid > u32(a);
}

// A run between two chunks goes behind the lower one where that has room (new mail comes in ones
// and twos), else it makes chunks of its own.
void IndexWriter::add_run(std::span<const IndexRow> run, std::size_t place) {
  constexpr std::size_t kMost = FolderIndex::kChunkRows;
  if (place > 0) {
    const std::uint32_t below = next_.by_uid_[place - 1];
    const std::size_t used = next_.chunks_[below]->rows.size();
    if (used + run.size() <= kMost) {
      Chunk& chunk = writable_chunk(below);
      chunk.rows.insert(chunk.rows.end(), run.begin(), run.end());
      note_added(below, used, run.size());
      return;
    }
  }
  for (std::size_t from = 0; from < run.size(); from += kMost, ++place) {
    const auto piece = run.subspan(from, std::min(kMost, run.size() - from));
    const std::uint32_t number = new_chunk({piece.begin(), piece.end()});
    next_.by_uid_.insert(next_.by_uid_.begin() + static_cast<std::ptrdiff_t>(place), number);
    note_added(number, 0, piece.size());
  }
}

std::uint32_t IndexWriter::new_chunk(std::vector<IndexRow> rows) {
  auto chunk = std::make_shared<Chunk>(Chunk{std::move(rows)});
  next_.chunks_.push_back(chunk);
  own_.push_back(std::move(chunk));
  return static_cast<std::uint32_t>(next_.chunks_.size() - 1);
}

void IndexWriter::note_added(std::uint32_t chunk, std::size_t first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    added_.push_back(
        RowId{static_cast<std::uint32_t>(chunk * FolderIndex::kChunkRows + first + i)});
  }
}

void IndexWriter::rebuild_with(std::span<const IndexRow> more) {
  std::vector<IndexRow> all(more.begin(), more.end());
  for (const std::uint32_t number : next_.by_uid_) {
    const auto& rows = next_.chunks_[number]->rows;
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end(),
            [](const IndexRow& a, const IndexRow& b) { return a.uid < b.uid; });
  next_.chunks_.clear();
  next_.by_uid_.clear();
  next_.order_ = std::make_shared<std::vector<RowId>>();
  own_.clear();
  added_.clear();
  if (!all.empty()) add_run(all, 0);
}

FolderIndex::Chunk& IndexWriter::writable_chunk(std::uint32_t number) {
  if (!own_[number]) {
    own_[number] = std::make_shared<Chunk>(*next_.chunks_[number]);
    next_.chunks_[number] = own_[number];
  }
  return *own_[number];
}

bool IndexWriter::set_flags(Uid uid, std::uint16_t flags) {
  const auto id = next_.id_of(uid);
  if (!id) return false;
  const std::uint16_t old = next_.row(*id).flags;
  if (old == flags) return false;
  const auto n = static_cast<std::uint32_t>(*id);
  writable_chunk(n / FolderIndex::kChunkRows).rows[n % FolderIndex::kChunkRows].flags = flags;
  next_.unread_ += is_unread(flags) ? 1U : 0U;
  next_.unread_ -= is_unread(old) ? 1U : 0U;
  return true;
}

bool IndexWriter::change_flags(Uid uid, std::uint16_t set, std::uint16_t clear) {
  const IndexRow* row = next_.find(uid);
  return row && set_flags(uid, static_cast<std::uint16_t>((row->flags | set) & ~clear));
}

void IndexWriter::set_snippet(Uid uid, std::string_view text) {
  const auto id = next_.id_of(uid);
  if (!id) return;
  const auto n = static_cast<std::uint32_t>(*id);
  writable_chunk(n / FolderIndex::kChunkRows).rows[n % FolderIndex::kChunkRows].snippet =
      text.empty() ? kEmptyText : text_->append(text);
}

std::size_t IndexWriter::remove(std::span<const Uid> gone) {
  merge_order();
  constexpr std::uint32_t kGone = std::numeric_limits<std::uint32_t>::max();
  // Where each row of a touched chunk goes; untouched chunks have no entry.
  std::vector<std::vector<std::uint32_t>> moves(next_.chunks_.size());
  std::size_t removed = 0;
  for (const Uid uid : gone) {
    const auto id = next_.id_of(uid);
    if (!id) continue;
    const auto n = static_cast<std::uint32_t>(*id);
    auto& move = moves[n / FolderIndex::kChunkRows];
    move.resize(next_.chunks_[n / FolderIndex::kChunkRows]->rows.size(), 0);
    if (std::exchange(move[n % FolderIndex::kChunkRows], kGone) == kGone) continue;
    next_.unread_ -= is_unread(next_.row(*id).flags) ? 1U : 0U;
    ++removed;
  }
  if (removed == 0) return 0;
  for (std::uint32_t number = 0; number < moves.size(); ++number) {
    if (moves[number].empty()) continue;
    std::vector<IndexRow> kept;
    for (std::size_t i = 0; i < moves[number].size(); ++i) {
      if (moves[number][i] == kGone) continue;
      moves[number][i] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(next_.chunks_[number]->rows[i]);
    }
    if (kept.empty()) std::erase(next_.by_uid_, number);
    own_[number] = std::make_shared<Chunk>(Chunk{std::move(kept)});
    next_.chunks_[number] = own_[number];
  }
  auto order = std::make_shared<std::vector<RowId>>();
  order->reserve(next_.order_->size() - removed);
  for (const RowId id : *next_.order_) {
    const auto n = static_cast<std::uint32_t>(id);
    const auto& move = moves[n / FolderIndex::kChunkRows];
    const std::uint32_t slot =
        move.empty() ? n % FolderIndex::kChunkRows : move[n % FolderIndex::kChunkRows];
    if (slot == kGone) continue;
    order->push_back(RowId{static_cast<std::uint32_t>(n - n % FolderIndex::kChunkRows + slot)});
  }
  next_.order_ = std::move(order);
  known_ -= removed;
  return removed;
}

void IndexWriter::merge_order() {
  if (added_.empty()) return;
  const auto newer = [&](RowId a, RowId b) {
    return FolderIndex::newer(next_.row(a), next_.row(b));
  };
  std::sort(added_.begin(), added_.end(), newer);
  auto order = std::make_shared<std::vector<RowId>>();
  order->reserve(next_.order_->size() + added_.size());
  std::merge(next_.order_->begin(), next_.order_->end(), added_.begin(), added_.end(),
             std::back_inserter(*order), newer);
  next_.order_ = std::move(order);
  added_ = {};
}

std::shared_ptr<const FolderIndex> IndexWriter::publish() {
  merge_order();
  std::fill(own_.begin(), own_.end(), nullptr);  // shared from now on
  return std::make_shared<const FolderIndex>(next_);
}

}  // namespace alphamail
