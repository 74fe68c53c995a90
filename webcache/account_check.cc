// SPDX-License-Identifier: GPL-3.0-or-later
// How an index is compared with its folder: what is new, what changed its flags, what is gone. By
// the best that the server has:
//
//   QRESYNC   SELECT itself tells all three (RFC 7162); account_follow.cc takes it in
//   CONDSTORE the flags of what changed since, which names new UIDs as well
//   neither   UIDNEXT tells what is new, and the flags of the newest messages are compared; those of
//             the others behind, one window after the other
//
// The last two do not tell what is gone. Where the number of messages does not agree, the UIDs at
// a few hundred places of the folder are asked for, and only between those that do not agree, all.
//
// None of them would ever find a row that the server gave wrongly. Where it once talked nonsense, all
// that is known of the folder is looked through: UIDs, flags and sizes.
#include <algorithm>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

constexpr Uid kLastUid{0xFFFFFFFF};
constexpr std::size_t kNewest = 500;    // flags looked at first without CONDSTORE
constexpr std::size_t kWindow = 5000;   // flags a FETCH
constexpr std::size_t kAtOnce = 1000;   // rows a FETCH
constexpr std::uint32_t kPlaces = 400;  // of a folder that are compared to find out what is gone
constexpr std::uint32_t kApart = 100;   // and how many messages lie between two of them at least

// The flags of old messages are compared anew after so many seconds, where nothing tells of them.
constexpr std::int64_t kCompareEvery = 300;
// A server that talks nonsense of one message does so whenever that is asked for.
constexpr std::int64_t kLookThroughEvery = 10;

}  // namespace

Result<void> Account::check_folder(const std::string& address, bool all) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  services_.counters.add(Count::folders_checked);
  bool done = false;
  if (!all && !folder_state(entry).doubted && can_catch_up(entry) && connection_.imap->capabilities().condstore) {
    // What is selected tells by itself what changed.
    if (selection_.in_step) {
      const auto told = on_server([&](ImapConnection& imap) {
        return imap.idling() ? imap.listen() : imap.noop(step());
      });
      if (!told) return told;
    }
    const auto caught = catch_up(entry);
    if (!caught) return caught.error();
    done = *caught;
  }
  if (!done) {
    const auto selected = select(entry);
    if (!selected) return selected.error();
    if (folder_state(entry).newest_only) return load_rest(entry);
    if (!folder_state(entry).writer) return {};  // never looked at, or made anew: read_page() begins
    if (const auto compared = compare(entry, all); !compared) return compared;
    Folder& folder = folder_state(entry);
    folder.uid_next = selected->uid_next;
    folder.modseq = selected->highest_modseq;
  }
  Folder& folder = folder_state(entry);
  if (!folder.writer) return {};
  folder.writer->set_read_only(selection_.selected.read_only);
  folder.writer->set_checked(wall_seconds());
  publish(entry);
  const std::lock_guard lock(mutex_);
  if (const auto found = indexes_.find(address); found != indexes_.end()) {
    found->second.stale = false;
    found->second.check_claimed = 0;  // when it was done is in the index; a claim is for one under way
  }
  return {};
}

bool Account::out_of_step(const std::string& address) {
  const auto found = work_.find(address);
  const auto known = view(address);
  if (found == work_.end() || !found->second.writer || !known || !connection_.imap) return false;
  if (connection_.imap->dead() || connection_.imap->selected() != known->entry().imap_name)
    return false;
  const IndexWriter& writer = *found->second.writer;
  return writer.now().complete() && writer.known() != connection_.imap->exists();
}

// Behind a SELECT.
Result<void> Account::compare(const FolderEntry& entry, bool all) {
  Folder& folder = folder_state(entry);
  if (!folder.writer->now().complete()) return compare_building(entry);
  if (folder.doubted && steady_seconds() - folder.looked_through_at >= kLookThroughEvery) return look_through(entry);
  if (selection_.selected.caught_up) {
    const auto caught = catch_up(entry);
    if (!caught) return caught.error();
    if (*caught) return {};
  }
  connection_.imap->take_news();  // what follows sees it all
  selection_.selected.caught_up = false;
  const auto compared = folder.modseq != 0 && selection_.selected.highest_modseq != 0
                            ? compare_changed(entry)
                            : compare_plain(entry, all);
  selection_.in_step = compared && agrees(entry);
  return compared;
}

