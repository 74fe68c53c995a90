// SPDX-License-Identifier: GPL-3.0-or-later
// What the answers to questions are made of: snapshots that stay as they are while one is built.
#ifndef WEBCACHE_FOLDER_VIEW_H
#define WEBCACHE_FOLDER_VIEW_H

#include <cstddef>
#include <memory>
#include <string>

#include "webcache/folder_index.h"
#include "webcache/folder_list.h"
#include "webcache/imap_connection.h"

namespace alphamail {

/// The folders of an account at one instant.
struct FoldersView {
  std::shared_ptr<const FolderTree> tree;  ///< null until the server's list was read
  std::shared_ptr<const FolderCounts> counts;
};

/// One folder among them.
struct FolderView {
  FoldersView folders;
  std::size_t number = 0;                    ///< in the tree
  std::shared_ptr<const FolderIndex> index;  ///< null where nothing is known of its messages

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
};

}  // namespace alphamail

#endif
