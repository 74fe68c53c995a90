// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that were opened, kept on disk: header, structure, and the texts that came with them. The
// next time their page costs the mail server nothing, also after a restart.
//
// One sealed file an account, of which only the log (sealed_file.h) is used: a record a message. To make
// a file takes a file system as long as all the rest of opening a message, to append next to nothing. A
// record's label says which message it is, to whoever has the account's key: so a restart looks at the
// labels alone, and opens what is asked for.
//
// There are two such files. The one that is written grows to kMostBytes; then the other, with what was
// opened longest ago, is begun anew. Nothing is ever copied.
//
// Like a part (part_cache.h) a message is known by folder, UIDVALIDITY and UID, which together name the
// same bytes for ever; its flags, which change, are the index's.
#ifndef WEBCACHE_MESSAGE_LOG_H
#define WEBCACHE_MESSAGE_LOG_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "webcache/cache_dir.h"
#include "webcache/folder_view.h"

namespace alphamail {

/// Any thread that may wait.
class MessageLog {
 public:
  static constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20;

  explicit MessageLog(std::shared_ptr<const AccountFiles> files,
                      std::uint64_t most_bytes = kMostBytes)
      : files_(std::move(files)), most_bytes_(most_bytes) {}

  /// What fails only means that it is not kept.
  void keep(const std::string& folder, const OpenedMessage& message);
  /// Nothing where it is not there, or does not open.
  std::optional<OpenedMessage> read(const std::string& folder, std::uint32_t uid_validity, Uid uid);
  /// Gives back the descriptors and what is known of the files; the next call opens them again. Does
  /// nothing while somebody reads or writes.
  void rest();
  std::size_t bytes() const { return bytes_; }  ///< on the heap; waits for nobody

 private:
  struct Half {
    std::optional<SealedFile> file;
    std::unordered_map<std::uint64_t, SealedFile::LogRecord> records;  // by label; the newest of each
  };
  void open();
  void open_half(std::size_t n);
  bool begin_half(std::size_t n);
  void drop_half(std::size_t n);
  void count_bytes();
  std::uint64_t label_of(const std::string& folder, std::uint32_t uid_validity, Uid uid) const;

  const std::shared_ptr<const AccountFiles> files_;
  const std::uint64_t most_bytes_;
  std::atomic<std::size_t> bytes_{0};
  std::mutex mutex_;  // guards all below; held while the disk is read or written
  bool open_ = false;
  std::array<Half, 2> halves_;
  std::size_t writing_ = 0;  // which of them
};

}  // namespace alphamail

#endif
