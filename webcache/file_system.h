// SPDX-License-Identifier: GPL-3.0-or-later
// What the cache asks of the disk when it writes. Tests put one in between that is full, writes
// short or dies at the n-th call.
#ifndef WEBCACHE_FILE_SYSTEM_H
#define WEBCACHE_FILE_SYSTEM_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/result.h"
#include "common/unique_fd.h"

namespace alphamail {

/// Calls of the system that write, with its return values and errno.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual ssize_t pwrite(int fd, std::span<const std::byte> bytes, off_t at);
  virtual int fsync(int fd);
  virtual int truncate(int fd, off_t size);
  /// Has the disk begin to write what the file has, as far as it is not there: a hint, which cannot fail.
  virtual void begin_writeback(int fd);
  virtual int rename(const std::string& from, const std::string& to);
  virtual int link(const std::string& from, const std::string& to);

  static FileSystem& real();

  /// All of `bytes`, however short each write is. @return kStorage
  Result<void> write_all(int fd, std::span<const std::byte> bytes, std::uint64_t at);
};

/// A file that nobody but us can read, for writing; the folder has to be there. Never follows a
/// link. @return kStorage
Result<UniqueFd> create_private_file(const std::string& path);
/// An ordinary file of ours, no link; kNotFound where it is missing, kStorage otherwise.
Result<UniqueFd> open_private_file(const std::string& path, bool writable);
Result<std::uint64_t> file_size(int fd);
/// Fills `into` or fails: kInvalid where the file is shorter.
Result<void> read_all(int fd, std::span<std::byte> into, std::uint64_t at);
/// Makes the entries of a folder last: a rename in it has happened after a crash, too.
void sync_folder(const std::string& path);

Error storage_error(const std::string& what);  ///< kStorage with errno's words

}  // namespace alphamail

#endif