Result<void> Account::look_through(const FolderEntry& entry) {
  connection_.imap->take_news();
  selection_.selected.caught_up = false;
  folder_state(entry).looked_through_at = steady_seconds();
  const auto compared = compare_all(entry, Uid{1});
  if (compared) folder_state(entry).doubted = false;
  selection_.in_step = compared && agrees(entry);
  return compared;
}

// While the index is being built only what is new matters; its end compares the rest.
Result<void> Account::compare_building(const FolderEntry& entry) {
  if (const auto fetched = fetch_arrived(entry); !fetched) return fetched;
  Folder& folder = folder_state(entry);
  const std::uint32_t exists = connection_.imap->exists();
  folder.below = std::min(folder.below, exists);
  folder.writer->set_exists(exists);
  folder.writer->set_covered(exists - folder.below);
  return {};
}

// True where nothing is known to differ.
bool Account::agrees(const FolderEntry& entry) {
  const Folder& folder = folder_state(entry);
  const ImapConnection* imap = connection_.imap.get();
  return imap && !imap->dead() && folder.writer && folder.writer->now().complete() &&
         !imap->has_news() && folder.writer->known() == imap->exists();
}

Result<void> Account::fetch_arrived(const FolderEntry& entry) {
  if (connection_.imap->exists() == 0) return {};
  const auto highest = static_cast<std::uint32_t>(folder_state(entry).writer->now().highest_uid());
  if (highest == UINT32_MAX) return {};
  return fetch_new(entry, {Uid{highest + 1}, kLastUid});
}

Result<void> Account::compare_changed(const FolderEntry& entry) {
  Folder& folder = folder_state(entry);
  IndexWriter& writer = *folder.writer;
  const Selected& selected = selection_.selected;
  const bool same = selected.exists == writer.known() && selected.uid_next != 0 &&
                    selected.uid_next == folder.uid_next;
  if (same && selected.highest_modseq == folder.modseq) return {};
  std::vector<Uid> unknown;
  const auto note = [&](const FetchedFlags& now) {
    const IndexRow* row = writer.now().find(now.uid);
    if (!row) return unknown.push_back(now.uid);
    constexpr auto kOurs = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
    writer.set_flags(now.uid, static_cast<std::uint16_t>(now.flags | (row->flags & kOurs)),
                     now.keywords);
  };
  if (connection_.imap->exists() > 0) {
    const auto changed = on_server([&](ImapConnection& imap) {
      return imap.fetch_flags(Uid{1}, kLastUid, folder.modseq, note, step());
    });
    if (!changed) return changed;
  }
  if (const auto fetched = fetch_new(entry, std::move(unknown)); !fetched) return fetched;
  return writer.known() == connection_.imap->exists() ? Result<void>() : compare_places(entry);
}

Result<void> Account::compare_plain(const FolderEntry& entry, bool all) {
  if (all) return compare_all(entry, Uid{1});
  Folder& folder = folder_state(entry);
  IndexWriter& writer = *folder.writer;
  const Selected& selected = selection_.selected;
  const bool same = selected.exists == writer.known() && selected.uid_next != 0 &&
                    selected.uid_next == folder.uid_next;
  if (!same) {
    if (selected.uid_next == 0 || selected.uid_next != folder.uid_next) {
      if (const auto fetched = fetch_arrived(entry); !fetched) return fetched;
    }
    if (writer.known() != connection_.imap->exists()) {
      if (const auto compared = compare_places(entry); !compared) return compared;
    }
  }
  const std::vector<Uid> uids = writer.now().uids();
  const Uid from = uids.size() > kNewest ? uids[uids.size() - kNewest] : Uid{1};
  if (const auto compared = compare_range(entry, from, kLastUid); !compared) return compared;
  if (uids.size() > kNewest && steady_seconds() - folder.compared_at >= kCompareEvery) {
    folder.compared = kNewest;
    folder.compared_at = steady_seconds();
  }
  return writer.known() == connection_.imap->exists() ? Result<void>()
                                                      : compare_all(entry, Uid{1});
}

