// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of messages that were downloaded, kept on disk as sealed files: the second time they cost
// the mail server nothing.
//
//   text of the file:  length of the head (32 bits) | head: what BODYSTRUCTURE said of it | its
//   bytes
//
// A part is known by folder, UIDVALIDITY, UID and section, which together name the same bytes for
// ever (RFC 3501 sections 2.3.1.1 and 7.4.2). They are the file's name, and a file under another
// name does not open, so that nothing can be shown in another part's place.
#ifndef WEBCACHE_PART_CACHE_H
#define WEBCACHE_PART_CACHE_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/result.h"
#include "webcache/cache_dir.h"
#include "webcache/imap_types.h"

namespace alphamail {

struct PartName {
  std::string folder;  ///< address
  std::uint32_t uid_validity = 0;
  Uid uid{};
  std::string section;  ///< "" is the whole message

  std::string spelled() const;
};

/// One that is there, to be read. One thread at a time.
class CachedPart {
 public:
  /// Nothing where it is not there, or does not open.
  static std::optional<CachedPart> open(std::shared_ptr<const AccountFiles> files,
                                        const PartName& name);
  /// Null for the whole message.
  const PartInfo* info() const { return info_ ? &*info_ : nullptr; }
  std::uint64_t size() const { return file_.size() - begin_; }  ///< of its bytes
  /// @return kInvalid where they do not open: the file is removed
  Result<void> read(std::uint64_t at, std::span<std::byte> into);

 private:
  CachedPart(std::shared_ptr<const AccountFiles> files, std::string spelled, SealedFile file)
      : files_(std::move(files)), spelled_(std::move(spelled)), file_(std::move(file)) {}
  bool read_head();

  std::shared_ptr<const AccountFiles> files_;
  std::string spelled_;
  SealedFile file_;
  std::optional<PartInfo> info_;
  std::uint64_t begin_ = 0;
};

/// One that is being downloaded. What fails only means that it is not kept.
class PartKeeper {
 public:
  /// Larger ones would push out too much that is small.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

  /// @param files  null: nothing is kept
  PartKeeper(std::shared_ptr<const AccountFiles> files, const PartName& name, const PartInfo* info,
             std::uint64_t size);
  void add(std::string_view bytes);
  /// All of it was added.
  void keep();

 private:
  std::shared_ptr<const AccountFiles> files_;
  std::optional<SealedWriter> writer_;
};

}  // namespace alphamail

#endif
