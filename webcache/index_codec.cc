// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/index_codec.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "webcache/imap_limits.h"
#include "webcache/row_sort.h"

namespace alphamail {
namespace {

// Raised whenever the meaning of a row changes; other sizes are noticed by themselves.
constexpr std::uint32_t kLayout =
    3U << 24 | sizeof(IndexRow) << 16 | sizeof(RowMore) << 8 | sizeof(RowReference);

// What a chunk is made of: a new column is a line here.
constexpr auto kColumns = std::tuple(&IndexChunk::rows, &IndexChunk::more, &IndexChunk::references,
                                     &IndexChunk::recipients, &IndexChunk::labels);

// Changes anywhere, as rows do, but is short: a change has all of it, or says that it is the same.
template <typename Column>
constexpr bool kWhole = std::is_same_v<Column, std::vector<RowLabel> IndexChunk::*>;

template <typename Visit>
void each_column(Visit&& visit) {
  std::apply([&](auto... column) { (visit(column), ...); }, kColumns);
}

// Labels, up to so many a row; references are up to 3.
constexpr std::size_t kMostInColumn = IndexChunk::kRows * imap_limits::kKeywords;

// Appends values to bytes.
class Out {
 public:
  std::vector<std::byte> bytes;

  template <typename T>
  void operator()(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    raw(&value, sizeof value);
  }
  void operator()(const std::string& text) { all(std::span(text)); }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      all(std::span(values));
    } else {
      (*this)(static_cast<std::uint32_t>(values.size()));
      for (const T& value : values) (*this)(value);
    }
  }
  void operator()(const TextPart& part) {
    (*this)(part.section);
    (*this)(part.charset);
    (*this)(part.encoding);
    (*this)(part.html);
  }
  template <typename T>
  void all(std::span<const T> values) {
    (*this)(static_cast<std::uint32_t>(values.size()));
    raw(values.data(), values.size_bytes());
  }

 private:
  void raw(const void* from, std::size_t size) {
    const auto* begin = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), begin, begin + size);
  }
};

// Takes values from a source; once something is missing or absurd, good() is false.
class In {
 public:
  explicit In(const IndexCodec::Source& source) : source_(source) {}
  bool good() const { return good_; }
  void fail() { good_ = false; }

  template <typename T>
  void operator()(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    raw(&value, sizeof value);
  }
  void operator()(std::string& text) { more(text, 4096); }
  template <typename T>
  void operator()(std::vector<T>& values) {
    values.clear();
    if constexpr (std::is_trivially_copyable_v<T>) {
      more(values, kMostInColumn);
    } else {
      const auto count = number();
      if (count > kMostInColumn) fail();
      for (std::uint32_t i = 0; i < count && good_; ++i) (*this)(values.emplace_back());
    }
  }
  void operator()(TextPart& part) {
    (*this)(part.section);
    (*this)(part.charset);
    (*this)(part.encoding);
    (*this)(part.html);
  }
  /// Appends what follows, where all of it is no longer than `most`.
  template <typename Values>
  void more(Values& values, std::size_t most) {
    const std::uint32_t count = number();
    if (count > most || values.size() > most - count) return fail();
    const std::size_t before = values.size();
    values.resize(before + count);
    raw(values.data() + before, count * sizeof(values[0]));
  }
  std::uint32_t number() {
    std::uint32_t n = 0;
    (*this)(n);
    return good_ ? n : 0;
  }
  void raw(void* into, std::size_t size) {
    if (!good_ || size == 0) return;
    good_ = source_(std::span(static_cast<std::byte*>(into), size));
  }

 private:
  const IndexCodec::Source& source_;
  bool good_ = true;
};

}  // namespace

// ---- what is said once ----

struct IndexCodec::Facts {
  std::uint32_t layout = kLayout;
  std::uint32_t uid_validity = 0, uid_next = 0;
  std::uint64_t modseq = 0;
  std::int64_t checked = 0;
  std::uint32_t exists = 0, covered = 0;
  bool complete = false, shows_recipients = false;
  std::uint32_t chunk_numbers = 0;
  std::uint32_t text_end = 0, snippets_end = 0;
  std::vector<TextRef> prefixes, labels;
  std::vector<TextPart> text_parts;

