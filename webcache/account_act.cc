// SPDX-License-Identifier: GPL-3.0-or-later
// What a user does to messages, done at the server and in the index. In this order, so that nothing
// happens to a message that was not meant and nothing is shown that did not happen:
//
//   1  UIDVALIDITY is that of the page, and the messages are those that it showed (account_meant.cc)
//   2  the index shows it as done
//   3  the server does it: one command a step, and between two steps whoever asks something else is served
//   4  the index shows what the server has confirmed: the rest is taken back
//
// A flag is one command where the set of UIDs can be written in one, as that of a whole folder always can. How
// many messages one command moves is found out on the way: what a server does in about a second.
#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/act_steps.h"
#include "webcache/keyword.h"

namespace alphamail {
namespace {

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);
constexpr Uid kLastUid{0xFFFFFFFF};

constexpr std::size_t kFirstMoved = 1000;  // messages of the first command that moves or removes
constexpr std::size_t kLeastMoved = 250, kMostMoved = 10000;
constexpr Millis kCommandTakes{1000};

// What a command may take longer for each of its messages.
constexpr Millis kAMessage{2};

// So many single messages are taken back, and no more.
constexpr std::size_t kMostMarked = ActionLog::kMostBack;

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

Error made_anew() { return {Code::kChanged, "the folder was made anew meanwhile", 0}; }

template <typename Meant>
std::vector<Uid> uids_of(const Meant& meant) {
  std::vector<Uid> uids;
  uids.reserve(meant.size());
  for (const auto& m : meant) uids.push_back(Uid{m.marked.uid()});
  return uids;
}

template <class Meant>
std::uint32_t unread_of(const Meant& meant) {
  return u32(static_cast<std::size_t>(
      std::count_if(meant.begin(), meant.end(), [](const auto& m) { return (m.flags & kSeen) == 0; })));
}

}  // namespace

// ---- where they go ----

// A folder by its address, made where there is none.
Result<FolderView> Account::find_or_make(const std::string& address) {
  auto known = find_folder(address);
  if (known || known.error().code != Code::kNotFound) return known;
  const auto name = imap_name_of(address, {server_.prefix, server_.separator, false});
  if (!name) return known;
  const auto made =
      on_server([&](ImapConnection& imap) { return imap.create(*name, wire::Role::None, step()); });
  if (!made) return made.error().while_doing("making the folder");
  if (const auto read = read_folders(true); !read) return read.error();
  if (auto now = view(address)) return *now;
  return known;
}

Result<std::optional<FolderView>> Account::target_of(const Act& act) {
  if (!is_transfer(act.action)) return std::optional<FolderView>{};
  const auto found = [&]() -> Result<FolderView> {
    switch (act.action) {
      case Action::Delete: return find_role(wire::Role::Trash, "Trash");
      case Action::Junk: return find_role(wire::Role::Junk, "Junk");
      case Action::NotJunk: return find_folder("INBOX");
      case Action::Archive:
        return act.target.empty() ? find_role(wire::Role::Archive, "Archive") : find_or_make(act.target);
      default: return find_folder(act.target);
    }
  }();
  if (!found) return found.error();
  if (!found->entry().selectable)
    return Error{Code::kNotFound, "this folder only holds others", 0};
  return std::optional<FolderView>{*found};
}

// ---- 2 and 4: what the index shows ----

// The snapshot of a folder's writer, with what is under way as if it were done.
std::shared_ptr<const FolderIndex> Account::with_acting(const std::string& address, const Folder& folder,
                                                        std::shared_ptr<const FolderIndex> index) const {
  std::optional<IndexWriter> shown;
  for (const auto& begun : acting_) {
    const auto acting = begun.lock();
    if (!acting) continue;
    if (acting->entry.address != address || acting->act.action == Action::Copy) continue;
    if (acting->act.uid_validity != index->uid_validity()) continue;
    if (!shown) shown.emplace(*folder.writer);
    const auto change = flag_change(acting->act);
    const auto left = std::span(acting->meant).subspan(acting->next);
    if (!change) shown->remove(uids_of(left));
    for (const Meant& m : left) {
      if (change) change->make(*shown, Uid{m.marked.uid()});
    }
  }
  return shown ? shown->publish() : index;
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
  forget_messages(entry.address, done);
  selection_.in_step = exact && agrees(entry);
}

