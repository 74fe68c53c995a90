// SPDX-License-Identifier: GPL-3.0-or-later
// cache_dir: what the daemon keeps on disk. All of it is sealed, all of it may be deleted at any
// time, by anybody, also while the daemon runs.
//
//     cache_dir/lock              held by the one daemon that uses the folder
//     cache_dir/ACCOUNT/key       the account's key, wrapped (wrapped_key.h)
//     cache_dir/ACCOUNT/f-NAME    the tree of folders (account_offline.cc)
//     cache_dir/ACCOUNT/i-NAME    a folder's index (index_file.h)
//     cache_dir/ACCOUNT/m-NAME    messages that were opened (message_log.h)
//     cache_dir/ACCOUNT/p-NAME    a part of a message (part_cache.h)
//     cache_dir/ACCOUNT/u-NAME    what can be taken back (action_file.h)
//     spool_dir/webcache.secret   the daemon's own secret
//     spool_dir/ACCOUNT/key       the account's key once more: what users write (spool.h) is sealed with it
//                                 and must outlive the cache, and nodes that share the spool share the key
//
// ACCOUNT and NAME are hashes keyed with the daemon's secret and with the account's key: the disk
// tells neither who has an account here nor what its folders are called. The secret stands in
// spool_dir, so that a copy of the cache alone holds nothing to try passwords on; without it the
// cache is thrown away and made anew.
//
// The size is kept below a limit: what was used least recently goes first. A file's time of
// modification says when it was used last.
#ifndef WEBCACHE_CACHE_DIR_H
#define WEBCACHE_CACHE_DIR_H

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/secret.h"
#include "common/unique_fd.h"
#include "webcache/file_system.h"
#include "webcache/sealed_file.h"

namespace alphamail {

class CacheDir;

/// The files of one account, with the key that opens them. Any thread; but one file is used by one
/// thread at a time, which its user sees to.
class AccountFiles {
 public:
  AccountFiles(CacheDir& cache, std::string name, Secret key, Bytes wrapped);

  const Secret& key() const { return key_; }
  /// The same key, wrapped by another password since.
  void take_wrapping(const AccountFiles& other);
  const std::string& name() const { return name_; }  ///< of the folder

  /// @param kind  as above; what(ever) a file is the cache of is called `what`
  /// @return what SealedFile::open says; one that does not open is removed and gives kNotFound
  Result<SealedFile> open(char kind, std::string_view what, bool writable) const;
  /// Makes the folder and its key again where they are gone.
  /// @param by  kOneThatLeft: a file that no other daemon writes, so that this one may though it has left the folder
  enum class By { kUser, kOneThatLeft };
  Result<SealedWriter> begin(char kind, std::string_view what, By by = By::kUser) const;
  void remove(char kind, std::string_view what) const;
  /// Makes sure that the key lies in that folder, too. @return kStorage
  Result<void> keep_key(const std::string& folder) const;
  static constexpr std::size_t kBytes = 4096 + 512;  ///< of memory: the key's page; names, and its wrapping

  /// Tells the cache how much was written, for its limit.
  void note_written(std::uint64_t bytes) const;

 private:
  std::string path_of(char kind, std::string_view what) const;

  CacheDir& cache_;
  const std::string name_, folder_;
  const Secret key_;
  mutable std::mutex mutex_;  // guards what follows
  Bytes wrapped_;
};

class CacheDir {
 public:
  /// @param limit  bytes; see trim()
  CacheDir(std::string path, std::string spool, std::uint64_t limit,
           FileSystem& system = FileSystem::real());

  /// After a log-in that the mail server accepted: unwraps the account's key with the password, or
  /// makes one. For a worker.
  /// @param account  user and server, told apart from all others
  /// @param live     the key that sessions of this account hold now, or empty
  /// @return null where the disk is of no use now (the log says why)
  std::shared_ptr<AccountFiles> open_account(std::string_view account, const Secret& password,
                                             const Secret& live);
  /// With the key that a session has kept: needs no password. @return null where it is not the key
  /// of what lies there
  std::shared_ptr<AccountFiles> open_account(std::string_view account, const Secret& key);

  /// Removes what was used least recently where there is more than the limit, and what crashes left
  /// behind. Returns at once while little was written since the last time. For a worker.
  void trim();
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }
  std::uint64_t bytes() const { return bytes_; }  ///< roughly

  bool usable();
  /// For good: from now on another daemon may use the folder, and this one writes and reads nothing
  /// there.
  void leave();
  /// Something could not be written: says so, but not every time.
  void complain(const Error& error);
  const std::string& path() const { return path_; }
  const std::string& spool() const { return spool_; }
  FileSystem& system() { return system_; }

 private:
  friend class AccountFiles;
  Result<void> prepare();
  std::string name_of(std::string_view account) const;
  std::vector<Bytes> read_keys(const std::string& name) const;
  void write_keys(const std::string& name, const Secret& key, std::span<const std::byte> wrapped);
  Result<void> write_key(const std::string& name, std::span<const std::byte> wrapped) const;
  void throw_away(const std::string& name) const;
  std::shared_ptr<AccountFiles> adopt(const std::string& name, Secret key, Bytes wrapped);

  const std::string path_, spool_;
  FileSystem& system_;
  std::atomic<std::uint64_t> limit_, bytes_{0}, unseen_{UINT64_MAX / 2};
  std::array<std::mutex, 64> keys_;  // by account: one at a time makes or changes its key
  std::atomic<bool> left_{false};
  std::mutex mutex_;                 // guards what follows
  UniqueFd lock_;
  Secret secret_;
  bool ready_ = false;
  std::int64_t tried_ = 0, complained_ = 0;  // steady seconds
};

}  // namespace alphamail

#endif