  // One list for writing and for reading.
  template <typename Io, typename Self>
  static void each(Io& io, Self& facts) {
    io(facts.layout);
    io(facts.uid_validity);
    io(facts.uid_next);
    io(facts.modseq);
    io(facts.checked);
    io(facts.exists);
    io(facts.covered);
    io(facts.complete);
    io(facts.shows_recipients);
    io(facts.chunk_numbers);
    io(facts.text_end);
    io(facts.snippets_end);
    io(facts.prefixes);
    io(facts.labels);
    io(facts.text_parts);
  }
  bool sane() const {
    return layout == kLayout && uid_validity != 0 && chunk_numbers <= IndexChunk::kNumbers &&
           prefixes.size() <= IndexRow::kPrefixes && labels.size() <= RowLabel::kMost &&
           text_parts.size() <= IndexRow::kTextParts &&
           text_end >= static_cast<std::uint32_t>(kEmptyText) + 2 &&
           snippets_end >= static_cast<std::uint32_t>(kEmptyText) + 2;
  }
};

IndexCodec::Facts IndexCodec::facts_of(const IndexState& state) {
  const FolderIndex& index = *state.index;
  Facts facts;
  facts.uid_validity = index.uid_validity_;
  facts.uid_next = state.uid_next;
  facts.modseq = state.modseq;
  facts.checked = index.checked_;
  facts.exists = static_cast<std::uint32_t>(index.total());
  facts.covered = static_cast<std::uint32_t>(index.covered());
  facts.complete = index.complete_;
  facts.shows_recipients = index.shows_recipients_;
  facts.chunk_numbers = static_cast<std::uint32_t>(index.chunks_.size());
  facts.text_end = index.text_end_;
  facts.snippets_end = index.snippets_end_;
  facts.prefixes = *index.prefixes_;
  facts.labels = *index.labels_;
  facts.text_parts = state.text_parts;
  return facts;
}

IndexState IndexCodec::state_of(const IndexWriter& writer, std::shared_ptr<const FolderIndex> index,
                                std::uint32_t uid_next, std::uint64_t modseq) {
  return {std::move(index), writer.text_parts_, uid_next, modseq};
}

IndexShape IndexCodec::shape_of(const IndexState& state) {
  const FolderIndex& index = *state.index;
  return {index.chunks_,   index.text_,          index.snippets_, index.text_end_,
          index.snippets_end_, state.uid_next, state.modseq};
}

// ---- writing ----

Result<void> IndexCodec::write(const IndexState& state, const Sink& sink) {
  const FolderIndex& index = *state.index;
  Out out;
  const Facts facts = facts_of(state);
  Facts::each(out, facts);
  out(static_cast<std::uint32_t>(index.by_uid_.size()));
  for (const std::uint32_t number : index.by_uid_) {
    out(number);
    each_column([&](auto column) { out((*index.chunks_[number]).*column); });
    if (const auto put = sink(out.bytes); !put) return put;
    out.bytes.clear();
  }
  if (const auto put = sink(out.bytes); !put) return put;
  if (const auto put = index.text_->write(0, index.text_end_, sink); !put) return put;
  return index.snippets_->write(0, index.snippets_end_, sink);
}

std::optional<IndexCodec::Bytes> IndexCodec::change(const IndexShape& before,
                                                    const IndexState& now) {
  const FolderIndex& index = *now.index;
  if (before.text.lock() != index.text_ || before.snippets.lock() != index.snippets_ ||
      before.chunks.size() > index.chunks_.size()) {
    return std::nullopt;
  }
  Out out;
  const Facts facts = facts_of(now);
  Facts::each(out, facts);
  const auto put_new = [&](const TextStore& store, std::uint32_t from, std::uint32_t to) {
    out(from);
    out(to - from);
    (void)store.write(from, to, [&](std::span<const std::byte> text) -> Result<void> {
      out.bytes.insert(out.bytes.end(), text.begin(), text.end());
      return {};
    });
  };
  put_new(*index.text_, before.text_end, index.text_end_);
  put_new(*index.snippets_, before.snippets_end, index.snippets_end_);
  std::vector<std::uint32_t> changed;
  for (std::uint32_t n = 0; n < index.chunks_.size(); ++n) {
    if (n >= before.chunks.size() || before.chunks[n] != index.chunks_[n]) changed.push_back(n);
  }
  const bool same_facts = before.uid_next == now.uid_next && before.modseq == now.modseq;
  if (changed.empty() && same_facts && before.text_end == index.text_end_ &&
      before.snippets_end == index.snippets_end_) {
    return Bytes{};
  }
  out(static_cast<std::uint32_t>(changed.size()));
  static const IndexChunk nothing;
  for (const std::uint32_t n : changed) {
    const IndexChunk& is = *index.chunks_[n];
    const IndexChunk& was = n < before.chunks.size() ? *before.chunks[n] : nothing;
    // Mostly flags and snippets change, and rows are added behind the others.
    bool grown = is.rows.size() >= was.rows.size();
    each_column([&](auto column) {
      const auto &a = was.*column, &b = is.*column;
      if (static_cast<const void*>(&a) == &was.rows || kWhole<decltype(column)>) return;
      grown = grown && a.size() <= b.size() &&
              (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0);
    });
    for (std::size_t i = 0; grown && i < was.rows.size(); ++i) {
      grown = was.rows[i].uid == is.rows[i].uid;
    }
    const std::size_t kept = grown ? was.rows.size() : 0;
    std::vector<std::pair<std::uint32_t, IndexRow>> rows;
    for (std::uint32_t i = 0; i < kept; ++i) {
      if (std::memcmp(&was.rows[i], &is.rows[i], sizeof is.rows[i]) != 0)
        rows.emplace_back(i, is.rows[i]);
    }
    out(n);
    out(grown);
    out(static_cast<std::uint32_t>(rows.size()));
    for (const auto& [slot, row] : rows) {
      out(slot);
      out(row);
    }
    each_column([&](auto column) {
      const auto &a = was.*column, &b = is.*column;
      if constexpr (kWhole<decltype(column)>) {
        const bool same = grown && a.size() == b.size() &&
                          (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0);
        out(same);
        if (!same) out(b);
      } else {
        out.all(std::span(b).subspan(grown ? a.size() : 0));
      }
    });
  }
  return std::move(out.bytes);
}

