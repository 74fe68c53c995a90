// SPDX-License-Identifier: GPL-3.0-or-later
// A folder's index on disk: a sealed file (sealed_file.h) whose base is all of the index at one
// instant and whose log is what changed since (index_codec.h). When the log passes a quarter of the
// base, a new base takes its place. A folder with many messages has a second, small file of its
// newest ones, so that a first page does not wait for the rest.
//
// What is read here was true once. Whoever uses it compares it with the server first: UIDVALIDITY,
// then what changed since its MODSEQ.
#ifndef WEBCACHE_INDEX_FILE_H
#define WEBCACHE_INDEX_FILE_H

#include <memory>
#include <optional>
#include <string>

#include "common/result.h"
#include "webcache/cache_dir.h"
#include "webcache/index_codec.h"

namespace alphamail {

/// Used by one thread at a time.
class IndexFile {
 public:
  /// So many messages and more have a file of their newest ones.
  static constexpr std::size_t kHeadFrom = 20000;
  static constexpr std::size_t kHeadRows = 250;

  IndexFile(std::shared_ptr<const AccountFiles> files, std::string folder)
      : files_(std::move(files)), folder_(std::move(folder)) {}

  /// Brings the disk up to date, by a record or by a new base. @return kStorage: it is as it was
  Result<void> save(const IndexState& state);
  /// Everything. Nothing where there is none of this UIDVALIDITY; one that makes no sense is
  /// removed.
  std::optional<LoadedIndex> load(std::uint32_t uid_validity);
  /// Everything, whatever its UIDVALIDITY: while nobody can be asked what that is now.
  std::optional<LoadedIndex> load_as_it_is();
  /// The newest messages of a folder with many, as an index that is being built.
  std::optional<LoadedIndex> load_newest(std::uint32_t uid_validity);
  void remove();

 private:
  enum class Saved { kNothingNew, kAppended, kWantsBase };
  Result<Saved> append(const IndexState& state);
  Result<void> rewrite(const IndexState& state);
  Result<void> write_newest(const IndexState& state);
  std::optional<LoadedIndex> load_all(std::uint32_t uid_validity);
  /// @param uid_validity  0: any
  std::optional<LoadedIndex> read(char kind, std::uint32_t uid_validity, bool whole);

  const std::shared_ptr<const AccountFiles> files_;
  const std::string folder_;
  std::optional<IndexShape> shape_;  // what is on disk
  SealedFile::LogPlace log_;
};

}  // namespace alphamail

#endif
