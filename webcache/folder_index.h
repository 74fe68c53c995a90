// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of the messages of one folder: columns, not objects (index_row.h).
//
// A FolderIndex is an immutable snapshot that any thread may read; an IndexWriter (index_writer.h)
// makes the next one and shares with it all that did not change. A list shows the rows in an order
// (row_order.h): that of arrival is always there, each other from when it is first asked for.
// Per message: 40 bytes, 8 for each reference of a reply, 4 for each label, and the strings; up to 4 for each order.
#ifndef WEBCACHE_FOLDER_INDEX_H
#define WEBCACHE_FOLDER_INDEX_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/collation.h"
#include "webcache/imap_types.h"
#include "webcache/index_row.h"
#include "webcache/kept_choices.h"
#include "webcache/memory_use.h"
#include "webcache/row_order.h"
#include "webcache/sort_key.h"
#include "webcache/text_store.h"
#include "webcache/version.h"

namespace alphamail {

class FolderIndex;

/// The rows of a snapshot as a list shows them; borrows the snapshot.
class ListedRows {
 public:
  std::size_t size() const { return order_.size(); }
  RowId at(std::size_t position) const;
  /// Instead of what `out` holds, the rows of positions first..last-1.
  void read(std::size_t first, std::size_t last, std::vector<RowId>& out) const;
  /// Null where the message is not known.
  std::optional<std::size_t> position_of(Uid uid) const;

 private:
  friend class FolderIndex;
  enum class Way : std::uint8_t {
    kForward,
    kBackward,
    kGroupsBackward,  // rows that sort the same stay newest first
  };
  ListedRows(const FolderIndex& index, const RowOrder& order, wire::SortKey key,
             const Collation* collation, Way way)
      : index_(index), order_(order), key_(key), collation_(collation), way_(way) {}

