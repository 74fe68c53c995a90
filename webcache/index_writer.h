// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the snapshots of one folder's index. Used by one thread at a time: its account's strand.
//
// A change copies the chunks it touches, and of each order the leaves it touches. What is removed
// stays in its chunk as a mark, so that the ids of all others stay; a chunk with more marks than
// messages is made anew.
#ifndef WEBCACHE_INDEX_WRITER_H
#define WEBCACHE_INDEX_WRITER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "webcache/folder_index.h"

namespace alphamail {

class RowSort;

class IndexWriter {
 public:
  explicit IndexWriter(std::uint32_t uid_validity);

  /// Adds the rows whose UIDs are new; of known ones only flags and keywords are taken over.
  /// @return how many were new
  std::size_t add(std::vector<NewRow> rows);
  /// @return false where the UID is not known or its flags were so already
  bool set_flags(Uid uid, std::uint16_t flags);
  /// Both as the server has told them. @return as set_flags
  bool set_flags(Uid uid, std::uint16_t flags, const Keywords& keywords);
  /// Adds a keyword or takes it away, leaving the others. @return as set_flags
  bool change_label(Uid uid, std::string_view keyword, bool set);
  /// Adds and clears bits, leaving the others. @return as set_flags
  bool change_flags(Uid uid, std::uint16_t set, std::uint16_t clear);
  /// Removes what is known of `gone`. @return how many were
  std::size_t remove(std::span<const Uid> gone);
  void set_snippet(Uid uid, std::string_view text);
  /// As if none had been asked for. What is published afterwards shares no rows with what was before.
  void drop_snippets();

  void set_exists(std::uint32_t exists) { change(next_.exists_, exists); }
  void set_covered(std::size_t newest) { change(next_.covered_, newest); }
  void set_complete(bool complete) { change(next_.complete_, complete); }
  void set_read_only(bool read_only) { change(next_.read_only_, read_only); }
  void set_shows_recipients(bool shows) { next_.shows_recipients_ = shows; }
  void set_checked(std::int64_t seconds) { next_.checked_ = seconds; }

  /// Makes an order where it is not there yet; from then on it follows all changes. Takes up to a
  /// second for a million messages. At most kOrders are kept: one that was made long ago goes.
  void make_order(const ListOrder& order);
  /// All but that of arrival.
  void drop_orders();
  static constexpr std::size_t kOrders = 8;

  /// Null where the message has no text to show.
  const TextPart* text_part(const IndexRow& row) const;

  /// On the heap, beside what its last snapshot has: its own lists.
  std::size_t bytes() const;

  /// The state being made; only the writer's thread may look.
  const FolderIndex& now() const { return next_; }
  /// True where a known UID lies above `a` and below `b`.
  bool knows_between(Uid a, Uid b) const;
  std::size_t known() const { return next_.size(); }

  /// The snapshot of all that was done so far. O(chunks).
  std::shared_ptr<const FolderIndex> publish();

 private:
  friend class IndexCodec;
  friend class IndexLoader;
  // A row with all that lies beside it in a chunk.
  struct Made {
    IndexRow row;
    MessageHash id;
    TextRef recipients;
    bool recipients_are_list;
    std::array<MessageHash, 3> references;
    std::size_t reference_count;
    std::vector<std::uint16_t> labels;
  };
  template <typename Value>
  void change(Value& value, Value wanted) {
    if (value != wanted) next_.version_ = next_version();
    value = wanted;
  }
  Made make_row(const NewRow& row);
  Made made_of(RowId id) const;
  std::uint16_t text_part_number(const TextPart& part);
  std::uint16_t prefix_number(std::string_view prefix);
  void make_recipients(const NewRow& row, Made& made);
  std::vector<std::uint16_t> label_numbers(const Keywords& keywords);
  std::optional<std::uint16_t> label_number(std::string_view keyword);
  bool set_labels(RowId id, std::span<const std::uint16_t> labels);

  std::size_t chunks_below(std::uint32_t uid) const;  // how many chunks begin at or below it
  // Ascending UIDs, none known, with no chunk between them; `place` as by chunks_below.
  void add_run(std::span<const Made> run, std::size_t place, std::vector<RowId>& added);
  // The same where they lie inside the chunk at that place.
  void add_inside(std::span<const Made> run, std::size_t place, std::vector<RowId>& added);
  void remake(std::size_t place);
  std::uint32_t new_chunk();
  void free_chunk(std::uint32_t number);
  static void make_room(IndexChunk& chunk, std::span<const Made> rows);
  void append(std::uint32_t number, const Made& made);
  IndexChunk& writable_chunk(std::uint32_t number);

  RowSort sort_of(const FolderIndex::Order& order) const;
  template <typename Change>
  void change_orders(Change&& change);
  void move_flags(RowId id, std::uint16_t flags);

  FolderIndex next_;
  std::shared_ptr<TextStore> text_, snippets_;
  // By number: ours to change until publish(), else null.
  std::vector<std::shared_ptr<IndexChunk>> own_;
  std::vector<std::shared_ptr<RowOrder>> own_orders_;  // the same of next_.orders_
  std::vector<std::uint32_t> unused_;                  // numbers of empty chunks
  std::vector<TextPart> text_parts_;                   // IndexRow::text_part() - 1
  std::size_t flags_moved_ = 0;                        // in the order of flags, since publish()
};

}  // namespace alphamail

#endif
