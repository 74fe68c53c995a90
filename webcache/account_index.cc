// SPDX-License-Identifier: GPL-3.0-or-later
// How the index of a folder comes to be: the page that was asked for first, then the rest in
// windows from the newest down, then the snippets of what is shown.
//
//   sequence numbers:  1 ........ below | covered, without a gap ....... exists
//                         (later)        (in the index; deep pages may lie below as islands)
#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kWindow = 1000;  // messages a FETCH: 0.6 MB, a few tens of milliseconds

std::uint32_t u32(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

}  // namespace

// ---- selecting ----

// A server that counts backwards was restored from a backup: nothing is known of what it says now.
bool Account::counts_backwards(const Selected& selected, std::uint32_t uid_next, std::uint64_t modseq) {
  return (selected.uid_next != 0 && selected.uid_next < uid_next) ||
         (selected.highest_modseq != 0 && selected.highest_modseq < modseq);
}

Account::Folder& Account::folder_state(const FolderEntry& entry) {
  return work_[entry.address];
}

Result<Selected> Account::select(const FolderEntry& entry) {
  if (!entry.selectable) return Error{Code::kNotFound, "this folder only holds others", 0};
  KnownState known;
  if (Folder& before = folder_state(entry); before.writer && before.writer->now().complete()) {
    known = {before.writer->now().uid_validity(), before.modseq};
  } else {
    before.reselected = before.writer != nullptr;
  }
  selection_ = {};
  auto selected =
      on_server([&](ImapConnection& imap) { return imap.select(entry.imap_name, step(), known); });
  if (!selected) {
    // Silent about this folder alone: whoever has it locked may be at it for long.
    if (selected.error().code == Code::kTimeout && greets()) {
      selected = Error{Code::kInUse, "the server is silent about this folder", 30};
    }
    if (selected.error().code == Code::kInUse) note_trouble(entry.address, &selected.error());
    if (selected.error().code == Code::kNotFound) {
      forget_index(entry.address, "it is gone");
      forget_on_disk(entry.address);
      listed_at_ = 0;  // so that the next question about it reads the list first
    }
    return selected.error().while_doing("opening the folder");
  }
  note_trouble(entry.address, nullptr);
  Folder& folder = folder_state(entry);
  if (folder.writer && folder.writer->now().uid_validity() != selected->uid_validity) {
    forget_index(entry.address, "UIDVALIDITY changed");
    forget_on_disk(entry.address);
  } else if (std::exchange(folder.unseen, false) && counts_backwards(*selected, folder.uid_next, folder.modseq)) {
    forget_index(entry.address, "the server counts backwards");
    forget_on_disk(entry.address);
  }
  forget_opened(entry.address, selected->uid_validity);
  selection_ = {entry.address, *selected, false};
  return selected;
}

Result<void> Account::ensure_selected(const FolderEntry& entry) {
  if (!entry.selectable) return Error{Code::kNotFound, "this folder only holds others", 0};
  const auto imap = connection();
  if (!imap) return imap.error();
  if ((*imap)->selected() == entry.imap_name) return {};
  const auto selected = select(entry);
  if (!selected) return selected.error();
  return {};
}

void Account::forget_index(const std::string& folder, std::string_view why) {
  const auto found = work_.find(folder);
  if (found != work_.end() && found->second.writer) {
    services_.counters.add(Count::indexes_dropped);
    log(Severity::kInfo, 220,
        address() + ": the index of a folder is dropped: " + std::string(why));
  }
  if (found != work_.end()) work_.erase(found);
  const std::lock_guard lock(mutex_);
  indexes_.erase(folder);
}

// ---- publishing ----

