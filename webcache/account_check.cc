// SPDX-License-Identifier: GPL-3.0-or-later
// How an index follows its folder: what is new, what changed its flags, what is gone.
//
// SELECT tells how many messages there are, the next UID and (CONDSTORE, RFC 7162) the highest
// modification sequence. Where all three are as known there is nothing to do. Else the flags of
// what changed are fetched, which names new UIDs as well; and where the number of messages does not
// agree afterwards, the UIDs of all, which tells what is gone. Plain RFC 3501 servers give no
// modification sequence: there a background check takes the flags of the newest messages only.
#include <algorithm>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

constexpr Uid kLastUid{0xFFFFFFFF};    // "*"
constexpr std::size_t kNewest = 500;   // flags looked at by a background check without CONDSTORE
constexpr std::size_t kAtOnce = 1000;  // rows a FETCH

}  // namespace

Result<void> Account::check_folder(const std::string& address, bool all) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  const auto selected = select(entry);
  if (!selected) return selected.error();
  services_.counters.add(Count::folders_checked);
  Folder& folder = folder_state(entry);
  if (folder.newest_only) return load_rest(entry);
  if (!folder.writer) return {};  // never looked at, or made anew: read_page() begins
  folder.writer->set_read_only(selected->read_only);
  if (const auto compared = compare(entry, *selected, all); !compared) return compared;
  folder.writer->set_checked(wall_seconds());
  folder.uid_next = selected->uid_next;
  folder.modseq = selected->highest_modseq;
  publish(entry);
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

Result<void> Account::compare(const FolderEntry& entry, const Selected& selected, bool all) {
  Folder& folder = folder_state(entry);
  IndexWriter& writer = *folder.writer;
  if (!writer.now().complete()) {
    // While the index is being built only what is new matters; its end compares the rest.
    const Uid highest = writer.now().highest_uid();
    const auto fetched = fetch_new(entry, {Uid{static_cast<std::uint32_t>(highest) + 1}, kLastUid});
    if (!fetched) return fetched;
    folder.below = std::min(folder.below, selected.exists);
    writer.set_exists(selected.exists);
    writer.set_covered(selected.exists - folder.below);
    return {};
  }
  const bool same_number = selected.exists == writer.known();
  const bool nothing_new =
      same_number && selected.uid_next != 0 && selected.uid_next == folder.uid_next;
  if (folder.modseq != 0 && selected.highest_modseq != 0) {
    if (nothing_new && selected.highest_modseq == folder.modseq) return {};
    std::vector<Uid> unknown;
    const auto note = [&](const FetchedFlags& now) {
      const IndexRow* row = writer.now().find(now.uid);
      if (!row) return unknown.push_back(now.uid);
      constexpr auto kOurs = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
      writer.set_flags(now.uid, static_cast<std::uint16_t>(now.flags | (row->flags & kOurs)));
    };
    const auto changed = on_server([&](ImapConnection& imap) {
      return imap.fetch_flags(Uid{1}, kLastUid, folder.modseq, note, step());
    });
    if (!changed) return changed;
    if (const auto fetched = fetch_new(entry, std::move(unknown)); !fetched) return fetched;
    if (writer.known() == connection_.imap->exists()) return {};
    return compare_all(entry, Uid{1});
  }
  if (all || !same_number) return compare_all(entry, Uid{1});
  const std::vector<Uid> uids = writer.now().uids();
  const Uid from = uids.size() > kNewest ? uids[uids.size() - kNewest] : Uid{1};
  if (const auto compared = compare_all(entry, from); !compared) return compared;
  if (writer.known() == connection_.imap->exists()) return {};
  return compare_all(entry, Uid{1});
}

// The flags of all messages from a UID on: what is not among them is gone.
Result<void> Account::compare_all(const FolderEntry& entry, Uid from) {
  Folder& folder = folder_state(entry);
  IndexWriter& writer = *folder.writer;
  std::vector<Uid> there;
  const auto note = [&](const FetchedFlags& now) {
    there.push_back(now.uid);
    const IndexRow* row = writer.now().find(now.uid);
    constexpr auto kOurs = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
    if (row)
      writer.set_flags(now.uid, static_cast<std::uint16_t>(now.flags | (row->flags & kOurs)));
  };
  if (connection_.imap->exists() > 0) {
    const auto fetched = on_server(
        [&](ImapConnection& imap) { return imap.fetch_flags(from, kLastUid, 0, note, step()); });
    if (!fetched) return fetched;
  }
  std::sort(there.begin(), there.end());
  std::vector<Uid> known = writer.now().uids();
  known.erase(known.begin(), std::lower_bound(known.begin(), known.end(), from));
  std::vector<Uid> gone, unknown;
  std::set_difference(known.begin(), known.end(), there.begin(), there.end(),
                      std::back_inserter(gone));
  std::set_difference(there.begin(), there.end(), known.begin(), known.end(),
                      std::back_inserter(unknown));
  // "n:*" names the last message also where its UID is below n.
  std::erase_if(unknown, [&](Uid uid) { return uid < from; });
  writer.remove(gone);
  for (const Uid uid : gone) forget_message(entry.address, uid);
  return fetch_new(entry, std::move(unknown));
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