LoadedIndex IndexCodec::newest(const IndexState& state, std::size_t rows) {
  const FolderIndex& index = *state.index;
  LoadedIndex head{std::make_unique<IndexWriter>(index.uid_validity_), state.uid_next,
                   state.modseq};
  const ListedRows listed = index.listed();
  std::vector<RowId> ids;
  listed.read(0, std::min(rows, listed.size()), ids);
  const auto both = [&](TextRef ref) {
    const std::string_view text = index.text(ref);
    const std::size_t nul = std::min(text.find('\0'), text.size());
    return std::pair(std::string(text.substr(0, nul)),
                     std::string(nul < text.size() ? text.substr(nul + 1) : ""));
  };
  std::vector<NewRow> fresh;
  for (const RowId id : ids) {
    const IndexRow& r = index.row(id);
    NewRow row;
    row.uid = Uid{r.uid};
    row.arrived = r.arrived;
    if (r.sent != 0) row.sent = r.sent;
    row.size = r.size;
    row.flags = r.flags;
    std::tie(row.from, row.from_address) = both(r.sender);
    for (const Recipient& to : index.recipients(id)) {
      row.recipients.push_back({std::string(to.name), std::string(to.address), to.cc});
    }
    row.more_recipients = index.more_recipients(id);
    for (const RowLabel& label : index.labels(id))
      row.keywords.emplace_back(index.label_name(label.label));
    std::tie(row.subject, row.attachment) = both(r.subject);
    if (r.prefix() != 0) row.subject.insert(0, index.text((*index.prefixes_)[r.prefix() - 1]));
    if (r.text_part() != 0) row.text_part = state.text_parts[r.text_part() - 1];
    row.id = index.message_id(id);
    for (const RowReference& reference : index.references(id))
      row.references.push_back(reference.id);
    fresh.push_back(std::move(row));
  }
  IndexWriter& writer = *head.writer;
  writer.add(std::move(fresh));
  for (const RowId id : ids) {
    const IndexRow& r = index.row(id);
    if (r.snippet != kNoText) writer.set_snippet(Uid{r.uid}, index.snippet(r));
  }
  writer.set_shows_recipients(index.shows_recipients_);
  writer.set_checked(index.checked_);
  writer.set_exists(static_cast<std::uint32_t>(index.total()));
  writer.set_covered(ids.size());
  return head;
}

// ---- reading ----

struct IndexLoader::Parts {
  IndexCodec::Facts facts;
  std::vector<std::shared_ptr<IndexChunk>> chunks;
  std::shared_ptr<TextStore> text = std::make_shared<TextStore>();
  std::shared_ptr<TextStore> snippets = std::make_shared<TextStore>();
  bool good = false;

  bool take_facts(In& in);
  static bool take_text(In& in, TextStore& store, std::uint32_t from, std::uint32_t end);
  static bool take_new(In& in, TextStore& store, std::uint32_t from, std::uint32_t end);
  bool take_chunk(In& in, bool all);
  bool fits() const;
  std::vector<TextRef> labels_in_use() const;
  void make_writer(IndexWriter& writer, bool& good_rows) const;
};

