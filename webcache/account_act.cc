// SPDX-License-Identifier: GPL-3.0-or-later
// What a user does to messages, done at the server and in the index. In this order, so that nothing
// happens to a message that was not meant and nothing is shown that did not happen:
//
//   1  UIDVALIDITY is that of the page; the server names Message-ID, date and size of each UID, and
//      those that are not the page's are left alone
//   2  the index shows it as done
//   3  the server does it, some hundred messages a command
//   4  the index shows what the server has confirmed: the rest is taken back
#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/keyword.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);
constexpr Uid kLastUid{0xFFFFFFFF};

// A flag, or where `label` names one a keyword, that is set or taken away.
struct FlagChange {
  wire::Flag flag;
  bool set;
  std::string_view label = {};

  std::uint16_t bit() const { return static_cast<std::uint16_t>(flag); }
  bool is_done(std::uint16_t flags, const Keywords& keywords) const {
    const bool has = label.empty() ? (flags & bit()) != 0
                                   : std::any_of(keywords.begin(), keywords.end(), [this](const auto& one) {
                                       return same_keyword(one, label);
                                     });
    return has == set;
  }
  void make(IndexWriter& writer, Uid uid) const {
    if (!label.empty()) {
      writer.change_label(uid, label, set);
    } else {
      writer.change_flags(uid, set ? bit() : std::uint16_t{0}, set ? std::uint16_t{0} : bit());
    }
  }
};

std::optional<FlagChange> flag_change(const Act& act) {
  switch (act.action) {
    case Action::Label: return FlagChange{{}, true, act.label};
    case Action::Unlabel: return FlagChange{{}, false, act.label};
    case Action::Read: return FlagChange{wire::Flag::Seen, true};
    case Action::Unread: return FlagChange{wire::Flag::Seen, false};
    case Action::Star: return FlagChange{wire::Flag::Flagged, true};
    case Action::Unstar: return FlagChange{wire::Flag::Flagged, false};
    default: return std::nullopt;
  }
}

Action opposite(Action action) {
  switch (action) {
    case Action::Read: return Action::Unread;
    case Action::Unread: return Action::Read;
    case Action::Star: return Action::Unstar;
    case Action::Label: return Action::Unlabel;
    case Action::Unlabel: return Action::Label;
    default: return Action::Star;
  }
}

std::uint32_t u32(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

template <typename Meant>
std::vector<Uid> uids_of(const std::vector<Meant>& meant) {
  std::vector<Uid> uids;
  for (const Meant& m : meant) uids.push_back(Uid{m.marked.uid()});
  return uids;
}

}  // namespace

// ---- 1: which messages ----

