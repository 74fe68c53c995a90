// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of folders: how it is read, and what the user does to it.
//
// A folder that goes, or gets another name, takes with it all that lies below it. First nothing of it is
// selected any more, neither here nor on the second connection; then the server does it; then all that was
// known under the old names is forgotten, in memory and on disk, and the list is read anew. So whatever breaks
// off between leaves a tree that the server's own list corrects. An index is not carried over to the new name: a
// server may give renamed folders another UIDVALIDITY, and the next look at one reads it again.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"

namespace alphamail {
namespace {

// A list of folders younger than this is not read again because one was not in it.
constexpr std::int64_t kListIsFresh = 2;

// Sizes are asked for no more often: for them a server may have to look at all messages.
constexpr std::int64_t kSizesLast = 300;

// Of a folder's address; servers take less.
constexpr std::size_t kLongestName = 1000;

// Subscriptions that follow a folder that got another name.
constexpr std::size_t kMostSubscriptions = 1000;

bool is_below(std::string_view address, std::string_view folder) {
  return address.size() > folder.size() && address.starts_with(folder) && address[folder.size()] == '/';
}

bool lists_recipients(wire::Role role) {
  return role == wire::Role::Sent || role == wire::Role::Drafts;
}

std::vector<std::string> with_recipients(const FolderTree& tree) {
  std::vector<std::string> all;
  for (const FolderEntry& entry : tree.entries()) {
    if (lists_recipients(entry.role)) all.push_back(entry.address);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::uint64_t size_of(const FolderIndex& index) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < index.size(); ++i) sum += index.at(i).size;
  return sum;
}

}  // namespace

// ---- the list ----

// Sizes that were told before stand for folders that have as many messages as then.
void Account::keep_sizes(std::vector<ListedFolder>& listed) const {
  const FoldersView old = folders();
  if (!old.tree) return;
  std::unordered_map<std::string_view, std::size_t> before;
  for (std::size_t i = 0; i < old.tree->entries().size(); ++i) {
    if ((*old.counts)[i].size > 0) before.emplace(old.tree->entries()[i].imap_name, i);
  }
  for (ListedFolder& folder : listed) {
    const auto known = before.find(folder.name);
    if (folder.size == 0 && known != before.end() && (*old.counts)[known->second].total == folder.messages)
      folder.size = (*old.counts)[known->second].size;
  }
}

void Account::publish_folders(const std::vector<ListedFolder>& listed,
                              std::optional<std::vector<QuotaUse>> quotas) {
  const NameRules rules{server_.prefix, server_.separator, false};
  for (;;) {
    RoleChoices roles;
    {
      const std::lock_guard lock(mutex_);
      roles = roles_;
    }
    auto counts = std::make_shared<FolderCounts>();
    auto tree = FolderTree::make(listed, rules, *counts, roles);
    const std::lock_guard lock(mutex_);
    if (roles != roles_) continue;
    // The same tree stays the same object: who compares pointers sees that nothing changed.
    if (folders_.tree && tree->same_as(*folders_.tree)) tree = folders_.tree;
    // The same of all is no news to whoever asks whether anything changed.
    if (tree != folders_.tree || !folders_.counts || *counts != *folders_.counts) {
      folders_.tree = std::move(tree);
      folders_.counts = std::move(counts);
      folders_.written = std::make_shared<WrittenFolders>();
    }
    if (!quotas) {
      folders_.quotas.reset();
    } else if (!folders_.quotas || *folders_.quotas != *quotas) {
      folders_.quotas = std::make_shared<const std::vector<QuotaUse>>(std::move(*quotas));
    }
    return;
  }
}

Result<void> Account::read_folders(bool anew, bool sizes) {
  if (!anew && folders().tree && (!sizes || knows_sizes())) return {};
  // Of the folder that is selected Dovecot says what this connection was last told of it. Where there is an index, that
  // follows the folder.
  const auto selected = work_.find(selection_.address);
  const bool unindexed = !selection_.address.empty() && (selected == work_.end() || !selected->second.writer);
  auto listing = on_server([&](ImapConnection& imap) -> Result<ImapConnection::Listing> {
    if (unindexed) {
      if (const auto told = imap.noop(step()); !told) return told.error();
    }
    return imap.list(server_.prefix, sizes, step());
  });
  if (!listing) return listing.error().while_doing("listing folders");
  std::vector<ListedFolder>& listed = listing->folders;
  to_count_.clear();
  if (!connection_.imap->capabilities().list_status) plan_counts(listed);
  const bool told = sizes && connection_.imap->capabilities().list_status &&
                    connection_.imap->capabilities().status_size;
  if (!told) keep_sizes(listed);
  listed_at_ = steady_seconds();
  const auto before = folders().tree;
  publish_folders(listed, std::move(listing->quotas));
  const auto now = folders().tree;
  if (now->entries().size() >= kMostFolders)
    log(Severity::kWarning, 221, address() + ": more folders than are shown");
  if (now != before || !folders_saved_) save_folders(std::move(listed));
  if (!sizes) return {};
  if (!told) {
    // What the indexes know; the rest stays unknown.
    const std::lock_guard lock(mutex_);
    auto counts = std::make_shared<FolderCounts>(*folders_.counts);
    for (const auto& [folder, published] : indexes_) {
      const auto number = folders_.tree->find(folder);
      if (number && published.index && published.index->complete())
        (*counts)[*number].size = size_of(*published.index);
    }
    folders_.counts = std::move(counts);
    folders_.written = std::make_shared<WrittenFolders>();
  }
  sizes_at_.store(steady_seconds(), std::memory_order_relaxed);
  return {};
}

bool Account::knows_sizes() const {
  const std::int64_t at = sizes_at_.load(std::memory_order_relaxed);
  return at != 0 && steady_seconds() - at < kSizesLast;
}

Result<FolderView> Account::find_folder(const std::string& folder) {
  if (const auto read = read_folders(false); !read) return read.error();
  if (auto known = view(folder)) return *known;
  if (steady_seconds() - listed_at_ > kListIsFresh) {
    if (const auto read = read_folders(true); !read) return read.error();
    if (auto known = view(folder)) return *known;
  }
  return Error{Code::kNotFound, "no such folder", 0};
}

// The counts beside the tree follow what the index knows better than the last list.
void Account::set_counts(std::size_t number, const FolderIndex& index) {
  if (!folders_.counts || number >= folders_.counts->size()) return;
  FolderCount count = (*folders_.counts)[number];
  count.total = static_cast<std::uint32_t>(index.total());
  if (index.complete()) {
    count.unread = index.unread();
    count.counted = true;
  }
  const FolderCount& old = (*folders_.counts)[number];
  if (old.total == count.total && old.unread == count.unread && old.counted == count.counted)
    return;
  auto counts = std::make_shared<FolderCounts>(*folders_.counts);
  (*counts)[number] = count;
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
}

// ---- roles ----

std::vector<std::string> Account::choose_roles(RoleChoices chosen) {
  const std::lock_guard lock(mutex_);
  if (chosen == roles_) return {};
  roles_ = std::move(chosen);
  if (!folders_.tree) return {};
  const auto before = with_recipients(*folders_.tree);
  auto counts = std::make_shared<FolderCounts>();
  folders_.tree = FolderTree::make(folders_.tree->listed(*folders_.counts),
                                   {server_.prefix, server_.separator, false}, *counts, roles_);
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
  const auto now = with_recipients(*folders_.tree);
  std::vector<std::string> others;
  std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                std::back_inserter(others));
  return others;
}