void Account::publish(const FolderEntry& entry, Saving saving) {
  Folder& folder = work_[entry.address];
  // Also where it came from disk, or the user has chosen another folder for this role.
  folder.writer->set_shows_recipients(entry.role == wire::Role::Sent || entry.role == wire::Role::Drafts);
  // On disk goes what the server has confirmed, to the pages also what is under way.
  const auto index = folder.writer->publish();
  auto shown = with_acting(entry.address, folder, index);
  MemoryUse memory = shown->memory();
  memory[MemoryKind::kIndexes] += folder.writer->bytes();
  const std::lock_guard lock(mutex_);
  Published& published = indexes_[entry.address];
  published.index = std::move(shown);
  published.memory = memory;
  const bool save = saving == Saving::kSoon && files_ && index->complete() && index->uid_validity() != 0;
  if (save) {
    to_save_[entry.address] =
        IndexCodec::state_of(*folder.writer, index, folder.uid_next, folder.modseq);
    unsaved_.store(true, std::memory_order_relaxed);
  }
  if (published.used == 0) published.used = steady_seconds();
  if (folders_.tree) {
    if (const auto number = folders_.tree->find(entry.address))
      set_counts(*number, *published.index);
  }
}

// ---- building ----

Result<void> Account::begin_index(const FolderEntry& entry) {
  const auto selected = select(entry);
  if (!selected) return selected.error();
  const auto taken = take_from_disk(entry, *selected);
  if (!taken) return taken.error();
  if (*taken) return {};
  Folder& folder = folder_state(entry);
  folder.writer = std::make_unique<IndexWriter>(selected->uid_validity);
  folder.writer->set_exists(selected->exists);
  folder.writer->set_read_only(selected->read_only);
  folder.writer->set_checked(wall_seconds());
  folder.writer->set_complete(selected->exists == 0);
  folder.below = selected->exists;
  folder.uid_next = selected->uid_next;
  folder.modseq = selected->highest_modseq;
  folder.reselected = false;
  selection_.in_step = selected->exists == 0;
  return {};
}

// Fetches sequence numbers first..last into the index. @return their UIDs, newest first as the list
// shows them
Result<std::vector<Uid>> Account::fetch_window(const FolderEntry& entry, std::uint32_t first,
                                               std::uint32_t last) {
  Folder& folder = work_[entry.address];
  std::vector<NewRow> rows;
  rows.reserve(last - first + 1);
  const auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_rows(
        SeqNum{first}, SeqNum{last},
        [&](FetchedRow&& row) {
          rows.push_back(make_row(row));
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error().while_doing("reading the folder");
  std::vector<std::pair<std::int64_t, Uid>> listed;
  listed.reserve(rows.size());
  for (const NewRow& row : rows) listed.emplace_back(row.arrived, row.uid);
  std::sort(listed.begin(), listed.end(), std::greater<>());
  std::vector<Uid> uids;
  uids.reserve(rows.size());
  for (const auto& [arrived, uid] : listed) uids.push_back(uid);
  services_.counters.add(Count::rows_indexed, folder.writer->add(std::move(rows)));
  return uids;
}

Result<std::vector<Uid>> Account::read_page(const std::string& address, std::size_t page,
                                            std::size_t rows) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  if (!entry.selectable) return Error{Code::kNotFound, "this folder only holds others", 0};
  if (view->index && view->index->has_page(page, rows)) return std::vector<Uid>{};
  if (folder_state(entry).writer) {
    if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  }
  if (!folder_state(entry).writer) {  // never looked at, or made anew
    if (const auto begun = begin_index(entry); !begun) return begun.error();
  }
  if (folder_state(entry).newest_only) {
    publish(entry);
    if (folder_state(entry).writer->now().has_page(page, rows)) return std::vector<Uid>{};
    if (const auto loaded = load_rest(entry); !loaded) return loaded.error();
  }
  Folder& folder = folder_state(entry);
  const std::uint32_t exists = u32(folder.writer->now().total());
  if (exists == 0 || folder.writer->now().complete()) {
    publish(entry);
    return std::vector<Uid>{};
  }
  page = std::clamp<std::size_t>(page, 1, (exists + rows - 1) / rows);
  const std::uint32_t last = exists - u32((page - 1) * rows);
  const std::uint32_t first = exists > page * rows ? exists - u32(page * rows) + 1 : 1;
  const bool joins = last >= folder.below && folder.below - first < kWindow;
  auto uids = joins ? fetch_window(entry, first, folder.below) : fetch_window(entry, first, last);
  if (!uids) return uids;
  if (joins) {
    folder.below = first - 1;
    folder.writer->set_covered(exists - folder.below);
    if (folder.below == 0) {
      if (const auto done = build_step(address); !done) return done.error();
    }
    uids->clear();
  }
  if (work_[entry.address].writer) publish(entry);
  return uids;
}

Result<bool> Account::build_step(const std::string& address) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  {
    const Folder& folder = folder_state(entry);
    if (!folder.writer || folder.writer->now().complete()) return false;
  }
  if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  Folder& folder = folder_state(entry);
  if (!folder.writer) return false;  // UIDVALIDITY changed: whoever asks next begins anew
  if (folder.newest_only) {
    const auto loaded = load_rest(entry);
    if (!loaded) return loaded.error();
    const Folder& now = folder_state(entry);
    return now.writer && !now.writer->now().complete();
  }
  const std::uint32_t exists = u32(folder.writer->now().total());
  if (folder.below > 0) {
    const std::uint32_t first = folder.below > kWindow ? folder.below - kWindow + 1 : 1;
    const auto uids = fetch_window(entry, first, folder.below);
    if (!uids) return uids.error();
    folder.below = first - 1;
    folder.writer->set_covered(exists - folder.below);
  }
  if (folder.below == 0) {
    folder.writer->set_complete(true);
    if (const auto ended = end_build(entry); !ended) return ended.error();
    publish(entry);
    return false;
  }
  publish(entry);
  return true;
}

