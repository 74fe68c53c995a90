// SPDX-License-Identifier: GPL-3.0-or-later
// One message: its header and structure, its parts piece by piece, its \Seen.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

// Opened messages kept for being opened again: next, previous, back, and downloads of their parts.
constexpr std::size_t kMostOpened = 32;
constexpr std::size_t kMostOpenedBytes = 2 * 1024 * 1024;

}  // namespace

Result<std::shared_ptr<const OpenedMessage>> Account::open_message(const std::string& address,
                                                                   Uid uid) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  if (!opened(address, uid)) {
    if (auto found = find_on_disk(*view, uid)) return found;
  }
  if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  if (auto kept = opened(address, uid)) return kept;
  auto fetched = fetch_opened(folder_state(entry), uid);
  if (!fetched && fetched.error().code == Code::kServerSaid) {
    // Another client may have renamed or deleted the folder while it was selected (Cyrus says so in words): selected
    // again it is gone.
    if (const auto selected = select(entry); !selected) return selected.error();
    fetched = fetch_opened(folder_state(entry), uid);
  }
  if (!fetched) {
    if (fetched.error().code == Code::kNotFound) forget_messages(address, std::span(&uid, 1));
    return fetched.error();
  }
  services_.counters.add(Count::messages_fetched);
  Folder& folder = folder_state(entry);
  auto message = std::make_shared<OpenedMessage>();
  const std::uint32_t exists = connection_.imap->exists();
  const std::uint32_t seq = fetched->row.seq;
  message->seq_from_top = exists >= seq && seq > 0 ? exists - seq + 1 : 1;
  message->opened = std::move(*fetched);
  message->bytes = heap_bytes(*message);
  if (folder.writer) {
    message->uid_validity = folder.writer->now().uid_validity();
    // Takes over its flags; one that the index does not know yet is entered.
    std::vector<NewRow> rows;
    rows.push_back(make_row(message->opened.row));
    bool changed = false;
    if (folder.writer->now().find(uid)) {
      changed = folder.writer->set_flags(uid, rows.front().flags, rows.front().keywords);
    } else if (folder.writer->add(std::move(rows)) > 0) {
      changed = true;
      services_.counters.add(Count::rows_indexed);
    }
    if (changed) publish(entry);
  } else {
    // Opened by its address alone: its folder was not looked at, so its UIDVALIDITY is asked for.
    const auto selected = select(entry);
    if (!selected) return selected.error();
    message->uid_validity = selected->uid_validity;
  }
  if (const auto near = find_neighbours(entry, seq, *message); !near) return near.error();
  keep_opened(address, message);
  return std::shared_ptr<const OpenedMessage>(std::move(message));
}

std::shared_ptr<MessageLog> Account::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

// A message that the index does not know, or not in full, is the server's to tell.
bool Account::may_be_on_disk(const std::string& folder, Uid uid) const {
  const auto known = view(folder);
  return files() && known && known->index && known->index->complete() && known->index->find(uid);
}

std::shared_ptr<const OpenedMessage> Account::find_on_disk(const FolderView& view, Uid uid) {
  const std::string& address = view.entry().address;
  const auto log = messages();
  if (!log || !may_be_on_disk(address, uid)) return nullptr;
  auto found = log->read(address, view.index->uid_validity(), uid);
  if (!found) return nullptr;
  services_.counters.add(Count::messages_from_disk);
  auto message = std::make_shared<OpenedMessage>(std::move(*found));
  message->bytes = heap_bytes(*message);
  message->from_disk = true;
  keep_opened(address, message);
  return message;
}

void Account::save_message(const std::string& folder, const OpenedMessage& message) const {
  if (const auto log = messages(); log && !message.from_disk) log->keep(folder, message);
}

// Header, structure and text in one round trip where the index knows which part is the text.
Result<ImapConnection::Opened> Account::fetch_opened(const Folder& folder, Uid uid) {
  const IndexRow* row = folder.writer ? folder.writer->now().find(uid) : nullptr;
  const TextPart* known = row ? folder.writer->text_part(*row) : nullptr;
  const std::string section = known ? known->section : "";
  auto opened =
      on_server([&](ImapConnection& imap) { return imap.open_message(uid, section, step()); });
  if (!opened) return opened;
  std::vector<std::string> more;
  std::uint64_t bytes = 0;
  for (const PartInfo* part : likely_texts(opened->row.parts)) {
    bytes += part->size;
    if (bytes > ImapConnection::kOpenedText) break;
    if (part->section != section) more.push_back(part->section);
  }
  // What does not come with it is asked for by who shows it.
  (void)on_server([&](ImapConnection& imap) { return imap.fetch_texts(*opened, more, step()); });
  return opened;
}