void Account::show_anew(const std::vector<std::string>& folders) {
  for (const std::string& address : folders) {
    const auto known = view(address, Looking::kNobody);
    const auto work = work_.find(address);
    if (!known || work == work_.end() || !work->second.writer) continue;
    work->second.writer->drop_orders();
    publish(FolderEntry(known->entry()));
  }
}

// ---- what is large ----

Account::Largest Account::largest(std::size_t most) const {
  Largest found{folders(), {}, 0};
  if (!found.folders.tree || most == 0) return found;
  const auto smaller = [](const Large& a, const Large& b) {
    return std::pair(a.size, a.uid) > std::pair(b.size, b.uid);  // a heap with the smallest on top
  };
  const auto& entries = found.folders.tree->entries();
  for (std::size_t n = 0; n < entries.size(); ++n) {
    if (!entries[n].selectable || (*found.folders.counts)[n].total == 0) continue;
    const auto known = view(entries[n].address, Looking::kNobody);
    const auto index = known ? known->index : nullptr;
    if (!index || !index->complete()) ++found.unknown;
    for (std::size_t i = 0; index && i < index->size(); ++i) {
      const IndexRow& row = index->at(i);
      if (found.messages.size() == most && row.size <= found.messages.front().size) continue;
      found.messages.push_back({n, index, Uid{row.uid}, row.size});
      std::push_heap(found.messages.begin(), found.messages.end(), smaller);
      if (found.messages.size() <= most) continue;
      std::pop_heap(found.messages.begin(), found.messages.end(), smaller);
      found.messages.pop_back();
    }
  }
  std::sort(found.messages.begin(), found.messages.end(), smaller);
  return found;
}