bool Account::claim_compare(const std::string& address) {
  const auto found = work_.find(address);
  if (found == work_.end() || found->second.compared == 0 || found->second.comparing) return false;
  found->second.comparing = true;
  return true;
}

void Account::compare_ended(const std::string& address) {
  if (const auto found = work_.find(address); found != work_.end())
    found->second.comparing = false;
}

Result<bool> Account::compare_step(const std::string& address) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  Folder& folder = folder_state(entry);
  if (!folder.writer || folder.compared == 0 || selection_.address != address) return false;
  const std::vector<Uid> uids = folder.writer->now().uids();
  if (folder.compared >= uids.size()) {
    folder.compared = 0;
    return false;
  }
  const std::size_t end = uids.size() - folder.compared;
  const std::size_t begin = end > kWindow ? end - kWindow : 0;
  const Uid first = begin == 0 ? Uid{1} : uids[begin];
  if (const auto compared = compare_range(entry, first, uids[end - 1]); !compared)
    return compared.error();
  folder.compared = begin == 0 ? 0 : folder.compared + (end - begin);
  publish(entry);
  return begin > 0;
}

// Something is gone, and nobody said what. Sequence numbers count the messages below: at each
// place the two sides must have the same number of messages, or differ by what is gone before it.
Result<void> Account::compare_places(const FolderEntry& entry) {
  const std::uint32_t exists = connection_.imap->exists();
  const std::vector<Uid> known = folder_state(entry).writer->now().uids();
  if (exists == 0 || known.size() <= kApart) return compare_all(entry, Uid{1});
  std::vector<SeqNum> places;
  const std::uint32_t apart = std::max(kApart, exists / kPlaces);
  for (std::uint32_t seq = apart; seq < exists; seq += apart) places.push_back(SeqNum{seq});
  places.push_back(SeqNum{exists});
  std::map<SeqNum, Uid> told;
  const auto asked = on_server([&](ImapConnection& imap) {
    return imap.fetch_uids(places, [&](SeqNum seq, Uid uid) { told[seq] = uid; }, step());
  });
  if (!asked) return asked;
  std::size_t at = 0;  // known ones up to the place before
  std::uint32_t before = 0;
  for (const SeqNum place : places) {
    const auto found = told.find(place);
    const auto end = found == told.end()
                         ? known.begin() + static_cast<std::ptrdiff_t>(at)
                         : std::upper_bound(known.begin(), known.end(), found->second);
    const auto up_to = static_cast<std::size_t>(end - known.begin());
    // Nonsense, or so much has changed that this is no way to find it.
    if (up_to <= at || *(end - 1) != found->second) return compare_all(entry, Uid{1});
    const auto seq = static_cast<std::uint32_t>(place);
    if (up_to - at != seq - before) {
      const Uid first = at == 0 ? Uid{1} : Uid{static_cast<std::uint32_t>(known[at - 1]) + 1};
      if (const auto compared = compare_range(entry, first, found->second); !compared)
        return compared;
    }
    at = up_to;
    before = seq;
  }
  if (at < known.size()) {
    if (const auto compared = compare_range(entry, known[at], kLastUid); !compared) return compared;
  }
  const bool agree = folder_state(entry).writer->known() == connection_.imap->exists();
  return agree ? Result<void>() : compare_all(entry, Uid{1});
}

