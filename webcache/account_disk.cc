// SPDX-License-Identifier: GPL-3.0-or-later
// How an account's indexes go to disk and come back.
//
// Whole indexes only: publish() notes each that is complete, and a worker behind the answers writes
// what has come together. When a folder is asked for that is not in memory, what the disk has is
// taken, if SELECT names the same UIDVALIDITY, and compared with the server as after any time away.
// Of a folder with many messages the newest come first; the rest is read as the first step of its
// being built.
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/action_file.h"
#include "webcache/clock.h"

namespace alphamail {
namespace {

constexpr std::int64_t kTryAgain = 30;  // seconds, where the disk refused

}  // namespace

std::shared_ptr<AccountFiles> Account::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

void Account::set_files(std::shared_ptr<AccountFiles> files) {
  if (!files) return;
  const std::lock_guard disk(disk_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (files_ && equal_constant_time(files_->key().bytes(), files->key().bytes())) {
      files_->take_wrapping(*files);
      return;
    }
    disk_.clear();
    messages_ = std::make_shared<MessageLog>(files);
    files_ = files;
  }
  // Before anything is written there.
  actions_.take_in(alphamail::load_actions(*files));
}

void Account::leave_files() {
  save_changes();
  const std::lock_guard disk(disk_mutex_);
  const std::lock_guard lock(mutex_);
  disk_.clear();
  messages_.reset();
  if (files_) left_files_ = std::move(files_);
  files_.reset();
}

// ---- what the user did ----

void Account::save_actions() {
  const std::lock_guard disk(disk_mutex_);
  const auto files = this->files();
  if (!files && !left_files_) return;
  if (!actions_.take_changed()) return;
  const auto saved = files ? alphamail::save_actions(*files, ActionFile::kOwn, actions_.kept())
                           : alphamail::save_actions(*left_files_, ActionFile::kLate, actions_.kept());
  if (saved) return;
  if (services_.cache) services_.cache->complain(saved.error());
  save_after_.store(steady_seconds() + kTryAgain, std::memory_order_relaxed);
  actions_.set_changed();
}

void Account::load_actions() {
  const std::lock_guard disk(disk_mutex_);
  if (const auto files = this->files()) actions_.take_in(alphamail::load_actions(*files));
}

// ---- to disk ----

bool Account::wants_saving() const {
  return (unsaved_.load(std::memory_order_relaxed) || actions_.changed()) &&
         steady_seconds() >= save_after_.load(std::memory_order_relaxed);
}

// The folder's file; with disk_mutex_ held. Null where there is no disk.
IndexFile* Account::index_file(const std::string& folder) {
  const auto files = this->files();
  if (!files) return nullptr;
  return &disk_.try_emplace(folder, files, folder).first->second;
}

void Account::save_changes() {
  save_actions();
  const std::lock_guard disk(disk_mutex_);
  std::map<std::string, IndexState> changed;
  {
    const std::lock_guard lock(mutex_);
    changed.swap(to_save_);
    unsaved_.store(false, std::memory_order_relaxed);
  }
  for (auto& [folder, state] : changed) {
    IndexFile* const file = index_file(folder);
    if (!file) return;
    const auto saved = file->save(state);
    services_.counters.add(Count::indexes_saved);
    if (saved) continue;
    if (services_.cache) services_.cache->complain(saved.error());
    save_after_.store(steady_seconds() + kTryAgain, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    to_save_.try_emplace(folder, std::move(state));  // unless there is a newer one already
    unsaved_.store(true, std::memory_order_relaxed);
  }
}

// Its UIDs mean something else now, or nothing.
void Account::forget_on_disk(const std::string& folder) {
  const std::lock_guard disk(disk_mutex_);
  {
    const std::lock_guard lock(mutex_);
    to_save_.erase(folder);
  }
  if (IndexFile* const file = index_file(folder)) file->remove();
  disk_.erase(folder);
}

// The index leaves memory: what the disk has not yet goes there, and nothing is remembered of it.
void Account::leave_disk(const std::string& folder) {
  save_changes();
  const std::lock_guard disk(disk_mutex_);
  disk_.erase(folder);
}

// ---- from disk ----

// @return false where the disk has nothing of use
Result<bool> Account::take_from_disk(const FolderEntry& entry, const Selected& selected) {
  if (!files() || selected.uid_validity == 0) return false;
  leave_disk(entry.address);
  std::optional<LoadedIndex> loaded;
  bool newest = false;
  {
    const std::lock_guard disk(disk_mutex_);
    IndexFile* const file = index_file(entry.address);
    if (!file) return false;
    loaded = file->load_newest(selected.uid_validity);
    newest = loaded.has_value();
    if (!newest) loaded = file->load(selected.uid_validity);
  }
  if (!loaded) return false;
  if (counts_backwards(selected, loaded->uid_next, loaded->modseq)) {
    forget_on_disk(entry.address);
    return false;
  }
  if (!newest) return take_over(entry, std::move(*loaded), selected);
  Folder& folder = folder_state(entry);
  folder.writer = std::move(loaded->writer);
  folder.newest_only = true;
  folder.below = 0;
  folder.uid_next = loaded->uid_next;
  folder.modseq = loaded->modseq;
  folder.writer->set_read_only(selected.read_only);
  services_.counters.add(Count::indexes_loaded);
  return true;
}

// Takes a whole index from disk for the folder's, and compares it with the server.
Result<bool> Account::take_over(const FolderEntry& entry, LoadedIndex loaded,
                                const Selected& selected) {
  Folder& folder = folder_state(entry);
  folder.writer = std::move(loaded.writer);
  folder.newest_only = false;
  folder.below = 0;
  folder.uid_next = loaded.uid_next;
  folder.modseq = selected.highest_modseq == 0 ? 0 : loaded.modseq;
  folder.writer->set_read_only(selected.read_only);
  // Without modification sequences only the flags of all messages tell what has changed.
  if (const auto compared = compare(entry, folder.modseq == 0); !compared) {
    forget_index(entry.address, "it could not be compared");
    return compared.error();
  }
  folder.writer->set_checked(wall_seconds());
  folder.uid_next = selected.uid_next;
  folder.modseq = selected.highest_modseq;
  services_.counters.add(Count::indexes_loaded);
  return true;
}

Result<void> Account::load_rest(const FolderEntry& entry) {
  const auto selected = select(entry);
  if (!selected) return selected.error();
  if (!folder_state(entry).newest_only)
    return {};  // UIDVALIDITY changed: who asks next begins anew
  std::optional<LoadedIndex> loaded;
  {
    const std::lock_guard disk(disk_mutex_);
    if (IndexFile* const file = index_file(entry.address))
      loaded = file->load(selected->uid_validity);
  }
  if (!loaded) {
    // Deleted meanwhile, or damaged: the server has it all.
    forget_on_disk(entry.address);
    folder_state(entry) = {};
    return begin_index(entry);
  }
  const auto taken = take_over(entry, std::move(*loaded), *selected);
  if (!taken) return taken.error();
  publish(entry);
  return {};
}

}  // namespace alphamail