IndexLoader::IndexLoader() : parts_(std::make_unique<Parts>()) {}
IndexLoader::~IndexLoader() = default;

std::uint32_t IndexLoader::uid_validity() const {
  return parts_->facts.uid_validity;
}

bool IndexLoader::Parts::take_facts(In& in) {
  IndexCodec::Facts::each(in, facts);
  if (!in.good() || !facts.sane()) return false;
  if (facts.chunk_numbers < chunks.size()) return false;
  chunks.resize(facts.chunk_numbers);
  return true;
}

bool IndexLoader::Parts::take_text(In& in, TextStore& store, std::uint32_t from,
                                   std::uint32_t end) {
  std::vector<std::byte> buffer(64 * 1024);
  while (in.good() && from < end) {
    const auto piece = std::span(buffer).first(std::min<std::size_t>(buffer.size(), end - from));
    in.raw(piece.data(), piece.size());
    if (!in.good() || !store.restore(from, piece)) return false;
    from += static_cast<std::uint32_t>(piece.size());
  }
  return in.good() && from == end;
}

bool IndexLoader::Parts::take_new(In& in, TextStore& store, std::uint32_t from,
                                  std::uint32_t end) {
  return in.number() == from && end >= from && in.number() == end - from &&
         take_text(in, store, from, end);
}

bool IndexLoader::Parts::take_chunk(In& in, bool all) {
  const std::uint32_t number = in.number();
  if (!in.good() || number >= chunks.size()) return false;
  auto& chunk = chunks[number];
  bool grown = false;
  std::uint32_t differing = 0;
  if (!all) {
    in(grown);
    in(differing);
  }
  if (!grown || !chunk) chunk = std::make_shared<IndexChunk>();
  for (std::uint32_t i = 0; i < differing && in.good(); ++i) {
    const std::uint32_t slot = in.number();
    IndexRow row;
    in(row);
    if (!in.good() || slot >= chunk->rows.size()) return false;
    chunk->rows[slot] = row;
  }
  each_column([&](auto column) {
    bool same = false;
    if (kWhole<decltype(column)>) {
      if (!all) in(same);
      if (!same) ((*chunk).*column).clear();
    }
    if (!same) in.more((*chunk).*column, kMostInColumn);
  });
  return in.good() && chunk->rows.size() <= IndexChunk::kRows &&
         chunk->more.size() == chunk->rows.size();
}

bool IndexLoader::read(const IndexCodec::Source& source) {
  Parts& parts = *parts_;
  In in(source);
  if (!parts.take_facts(in)) return false;
  const std::uint32_t count = in.number();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!parts.take_chunk(in, true)) return false;
  }
  parts.good = in.good() && Parts::take_text(in, *parts.text, 0, parts.facts.text_end) &&
               Parts::take_text(in, *parts.snippets, 0, parts.facts.snippets_end);
  return parts.good;
}

bool IndexLoader::apply(std::span<const std::byte> change) {
  Parts& parts = *parts_;
  const IndexCodec::Source source = [&](std::span<std::byte> into) {
    if (into.size() > change.size()) return false;
    std::memcpy(into.data(), change.data(), into.size());
    change = change.subspan(into.size());
    return true;
  };
  const std::uint32_t text_end = parts.facts.text_end, snippets_end = parts.facts.snippets_end;
  const std::uint32_t uid_validity = parts.facts.uid_validity;
  In in(source);
  bool good = parts.good && parts.take_facts(in) && parts.facts.uid_validity == uid_validity;
  good = good && Parts::take_new(in, *parts.text, text_end, parts.facts.text_end) &&
         Parts::take_new(in, *parts.snippets, snippets_end, parts.facts.snippets_end);
  const std::uint32_t count = good ? in.number() : 0;
  for (std::uint32_t i = 0; i < count && good; ++i) good = parts.take_chunk(in, false);
  parts.good = good && in.good() && change.empty();
  return parts.good;
}