// ---- what users do ----

Result<void> Account::change_folder(wire::FolderChange change, const std::string& folder,
                                    const std::string& target) {
  using What = wire::FolderChange;
  if (change == What::Create) {
    if (const auto read = read_folders(false); !read) return read.error();
  }
  const auto known = change == What::Create ? Result<FolderView>(FolderView{}) : find_folder(folder);
  if (!known) return known.error();
  Result<void> done;
  switch (change) {
    case What::Create: done = create_folder(folder); break;
    case What::Rename: done = rename_folder(*known, target); break;
    case What::Delete: done = delete_folder(*known); break;
    case What::Subscribe:
    case What::Unsubscribe: {
      const std::string name = known->entry().imap_name;
      if (name.empty()) return Error{Code::kInvalid, "the server does not list this folder", 0};
      done = on_server([&](ImapConnection& imap) {
        return imap.subscribe(name, change == What::Subscribe, step());
      });
      break;
    }
  }
  if (!done && done.error().code != Code::kForbidden && done.error().code != Code::kNotFound) return done;
  // Also after a refusal: the tree may be another one than was thought.
  if (const auto read = read_folders(true); !read) return done ? read : done;
  // Courier says OK to the renaming of a folder that is not there.
  if (done && change == What::Rename && !view(target, Looking::kNobody))
    return Error{Code::kNotFound, "no such folder", 0};
  if (done || done.error().code != Code::kForbidden) return done;
  // Servers without codes (RFC 5530) say why in words alone.
  if (change == What::Create && view(folder, Looking::kNobody)) return Error{Code::kChanged, done.error().detail, 0};
  if (change != What::Create && !view(folder, Looking::kNobody)) return Error{Code::kNotFound, "no such folder", 0};
  if (change == What::Rename && view(target, Looking::kNobody)) return Error{Code::kChanged, done.error().detail, 0};
  return done;
}

// @return the name on the server of a folder that is to be; kChanged where it is there already
Result<std::string> Account::new_name(const std::string& address) const {
  auto name = imap_name_of(address, {server_.prefix, server_.separator, false});
  if (!name || name->size() > kLongestName) return Error{Code::kInvalid, "no folder can have this name", 0};
  const auto there = view(address, Looking::kNobody);
  if (there && (there->entry().selectable || there->entry().role == wire::Role::Inbox))
    return Error{Code::kChanged, "a folder of this name is there already", 0};
  return std::move(*name);
}

Result<void> Account::create_folder(const std::string& folder) {
  const auto name = new_name(folder);
  if (!name) return name.error();
  return on_server([&](ImapConnection& imap) { return imap.create(*name, wire::Role::None, step()); });
}