// Beside a folder's name, by how much its numbers change.
void Account::change_counts(const std::string& address, std::int64_t messages, std::int64_t unread) {
  const auto number = folders_.tree ? folders_.tree->find(address) : std::nullopt;
  if (!number || !(*folders_.counts)[*number].counted || (messages == 0 && unread == 0)) return;
  auto counts = std::make_shared<FolderCounts>(*folders_.counts);
  const auto add = [](std::uint32_t& count, std::int64_t change) {
    count = static_cast<std::uint32_t>(std::max<std::int64_t>(count + change, 0));
  };
  add((*counts)[*number].total, messages);
  add((*counts)[*number].unread, unread);
  folders_.counts = std::move(counts);
  folders_.written = std::make_shared<WrittenFolders>();
}

// Where nothing is published that would tell it: the folder is not read, or not all of it.
void Account::count_without_index(const FolderEntry& entry, std::int64_t messages, std::int64_t unread) {
  const Folder& folder = folder_state(entry);
  if (folder.writer && folder.writer->now().complete()) return;
  const std::lock_guard lock(mutex_);
  change_counts(entry.address, messages, unread);
}

// The folder that they went to is not as it was read: its next page asks the server first.
void Account::note_arrival(const std::string& address, std::uint32_t messages,
                           std::uint32_t unread) {
  const std::lock_guard lock(mutex_);
  if (const auto index = indexes_.find(address); index != indexes_.end())
    index->second.stale = true;
  change_counts(address, messages, unread);
}

void Account::mark_stale(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (const auto found = indexes_.find(address); found != indexes_.end())
    found->second.stale = true;
}

// ---- 3: at the server ----

Deadline Account::step_for(std::size_t messages) const {
  return Deadline::in(services_.command_timeout.load() + kAMessage * static_cast<Millis::rep>(messages));
}

// @return as the server has confirmed
Result<Copied> Account::transfer(std::span<const Uid> uids, Action action,
                                 const std::string& mailbox) {
  const Deadline until = step_for(uids.size());
  return on_server([&](ImapConnection& imap) -> Result<Copied> {
    if (action == Action::Copy) return imap.copy(uids, mailbox, until);
    if (imap.capabilities().move) return imap.move(uids, mailbox, until);
    auto copied = imap.copy(uids, mailbox, until);
    if (!copied) return copied;
    if (auto gone = imap.expunge(uids, until); !gone)
      return gone.error().while_doing("copied there, but not removed here");
    return copied;
  });
}

// Other work of the account came between: the folder is selected again, if it still is the same.
Result<void> Account::stay_with(const Acting& acting) {
  const auto imap = connection();
  if (!imap) return imap.error();
  const FolderEntry& entry = acting.entry;
  if ((*imap)->selected() != entry.imap_name || selection_.address != entry.address) {
    if (const auto selected = select(entry); !selected) return selected.error();
  }
  if (const auto told = take_in_told(entry); !told) return told;
  return selection_.selected.uid_validity == acting.act.uid_validity ? Result<void>() : made_anew();
}

void Account::fail_rest(Acting& acting, Error error) {
  acting.acted.failed += u32(acting.meant.size() - acting.next);
  acting.acted.error = std::move(error);
  acting.next = acting.meant.size();
}

// Of whole folders UIDs are kept alone, which as ranges take next to nothing.
void Account::note_back(Acting& acting, std::uint16_t before, std::uint32_t uid, std::uint32_t identity) {
  Act& back = acting.back[before];
  if (acting.act.is_bulk() && uid != 0) {
    add_uid(back.ranges, uid);
  } else if (acting.marked++ < kMostMarked) {
    back.messages.emplace_back(uid, identity);
  }
}