// Whether rows name only what is there.
bool IndexLoader::Parts::fits() const {
  const auto known = [&](TextRef ref) { return static_cast<std::uint32_t>(ref) < facts.text_end; };
  for (const auto& chunk : chunks) {
    if (!chunk) continue;
    std::uint32_t uid = 0;
    for (const IndexRow& row : chunk->rows) {
      if (row.uid <= uid || !known(row.sender) || !known(row.subject) ||
          static_cast<std::uint32_t>(row.snippet) >= facts.snippets_end ||
          row.text_part() > facts.text_parts.size() || row.prefix() > facts.prefixes.size()) {
        return false;
      }
      uid = row.uid;
    }
    if (!std::all_of(chunk->recipients.begin(), chunk->recipients.end(), known)) return false;
    for (std::size_t slot = 0; slot < chunk->more.size(); ++slot) {
      const RowMore& more = chunk->more[slot];
      if (more.number() > chunk->recipients.size()) return false;
      if (!more.is_list()) continue;
      const RecipientList list(text->get(chunk->recipients_of(slot)));
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (!known(list.text(i))) return false;
      }
    }
    std::size_t slot = 0;
    for (const RowLabel& label : chunk->labels) {
      if (label.slot < slot || label.slot >= chunk->rows.size() ||
          label.label >= facts.labels.size() || facts.labels[label.label] == kNoText) {
        return false;
      }
      slot = label.slot;
    }
  }
  return std::all_of(facts.prefixes.begin(), facts.prefixes.end(), known) &&
         std::all_of(facts.labels.begin(), facts.labels.end(), known);
}

// The keywords that some message has; the others' numbers are free again.
std::vector<TextRef> IndexLoader::Parts::labels_in_use() const {
  std::vector<TextRef> used(facts.labels.size(), kNoText);
  for (const auto& chunk : chunks) {
    if (!chunk) continue;
    for (const RowLabel& label : chunk->labels) used[label.label] = facts.labels[label.label];
  }
  while (!used.empty() && used.back() == kNoText) used.pop_back();
  return used;
}

std::optional<LoadedIndex> IndexLoader::finish() {
  Parts& parts = *parts_;
  if (!parts.good || !parts.fits()) return std::nullopt;
  const IndexCodec::Facts& facts = parts.facts;
  auto writer = std::make_unique<IndexWriter>(facts.uid_validity);
  FolderIndex& next = writer->next_;
  next.text_ = writer->text_ = parts.text;
  next.snippets_ = writer->snippets_ = parts.snippets;
  next.text_end_ = facts.text_end;
  next.snippets_end_ = facts.snippets_end;
  next.prefixes_ = std::make_shared<std::vector<TextRef>>(facts.prefixes);
  writer->text_parts_ = facts.text_parts;
  next.labels_ = std::make_shared<std::vector<TextRef>>(parts.labels_in_use());
  static const auto nothing = std::make_shared<const IndexChunk>();
  for (std::uint32_t n = 0; n < parts.chunks.size(); ++n) {
    const auto& chunk = parts.chunks[n];
    const bool used = chunk && std::any_of(chunk->rows.begin(), chunk->rows.end(),
                                           [](const IndexRow& row) { return !row.gone(); });
    next.chunks_.push_back(used ? std::shared_ptr<const IndexChunk>(chunk) : nothing);
    (used ? next.by_uid_ : writer->unused_).push_back(n);
    if (!used) continue;
    constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);
    for (const IndexRow& row : chunk->rows) next.unread_ += !row.gone() && !(row.flags & kSeen);
  }
  writer->own_.resize(next.chunks_.size());
  const auto first = [&](std::uint32_t n) { return next.chunks_[n]->rows.front().uid; };
  std::sort(next.by_uid_.begin(), next.by_uid_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return first(a) < first(b); });
  for (std::size_t i = 1; i < next.by_uid_.size(); ++i) {
    if (next.chunks_[next.by_uid_[i - 1]]->rows.back().uid >= first(next.by_uid_[i]))
      return std::nullopt;
  }
  next.complete_ = facts.complete;
  next.exists_ = facts.exists;
  next.covered_ = facts.covered;
  next.shows_recipients_ = facts.shows_recipients;
  next.checked_ = facts.checked;
  const RowSort sort = writer->sort_of(next.orders_.front());
  next.orders_.front().rows = std::make_shared<RowOrder>(RowOrder::of_sorted(sort.sorted(), sort));
  // New mail comes mostly from whom mail came lately: their strings are found again, the older ones
  // are kept a second time when they are needed.
  constexpr std::size_t kKnownChunks = 4;
  for (std::size_t i = 0; i < std::min(kKnownChunks, next.by_uid_.size()); ++i) {
    const IndexChunk& chunk = *next.chunks_[next.by_uid_[next.by_uid_.size() - 1 - i]];
    for (const IndexRow& row : chunk.rows) {
      parts.text->remember(row.sender);
      parts.text->remember(row.subject);
    }
    // Lists too; of whom they name, most are in one of these by themselves.
    for (const TextRef recipients : chunk.recipients) parts.text->remember(recipients);
  }
  parts.good = false;  // taken
  return LoadedIndex{std::move(writer), facts.uid_next, facts.modseq};
}

}  // namespace alphamail
