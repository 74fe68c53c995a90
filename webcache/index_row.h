// SPDX-License-Identifier: GPL-3.0-or-later
// One message as a folder index keeps it. The rows of up to kChunkRows messages lie in a chunk:
//
//   IndexRow, 32 bytes:  uid | arrived | sent | size | sender | subject | snippet | flags | kinds
//   RowMore, 8 bytes:    48 bits of the Message-ID | recipients
//   RowReference, 8 bytes, only for replies:  slot | 48 bits of a Message-ID it refers to
//   RowLabel, 4 bytes, for each keyword of a message:  slot | number of the keyword in this index
//
// recipients is a text or a list of them (recipient_list.h). sender and recipients are "name NUL address"; subject is "subject" or "subject NUL first
// attachment's name", without "Re: " and its like in front, which `kinds` names (decoded text holds
// no NUL).
#ifndef WEBCACHE_INDEX_ROW_H
#define WEBCACHE_INDEX_ROW_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/chunk_counts.h"
#include "webcache/heap_bytes.h"
#include "webcache/imap_types.h"
#include "webcache/message_id.h"
#include "webcache/recipient_list.h"
#include "webcache/text_store.h"

namespace alphamail {

struct IndexRow {
  std::uint32_t uid;
  std::uint32_t arrived;  // INTERNALDATE, seconds since 1970
  std::uint32_t sent;     // Date header, seconds since 1970; 0 = missing or absurd
  std::uint32_t size;     // bytes, at most 4 GB - 1
  TextRef sender;
  TextRef subject;
  TextRef snippet;      // kNoText until it was asked for
  std::uint16_t flags;  // wire::Flag, and kGone
  std::uint16_t kinds;  // text part | subject prefix << kTextPartBits; both 0 = none

  static constexpr std::uint16_t kGone =
      0x8000;  // removed; stays as a mark until the chunk is made anew
  static constexpr unsigned kTextPartBits = 9;
  static constexpr std::size_t kTextParts = (1U << kTextPartBits) - 1;
  static constexpr std::size_t kPrefixes = (1U << (16 - kTextPartBits)) - 1;

  bool gone() const { return (flags & kGone) != 0; }
  std::size_t text_part() const { return kinds & kTextParts; }
  std::size_t prefix() const { return static_cast<std::size_t>(kinds) >> kTextPartBits; }
};
static_assert(sizeof(IndexRow) == 32);

struct RowMore {
  MessageHash id;            // none where the message has no Message-ID
  std::uint16_t recipients;  // which of the chunk's, from 1; 0 = none; with kList a list

  static constexpr std::uint16_t kList = 0x8000;
  std::size_t number() const { return recipients & ~kList; }
  bool is_list() const { return (recipients & kList) != 0; }
};
static_assert(sizeof(RowMore) == 8);

struct RowReference {
  std::uint16_t slot;
  MessageHash id;
};
static_assert(sizeof(RowReference) == 8);

struct RowLabel {
  std::uint16_t slot;
  std::uint16_t label;  // FolderIndex::label_name()
  static constexpr std::size_t kMost = 100;  // different ones in a folder; more are not kept
};
static_assert(sizeof(RowLabel) == 4);

/// Where a row lies: its chunk's number << 10 | its slot there.
enum class RowId : std::uint32_t {};

struct IndexChunk {
  static constexpr std::size_t kRows = 1024;
  static constexpr std::size_t kNumbers = std::size_t{1} << 21;  // an order needs one bit of an id

  std::vector<IndexRow> rows;  // ascending UIDs
  std::vector<RowMore> more;   // of the same slots
  std::vector<RowReference>
      references;                   // ascending slots; those of one row as make_row() gives them
  std::vector<TextRef> recipients;  // the different ones of this chunk
  std::vector<RowLabel> labels;     // ascending slots and labels; few messages have any
  ChunkCounts counts;

  /// A text, or a list where RowMore says so.
  TextRef recipients_of(std::size_t slot) const {
    const std::size_t n = more[slot].number();
    return n == 0 ? kEmptyText : recipients[n - 1];
  }
  std::span<const RowLabel> labels_of(std::size_t slot) const {
    if (labels.empty()) return {};
    const auto below = [](const RowLabel& r, std::size_t n) { return r.slot < n; };
    const auto from = std::lower_bound(labels.begin(), labels.end(), slot, below);
    const auto to = std::lower_bound(from, labels.end(), slot + 1, below);
    return {from, to};
  }
  std::span<const RowReference> references_of(std::size_t slot) const {
    const auto below = [](const RowReference& r, std::size_t n) { return r.slot < n; };
    const auto from = std::lower_bound(references.begin(), references.end(), slot, below);
    const auto to = std::lower_bound(from, references.end(), slot + 1, below);
    return {from, to};
  }
  std::size_t bytes() const {
    return shared_block<IndexChunk>() + heap_bytes(rows) + heap_bytes(more) +
           heap_bytes(references) + heap_bytes(recipients) + heap_bytes(labels);
  }
};

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
  struct To {
    std::string name, address;
    bool cc = false;
  };
  std::vector<To> recipients;    ///< in their order; what is over RecipientList's limits is not kept
  bool more_recipients = false;  ///< than these
  Keywords keywords;
  std::optional<TextPart> text_part;
  MessageHash id;
  std::vector<MessageHash> references;  ///< conversation's first, then the nearest, the parent last
};

/// The seconds and bytes of a row: what does not fit is cut to the nearest that does.
inline std::uint32_t row_seconds(std::int64_t when) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(when, 0, UINT32_MAX));
}
inline std::uint32_t row_bytes(std::uint64_t size) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
}

/// A row as people see it; the views live as long as the snapshot.
struct ShownRow {
  std::uint32_t uid;
  std::uint32_t identity;
  std::uint16_t flags;
  std::int64_t arrived;
  std::int64_t sent;  // std::numeric_limits<int64>::min() where absent
  std::uint64_t size;
  std::string_view from, from_address;  // whom it went to, in folders that show that
  std::string_view prefix, subject;     // to be read as one
  std::string_view snippet, attachment;
  std::span<const RowLabel> labels;
};

}  // namespace alphamail

#endif
