// SPDX-License-Identifier: GPL-3.0-or-later
// What a user gave to be sent within the last hour, for the limits (send_limits.h): in memory, and in a sealed file
// of the account's spool, a record a message, so that it holds over a restart and for all nodes that share the spool.
// Where the disk cannot be used, memory has to do: a limit is nothing that a letter should fail of.
#ifndef WEBCACHE_SENT_LOG_H
#define WEBCACHE_SENT_LOG_H

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/result.h"
#include "webcache/cache_dir.h"
#include "webcache/file_system.h"
#include "webcache/sealed_file.h"
#include "webcache/send_limits.h"

namespace alphamail {

/// One thread at a time.
class SentLog {
 public:
  /// @param path  of the file; its folder need not be there
  SentLog(std::string path, std::shared_ptr<AccountFiles> files, FileSystem& system);

  /// Counts one message. @return what SendLimits::allow says; nothing is counted then
  /// @param now  seconds since 1970 UTC
  Result<void> claim(const SendLimits& limits, std::uint32_t recipients, std::int64_t now);

 private:
  std::optional<SealedFile> open() const;
  std::optional<SealedFile> open_locked() const;
  std::optional<SealedFile> begin_anew() const;
  void read(SealedFile& file, std::int64_t now);
  void forget(std::int64_t now);

  const std::string path_;
  const std::shared_ptr<AccountFiles> files_;
  FileSystem& system_;
  std::deque<SendLimits::Sent> sent_;  // within the last hour, oldest first
  SealedFile::LogPlace read_to_;       // nobody else has written since, if the file ends there
};

}  // namespace alphamail

#endif
