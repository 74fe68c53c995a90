// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/index_writer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "webcache/base_subject.h"
#include "webcache/heap_bytes.h"
#include "webcache/imap_limits.h"
#include "webcache/keyword.h"
#include "webcache/row_sort.h"

namespace alphamail {
namespace {

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);

// So many moves in the order of flags cost as much as making it anew, which waits until it is asked
// for.
constexpr std::size_t kMostFlagsMoved = 500;

std::uint32_t u32(Uid uid) {
  return static_cast<std::uint32_t>(uid);
}

std::uint32_t chunk_of(RowId id) {
  return static_cast<std::uint32_t>(id) / IndexChunk::kRows;
}

std::size_t slot_of(RowId id) {
  return static_cast<std::uint32_t>(id) % IndexChunk::kRows;
}

bool is_unread(std::uint16_t flags) {
  return (flags & kSeen) == 0;
}

// "first NUL second", or "first" alone where there is no second.
std::string joined(std::string_view first, std::string_view second) {
  if (second.empty()) return std::string(first);
  // Both must fit: an overlong first one is cut so that the second survives the store's limit.
  constexpr std::size_t kFirst = 700, kSecond = 255;
  std::string both(first.substr(0, kFirst));
  both += '\0';
  both += second.substr(0, kSecond);
  return both;
}

}  // namespace

IndexWriter::IndexWriter(std::uint32_t uid_validity)
    : text_(std::make_shared<TextStore>()), snippets_(std::make_shared<TextStore>()) {
  next_.text_ = text_;
  next_.snippets_ = snippets_;
  next_.prefixes_ = std::make_shared<std::vector<TextRef>>();
  next_.labels_ = std::make_shared<std::vector<TextRef>>();
  next_.uid_validity_ = uid_validity;
  next_.orders_.push_back({wire::SortKey::Arrived, nullptr, std::make_shared<RowOrder>()});
}

// ---- what a row is made of ----

std::uint16_t IndexWriter::text_part_number(const TextPart& part) {
  // Newest first: neighbours in a folder are often alike. A hostile folder with thousands of kinds
  // gets no snippets for the rest of them.
  for (std::size_t i = text_parts_.size(); i-- > 0;) {
    if (text_parts_[i] == part) return static_cast<std::uint16_t>(i + 1);
  }
  if (text_parts_.size() >= IndexRow::kTextParts) return 0;
  text_parts_.push_back(part);
  return static_cast<std::uint16_t>(text_parts_.size());
}

const TextPart* IndexWriter::text_part(const IndexRow& row) const {
  return row.text_part() == 0 ? nullptr : &text_parts_[row.text_part() - 1];
}

// 0 where it stays with its subject: there are few kinds in an honest folder.
std::uint16_t IndexWriter::prefix_number(std::string_view prefix) {
  constexpr std::size_t kLongest = 64;
  if (prefix.empty() || prefix.size() > kLongest) return 0;
  const auto& known = *next_.prefixes_;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (text_->get(known[i]) == prefix) return static_cast<std::uint16_t>(i + 1);
  }
  if (known.size() >= IndexRow::kPrefixes) return 0;
  const TextRef ref = text_->append(prefix);
  if (ref == kEmptyText) return 0;
  auto more = std::make_shared<std::vector<TextRef>>(known);
  more->push_back(ref);
  next_.prefixes_ = std::move(more);
  return static_cast<std::uint16_t>(next_.prefixes_->size());
}

// To before Cc, whatever their order, so that the first one is the one that a list shows.
void IndexWriter::make_recipients(const NewRow& row, Made& made) {
  std::vector<TextRef> texts;
  std::size_t to = 0, bytes = 0;
  bool more = row.more_recipients;
  for (const bool cc : {false, true}) {
    for (const NewRow::To& one : row.recipients) {
      if (one.cc != cc) continue;
      const std::string text = joined(one.name, one.address);
      if (text.empty()) continue;
      bytes += text.size();
      if (texts.size() == RecipientList::kMost || bytes > RecipientList::kMostBytes) {
        more = true;
        break;
      }
      texts.push_back(text_->intern(text));
      to += cc ? 0 : 1;
    }
  }
  made.recipients_are_list = texts.size() > 1 || to < texts.size() || more;
  made.recipients = made.recipients_are_list ? text_->intern(RecipientList::written(texts, to, more))
                    : texts.empty()          ? kEmptyText
                                             : texts.front();
  // The store is full: as if there were none.
  if (made.recipients == kEmptyText) made.recipients_are_list = false;
}