// ---- snippets ----

Result<void> Account::read_snippets(const std::string& address, std::span<const Uid> uids) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  Folder& folder = folder_state(entry);
  if (!folder.writer) return {};
  constexpr std::size_t kBeginning = 1024;  // bytes of a part that hold a snippet in any encoding
  std::vector<Uid> lacking;
  std::map<std::string, std::vector<Uid>> by_section;
  for (const Uid uid : uids) {
    const IndexRow* row = folder.writer->now().find(uid);
    if (!row || row->snippet != kNoText) continue;
    if (const TextPart* part = folder.writer->text_part(*row)) {
      lacking.push_back(uid);
      by_section[part->section].push_back(uid);
    }
    folder.writer->set_snippet(uid, "");  // asked once, whatever comes of it
  }
  const auto fetch = [&](const std::string& section, const std::vector<Uid>& wanted, const auto& take) {
    return on_server([&](ImapConnection& imap) {
      return imap.fetch_beginnings(wanted, section, kBeginning, take, step());
    });
  };
  Result<void> result;
  if (connection_.imap->capabilities().preview && !lacking.empty()) {
    std::set<Uid> made;
    result = fetch("", lacking, [&](ImapConnection::Snippet&& snippet) {
      made.insert(snippet.uid);
      folder.writer->set_snippet(snippet.uid, make_snippet(snippet.text));
    });
    services_.counters.add(Count::snippets_fetched, made.size());
    for (auto& [section, wanted] : by_section) {
      std::erase_if(wanted, [&](Uid uid) { return made.contains(uid); });
    }
  }
  for (const auto& [section, wanted] : by_section) {
    if (!result) break;
    if (wanted.empty()) continue;
    result = fetch(section, wanted, [&](ImapConnection::Snippet&& snippet) {
      const IndexRow* row = folder.writer->now().find(snippet.uid);
      const TextPart* part = row ? folder.writer->text_part(*row) : nullptr;
      if (!part) return;
      folder.writer->set_snippet(snippet.uid, make_snippet(snippet.text, *part));
      services_.counters.add(Count::snippets_fetched);
    });
  }
  publish(entry);
  return result;
}

}  // namespace alphamail