void Account::act_on_flags(Acting& acting) {
  const FlagChange change = *flag_change(acting.act);
  const auto left = std::span<const Meant>(acting.meant).subspan(acting.next);
  std::vector<Uid> uids;  // the others are so already
  for (const Meant& m : left) {
    if (!change.is_done(m.flags, m.labelled)) uids.push_back(Uid{m.marked.uid()});
  }
  std::size_t sent = ImapConnection::in_one_command(uids);
  const bool whole = acting.act.every && !acting.act.every->choice && change.label.empty() && sent < uids.size();
  if (whole) sent = uids.size();
  const auto some = std::span<const Uid>(uids).first(sent);
  const auto stored = uids.empty() ? Result<void>() : on_server([&](ImapConnection& imap) {
    if (!change.label.empty()) return imap.store_keyword(some, change.label, change.set, step_for(sent));
    const UidRange all{static_cast<std::uint32_t>(some.front()), static_cast<std::uint32_t>(some.back())};
    return whole ? imap.store(all, change.flag, change.set, step_for(sent))
                 : imap.store(some, change.flag, change.set, step_for(sent));
  });
  if (!stored) return fail_rest(acting, stored.error());
  std::size_t behind = left.size();
  if (sent < uids.size()) {
    const auto next = std::find_if(left.begin(), left.end(),
                                   [&](const Meant& m) { return Uid{m.marked.uid()} == uids[sent]; });
    behind = static_cast<std::size_t>(next - left.begin());
  }
  // Those that were so already as well: another client may have done it, and the index not know it yet.
  keep_flags(acting.entry, acting.act, uids_of(std::vector<Meant>(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(behind))));
  std::int64_t changed = 0;
  for (const Meant& m : left.first(behind)) {
    if (change.is_done(m.flags, m.labelled)) continue;
    note_back(acting, 0, m.marked.uid(), m.marked.identity());
    ++changed;
  }
  if (change.label.empty() && change.flag == wire::Flag::Seen)
    count_without_index(acting.entry, 0, change.set ? -changed : changed);
  acting.acted.done += u32(behind);
  acting.next += behind;
}

// Those that the next command names.
std::vector<Account::Meant> Account::next_of(const Acting& acting) const {
  const auto left = std::span<const Meant>(acting.meant).subspan(acting.next);
  const auto most = left.first(std::min(left.size(), acting.most));
  const std::size_t fits = ImapConnection::in_one_command(uids_of(most));
  return {most.begin(), most.begin() + static_cast<std::ptrdiff_t>(fits)};
}

// How many messages the server manages in about a second.
void Account::pace(Acting& acting, std::size_t messages, Deadline::Clock::time_point begun) {
  const auto took = std::chrono::ceil<Millis>(Deadline::Clock::now() - begun).count();
  const auto fit = messages * static_cast<std::size_t>(kCommandTakes.count()) / static_cast<std::size_t>(std::max(took, 1L));
  acting.most = std::clamp(fit, kLeastMoved, kMostMoved);
}

// Keywords of those that go, before they go: their copies have them then. A server that keeps no keywords
// refuses, or says nothing; the folder tells it all the same.
Result<void> Account::store_keywords(Acting& acting, std::span<const Uid> uids, KeywordChange change) {
  for (const wire::Flag flag : {wire::Flag::Junk, wire::Flag::NotJunk}) {
    const auto bit = static_cast<std::uint16_t>(flag);
    if (((change.set | change.clear) & bit) == 0 || acting.no_keywords) continue;
    const auto stored = on_server([&](ImapConnection& imap) {
      return imap.store(uids, flag, (change.set & bit) != 0, step_for(uids.size()));
    });
    if (stored) continue;
    if (stored.error().code != Code::kServerSaid) return stored;
    acting.no_keywords = true;
  }
  return {};
}

// Those of them that others have not removed meanwhile; the others are counted.
Result<std::vector<Account::Meant>> Account::left_of(Acting& acting, std::span<const Meant> some) {
  const Act& act = acting.act;
  Act again = act;
  again.every.reset();
  again.messages.clear();
  again.ranges.clear();
  for (const Meant& m : some) {
    act.is_bulk() ? add_uid(again.ranges, m.marked.uid()) : again.messages.push_back(m.marked);
  }
  // The server tells of what is gone at a NOOP, and not before.
  const auto told = on_server([&](ImapConnection& imap) { return imap.noop(step()); });
  if (!told) return told.error();
  auto left = act.is_bulk() ? ask_for_all(again, again.ranges) : find_meant(again, acting.acted);
  if (left && act.is_bulk()) acting.acted.gone += u32(some.size() - left->size());
  return left;
}

