// SPDX-License-Identifier: GPL-3.0-or-later
// The folders of an account as a tree in the order people see it: INBOX first, then those with a
// role, then the rest by name; parents before their children. The tree is immutable and replaced
// when the server's list changes; the counts beside it change more often and have one entry a
// folder.
#ifndef WEBCACHE_FOLDER_LIST_H
#define WEBCACHE_FOLDER_LIST_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/mailbox_name.h"
#include "webcache/imap_types.h"

namespace alphamail {

/// More folders than this are not shown (limit L1); the log says so.
inline constexpr std::size_t kMostFolders = 50000;

struct FolderEntry {
  std::string address;    ///< as in protocol.fbs
  std::string name;       ///< the last level as people read it
  std::string imap_name;  ///< as the server calls it; "" where the server does not list it at all
  std::uint8_t depth = 0;
  wire::Role role = wire::Role::None;
  bool selectable = true;
};

struct FolderCount {
  std::uint32_t unread = 0;
  std::uint32_t total = 0;
  bool counted = false;
  bool operator==(const FolderCount&) const = default;
};
using FolderCounts = std::vector<FolderCount>;

class FolderTree {
 public:
  /// Hides the prefix, puts in parents that the server left out, gives roles by well-known names
  /// where the server gives none of its own. INBOX is always there.
  /// @param counts  filled with one entry a folder
  static std::shared_ptr<const FolderTree> make(const std::vector<ListedFolder>& listed,
                                                const NameRules& rules, FolderCounts& counts);

  const std::vector<FolderEntry>& entries() const { return entries_; }
  std::optional<std::size_t> find(std::string_view address) const;
  bool same_as(const FolderTree& other) const;
  std::size_t bytes() const;

 private:
  FolderTree() = default;
  std::vector<FolderEntry> entries_;
  std::unordered_map<std::string_view, std::size_t> by_address_;  // keys lie in entries_
};

/// The role that a folder's own name says in one of several languages; None where it says none.
wire::Role role_by_name(std::string_view name);

}  // namespace alphamail

#endif
