// SPDX-License-Identifier: GPL-3.0-or-later
// The folders of an account as a tree in the order people see it: INBOX first, then those with a
// role, then the rest by name, then those of others and shared ones; parents before their children. The tree is immutable and replaced
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
  bool subscribed = false;
  wire::Space space = wire::Space::Own;
  wire::Role told_role = wire::Role::None;  ///< by the server itself

  /// As far as is known: neither INBOX nor a level that the server does not list.
  bool can_change() const { return role != wire::Role::Inbox && !imap_name.empty(); }
};

struct FolderCount {
  std::uint32_t unread = 0;
  std::uint32_t total = 0;
  bool counted = false;
  std::uint64_t size = 0;  ///< bytes; 0 = not known
  bool operator==(const FolderCount&) const = default;
};
using FolderCounts = std::vector<FolderCount>;

/// The user's own choice of a folder for a role, by its address.
struct RoleChoice {
  wire::Role role = wire::Role::None;
  std::string folder;
  bool operator==(const RoleChoice&) const = default;
};
using RoleChoices = std::vector<RoleChoice>;

class FolderTree {
 public:
  /// Hides the prefix and, where levels are separated by '/', names with a level that begins with a dot and
  /// that nobody subscribed to: a server that serves home directories lists ".ssh" and ".forward". Puts in
  /// parents that the server left out. A role is given by the user's choice, else by the server, else by a
  /// well-known name. INBOX is always there.
  /// @param counts  filled with one entry a folder
  static std::shared_ptr<const FolderTree> make(const std::vector<ListedFolder>& listed,
                                                const NameRules& rules, FolderCounts& counts,
                                                const RoleChoices& chosen = {});
  /// What make() was given, as far as the tree knows it.
  std::vector<ListedFolder> listed(const FolderCounts& counts) const;

  const std::vector<FolderEntry>& entries() const { return entries_; }
  std::optional<std::size_t> find(std::string_view address) const;
  /// True where another folder lies below this one.
  bool has_children(std::size_t number) const;
  /// The number behind the last folder below this one.
  std::size_t end_below(std::size_t number) const;
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