void Account::act_on_places(Acting& acting) {
  const Act& act = acting.act;
  const std::string& mailbox = acting.target->imap_name;
  const auto begun = Deadline::Clock::now();
  std::vector<Meant> some = next_of(acting);
  const std::size_t asked = some.size();
  const KeywordChange keywords = keyword_change(act);
  if (const auto stored = store_keywords(acting, uids_of(some), keywords); !stored)
    return fail_rest(acting, stored.error());
  auto moved = transfer(uids_of(some), act.action, mailbox);
  if (!moved && moved.error().code == Code::kChanged) {
    // Others removed some of them at this very moment, and the server did nothing: once more, with those
    // that are left.
    auto left = left_of(acting, some);
    if (!left) return fail_rest(acting, left.error());
    some = std::move(*left);
    moved = some.empty() ? Result<Copied>(Copied{}) : transfer(uids_of(some), act.action, mailbox);
  }
  if (!moved) {
    note_arrival(acting.target->address, 0, 0);  // some of them may be there
    // As they were; where this fails too the first failure is told.
    if (keywords.set != 0 && !some.empty() && moved.error().code == Code::kServerSaid)
      (void)store_keywords(acting, uids_of(some), {keywords.clear, keywords.set});
    return fail_rest(acting, moved.error());
  }
  std::unordered_map<std::uint32_t, std::uint32_t> now;  // UIDs there, by those here
  for (std::size_t i = 0; i < moved->from.size(); ++i) {
    now[static_cast<std::uint32_t>(moved->from[i])] = static_cast<std::uint32_t>(moved->to[i]);
  }
  std::vector<Meant> unmoved;
  if (moved->stopped) {
    std::copy_if(some.begin(), some.end(), std::back_inserter(unmoved),
                 [&](const Meant& m) { return !now.contains(m.marked.uid()); });
  }
  if (moved->stopped) std::erase_if(some, [&](const Meant& m) { return !now.contains(m.marked.uid()); });
  const auto unread = unread_of(some);
  if (act.action != Action::Copy) {
    keep_removal(acting.entry, uids_of(some));
    count_without_index(acting.entry, -static_cast<std::int64_t>(some.size()), -static_cast<std::int64_t>(unread));
  }
  const std::size_t went = std::min(some.size(), now.empty() ? some.size() : now.size());
  if (moved->uid_validity != 0) acting.back_validity = moved->uid_validity;
  const bool by_place = acting.acted.back_from != 0 && now.empty();
  for (const Meant& m : some) {
    const auto uid = now.find(m.marked.uid());
    if (uid == now.end() && (!by_place || m.marked.identity() == 0)) continue;
    const auto before = static_cast<std::uint16_t>(m.flags & (keywords.set | keywords.clear));
    note_back(acting, before, uid == now.end() ? 0 : uid->second, m.marked.identity());
  }
  acting.acted.done += u32(went);
  acting.acted.gone += u32(some.size() - went);
  acting.arrived += u32(went);
  acting.unread += unread;
  if (moved->stopped && moved->stopped->code == Code::kChanged) {
    // What is left of these is the next command's.
    auto left = left_of(acting, unmoved);
    if (!left) {
      acting.next += some.size();
      return fail_rest(acting, left.error());
    }
    const auto here = acting.meant.begin() + static_cast<std::ptrdiff_t>(acting.next);
    acting.meant.insert(acting.meant.erase(here, here + static_cast<std::ptrdiff_t>(asked)), left->begin(), left->end());
    return;
  }
  if (moved->stopped) {
    acting.next += some.size();
    return fail_rest(acting, *moved->stopped);
  }
  acting.next += asked;
  pace(acting, asked, begun);
}

void Account::act_for_good(Acting& acting) {
  const auto begun = Deadline::Clock::now();
  const std::vector<Meant> some = next_of(acting);
  const std::vector<Uid> uids = uids_of(some);
  const auto gone = on_server([&](ImapConnection& imap) { return imap.expunge(uids, step_for(uids.size())); });
  if (!gone) return fail_rest(acting, gone.error());
  keep_removal(acting.entry, uids);
  count_without_index(acting.entry, -static_cast<std::int64_t>(uids.size()), -static_cast<std::int64_t>(unread_of(some)));
  acting.acted.done += u32(uids.size());
  acting.next += uids.size();
  pace(acting, uids.size(), begun);
}

// ---- one after the other ----

Account::Acting::Acting(std::shared_ptr<Account> account, Act asked, FolderEntry where)
    : act(std::move(asked)), entry(std::move(where)), in_use_(std::move(account)) {}

