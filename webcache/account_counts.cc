// SPDX-License-Identifier: GPL-3.0-or-later
// The counts beside the list of folders, where the server cannot tell them with it (LIST-STATUS, RFC
// 5819): asked for one by one, a few at a time, behind what users wait for.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostCounted = 500;  // of a list; the rest show no counts
constexpr std::size_t kAtOnce = 5;

}  // namespace

// The list is shown at once with the counts of before; what is to be counted anew is remembered.
void Account::plan_counts(std::vector<ListedFolder>& listed) {
  std::unordered_map<std::string_view, FolderCount> before;
  const FoldersView old = folders();
  for (std::size_t i = 0; old.tree && i < old.tree->entries().size(); ++i) {
    if ((*old.counts)[i].counted)
      before.emplace(old.tree->entries()[i].imap_name, (*old.counts)[i]);
  }
  for (ListedFolder& folder : listed) {
    if (folder.counted || !folder.selectable) continue;
    if (const auto known = before.find(folder.name); known != before.end()) {
      folder.messages = known->second.total;
      folder.unseen = known->second.unread;
      folder.counted = true;
    }
    if (to_count_.size() < kMostCounted) to_count_.push_back(folder.name);
  }
  std::reverse(to_count_.begin(), to_count_.end());
}

bool Account::claim_count() {
  if (counting_ || to_count_.empty()) return false;
  counting_ = true;
  return true;
}

Result<bool> Account::count_step() {
  std::unordered_map<std::string, FolderCount> counted;
  for (std::size_t n = 0; n < kAtOnce && !to_count_.empty(); ++n) {
    ListedFolder folder;
    folder.name = std::move(to_count_.back());
    to_count_.pop_back();
    const auto told = on_server([&](ImapConnection& imap) { return imap.status(folder, step()); });
    // A folder that may not be read has no counts; anything else broke the connection.
    if (!told && told.error().code != Code::kServerSaid && told.error().code != Code::kNotFound) {
      to_count_.push_back(std::move(folder.name));
      return told.error();
    }
    if (folder.counted) counted[folder.name] = {folder.unseen, folder.messages, true};
  }
  const std::lock_guard lock(mutex_);
  if (!folders_.tree || counted.empty()) return !to_count_.empty();
  auto counts = std::make_shared<FolderCounts>(*folders_.counts);
  for (std::size_t i = 0; i < counts->size(); ++i) {
    const FolderEntry& entry = folders_.tree->entries()[i];
    const auto told = counted.find(entry.imap_name);
    // What is selected is known better, message by message.
    if (told != counted.end() && !(selection_.in_step && selection_.address == entry.address))
      (*counts)[i] = told->second;
  }
  if (*counts == *folders_.counts) return !to_count_.empty();
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
  return !to_count_.empty();
}

}  // namespace alphamail
