// SPDX-License-Identifier: GPL-3.0-or-later
// A folder's index as bytes: all of it, or what has changed since.
//
//   all:     what is said once (Facts) | how many chunks | each: its number, its columns |
//            the strings | the snippets
//   change:  Facts | the strings and the snippets that are new | how many chunks changed | each: its
//            number, and its columns, or only the rows that differ, the labels, and what stands behind the
//            old ones
//
// Columns and strings are as they lie in memory: whoever reads them has checked that they were
// written by this layout on this kind of machine. Since chunks are shared by the snapshots that
// they did not change between, what has changed is found by comparing pointers.
#ifndef WEBCACHE_INDEX_CODEC_H
#define WEBCACHE_INDEX_CODEC_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/result.h"
#include "webcache/folder_index.h"
#include "webcache/index_writer.h"

namespace alphamail {

/// An index at one instant, with what its account knows about it. Any thread.
struct IndexState {
  std::shared_ptr<const FolderIndex> index;
  std::vector<TextPart> text_parts;
  std::uint32_t uid_next = 0;
  std::uint64_t modseq = 0;  ///< everything up to it is in the index; 0 = not known
};

struct LoadedIndex {
  std::unique_ptr<IndexWriter> writer;
  std::uint32_t uid_next = 0;
  std::uint64_t modseq = 0;
};

/// What is on disk already, to tell what has changed since.
struct IndexShape {
  std::vector<std::shared_ptr<const IndexChunk>> chunks;
  std::weak_ptr<const TextStore> text, snippets;
  std::uint32_t text_end = 0, snippets_end = 0, uid_next = 0;
  std::uint64_t modseq = 0;
};

class IndexCodec {
 public:
  using Bytes = std::vector<std::byte>;
  using Sink = std::function<Result<void>(std::span<const std::byte>)>;
  /// Fills the span with what follows. @return false where nothing does
  using Source = std::function<bool(std::span<std::byte>)>;

  /// The state of a writer; on its thread.
  static IndexState state_of(const IndexWriter& writer, std::shared_ptr<const FolderIndex> index,
                             std::uint32_t uid_next, std::uint64_t modseq);
  static IndexShape shape_of(const IndexState& state);

  static Result<void> write(const IndexState& state, const Sink& sink);
  /// Nothing where the two have nothing in common. Empty where nothing has changed.
  static std::optional<Bytes> change(const IndexShape& before, const IndexState& now);

  /// The newest `rows` by arrival, as an index that is being built.
  static LoadedIndex newest(const IndexState& state, std::size_t rows);

 private:
  friend class IndexLoader;
  struct Facts;
  static Facts facts_of(const IndexState& state);
};

/// Puts an index together again. Nothing of it is believed before finish().
class IndexLoader {
 public:
  IndexLoader();
  ~IndexLoader();
  /// What IndexCodec::write() wrote. @return false where it does not make sense
  bool read(const IndexCodec::Source& source);
  std::uint32_t uid_validity() const;  ///< after read()
  /// A change, in the order they were made. @return as read()
  bool apply(std::span<const std::byte> change);
  std::optional<LoadedIndex> finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace alphamail

#endif