// A number stays with its keyword while the index lives; those that no message has any more are free again
// when it next comes from disk (IndexLoader::finish).
std::optional<std::uint16_t> IndexWriter::label_number(std::string_view keyword) {
  if (const auto known = next_.find_label(keyword)) return static_cast<std::uint16_t>(*known);
  if (!is_keyword(keyword)) return std::nullopt;
  const auto& names = *next_.labels_;
  const auto free = std::find(names.begin(), names.end(), kNoText);
  if (free == names.end() && names.size() >= RowLabel::kMost) return std::nullopt;
  const TextRef ref = text_->append(keyword);
  if (ref == kEmptyText) return std::nullopt;
  const auto number = static_cast<std::uint16_t>(free - names.begin());
  auto more = std::make_shared<std::vector<TextRef>>(names);
  if (number == more->size()) more->push_back(ref);
  (*more)[number] = ref;
  next_.labels_ = std::move(more);
  return number;
}

std::vector<std::uint16_t> IndexWriter::label_numbers(const Keywords& keywords) {
  std::vector<std::uint16_t> numbers;
  for (const std::string& keyword : keywords) {
    if (numbers.size() == imap_limits::kKeywords) break;
    if (const auto number = label_number(keyword)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

IndexWriter::Made IndexWriter::make_row(const NewRow& row) {
  Made made{};
  IndexRow& r = made.row;
  r.uid = u32(row.uid);
  r.arrived = row_seconds(row.arrived);
  r.sent = row.sent ? row_seconds(*row.sent) : 0;
  r.size = row_bytes(row.size);
  r.sender = text_->intern(joined(row.from, row.from_address));
  std::string_view subject = std::string_view(row.subject).substr(0, TextStore::kLongest);
  const std::uint16_t prefix = prefix_number(subject.substr(0, subject_marks(subject)));
  if (prefix != 0) subject.remove_prefix(subject_marks(subject));
  r.subject = text_->intern(joined(subject, row.attachment));
  r.snippet = kNoText;
  r.flags = static_cast<std::uint16_t>(row.flags & ~IndexRow::kGone);
  const unsigned part = row.text_part ? text_part_number(*row.text_part) : 0U;
  r.kinds =
      static_cast<std::uint16_t>(part | static_cast<unsigned>(prefix) << IndexRow::kTextPartBits);
  made.id = row.id;
  make_recipients(row, made);
  made.reference_count = std::min(row.references.size(), made.references.size());
  std::copy_n(row.references.begin(), made.reference_count, made.references.begin());
  made.labels = label_numbers(row.keywords);
  return made;
}

IndexWriter::Made IndexWriter::made_of(RowId id) const {
  Made made{};
  made.row = next_.row(id);
  made.id = next_.message_id(id);
  made.recipients = next_.recipients_key(id);
  made.recipients_are_list = next_.chunk(id).more[slot_of(id)].is_list();
  for (const RowReference& reference : next_.references(id)) {
    if (made.reference_count == made.references.size()) break;
    made.references[made.reference_count++] = reference.id;
  }
  for (const RowLabel& label : next_.labels(id)) made.labels.push_back(label.label);
  return made;
}

// ---- chunks ----

std::size_t IndexWriter::chunks_below(std::uint32_t uid) const {
  const auto above = std::upper_bound(next_.by_uid_.begin(), next_.by_uid_.end(), uid,
                                      [&](std::uint32_t value, std::uint32_t n) {
                                        return value < next_.chunks_[n]->rows.front().uid;
                                      });
  return static_cast<std::size_t>(above - next_.by_uid_.begin());
}

bool IndexWriter::knows_between(Uid a, Uid b) const {
  for (std::size_t place = chunks_below(u32(b)); place > 0; --place) {
    const auto& rows = next_.chunks_[next_.by_uid_[place - 1]]->rows;
    auto at = std::lower_bound(rows.begin(), rows.end(), u32(b),
                               [](const IndexRow& r, auto uid) { return r.uid < uid; });
    while (at != rows.begin()) {
      --at;
      if (at->uid <= u32(a)) return false;
      if (!at->gone()) return true;
    }
  }
  return false;
}

// Whatever changes rows begins with one of the next three, at least once since publish().

std::uint32_t IndexWriter::new_chunk() {
  next_.version_ = next_version();
  auto chunk = std::make_shared<IndexChunk>();
  if (!unused_.empty()) {
    const std::uint32_t number = unused_.back();
    unused_.pop_back();
    next_.chunks_[number] = own_[number] = std::move(chunk);
    return number;
  }
  next_.chunks_.push_back(chunk);
  own_.push_back(std::move(chunk));
  return static_cast<std::uint32_t>(next_.chunks_.size() - 1);
}

void IndexWriter::free_chunk(std::uint32_t number) {
  static const auto nothing = std::make_shared<const IndexChunk>();
  next_.version_ = next_version();
  next_.chunks_[number] = nothing;
  own_[number] = nullptr;
  unused_.push_back(number);
}

IndexChunk& IndexWriter::writable_chunk(std::uint32_t number) {
  if (!own_[number]) {
    next_.version_ = next_version();
    own_[number] = std::make_shared<IndexChunk>(*next_.chunks_[number]);
    next_.chunks_[number] = own_[number];
  }
  return *own_[number];
}

void IndexWriter::append(std::uint32_t number, const Made& made) {
  IndexChunk& chunk = writable_chunk(number);
  const auto slot = static_cast<std::uint16_t>(chunk.rows.size());
  chunk.rows.push_back(made.row);
  std::uint16_t recipients = 0;
  if (made.recipients != kEmptyText) {
    auto& all = chunk.recipients;
    const auto known = std::find(all.begin(), all.end(), made.recipients);
    recipients = static_cast<std::uint16_t>((known - all.begin() + 1) |
                                            (made.recipients_are_list ? RowMore::kList : 0));
    if (known == all.end()) all.push_back(made.recipients);
  }
  chunk.more.push_back({made.id, recipients});
  for (const std::uint16_t label : made.labels) chunk.labels.push_back({slot, label});
  for (std::size_t i = 0; i < made.reference_count; ++i) {
    chunk.references.push_back({slot, made.references[i]});
  }
}

// Exactly so much: most chunks stay as they begin.
void IndexWriter::make_room(IndexChunk& chunk, std::span<const Made> rows) {
  std::size_t references = 0;
  for (const Made& made : rows) references += made.reference_count;
  chunk.rows.reserve(rows.size());
  chunk.more.reserve(rows.size());
  chunk.references.reserve(references);
}

// A run between two chunks goes behind the lower one where that has room (new mail comes in ones
// and twos), else it makes chunks of its own.
void IndexWriter::add_run(std::span<const Made> run, std::size_t place, std::vector<RowId>& added) {
  constexpr std::size_t kMost = IndexChunk::kRows;
  std::uint32_t number = 0;
  std::size_t room = 0;
  if (place > 0) {
    number = next_.by_uid_[place - 1];
    const std::size_t used = next_.chunks_[number]->rows.size();
    room = used + run.size() <= kMost ? kMost - used : 0;
  }
  for (const Made& made : run) {
    if (room == 0) {
      number = new_chunk();
      room = kMost;
      IndexChunk& chunk = *own_[number];
      const auto left = static_cast<std::size_t>(&run.back() - &made) + 1;
      make_room(chunk, {&made, std::min(left, kMost)});
      next_.by_uid_.insert(next_.by_uid_.begin() + static_cast<std::ptrdiff_t>(place++), number);
    }
    const std::size_t slot = next_.chunks_[number]->rows.size();
    append(number, made);
    --room;
    added.push_back(RowId{static_cast<std::uint32_t>(number * kMost + slot)});
  }
}

void IndexWriter::add_inside(std::span<const Made> run, std::size_t place,
                             std::vector<RowId>& added) {
  const std::uint32_t old = next_.by_uid_[place - 1];
  std::vector<std::pair<Made, bool>> all;  // true: was there
  for (std::size_t i = 0; i < next_.chunks_[old]->rows.size(); ++i) {
    if (next_.chunks_[old]->rows[i].gone()) continue;
    all.emplace_back(made_of(RowId{static_cast<std::uint32_t>(old * IndexChunk::kRows + i)}), true);
  }
  for (const Made& made : run) all.emplace_back(made, false);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.first.row.uid < b.first.row.uid; });
  std::vector<Made> rows;
  for (const auto& [made, was_there] : all) rows.push_back(made);
  std::vector<RowId> before, now;
  for (const auto& [made, was_there] : all) {
    if (was_there) before.push_back(*next_.id_of(Uid{made.row.uid}));
  }
  next_.by_uid_.erase(next_.by_uid_.begin() + static_cast<std::ptrdiff_t>(place - 1));
  if (!rows.empty()) {
    // Into chunks of their own, since the rows below keep their ids this way.
    std::vector<RowId> placed;
    std::size_t at = place - 1;
    for (std::size_t from = 0; from < rows.size(); from += IndexChunk::kRows) {
      const std::uint32_t number = new_chunk();
      next_.by_uid_.insert(next_.by_uid_.begin() + static_cast<std::ptrdiff_t>(at++), number);
      const std::size_t to = std::min(rows.size(), from + IndexChunk::kRows);
      for (std::size_t i = from; i < to; ++i) {
        if (i == from) make_room(*own_[number], std::span(rows).subspan(from, to - from));
        append(number, rows[i]);
        placed.push_back(RowId{static_cast<std::uint32_t>(number * IndexChunk::kRows + i - from)});
      }
    }
    for (std::size_t i = 0; i < all.size(); ++i) (all[i].second ? now : added).push_back(placed[i]);
  }
  change_orders([&](RowOrder& order, const RowSort& sort) {
    for (std::size_t i = 0; i < before.size(); ++i) order.replace(before[i], now[i], sort);
  });
  free_chunk(old);
}

// ---- what changes ----

std::size_t IndexWriter::add(std::vector<NewRow> rows) {
  const auto by_uid_first = [](const NewRow& a, const NewRow& b) { return a.uid < b.uid; };
  // As a server gives them; moving rows about costs as much as all the rest.
  if (!std::is_sorted(rows.begin(), rows.end(), by_uid_first)) {
    std::sort(rows.begin(), rows.end(), by_uid_first);
  }
  std::vector<Made> fresh;
  fresh.reserve(rows.size());
  for (const NewRow& row : rows) {
    if (row.uid == Uid{} || (!fresh.empty() && fresh.back().row.uid == u32(row.uid))) continue;
    if (next_.find(row.uid)) {
      set_flags(row.uid, row.flags, row.keywords);
    } else {
      fresh.push_back(make_row(row));
    }
  }
  for (const Made& made : fresh) next_.unread_ += is_unread(made.row.flags) ? 1 : 0;
  // Chunks never interleave, so a batch is cut where a known chunk lies inside it.
  const auto& by_uid = next_.by_uid_;
  std::vector<RowId> added;
  for (std::size_t from = 0; from < fresh.size();) {
    const std::size_t place = chunks_below(fresh[from].row.uid);
    const auto first = [&](std::size_t n) { return next_.chunks_[by_uid[n]]->rows.front().uid; };
    const auto last = [&](std::size_t n) { return next_.chunks_[by_uid[n]]->rows.back().uid; };
    const bool inside = place > 0 && last(place - 1) >= fresh[from].row.uid;
    const std::uint64_t limit = inside                  ? std::uint64_t{last(place - 1)} + 1
                                : place < by_uid.size() ? first(place)
                                                        : std::uint64_t{1} << 32;
    std::size_t to = from + 1;
    while (to < fresh.size() && fresh[to].row.uid < limit) ++to;
    const auto run = std::span<const Made>(fresh).subspan(from, to - from);
    if (inside) {
      add_inside(run, place, added);
    } else {
      add_run(run, place, added);
    }
    from = to;
  }
  if (!added.empty()) {
    change_orders([&](RowOrder& order, const RowSort& sort) { order.insert(added, sort); });
  }
  return fresh.size();
}

bool IndexWriter::set_flags(Uid uid, std::uint16_t flags) {
  flags = static_cast<std::uint16_t>(flags & ~IndexRow::kGone);
  const auto id = next_.id_of(uid);
  if (!id) return false;
  const std::uint16_t old = next_.row(*id).flags;
  if (old == flags) return false;
  move_flags(*id, flags);
  next_.unread_ += is_unread(flags) ? 1U : 0U;
  next_.unread_ -= is_unread(old) ? 1U : 0U;
  return true;
}

bool IndexWriter::set_flags(Uid uid, std::uint16_t flags, const Keywords& keywords) {
  const auto id = next_.id_of(uid);
  if (!id) return false;
  const bool labels = set_labels(*id, label_numbers(keywords));
  return set_flags(uid, flags) || labels;
}

bool IndexWriter::change_label(Uid uid, std::string_view keyword, bool set) {
  const auto id = next_.id_of(uid);
  const auto number = id ? label_number(keyword) : std::nullopt;
  if (!number) return false;
  std::vector<std::uint16_t> labels;
  for (const RowLabel& label : next_.labels(*id)) {
    if (label.label != *number) labels.push_back(label.label);
  }
  if (set) labels.insert(std::lower_bound(labels.begin(), labels.end(), *number), *number);
  return labels.size() <= imap_limits::kKeywords && set_labels(*id, labels);
}

// Ascending ones, instead of what it has.
bool IndexWriter::set_labels(RowId id, std::span<const std::uint16_t> labels) {
  const auto old = next_.labels(id);
  if (std::equal(old.begin(), old.end(), labels.begin(), labels.end(),
                 [](const RowLabel& is, std::uint16_t wanted) { return is.label == wanted; })) {
    return false;
  }
  auto& all = writable_chunk(chunk_of(id)).labels;
  const auto slot = static_cast<std::uint16_t>(slot_of(id));
  const auto below = [](const RowLabel& r, std::size_t n) { return r.slot < n; };
  const auto from = std::lower_bound(all.begin(), all.end(), slot, below);
  const auto to = std::lower_bound(from, all.end(), slot + std::size_t{1}, below);
  auto at = all.erase(from, to);
  for (const std::uint16_t label : labels) at = std::next(all.insert(at, {slot, label}));
  return true;
}

bool IndexWriter::change_flags(Uid uid, std::uint16_t set, std::uint16_t clear) {
  const IndexRow* row = next_.find(uid);
  return row && set_flags(uid, static_cast<std::uint16_t>((row->flags | set) & ~clear));
}

void IndexWriter::set_snippet(Uid uid, std::string_view text) {
  const auto id = next_.id_of(uid);
  if (!id) return;
  writable_chunk(chunk_of(*id)).rows[slot_of(*id)].snippet =
      text.empty() ? kEmptyText : snippets_->append(text);
}

void IndexWriter::drop_snippets() {
  for (const std::uint32_t number : next_.by_uid_) {
    for (IndexRow& row : writable_chunk(number).rows) row.snippet = kNoText;
  }
  next_.snippets_ = snippets_ = std::make_shared<TextStore>();
}

std::size_t IndexWriter::bytes() const {
  std::size_t sum = heap_block(sizeof *this) + heap_bytes(next_.chunks_) +
                    heap_bytes(next_.by_uid_) + heap_bytes(next_.orders_) + heap_bytes(own_) +
                    heap_bytes(own_orders_) + heap_bytes(unused_) + heap_bytes(text_parts_);
  for (const TextPart& part : text_parts_) {
    sum += heap_bytes(part.section) + heap_bytes(part.charset) + heap_bytes(part.encoding);
  }
  return sum;
}

std::size_t IndexWriter::remove(std::span<const Uid> gone) {
  std::vector<RowId> ids;
  for (const Uid uid : gone) {
    if (const auto id = next_.id_of(uid)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty()) return 0;
  constexpr std::size_t kOneByOne = 64;  // below a 64th of all, finding each is cheaper
  const bool many = ids.size() * kOneByOne > next_.size();
  change_orders([&](RowOrder& order, const RowSort& sort) {
    if (many) {
      order.erase_if([&](RowId id) { return std::binary_search(ids.begin(), ids.end(), id); });
    } else {
      for (const RowId id : ids) order.erase(id, sort);
    }
  });
  for (const RowId id : ids) {
    IndexRow& row = writable_chunk(chunk_of(id)).rows[slot_of(id)];
    next_.unread_ -= is_unread(row.flags) ? 1U : 0U;
    row.flags = static_cast<std::uint16_t>(row.flags | IndexRow::kGone);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0 && chunk_of(ids[i]) == chunk_of(ids[i - 1])) continue;
    const auto& rows = next_.chunks_[chunk_of(ids[i])]->rows;
    const auto marks =
        std::count_if(rows.begin(), rows.end(), [](const IndexRow& r) { return r.gone(); });
    if (static_cast<std::size_t>(marks) * 2 > rows.size()) remake(chunks_below(rows.front().uid));
  }
  return ids.size();
}

void IndexWriter::remake(std::size_t place) {
  std::vector<RowId> none;
  add_inside({}, place, none);
}

// ---- orders ----

RowSort IndexWriter::sort_of(const FolderIndex::Order& order) const {
  return RowSort(next_, order.key, order.collation.get());
}

template <typename Change>
void IndexWriter::change_orders(Change&& change) {
  own_orders_.resize(next_.orders_.size());
  for (std::size_t i = 0; i < next_.orders_.size(); ++i) {
    FolderIndex::Order& order = next_.orders_[i];
    if (!own_orders_[i]) order.rows = own_orders_[i] = std::make_shared<RowOrder>(*order.rows);
    change(*own_orders_[i], sort_of(order));
  }
}

void IndexWriter::move_flags(RowId id, std::uint16_t flags) {
  const auto store = [&] { writable_chunk(chunk_of(id)).rows[slot_of(id)].flags = flags; };
  auto& orders = next_.orders_;
  const auto by_flags = std::find_if(orders.begin(), orders.end(), [](const auto& order) {
    return order.key == wire::SortKey::Flags;
  });
  if (by_flags == orders.end()) return store();
  own_orders_.resize(orders.size());
  const auto n = static_cast<std::size_t>(by_flags - orders.begin());
  if (++flags_moved_ > kMostFlagsMoved) {
    orders.erase(by_flags);
    own_orders_.erase(own_orders_.begin() + static_cast<std::ptrdiff_t>(n));
    return store();
  }
  if (!own_orders_[n])
    by_flags->rows = own_orders_[n] = std::make_shared<RowOrder>(*by_flags->rows);
  own_orders_[n]->erase(id, sort_of(*by_flags));
  store();
  own_orders_[n]->insert({id}, sort_of(*by_flags));
}

void IndexWriter::make_order(const ListOrder& wanted) {
  if (next_.listed(wanted)) return;
  auto& orders = next_.orders_;
  own_orders_.resize(orders.size());
  if (orders.size() >= kOrders) {
    orders.erase(orders.begin() + 1);
    own_orders_.erase(own_orders_.begin() + 1);
  }
  FolderIndex::Order order{wanted.key, nullptr, nullptr};
  if (wanted.by_text()) order.collation = Collation::of(wanted.locale);
  const RowSort sort = sort_of(order);
  order.rows = std::make_shared<RowOrder>(RowOrder::of_sorted(sort.sorted(), sort));
  orders.push_back(std::move(order));
}

void IndexWriter::drop_orders() {
  next_.orders_.erase(next_.orders_.begin() + 1, next_.orders_.end());
  own_orders_.clear();
}

std::shared_ptr<const FolderIndex> IndexWriter::publish() {
  std::fill(own_.begin(), own_.end(), nullptr);  // shared from now on
  own_orders_.clear();
  flags_moved_ = 0;
  next_.text_end_ = text_->end();
  next_.snippets_end_ = snippets_->end();
  return std::make_shared<const FolderIndex>(next_);
}

}  // namespace alphamail