Result<std::shared_ptr<Account::Acting>> Account::begin_act(const Act& act) {
  const auto view = find_folder(act.folder);
  if (!view) return view.error();
  const auto acting = std::make_shared<Acting>(shared_from_this(), act, view->entry());
  const FolderEntry& entry = acting->entry;
  const auto target = target_of(act);
  if (!target) return target.error();
  if (*target) acting->target = (*target)->entry();
  if (acting->target && acting->target->address == entry.address) {
    acting->acted.asks = act.action == Action::Delete;
    if (acting->acted.asks) return acting;
    return Error{Code::kInvalid, "they are in this folder already", 0};
  }
  // Anew, though it may be selected: a folder that was made anew under its name may have its UIDs, and
  // servers act on whatever lies there (seen of Dovecot's sdbox).
  const auto selected = select(entry);
  if (!selected) return selected.error();
  if (selected->uid_validity != act.uid_validity) return made_anew();
  if (const auto told = take_in_told(entry); !told) return told.error();
  if (selected->read_only && act.action != Action::Copy)
    return Error{Code::kForbidden, "this folder can only be read", 0};
  if (act.action == Action::Label && !is_kept(selected->permanent, act.label))
    return Error{Code::kForbidden, "the mail server keeps no such label in this folder", 0};
  if (!flag_change(act) && !*target && act.action != Action::Purge)
    return Error{Code::kInvalid, "no such action", 0};
  if (folder_state(entry).newest_only) {
    if (const auto loaded = load_rest(entry); !loaded) return loaded.error();
  }
  auto meant = find_meant(act, acting->acted);
  if (!meant) return meant.error();
  if (acting->target && !meant->empty()) {
    acting->acted.target = acting->target->address;
    if (!connection_.imap->capabilities().uidplus) {
      const auto place = place_of(*acting->target);
      if (!place) return place.error();
      acting->back_validity = place->uid_validity;
      acting->acted.back_from = place->uid_next;
    }
  }
  acting->meant = std::move(*meant);
  acting->most = kFirstMoved;
  acting_.push_back(acting);
  if (folder_state(entry).writer && !acting->meant.empty()) publish(entry, Saving::kNot);
  return acting;
}

bool Account::act_step(Acting& acting) {
  if (acting.next < acting.meant.size()) {
    const auto ready = stay_with(acting);
    if (!ready) {
      fail_rest(acting, ready.error());
    } else if (flag_change(acting.act)) {
      act_on_flags(acting);
    } else if (acting.target) {
      act_on_places(acting);
    } else {
      act_for_good(acting);
    }
  }
  if (acting.next < acting.meant.size()) return true;
  end_act(acting);
  return false;
}

// What it takes to take it back.
Act Account::way_back(const Acting& acting, std::uint16_t before) const {
  const Act& act = acting.act;
  Act back;
  if (flag_change(act)) {
    back.folder = act.folder;
    back.label = act.label;
    back.uid_validity = act.uid_validity;
    back.action = opposite(act.action);
    return back;
  }
  back.folder = acting.target->address;
  back.uid_validity = acting.back_validity;
  back.action = act.action == Action::Copy ? Action::Purge : Action::Move;
  back.target = act.folder;
  const KeywordChange keywords = keyword_change(act);
  if (!acting.no_keywords && keywords.set != 0) {
    back.set = before;
    back.clear = static_cast<std::uint16_t>((keywords.set | keywords.clear) & ~before);
  }
  return back;
}

void Account::end_act(Acting& acting) {
  std::erase_if(acting_, [&](const auto& begun) {
    const auto one = begun.lock();
    return !one || one.get() == &acting;
  });
  Acted& acted = acting.acted;
  if (acting.arrived > 0) note_arrival(acting.target->address, acting.arrived, acting.unread);
  if (acting.marked > kMostMarked) acting.back.clear();
  for (auto& [before, noted] : acting.back) {
    Act back = way_back(acting, before);
    back.messages = std::move(noted.messages);
    back.ranges = std::move(noted.ranges);
    tidy(back.ranges);
    if (back.uid_validity != 0) acted.back.push_back(std::move(back));
  }
  if (folder_state(acting.entry).writer) publish(acting.entry);
  if (acted.failed > 0 || acted.gone > 0) mark_stale(acting.entry.address);
}

void Account::drop_act(Acting& acting) {
  fail_rest(acting, Error{Code::kUnreachable, "AlphaMail was stopped", 0});
  end_act(acting);
}

Result<Acted> Account::act(const Act& act) {
  const auto acting = begin_act(act);
  if (!acting) return acting.error();
  while (act_step(**acting)) continue;
  return std::move((*acting)->acted);
}

Result<Act> Account::where_now(Act back, std::uint32_t from) {
  const bool unnamed = std::any_of(back.messages.begin(), back.messages.end(),
                                   [](const Marked& m) { return m.uid() == 0; });
  if (unnamed) {
    if (const auto named = find_moved(back, from); !named) return named.error();
  }
  return back;
}

Result<std::shared_ptr<Account::Acting>> Account::begin_back(Act back, std::uint32_t from) {
  const auto now = where_now(std::move(back), from);
  if (!now) return now.error();
  return begin_act(*now);
}

}  // namespace alphamail