// The flags of all messages first..last: what is not among them is gone.
Result<void> Account::compare_range(const FolderEntry& entry, Uid first, Uid last) {
  IndexWriter& writer = *folder_state(entry).writer;
  using With = ImapConnection::With;
  const With with = folder_state(entry).doubted ? With::kSize : With::kFlagsAlone;
  std::vector<Uid> there, wrong;
  const auto note = [&](const FetchedFlags& now) {
    there.push_back(now.uid);
    const IndexRow* row = writer.now().find(now.uid);
    if (row && with == With::kSize && now.size != 0 && row->size != row_bytes(now.size)) wrong.push_back(now.uid);
    constexpr auto kOurs = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
    if (!row) return;
    writer.set_flags(now.uid, static_cast<std::uint16_t>(now.flags | (row->flags & kOurs)),
                     now.keywords);
  };
  if (connection_.imap->exists() > 0) {
    const auto fetched = on_server(
        [&](ImapConnection& imap) { return imap.fetch_flags(first, last, 0, note, step(), with); });
    if (!fetched) return fetched;
  }
  writer.remove(wrong);  // fetched anew below
  std::sort(there.begin(), there.end());
  std::vector<Uid> known = writer.now().uids();
  known.erase(std::upper_bound(known.begin(), known.end(), last), known.end());
  known.erase(known.begin(), std::lower_bound(known.begin(), known.end(), first));
  std::vector<Uid> gone, unknown;
  std::set_difference(known.begin(), known.end(), there.begin(), there.end(),
                      std::back_inserter(gone));
  std::set_difference(there.begin(), there.end(), known.begin(), known.end(),
                      std::back_inserter(unknown));
  writer.remove(gone);
  gone.insert(gone.end(), wrong.begin(), wrong.end());
  forget_messages(entry.address, gone);
  return fetch_new(entry, std::move(unknown));
}

// All from a UID on, so many at a time that no answer is long.
Result<void> Account::compare_all(const FolderEntry& entry, Uid from) {
  std::vector<Uid> known = folder_state(entry).writer->now().uids();
  known.erase(known.begin(), std::lower_bound(known.begin(), known.end(), from));
  for (std::size_t begin = 0;; begin += kWindow) {
    const bool last = begin + kWindow >= known.size();
    const Uid first = begin == 0 ? from : known[begin];
    const Uid end = last ? kLastUid : Uid{static_cast<std::uint32_t>(known[begin + kWindow]) - 1};
    if (const auto compared = compare_range(entry, first, end); !compared || last) return compared;
  }
}

// The index is complete, if nothing happened while it was built.
Result<void> Account::end_build(const FolderEntry& entry) {
  Folder& folder = folder_state(entry);
  const News news = connection_.imap->take_news();
  selection_.in_step = false;
  const bool told = !folder.reselected && absorb(entry, news);
  if (told && connection_.imap->exists() > folder.writer->known()) {
    if (const auto fetched = fetch_arrived(entry); !fetched) return fetched;
  }
  if (!told || connection_.imap->exists() != folder.writer->known()) {
    // What CONDSTORE tells is what changed since the first window.
    selection_.selected.exists = 0;
    const auto compared = folder.modseq != 0 ? compare_changed(entry) : compare_all(entry, Uid{1});
    if (!compared) return compared;
  }
  folder.reselected = false;
  selection_.in_step = agrees(entry);
  return {};
}

// Fetches rows of UIDs that are not known, in ranges that hold no known one in between.
Result<void> Account::fetch_new(const FolderEntry& entry, std::vector<Uid> unknown) {
  Folder& folder = folder_state(entry);
  IndexWriter& writer = *folder.writer;
  std::sort(unknown.begin(), unknown.end());
  std::vector<NewRow> rows;
  for (std::size_t from = 0; from < unknown.size();) {
    std::size_t to = from + 1;
    while (to < unknown.size() && to - from < kAtOnce &&
           !writer.knows_between(unknown[to - 1], unknown[to])) {
      ++to;
    }
    const auto fetched = on_server([&](ImapConnection& imap) {
      return imap.fetch_rows(
          unknown[from], unknown[to - 1],
          [&](FetchedRow&& row) {
            rows.push_back(make_row(row));
            return true;
          },
          step());
    });
    if (!fetched) return fetched;
    from = to;
  }
  services_.counters.add(Count::rows_indexed, writer.add(std::move(rows)));
  return {};
}

}  // namespace alphamail
