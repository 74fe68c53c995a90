// SPDX-License-Identifier: GPL-3.0-or-later
// What the answers to questions are made of: snapshots that stay as they are while one is built.
#ifndef WEBCACHE_FOLDER_VIEW_H
#define WEBCACHE_FOLDER_VIEW_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "webcache/folder_index.h"
#include "webcache/folder_list.h"
#include "webcache/heap_bytes.h"
#include "webcache/imap_connection.h"
#include "webcache/version.h"

namespace alphamail {

/// A tree with its counts as replies hold it. Whichever thread needs it first makes it.
class WrittenFolders {
 public:
  static constexpr std::size_t kAlignment = 8;
  struct Bytes {
    std::vector<std::uint8_t> bytes;
    std::uint32_t offset = 0;  ///< of the vector of folders, from the end
  };
  template <typename Make>
  const Bytes& bytes(const Make& make) {
    std::call_once(once_, [&] {
      bytes_ = make();
      heap_.store(heap_bytes(bytes_.bytes), std::memory_order_relaxed);
    });
    return bytes_;
  }
  std::size_t heap() const { return heap_.load(std::memory_order_relaxed); }  ///< bytes there
  /// Of this tree with these counts (version.h).
  std::uint64_t version() const { return version_; }

 private:
  const std::uint64_t version_ = next_version();
  std::once_flag once_;
  std::atomic<std::size_t> heap_{0};
  Bytes bytes_;
};

/// Of the outbox: messages that are on their way or held, and those that need the user.
struct OutboxCounts {
  std::uint32_t waiting = 0;
  std::uint32_t failed = 0;
};

/// The folders of an account at one instant, with what else stands on every page.
struct FoldersView {
  std::shared_ptr<const FolderTree> tree;  ///< null until the server's list was read
  std::shared_ptr<const FolderCounts> counts;
  std::shared_ptr<WrittenFolders> written;  ///< null: not worth keeping
  OutboxCounts outbox = {};
  std::shared_ptr<const std::vector<QuotaUse>> quotas = {};  ///< null: none are known
};

/// One folder among them.
struct FolderView {
  FoldersView folders;
  std::size_t number = 0;                    ///< in the tree
  std::shared_ptr<const FolderIndex> index;  ///< null where nothing is known of its messages
  bool stale = false;  ///< the index is known to be not as the server's folder is
  wire::Standing standing = wire::Standing::Live;

  const FolderEntry& entry() const { return folders.tree->entries()[number]; }
};

/// An opened message as it is kept for being opened again.
struct OpenedMessage {
  std::uint32_t uid_validity = 0;
  std::uint32_t seq_from_top = 0;  ///< 1 = the newest by sequence number, when it was opened
  std::uint32_t newer = 0;         ///< neighbours, where the index could not tell them then
  std::uint32_t older = 0;
  ImapConnection::Opened opened;
  std::size_t bytes = 0;
  bool from_disk = false;
};
/// On the heap, itself included.
std::size_t heap_bytes(const OpenedMessage& message);

}  // namespace alphamail

#endif
