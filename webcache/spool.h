// SPDX-License-Identifier: GPL-3.0-or-later
// spool_dir: what users are writing, and what is not sent yet. Unlike the cache it may not be deleted, and
// several nodes may share it.
//
//     spool_dir/ACCOUNT/key               the account's key, wrapped (wrapped_key.h), as in the cache
//     spool_dir/ACCOUNT/u-ID              an upload
//     spool_dir/ACCOUNT/t-ID              the text of a form
//     spool_dir/ACCOUNT/m-ID              a message that is to be saved or sent
//     spool_dir/ACCOUNT/o-ID              a message of the outbox, with its journal (outgoing.h)
//     spool_dir/ACCOUNT/d-ID              says that the message of this id was sent (or taken back)
//     spool_dir/ACCOUNT/.../X-ID.part-VERSION   one of the first three while it is being written
//     spool_dir/ACCOUNT/sent              when how much was sent within the last hour (sent_log.h); sent-reports: of junk
//     spool_dir/webcache.secret           the daemon's own secret
//
// ACCOUNT is a hash keyed with that secret, ID 128 random bits. A file appears under its name when it is whole
// and on the disk; who writes one that is there already loses nothing (link() says so, on NFS as well). Of the
// daemons that share the folder, one works on a message at a time: it holds a lock on its file (sealed_file.h),
// which the kernel, or the file server, lets go of when the daemon or its machine dies. Nothing else is shared.
//
// What was written and never used goes after spool_keep_days; what is in the outbox stays.
#ifndef WEBCACHE_SPOOL_H
#define WEBCACHE_SPOOL_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "webcache/cache_dir.h"
#include "webcache/file_system.h"
#include "webcache/sent_log.h"
#include "webcache/spool_file.h"
#include "webcache/spool_id.h"
#include "webcache/spool_writing.h"

namespace alphamail {

/// What a file is, and whose name it has.
enum class SpoolPlace : char { kUpload = 'u', kText = 't', kMessage = 'm', kOutbox = 'o', kDone = 'd' };

struct SpoolLimits {
  std::uint64_t upload = 0;  ///< bytes of one
  std::uint64_t account = 0; ///< bytes of all that is one user's
  std::int64_t keep_days = 30;
};

/// The files of one account. Any thread; may wait for the disk.
class Spool {
 public:
  /// @param folder  spool_dir
  /// @param files   for the account's name and key
  Spool(std::string folder, std::shared_ptr<AccountFiles> files, const SpoolLimits& limits,
        FileSystem& system = FileSystem::real());

  // Questions of protocol.fbs, with the errors that stand there.
  Result<SpooledFile> begin(wire::SpoolKind kind, SpoolId id, std::uint64_t replaces,
                            std::uint64_t size, std::string note);
  Result<SpooledFile> append(wire::SpoolKind kind, SpoolId id, std::uint64_t version,
                             std::uint64_t offset, std::span<const std::byte> bytes);
  /// The same where memory takes them and nothing has to be waited for: else nothing. What comes before its turn
  /// is kept until that has come.
  std::optional<SpoolWriting::Taken> append_at_once(SpoolId id, std::uint64_t version, std::uint64_t offset,
                                                    std::span<const std::byte> bytes);
  /// What append_at_once() has asked for. @return whether it is to be called once more
  bool write_out(std::uint64_t version);
  Result<SpooledFile> finish(wire::SpoolKind kind, SpoolId id, std::uint64_t version,
                             std::uint64_t size);
  std::vector<SpooledFile> list(wire::SpoolKind kind);
  Result<void> remove(wire::SpoolKind kind, SpoolId id);

  /// A whole file; kNotFound where there is none.
  Result<SpoolFile> open(SpoolPlace place, SpoolId id, bool writable = false);
  bool has(SpoolPlace place, SpoolId id) const;
  std::vector<SpoolId> ids(SpoolPlace place) const;
  /// A message under another place: kMessage to kOutbox and back. On the disk when this returns.
  Result<void> move(SpoolPlace from, SpoolPlace to, SpoolId id);
  /// A small file whose note is `text`. On the disk when this returns.
  Result<void> put_note(SpoolPlace place, SpoolId id, std::string text);
  void forget(SpoolPlace place, SpoolId id);

  /// A count of what was sent, in a file of that name.
  SentLog sent_log(const std::string& name) const;

  std::uint64_t bytes() const;  ///< on disk
  const SpoolLimits& limits() const { return limits_; }
  const std::string& name() const { return name_; }
  const AccountFiles& files() const { return *files_; }
  /// Removes what nobody has used for long. At most once an hour.
  void sweep();

 private:
  using Writing = std::shared_ptr<SpoolWriting>;
  using Writings = std::map<std::uint64_t, Writing>;  // by version

  std::string path_of(SpoolPlace place, SpoolId id) const;
  std::string part_of(wire::SpoolKind kind, SpoolId id, std::uint64_t version) const;
  Result<void> check_room(wire::SpoolKind kind, std::uint64_t size) const;
  std::uint64_t limit_of(wire::SpoolKind kind) const;
  std::optional<SpooledFile> look(SpoolPlace place, SpoolId id);
  std::optional<SpooledFile> find_message(SpoolId id);
  Result<Writing> writing(wire::SpoolKind kind, SpoolId id, std::uint64_t version);
  Result<SpooledFile> place(SpoolWriting& writing, std::uint64_t size);
  SpoolWriting::Check room_check(wire::SpoolKind kind) const;

  const std::string folder_, name_;
  const std::shared_ptr<AccountFiles> files_;
  const SpoolLimits limits_;
  FileSystem& system_;
  std::mutex mutex_;  // guards what follows; held while files begin and end, not while bytes come
  Writings writings_;
  std::int64_t swept_ = 0;
};

}  // namespace alphamail

#endif