// Where the index has holes around the message, its neighbours are those by sequence number.
Result<void> Account::find_neighbours(const FolderEntry& entry, std::uint32_t seq,
                                      OpenedMessage& message) {
  const Folder& folder = folder_state(entry);
  if (!folder.writer || folder.writer->now().complete() || seq == 0 || seq > folder.below)
    return {};
  const std::uint32_t last = std::min(seq + 1, connection_.imap->exists());
  const auto uids = fetch_window(entry, seq > 1 ? seq - 1 : 1, std::max(seq, last));
  if (!uids) return uids.error();
  const Uid uid = message.opened.row.uid;
  for (const Uid other : *uids) {
    if (other > uid) message.newer = static_cast<std::uint32_t>(other);
    if (other < uid) message.older = static_cast<std::uint32_t>(other);
  }
  publish(entry);
  return {};
}

void Account::keep_opened(const std::string& folder, std::shared_ptr<const OpenedMessage> message) {
  const std::lock_guard lock(mutex_);
  if (message->bytes > kMostOpenedBytes / 2) return;
  opened_bytes_ += message->bytes;
  const Uid uid = message->opened.row.uid;
  opened_.emplace_front(OpenedKey{folder, uid}, std::move(message));
  while (opened_.size() > kMostOpened || opened_bytes_ > kMostOpenedBytes) {
    opened_bytes_ -= opened_.back().second->bytes;
    opened_.pop_back();
  }
}

// The server says that it is gone: neither list nor memory shows it any longer.
void Account::forget_messages(const std::string& address, std::span<const Uid> uids) {
  const auto found = work_.find(address);
  if (found != work_.end() && found->second.writer) {
    if (found->second.writer->remove(uids) > 0) {
      if (const auto known = view(address)) publish(FolderEntry(known->entry()));
    }
  }
  std::vector<Uid> gone(uids.begin(), uids.end());
  std::sort(gone.begin(), gone.end());
  const std::lock_guard lock(mutex_);
  std::erase_if(opened_, [&](const auto& kept) {
    const bool is_gone = kept.first.folder == address &&
                         std::binary_search(gone.begin(), gone.end(), kept.first.uid);
    if (is_gone) opened_bytes_ -= kept.second->bytes;
    return is_gone;
  });
}

// Messages opened before their folder was made anew are not what their UIDs name now.
void Account::forget_opened(const std::string& address, std::uint32_t but_of_uid_validity) {
  const std::lock_guard lock(mutex_);
  std::erase_if(opened_, [&](const auto& kept) {
    const bool old =
        kept.first.folder == address && kept.second->uid_validity != but_of_uid_validity;
    if (old) opened_bytes_ -= kept.second->bytes;
    return old;
  });
}

void Account::show_flag(const std::string& address, Uid uid, wire::Flag flag, bool set) {
  const auto found = work_.find(address);
  if (found == work_.end() || !found->second.writer) return;
  const auto bit = static_cast<std::uint16_t>(flag);
  const bool changed =
      found->second.writer->change_flags(uid, set ? bit : std::uint16_t{0}, set ? std::uint16_t{0} : bit);
  if (!changed) return;
  if (const auto known = view(address)) publish(FolderEntry(known->entry()));
}

Result<void> Account::store_seen(const std::string& address, Uid uid) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  if (const auto selected = ensure_selected(entry); !selected) return selected;
  if (const auto told = take_in_told(entry); !told) return told;
  const auto stored = on_server([&](ImapConnection& imap) { return imap.mark_seen(uid, step()); });
  if (stored) show_flag(address, uid, wire::Flag::Seen, true);  // what was told may have been that it is not
  return stored;
}

Result<std::string> Account::read_piece(const std::string& address, Uid uid,
                                         std::uint32_t uid_validity, std::string_view section,
                                         std::uint64_t offset, std::uint32_t length,
                                         std::string piece) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  const Folder& folder = folder_state(entry);
  const auto kept = opened(address, uid);
  const std::uint32_t now = folder.writer ? folder.writer->now().uid_validity()
                            : kept        ? kept->uid_validity
                                          : uid_validity;
  if (uid_validity != 0 && now != uid_validity) {
    return Error{Code::kChanged, "the folder was made anew meanwhile", 0};
  }
  auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_piece(uid, section, offset, length, step(), std::move(piece));
  });
  if (!fetched && fetched.error().code == Code::kNotFound) forget_messages(address, std::span(&uid, 1));
  return fetched;
}

}  // namespace alphamail