Result<void> Account::rename_folder(const FolderView& folder, const std::string& target) {
  const FolderEntry from = folder.entry();
  if (!from.can_change()) return Error{Code::kInvalid, "this folder cannot be renamed", 0};
  if (target == from.address || is_below(target, from.address))
    return Error{Code::kInvalid, "a folder cannot be moved into itself", 0};
  const auto name = new_name(target);
  if (!name) return name.error();
  if (view(target, Looking::kNobody)) return Error{Code::kChanged, "a folder of this name is there already", 0};
  if (const auto left = leave_below(folder); !left) return left;
  const auto renamed =
      on_server([&](ImapConnection& imap) { return imap.rename(from.imap_name, *name, step()); });
  if (!renamed) return renamed;
  forget_below(folder.folders, folder.number, "it has another name now");
  // Servers keep subscriptions by name (RFC 3501 section 6.3.9).
  const auto& entries = folder.folders.tree->entries();
  std::size_t left = kMostSubscriptions;
  for (std::size_t i = folder.number; i < folder.folders.tree->end_below(folder.number); ++i) {
    const FolderEntry& entry = entries[i];
    if (!entry.subscribed || !entry.imap_name.starts_with(from.imap_name) || left-- == 0) continue;
    const std::string now = *name + entry.imap_name.substr(from.imap_name.size());
    const auto followed = on_server([&](ImapConnection& imap) -> Result<void> {
      const auto out = imap.subscribe(entry.imap_name, false, step());
      if (!out && imap.dead()) return out;
      return imap.subscribe(now, true, step());
    });
    if (!followed && followed.error().code != Code::kForbidden) break;
  }
  return {};
}

Result<void> Account::delete_folder(const FolderView& folder) {
  const FolderEntry entry = folder.entry();
  if (!entry.can_change()) return Error{Code::kInvalid, "this folder cannot be deleted", 0};
  if (folder.folders.tree->has_children(folder.number))
    return Error{Code::kInvalid, "this folder holds other folders", 0};
  if (const auto left = leave_below(folder); !left) return left;
  const auto deleted = on_server([&](ImapConnection& imap) { return imap.remove(entry.imap_name, step()); });
  if (!deleted) return deleted;
  forget_below(folder.folders, folder.number, "it is deleted");
  if (!entry.subscribed) return {};
  const auto out = on_server([&](ImapConnection& imap) { return imap.subscribe(entry.imap_name, false, step()); });
  return out || out.error().code == Code::kForbidden || out.error().code == Code::kNotFound ? Result<void>() : out;
}

// Before a folder goes: nothing of it is selected any more.
Result<void> Account::leave_below(const FolderView& folder) {
  second_.leave(shared_from_this());
  const std::string& address = folder.entry().address;
  {
    const std::lock_guard lock(mutex_);
    if (looked_at_ == address || is_below(looked_at_, address)) looked_at_.clear();
    if (followed_ == address || is_below(followed_, address)) followed_.clear(), live_ = false;
  }
  if (selection_.address != address && !is_below(selection_.address, address)) return {};
  const auto inbox = view("INBOX", Looking::kNobody);
  if (!inbox) return Error{Code::kInternal, "there is no INBOX", 0};
  const auto selected = select(FolderEntry(inbox->entry()));
  if (!selected) return selected.error();
  return {};
}

void Account::forget_below(const FoldersView& folders, std::size_t number, std::string_view why) {
  for (std::size_t i = number; i < folders.tree->end_below(number); ++i) {
    const std::string& address = folders.tree->entries()[i].address;
    forget_index(address, why);
    forget_on_disk(address);
    forget_opened(address, 0);
    note_trouble(address, nullptr);
  }
}

// ---- all of a folder ----

Result<Account::FolderUids> Account::read_uids(const std::string& folder, Uid above) {
  const auto known = find_folder(folder);
  if (!known) return known.error();
  const FolderEntry entry = known->entry();
  const auto selected = select(entry);
  if (!selected) return selected.error();
  FolderUids found{selected->uid_validity, {}};
  const auto after = static_cast<std::uint32_t>(above);
  if (selected->exists == 0 || after == UINT32_MAX) return found;
  const auto read = on_server([&](ImapConnection& imap) {
    return imap.fetch_flags(
        Uid{after + 1}, Uid{UINT32_MAX}, 0,
        [&](const FetchedFlags& one) {
          // "n:*" names the last message whatever n is.
          if (one.uid > above) found.uids.push_back(one.uid);
        },
        step());
  });
  if (!read) return read.error();
  std::sort(found.uids.begin(), found.uids.end());
  found.uids.erase(std::unique(found.uids.begin(), found.uids.end()), found.uids.end());
  return found;
}

}  // namespace alphamail
