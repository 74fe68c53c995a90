// SPDX-License-Identifier: GPL-3.0-or-later
// What an account takes of memory, and how it lets go of it, piece by piece (memory_limit.h). All of it
// comes back when somebody asks: from disk, or from the server.
#include "webcache/account.h"
#include "webcache/heap_bytes.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

// What hangs on an opened message, by the list that it is written to disk by.
std::size_t hanging(const Parameter& p) {
  return heap_bytes(p.name) + heap_bytes(p.value);
}

std::size_t hanging(const PartInfo& part) {
  std::size_t sum = heap_bytes(part.parameters) + heap_bytes(part.disposition_parameters);
  for (const auto* list : {&part.parameters, &part.disposition_parameters}) {
    for (const Parameter& p : *list) sum += hanging(p);
  }
  for (const auto* text : {&part.section, &part.type, &part.subtype, &part.encoding,
                           &part.content_id, &part.description, &part.disposition}) {
    sum += heap_bytes(*text);
  }
  return sum;
}

}  // namespace

std::size_t heap_bytes(const OpenedMessage& message) {
  const FetchedRow& row = message.opened.row;
  std::size_t sum = shared_block<OpenedMessage>() + heap_bytes(message.opened.header) +
                    heap_bytes(message.opened.texts) + heap_bytes(row.parts);
  for (const auto& text : message.opened.texts)
    sum += heap_bytes(text.section) + heap_bytes(text.bytes);
  for (const auto* text : {&row.date, &row.subject, &row.from_name, &row.from_mailbox,
                           &row.from_host, &row.message_id, &row.in_reply_to, &row.references}) {
    sum += heap_bytes(*text);
  }
  sum += heap_bytes(row.keywords) + heap_bytes(row.recipients);
  for (const std::string& keyword : row.keywords) sum += heap_bytes(keyword);
  for (const FetchedRecipient& to : row.recipients)
    sum += heap_bytes(to.name) + heap_bytes(to.mailbox) + heap_bytes(to.host);
  for (const PartInfo& part : row.parts) sum += hanging(part);
  return sum;
}

// ---- what it takes ----

MemoryUse Account::memory() const {
  using Indexed = std::pair<const std::string, Published>;
  using Worked = std::pair<const std::string, Folder>;
  using OnDisk = std::pair<const std::string, IndexFile>;
  constexpr std::size_t kStrands = 5;
  MemoryUse use;
  const std::lock_guard lock(mutex_);
  use[MemoryKind::kMessages] =
      opened_bytes_ + opened_.size() * heap_block(sizeof(opened_.front()) + 2 * sizeof(void*));
  for (const auto& [folder, published] : indexes_) {
    use += published.memory;
    use[MemoryKind::kIndexes] += hash_node<Indexed>() + tree_node<Worked>() +
                                 (files_ ? tree_node<OnDisk>() : 0) + 3 * heap_bytes(folder);
  }
  std::size_t& account = use[MemoryKind::kAccounts];
  account = shared_block<Account>() + heap_bytes(user_) + heap_bytes(server_.host) +
            heap_bytes(server_.domain) + kStrands * Workers::strand_bytes() + actions_.bytes() + searches_->bytes() +
            (files_ ? AccountFiles::kBytes + messages_->bytes() : 0);
  if (folders_.tree) {
    account += folders_.tree->bytes() + shared_block<FolderCounts>() + heap_bytes(*folders_.counts) +
               shared_block<WrittenFolders>() + folders_.written->heap();
  }
  if (connected()) use[MemoryKind::kConnections] = ImapConnection::bytes_at_rest();
  if (connected() && !followed_.empty()) use[MemoryKind::kConnections] += IdleWatch::kEntryBytes;
  return use;
}

std::vector<Account::HeldIndex> Account::held_indexes() const {
  const std::lock_guard lock(mutex_);
  std::vector<HeldIndex> all;
  for (const auto& [folder, published] : indexes_) {
    all.push_back({folder, published.used.load(std::memory_order_relaxed),
                   published.memory[MemoryKind::kIndexes]});
  }
  return all;
}

// ---- letting go ----

void Account::drop_opened() {
  std::list<std::pair<OpenedKey, std::shared_ptr<const OpenedMessage>>> gone;
  const std::lock_guard lock(mutex_);
  gone.swap(opened_);
  opened_bytes_ = 0;
}

void Account::drop_orders() {
  for (auto& [address, folder] : work_) {
    const auto known = view(address, Looking::kNobody);
    if (!folder.writer || !known || !known->index ||
        known->index->memory()[MemoryKind::kOrders] == 0) {
      continue;
    }
    folder.writer->drop_orders();
    publish(FolderEntry(known->entry()), Saving::kNot);
  }
}

// On disk they stay until the next change has the folder's file written anew; what is remembered of
// that file would keep the old rows, and is let go of first.
void Account::drop_snippets() {
  for (auto& [address, folder] : work_) {
    const auto known = view(address, Looking::kNobody);
    if (!folder.writer || !known || !known->index) continue;
    leave_disk(address);
    folder.writer->drop_snippets();
    publish(FolderEntry(known->entry()), Saving::kNot);
  }
}

void Account::drop_index(const std::string& folder) {
  leave_disk(folder);
  forget_index(folder, "memory is short");
}

void Account::rest_messages() {
  if (const auto log = messages()) log->rest();
}

void Account::shrink() {
  drop_opened();
  searches_->clear();
  rest_messages();
  save_changes();
  {
    const std::lock_guard disk(disk_mutex_);
    disk_.clear();
  }
  selection_ = {};
  work_.clear();
  to_count_ = {};
  const std::lock_guard lock(mutex_);
  indexes_.clear();
  folders_ = {};
  looked_at_.clear();
}

bool Account::shrinkable() const {
  const std::lock_guard lock(mutex_);
  return folders_.tree && files_ && !connected();
}

bool Account::at_rest() const {
  if (in_use_ > 0) return false;
  for (const auto& [address, folder] : work_) {
    if (folder.building || folder.comparing) return false;
  }
  return true;
}

void Account::rest() {
  if (!at_rest()) return;
  second_.leave(shared_from_this());
  yield_connection();
  drop_opened();
  rest_messages();
}

}  // namespace alphamail
