// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of the messages of one folder: columns, not objects.
//
// A FolderIndex is an immutable snapshot that any thread may read; an IndexWriter makes the next
// one and shares with it all that did not change. Rows lie in chunks of at most kChunkRows; a row's
// id is chunk << 10 | slot. The order in which a list shows them is a permutation of ids.
//
//   row, 32 bytes:  uid | arrived | sent | size | sender | subject | snippet | flags | text part
//
// sender is "name NUL address", subject is "subject" or "subject NUL first attachment's name"
// (decoded text holds no NUL). Per message: 32 bytes, 4 of order, and the strings.
#ifndef WEBCACHE_FOLDER_INDEX_H
#define WEBCACHE_FOLDER_INDEX_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/imap_types.h"
#include "webcache/text_store.h"

namespace alphamail {

struct IndexRow {
  std::uint32_t uid;
  std::uint32_t arrived;  // INTERNALDATE, seconds since 1970
  std::uint32_t sent;     // Date header, seconds since 1970; 0 = missing or absurd
  std::uint32_t size;     // bytes, at most 4 GB - 1
  TextRef sender;
  TextRef subject;
  TextRef snippet;          // kNoText until it was asked for
  std::uint16_t flags;      // wire::Flag
  std::uint16_t text_part;  // IndexWriter::text_part; 0 = none
};
static_assert(sizeof(IndexRow) == 32);

/// Where the words of a message begin, for its snippet.
struct TextPart {
  std::string section, charset, encoding;
  bool html = false;
  bool operator==(const TextPart&) const = default;
};

/// A row before it is in an index: decoded text, ready to show (row_maker.h).
struct NewRow {
  Uid uid{};
  std::int64_t arrived = 0;
  std::optional<std::int64_t> sent;
  std::uint64_t size = 0;
  std::uint16_t flags = 0;
  std::string from, from_address, subject, attachment;
  std::optional<TextPart> text_part;
};

/// A row as people see it; the views live as long as the snapshot.
struct ShownRow {
  std::uint32_t uid;
  std::uint16_t flags;
  std::int64_t arrived;
  std::int64_t sent;  // std::numeric_limits<int64>::min() where absent
  std::uint64_t size;
  std::string_view from, from_address, subject, snippet, attachment;
};

enum class RowId : std::uint32_t {};

class FolderIndex {
 public:
  static constexpr std::size_t kChunkRows = 1024;

  std::size_t size() const { return order_->size(); }
  const IndexRow& at(std::size_t position) const { return row((*order_)[position]); }
  ShownRow shown(std::size_t position) const;
  /// The rows of these positions will be shown next.
  void prefetch(std::size_t first, std::size_t last) const;
  std::string_view text(TextRef ref) const { return text_->get(ref); }
  /// Null where the message is not known (any more).
  const IndexRow* find(Uid uid) const;
  /// From 0, newest first.
  std::optional<std::size_t> position_of(Uid uid) const;
  std::vector<Uid> uids() const;  ///< all known, ascending
  Uid highest_uid() const;        ///< 0 where empty

  /// All messages the folder holds are known. Until then the newest `covered()` ones are known
  /// without a gap, and perhaps others.
  bool complete() const { return complete_; }
  std::size_t covered() const { return complete_ ? size() : covered_; }
  std::size_t total() const { return complete_ ? size() : exists_; }
  std::uint32_t unread() const { return unread_; }  ///< among the known
  std::uint32_t uid_validity() const { return uid_validity_; }
  bool read_only() const { return read_only_; }
  std::int64_t checked() const { return checked_; }  ///< seconds since 1970

  /// True where this page needs nothing from the server. Pages count from 1; past the end is the
  /// last.
  bool has_page(std::size_t page, std::size_t rows) const;
  std::size_t pages(std::size_t rows) const;

  std::size_t bytes() const;  ///< memory, roughly, strings included

 private:
  friend class IndexWriter;
  struct Chunk {
    std::vector<IndexRow> rows;  // ascending UIDs
  };
  using Chunks = std::vector<std::shared_ptr<const Chunk>>;