// What of the messages is there and is what the page showed, with its flags now.
Result<std::vector<Account::Meant>> Account::find_meant(const Act& act, Acted& acted) {
  std::unordered_map<std::uint32_t, std::uint32_t> wanted;  // identities by UID
  std::vector<Uid> uids;
  for (const Marked& marked : act.messages) {
    if (wanted.emplace(marked.uid(), marked.identity()).second) uids.push_back(Uid{marked.uid()});
  }
  std::sort(uids.begin(), uids.end());
  // Cyrus (3.6) names no message at all of a set that holds a UID which nobody can have.
  std::span<const Uid> possible(uids);
  if (const std::uint32_t next = selection_.selected.uid_next; next != 0) {
    const auto end = std::lower_bound(uids.begin(), uids.end(), Uid{next});
    possible = possible.first(static_cast<std::size_t>(end - uids.begin()));
  }
  std::unordered_map<std::uint32_t, Meant> there;
  const auto fetched = on_server([&](ImapConnection& imap) {
    if (possible.empty()) return Result<void>();
    return imap.fetch_identities(
        possible,
        [&](FetchedRow&& row) {
          const auto uid = static_cast<std::uint32_t>(row.uid);
          there[uid] = {Marked(uid, identity_of(row)), row.flags, std::move(row.keywords)};
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error();
  std::vector<Meant> meant;
  for (const Uid uid : uids) {
    const auto found = there.find(static_cast<std::uint32_t>(uid));
    if (found == there.end()) {
      ++acted.gone;
    } else if (found->second.marked.identity() != wanted[static_cast<std::uint32_t>(uid)]) {
      ++acted.others;
    } else {
      meant.push_back(found->second);
    }
  }
  return meant;
}

// ---- where they go ----

Result<std::optional<FolderView>> Account::target_of(const Act& act) {
  if (!is_transfer(act.action)) return std::optional<FolderView>{};
  const auto target = act.action == Action::Delete ? find_role(wire::Role::Trash, "Trash") : find_folder(act.target);
  if (!target) return target.error();
  if (!target->entry().selectable)
    return Error{Code::kNotFound, "this folder only holds others", 0};
  return std::optional<FolderView>{*target};
}

// ---- 2 and 4: what the index shows ----

// Pages show it as done; the writer stays as the server's folder is.
void Account::show_acted(const FolderEntry& entry, const Act& act, std::span<const Meant> meant) {
  Folder& folder = folder_state(entry);
  if (!folder.writer || act.action == Action::Copy) return;
  folder.writer->publish();  // what it has of its own is shared from here on
  IndexWriter before(*folder.writer);
  const auto change = flag_change(act);
  std::vector<Uid> uids;
  for (const Meant& m : meant) {
    uids.push_back(Uid{m.marked.uid()});
    if (change) change->make(*folder.writer, uids.back());
  }
  if (!change) folder.writer->remove(uids);
  publish(entry, Saving::kNot);
  *folder.writer = std::move(before);
}

// Takes over what the server has confirmed of a flag.
void Account::keep_flags(const FolderEntry& entry, const Act& act, std::span<const Uid> done) {
  Folder& folder = folder_state(entry);
  const auto change = flag_change(act);
  if (!folder.writer || !change) return;
  for (const Uid uid : done) change->make(*folder.writer, uid);
}

// Takes over that these are gone, and whatever else the server has told meanwhile.
void Account::keep_removal(const FolderEntry& entry, std::span<const Uid> done) {
  Folder& folder = folder_state(entry);
  if (!folder.writer) return;
  IndexWriter& writer = *folder.writer;
  const bool complete = writer.now().complete();
  const bool exact = complete && selection_.in_step && connection_.imap &&
                     absorb(entry, connection_.imap->take_news());
  if (!complete) {
    // What lies below is counted by sequence numbers, which have moved.
    const std::vector<Uid> known = writer.now().uids();
    const std::size_t covered = std::min(writer.now().covered(), known.size());
    const Uid lowest = covered > 0 ? known[known.size() - covered] : kLastUid;
    const auto below = u32(static_cast<std::size_t>(
        std::count_if(done.begin(), done.end(), [&](Uid uid) { return uid < lowest; })));
    const auto total = u32(writer.now().total());
    const std::uint32_t exists = total > u32(done.size()) ? total - u32(done.size()) : 0;
    folder.below = std::min(folder.below > below ? folder.below - below : 0, exists);
    writer.remove(done);
    writer.set_exists(exists);
    writer.set_covered(exists - folder.below);
  } else {
    writer.remove(done);
  }
  for (const Uid uid : done) forget_message(entry.address, uid);
  selection_.in_step = exact && agrees(entry);
}

// The folder that they went to is not as it was read: its next page asks the server first.
void Account::note_arrival(const std::string& address, std::uint32_t messages,
                           std::uint32_t unread) {
  const std::lock_guard lock(mutex_);
  if (const auto index = indexes_.find(address); index != indexes_.end())
    index->second.stale = true;
  const auto number = folders_.tree ? folders_.tree->find(address) : std::nullopt;
  if (!number || !(*folders_.counts)[*number].counted) return;
  auto counts = std::make_shared<FolderCounts>(*folders_.counts);
  (*counts)[*number].total += messages;
  (*counts)[*number].unread += unread;
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
}

// ---- 3: at the server ----

// @return as the server has confirmed
Result<Copied> Account::transfer(std::span<const Uid> uids, Action action,
                                 const std::string& mailbox) {
  return on_server([&](ImapConnection& imap) -> Result<Copied> {
    if (action == Action::Copy) return imap.copy(uids, mailbox, step());
    if (imap.capabilities().move) return imap.move(uids, mailbox, step());
    auto copied = imap.copy(uids, mailbox, step());
    if (!copied) return copied;
    if (auto gone = imap.expunge(uids, step()); !gone)
      return gone.error().while_doing("copied there, but not removed here");
    return copied;
  });
}

// The server's UIDNEXT, so that what goes there can be found again where no COPYUID tells.
Result<ListedFolder> Account::place_of(const FolderEntry& target) {
  ListedFolder folder;
  folder.name = target.imap_name;
  const auto told =
      on_server([&](ImapConnection& imap) { return imap.status(folder, step()); });
  if (!told) return told.error().while_doing("looking at the folder they go to");
  return folder;
}

void Account::act_on_flags(const FolderEntry& entry, const Act& act, std::span<const Meant> meant,
                           Acted& acted) {
  const FlagChange change = *flag_change(act);
  Act back{act.folder, act.uid_validity, opposite(act.action), {}, {}, act.label};
  while (!meant.empty()) {
    const auto some = meant.first(std::min(meant.size(), ImapConnection::kChanged));
    meant = meant.subspan(some.size());
    std::vector<Uid> uids;
    for (const Meant& m : some) {
      if (!change.is_done(m.flags, m.keywords)) uids.push_back(Uid{m.marked.uid()});
    }
    const auto stored = uids.empty() ? Result<void>() : on_server([&](ImapConnection& imap) {
      return change.label.empty() ? imap.store(uids, change.flag, change.set, step())
                                  : imap.store_keyword(uids, change.label, change.set, step());
    });
    if (!stored) {
      acted.failed += u32(some.size() + meant.size());
      acted.error = stored.error();
      break;
    }
    keep_flags(entry, act, uids);
    for (const Meant& m : some) {
      if (!change.is_done(m.flags, m.keywords)) back.messages.push_back(m.marked);
    }
    acted.done += u32(some.size());
  }
  if (!back.messages.empty()) acted.back = std::move(back);
}

void Account::act_on_places(const FolderEntry& entry, const FolderEntry& target, const Act& act,
                            std::span<const Meant> meant, Acted& acted) {
  acted.target = target.address;
  Act back{target.address, 0, act.action == Action::Copy ? Action::Purge : Action::Move,
           act.folder, {}, {}};
  const auto place = connection_.imap->capabilities().uidplus ? Result<ListedFolder>(ListedFolder{})
                                                              : place_of(target);
  if (!place) {
    acted.failed += u32(meant.size());
    acted.error = place.error();
    return;
  }
  if (place->uid_next != 0) {
    back.uid_validity = place->uid_validity;
    acted.back_from = place->uid_next;
  }
  // Where others removed some of them at this very moment, and the server did nothing: once more, with
  // those that are left.
  const auto transfer_left = [&](std::vector<Meant>& some) -> Result<Copied> {
    auto moved = transfer(uids_of(some), act.action, target.imap_name);
    if (moved || moved.error().code != Code::kChanged) return moved;
    Act again{act.folder, act.uid_validity, act.action, act.target, {}, {}};
    for (const Meant& m : some) again.messages.push_back(m.marked);
    auto left = find_meant(again, acted);
    if (!left) return left.error();
    some = std::move(*left);
    return some.empty() ? Result<Copied>(Copied{})
                        : transfer(uids_of(some), act.action, target.imap_name);
  };
  std::uint32_t arrived = 0, unread = 0;
  while (!meant.empty()) {
    const auto first = meant.first(std::min(meant.size(), ImapConnection::kChanged));
    meant = meant.subspan(first.size());
    std::vector<Meant> some(first.begin(), first.end());
    const auto moved = transfer_left(some);
    const std::vector<Uid> uids = uids_of(some);
    if (!moved) {
      acted.failed += u32(some.size() + meant.size());
      acted.error = moved.error();
      note_arrival(target.address, 0, 0);  // some of them may be there
      break;
    }
    if (act.action != Action::Copy) keep_removal(entry, uids);
    const std::size_t went = moved->from.empty() ? some.size() : moved->from.size();
    std::unordered_map<std::uint32_t, std::uint32_t> now;  // UIDs there, by those here
    for (std::size_t i = 0; i < moved->from.size(); ++i) {
      now[static_cast<std::uint32_t>(moved->from[i])] = static_cast<std::uint32_t>(moved->to[i]);
    }
    if (moved->uid_validity != 0) back.uid_validity = moved->uid_validity;
    for (const Meant& m : some) {
      const auto uid = now.find(m.marked.uid());
      if (uid == now.end() && (acted.back_from == 0 || !now.empty())) continue;
      back.messages.emplace_back(uid == now.end() ? 0 : uid->second, m.marked.identity());
    }
    acted.done += u32(std::min(went, some.size()));
    acted.gone += u32(some.size() - std::min(went, some.size()));
    arrived += u32(std::min(went, some.size()));
    unread += u32(static_cast<std::size_t>(std::count_if(
        some.begin(), some.end(), [](const Meant& m) { return (m.flags & kSeen) == 0; })));
  }
  if (arrived > 0) note_arrival(target.address, arrived, unread);
  if (back.uid_validity != 0 && !back.messages.empty()) acted.back = std::move(back);
}

void Account::act_for_good(const FolderEntry& entry, std::span<const Meant> meant, Acted& acted) {
  while (!meant.empty()) {
    const auto some = meant.first(std::min(meant.size(), ImapConnection::kChanged));
    meant = meant.subspan(some.size());
    std::vector<Uid> uids;
    for (const Meant& m : some) uids.push_back(Uid{m.marked.uid()});
    const auto gone = on_server([&](ImapConnection& imap) { return imap.expunge(uids, step()); });
    if (!gone) {
      acted.failed += u32(some.size() + meant.size());
      acted.error = gone.error();
      return;
    }
    keep_removal(entry, uids);
    acted.done += u32(some.size());
  }
}

Result<Acted> Account::act(const Act& act) {
  Acted acted;
  const auto view = find_folder(act.folder);
  if (!view) return view.error();
  const FolderEntry entry = view->entry();
  const auto target = target_of(act);
  if (!target) return target.error();
  if (*target && (*target)->entry().address == entry.address) {
    acted.asks = act.action == Action::Delete;
    if (acted.asks) return acted;
    return Error{Code::kInvalid, "they are in this folder already", 0};
  }
  // Anew, though it may be selected: a folder that was made anew under its name may have its UIDs, and
  // servers act on whatever lies there (seen of Dovecot's sdbox).
  const auto selected = select(entry);
  if (!selected) return selected.error();
  if (selected->uid_validity != act.uid_validity)
    return Error{Code::kChanged, "the folder was made anew meanwhile", 0};
  if (selected->caught_up && can_catch_up(entry)) {
    if (const auto caught = catch_up(entry); !caught) return caught.error();
  }
  if (selected->read_only && act.action != Action::Copy)
    return Error{Code::kForbidden, "this folder can only be read", 0};
  if (act.action == Action::Label && !is_kept(selected->permanent, act.label))
    return Error{Code::kForbidden, "the mail server keeps no such label in this folder", 0};
  if (folder_state(entry).newest_only) {
    if (const auto loaded = load_rest(entry); !loaded) return loaded.error();
  }
  const auto meant = find_meant(act, acted);
  if (!meant) return meant.error();
  if (meant->empty()) {
    if (acted.gone > 0) mark_stale(entry.address);
    return acted;
  }
  if (!flag_change(act) && !*target && act.action != Action::Purge)
    return Error{Code::kInvalid, "no such action", 0};
  show_acted(entry, act, *meant);
  if (flag_change(act)) {
    act_on_flags(entry, act, *meant, acted);
  } else if (*target) {
    act_on_places(entry, (*target)->entry(), act, *meant, acted);
  } else {
    act_for_good(entry, *meant, acted);
  }
  if (folder_state(entry).writer) publish(entry);
  if (acted.failed > 0 || acted.gone > 0) mark_stale(entry.address);
  return acted;
}

void Account::mark_stale(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (const auto found = indexes_.find(address); found != indexes_.end())
    found->second.stale = true;
}

// ---- taking back ----

// Where no COPYUID told: what arrived there since and is known again by what it is.
Result<void> Account::find_moved(Act& back, std::uint32_t from) {
  const auto view = find_folder(back.folder);
  if (!view) return view.error();
  if (const auto selected = ensure_selected(view->entry()); !selected) return selected;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> there;  // UIDs by identity
  const auto fetched = on_server([&](ImapConnection& imap) {
    if (imap.exists() == 0) return Result<void>();
    return imap.fetch_rows(
        Uid{from}, kLastUid,
        [&](FetchedRow&& row) {
          there[identity_of(row)].push_back(static_cast<std::uint32_t>(row.uid));
          return true;
        },
        step());
  });
  if (!fetched) return fetched;
  for (Marked& marked : back.messages) {
    if (marked.uid() != 0) continue;
    auto& uids = there[marked.identity()];
    // One that is not there any more is named by a UID that no message has.
    marked = Marked(uids.empty() ? 0xFFFFFFFF : uids.back(), marked.identity());
    if (!uids.empty()) uids.pop_back();
  }
  return {};
}

Result<Acted> Account::take_back(const std::vector<Acted>& steps) {
  Acted sum;
  for (const Acted& taken : steps) {
    if (!taken.back) continue;
    Act back = *taken.back;
    const auto named = std::any_of(back.messages.begin(), back.messages.end(),
                                   [](const Marked& m) { return m.uid() == 0; })
                           ? find_moved(back, taken.back_from)
                           : Result<void>();
    const auto acted = named ? act(back) : Result<Acted>(named.error());
    if (!acted && acted.error().code == Code::kNeedCredentials && &taken == &steps.front())
      return acted.error();  // whoever asked brings the password and asks again
    if (!acted) {
      sum.failed += u32(back.messages.size());
      sum.error = acted.error();
      continue;
    }
    sum.done += acted->done;
    sum.gone += acted->gone;
    sum.others += acted->others;
    sum.failed += acted->failed;
    if (acted->error) sum.error = acted->error;
  }
  return sum;
}

}  // namespace alphamail