  const FolderIndex& index_;
  const RowOrder& order_;
  const wire::SortKey key_;
  const Collation* const collation_;
  const Way way_;
};

class FolderIndex {
 public:
  std::size_t size() const { return orders_.front().rows->size(); }
  const IndexRow& row(RowId id) const {
    const auto n = static_cast<std::uint32_t>(id);
    return chunks_[n / IndexChunk::kRows]->rows[n % IndexChunk::kRows];
  }
  ShownRow shown(RowId id) const;
  std::string_view text(TextRef ref) const { return text_->get(ref); }
  std::string_view snippet(const IndexRow& row) const { return snippets_->get(row.snippet); }
  /// "Re: " and its like in front of the subject; "" where there is none.
  std::string_view prefix(const IndexRow& row) const {
    return row.prefix() == 0 ? std::string_view() : text((*prefixes_)[row.prefix() - 1]);
  }
  /// The first of To; kEmptyText where there is none.
  TextRef recipient(RowId id) const;
  /// All that are kept of To and Cc; borrows the snapshot.
  RecipientList recipient_list(RowId id) const;
  /// The same for all messages that went to the same people: what was found of one list is true of the next.
  TextRef recipients_key(RowId id) const { return chunk(id).recipients_of(slot(id)); }
  std::vector<Recipient> recipients(RowId id) const;
  bool more_recipients(RowId id) const { return recipient_list(id).more(); }  ///< than these
  /// The keywords of a message, other than those of wire::Flag.
  std::span<const RowLabel> labels(RowId id) const { return chunk(id).labels_of(slot(id)); }
  std::string_view label_name(std::size_t label) const { return text_->get((*labels_)[label]); }
  /// The label of that keyword, however it is spelled; nothing where no message ever had it.
  std::optional<std::size_t> find_label(std::string_view keyword) const;
  MessageHash message_id(RowId id) const;
  std::uint32_t identity(RowId id) const;  ///< message_identity()
  std::span<const RowReference> references(RowId id) const;
  std::optional<RowId> id_of(Uid uid) const;
  /// Null where the message is not known (any more).
  const IndexRow* find(Uid uid) const;
  std::vector<Uid> uids() const;   ///< all known, ascending
  std::vector<RowId> ids() const;  ///< the same
  Uid highest_uid() const;         ///< 0 where empty
  /// look(RowId, const IndexRow&) for all that are known, ascending by UIDs.
  template <typename Look>
  void each_row(const Look& look) const {
    for (const std::uint32_t number : by_uid_) {
      const auto& rows = chunks_[number]->rows;
      const auto first = static_cast<std::uint32_t>(number * IndexChunk::kRows);
      for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].gone()) look(RowId{first + i}, rows[i]);
      }
    }
  }
  /// look(RowId of its first slot, const IndexChunk&) for all chunks with messages, ascending by UIDs.
  template <typename Look>
  void each_chunk(const Look& look) const {
    for (const std::uint32_t number : by_uid_)
      look(RowId{static_cast<std::uint32_t>(number * IndexChunk::kRows)}, *chunks_[number]);
  }
  std::size_t room() const { return chunks_.size() * IndexChunk::kRows; }  ///< ids are below it
  /// Every message known has a UID under it. The newest are known first, so mail that came since has not.
  std::uint32_t uid_next() const {
    return static_cast<std::uint32_t>(highest_uid()) + (highest_uid() == Uid{UINT32_MAX} ? 0 : 1);
  }

  /// By arrival, newest first.
  ListedRows listed() const;
  /// Nothing where that order has to be built first.
  std::optional<ListedRows> listed(const ListOrder& order) const;
  /// By listed(): from 0, newest first.
  const IndexRow& at(std::size_t position) const { return row(orders_.front().rows->at(position)); }
  ShownRow shown(std::size_t position) const { return shown(orders_.front().rows->at(position)); }
  std::optional<std::size_t> position_of(Uid uid) const { return listed().position_of(uid); }
  /// What lists have chosen of this snapshot (chosen_rows.h).
  const KeptChoices& choices() const { return choices_; }
  /// These rows will be shown next.
  void prefetch(std::span<const RowId> ids) const;

  /// All messages the folder holds are known. Until then the newest `covered()` ones are known
  /// without a gap, and perhaps others.
  bool complete() const { return complete_; }
  std::size_t covered() const { return complete_ ? size() : covered_; }
  std::size_t total() const { return complete_ ? size() : exists_; }
  std::uint32_t unread() const { return unread_; }  ///< among the known
  std::uint32_t uid_validity() const { return uid_validity_; }
  bool read_only() const { return read_only_; }
  bool shows_recipients() const { return shows_recipients_; }
  std::int64_t checked() const { return checked_; }  ///< seconds since 1970
  /// Another one (version.h) in each snapshot that says something else of the messages or their number.
  std::uint64_t version() const { return version_; }

  /// True where this page, by arrival, needs nothing from the server. Pages count from 1; past the
  /// end is the last.
  bool has_page(std::size_t page, std::size_t rows) const;
  std::size_t pages(std::size_t rows) const;

  /// What it takes on the heap: kIndexes, kSnippets, kOrders (those that could be built again).
  MemoryUse memory() const;

 private:
  friend class IndexCodec;
  friend class IndexLoader;
  friend class IndexWriter;
  friend class ListedRows;
  struct Order {
    wire::SortKey key;
    std::shared_ptr<const Collation> collation;  // for texts
    std::shared_ptr<const RowOrder> rows;
  };
  const IndexChunk& chunk(RowId id) const {
    return *chunks_[static_cast<std::uint32_t>(id) / IndexChunk::kRows];
  }
  static std::size_t slot(RowId id) { return static_cast<std::uint32_t>(id) % IndexChunk::kRows; }
  ListedRows listed(const Order& order, bool descending) const;

  std::vector<std::shared_ptr<const IndexChunk>> chunks_;  // by number; unused ones are empty
  // Numbers of the others, ascending by UIDs, which never interleave. Each has a row that is there.
  std::vector<std::uint32_t> by_uid_;
  std::vector<Order> orders_;  // by arrival first, always
  // Snippets have a store of their own, so that they can be let go of. What lies behind the ends is
  // not this snapshot's.
  std::shared_ptr<const TextStore> text_, snippets_;
  std::uint32_t text_end_ = 0, snippets_end_ = 0;
  std::shared_ptr<const std::vector<TextRef>> prefixes_;  // IndexRow::prefix() - 1
  std::shared_ptr<const std::vector<TextRef>> labels_;    // RowLabel::label; kNoText = free
  std::uint32_t uid_validity_ = 0;
  std::uint32_t exists_ = 0;
  std::size_t covered_ = 0;
  std::uint32_t unread_ = 0;
  bool complete_ = false;
  bool read_only_ = false;
  bool shows_recipients_ = false;
  std::int64_t checked_ = 0;
  std::uint64_t version_ = next_version();
  KeptChoices choices_;
};

}  // namespace alphamail

#endif