  const IndexRow& row(RowId id) const {
    const auto n = static_cast<std::uint32_t>(id);
    return chunks_[n / kChunkRows]->rows[n % kChunkRows];
  }
  std::optional<RowId> id_of(Uid uid) const;
  // Newest first: INTERNALDATE, then UID.
  static bool newer(const IndexRow& a, const IndexRow& b) {
    return a.arrived != b.arrived ? a.arrived > b.arrived : a.uid > b.uid;
  }

  Chunks chunks_;  // by number; emptied ones stay as empty chunks
  std::vector<std::uint32_t>
      by_uid_;  // numbers of non-empty chunks, ascending; their UIDs never interleave
  std::shared_ptr<const std::vector<RowId>> order_ = std::make_shared<std::vector<RowId>>();
  std::shared_ptr<const TextStore> text_;
  std::uint32_t uid_validity_ = 0;
  std::uint32_t exists_ = 0;
  std::size_t covered_ = 0;
  std::uint32_t unread_ = 0;
  bool complete_ = false;
  bool read_only_ = false;
  std::int64_t checked_ = 0;
};

/// Makes the snapshots of one folder. Used by one thread at a time (its account's strand).
class IndexWriter {
 public:
  explicit IndexWriter(std::uint32_t uid_validity);

  /// Adds the rows whose UIDs are new; of known ones only the flags are taken over.
  /// @return how many were new
  std::size_t add(std::vector<NewRow> rows);
  /// @return false where the UID is not known or its flags were so already
  bool set_flags(Uid uid, std::uint16_t flags);
  /// Adds and clears bits, leaving the others. @return as set_flags
  bool change_flags(Uid uid, std::uint16_t set, std::uint16_t clear);
  /// Removes what is known of `gone`. @return how many were
  std::size_t remove(std::span<const Uid> gone);
  void set_snippet(Uid uid, std::string_view text);

  void set_exists(std::uint32_t exists) { next_.exists_ = exists; }
  void set_covered(std::size_t newest) { next_.covered_ = newest; }
  void set_complete(bool complete) { next_.complete_ = complete; }
  void set_read_only(bool read_only) { next_.read_only_ = read_only; }
  void set_checked(std::int64_t seconds) { next_.checked_ = seconds; }

  /// Null where the message has no text to show.
  const TextPart* text_part(const IndexRow& row) const;

  /// The state being made; only the writer's thread may look. What goes by order (at, shown, size)
  /// is that of the last publish().
  const FolderIndex& now() const { return next_; }
  /// True where a known UID lies above `a` and below `b`.
  bool knows_between(Uid a, Uid b) const;
  std::size_t known() const { return known_; }

  /// The snapshot of all that was done so far. O(messages) after add() and remove(), else
  /// O(chunks).
  std::shared_ptr<const FolderIndex> publish();

 private:
  using Chunk = FolderIndex::Chunk;
  std::size_t chunks_below(std::uint32_t uid) const;  // how many chunks begin at or below it
  // Ascending UIDs, none known, with no chunk between them; `place` as by chunks_below.
  void add_run(std::span<const IndexRow> run, std::size_t place);
  void rebuild_with(std::span<const IndexRow> more);
  std::uint32_t new_chunk(std::vector<IndexRow> rows);
  void note_added(std::uint32_t chunk, std::size_t first, std::size_t count);
  IndexRow make_row(const NewRow& row);
  std::uint16_t text_part_id(const TextPart& part);
  Chunk& writable_chunk(std::uint32_t number);
  void merge_order();

  FolderIndex next_;
  std::shared_ptr<TextStore> text_;
  std::vector<std::shared_ptr<Chunk>> own_;  // by number: ours to change until publish(), else null
  std::vector<RowId> added_;                 // not in the order yet
  std::size_t known_ = 0;
  std::vector<TextPart> text_parts_;  // id - 1
};

}  // namespace alphamail

#endif
