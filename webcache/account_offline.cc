// SPDX-License-Identifier: GPL-3.0-or-later
// What is shown of an account while its mail server is away and the daemon has been restarted
// meanwhile: the tree of folders and their indexes as they lie on disk, sealed with the account's
// key. Nothing of it is believed once the server is back: the first SELECT compares UIDVALIDITY,
// UIDNEXT and HIGHESTMODSEQ, and the next page asks what has changed.
//
//   file 'f' of the account:  version | how many folders | of each what LIST and STATUS said
#include <algorithm>
#include <utility>

#include "webcache/account.h"
#include "webcache/clock.h"
#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr char kFolders = 'f';
constexpr std::uint64_t kVersion = 2;
constexpr std::size_t kMostBytes = 16 << 20;

// One list for writing and for reading.
template <typename Folder, typename Io>
void each_fact(Folder& folder, Io& io) {
  io(folder.name);
  io(folder.separator);
  io(folder.selectable);
  io(folder.has_children);
  io(folder.counted);
  io(folder.messages);
  io(folder.unseen);
  io(folder.subscribed);
}

}  // namespace

void Account::save_folders(std::vector<ListedFolder> listed) {
  const auto files = this->files();
  folders_saved_ = files != nullptr;
  if (!files) return;
  constexpr std::size_t kWaiting = 2;
  services_.workers.post(
      disk_strand_, Workers::When::kLater,
      [files, listed = std::move(listed), cache = services_.cache] {
        FieldsOut out;
        out(kVersion);
        out(listed.size());
        for (const ListedFolder& folder : listed) {
          each_fact(folder, out);
          out(static_cast<std::uint64_t>(folder.role));
          out(static_cast<std::uint64_t>(folder.space));
        }
        if (out.bytes.size() > kMostBytes) return;
        auto writer = files->begin(kFolders, "");
        Result<void> put = writer ? writer->write(as_bytes(out.bytes)) : Result<void>(writer.error());
        const std::uint64_t written = put ? writer->written() : 0;
        if (put) put = writer->commit(SealedWriter::Last::kSometime);
        if (put) files->note_written(written);
        if (!put && cache) cache->complain(put.error());
      },
      kWaiting);
}

bool Account::load_folders() {
  if (folders().tree) return true;
  const auto files = this->files();
  if (!files) return false;
  auto file = files->open(kFolders, "", false);
  if (!file) return false;
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), kMostBytes)), '\0');
  FieldsIn in(bytes);
  std::uint64_t version = 0, count = 0;
  std::vector<ListedFolder> listed;
  if (file->read(0, std::as_writable_bytes(std::span(bytes)))) {
    in(version);
    in(count);
    for (; in.good() && version == kVersion && count > 0; --count) {
      ListedFolder& folder = listed.emplace_back();
      each_fact(folder, in);
      std::uint64_t role = 0;
      in(role);
      if (role <= static_cast<std::uint64_t>(wire::Role::MAX)) folder.role = static_cast<wire::Role>(role);
      std::uint64_t space = 0;
      in(space);
      if (space <= static_cast<std::uint64_t>(wire::Space::MAX)) folder.space = static_cast<wire::Space>(space);
    }
  }
  if (version != kVersion || !in.at_end()) {
    files->remove(kFolders, "");
    return false;
  }
  const std::lock_guard lock(mutex_);
  if (folders_.tree) return true;
  auto counts = std::make_shared<FolderCounts>();
  folders_.tree = FolderTree::make(listed, {server_.prefix, server_.separator, false}, *counts, roles_);
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
  return true;
}

bool Account::load_offline(const std::string& address) {
  if (!load_folders()) return false;
  const auto known = view(address);
  if (!known || !known->entry().selectable) return false;
  if (known->index) return true;
  const FolderEntry entry = known->entry();
  std::optional<LoadedIndex> loaded;
  {
    const std::lock_guard disk(disk_mutex_);
    disk_.erase(address);
    if (IndexFile* const file = index_file(address)) loaded = file->load_as_it_is();
  }
  if (!loaded) return false;
  Folder& folder = folder_state(entry);
  folder = {};
  folder.writer = std::move(loaded->writer);
  folder.unseen = true;
  folder.uid_next = loaded->uid_next;
  folder.modseq = loaded->modseq;
  services_.counters.add(Count::indexes_loaded);
  publish(entry, Saving::kNot);
  mark_stale(address);
  return true;
}

// ---- a folder that somebody else has locked ----

// Whether the server greets a connection of its own at this moment.
bool Account::greets() const {
  constexpr Millis kSoon{2000};
  auto imap = ImapConnection::open(
      server_, services_.tls, Deadline::in(std::min<Millis>(kSoon, services_.connect_timeout.load())));
  if (imap) (*imap)->log_out(Deadline::in(Millis(300)));
  return imap.has_value();
}

}  // namespace alphamail
