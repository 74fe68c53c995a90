// SPDX-License-Identifier: GPL-3.0-or-later
// How an index follows its folder live: what the server says unasked is taken in, and the folder
// that is looked at is the one that the connection idles on (RFC 2177).
//
// What is told by UID (QRESYNC) can always be taken in. What is told by sequence number means
// something only while the index is in step: as many messages as the folder, and every change since
// told.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"

namespace alphamail {
namespace {

// IDLE begins when nothing was asked for so long: who reads one message after the other would only
// be slowed down by it.
constexpr Millis kQuiet{200};

// Who looks at two folders by turns is not followed from one to the other more often.
constexpr std::int64_t kStays = 2;

constexpr int kRounds = 3;  // of taking in what was told while taking in

}  // namespace

// ---- taking in ----

bool Account::can_catch_up(const FolderEntry& entry) {
  const auto imap = connection();
  const Folder& folder = folder_state(entry);
  return imap && (*imap)->selected() == entry.imap_name && selection_.address == entry.address &&
         folder.writer && folder.writer->now().complete() &&
         (selection_.in_step || selection_.selected.caught_up);
}

// @return false where only a comparison can tell
bool Account::absorb(const FolderEntry& entry, const News& news) {
  IndexWriter& writer = *folder_state(entry).writer;
  if (news.lost) return false;
  const bool by_number = std::any_of(news.changes.begin(), news.changes.end(),
                                     [](const Change& change) { return change.uid == Uid{}; });
  if (by_number && !selection_.in_step) return false;
  std::vector<Uid> places, gone;
  if (by_number || !news.gone.empty()) places = writer.now().uids();
  for (const UidRange& range : news.gone) {
    const auto first = std::lower_bound(places.begin(), places.end(), Uid{range.first});
    const auto last = std::upper_bound(first, places.end(), Uid{range.last});
    gone.insert(gone.end(), first, last);
  }
  for (const Change& change : news.changes) {
    Uid uid = change.uid;
    if (uid == Uid{}) {
      // One that is not known yet is behind all others.
      if (change.seq == 0 || change.seq > places.size()) continue;
      const auto at = places.begin() + static_cast<std::ptrdiff_t>(change.seq - 1);
      uid = *at;
      if (change.kind == Change::Kind::kGone) {
        gone.push_back(uid);
        places.erase(at);
      }
    }
    if (change.kind == Change::Kind::kGone) continue;
    const IndexRow* row = writer.now().find(uid);
    constexpr auto kOurs = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
    if (!row) continue;
    writer.set_flags(uid, static_cast<std::uint16_t>(change.flags | (row->flags & kOurs)),
                     change.keywords);
  }
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  if (!gone.empty()) writer.remove(gone);
  forget_messages(entry.address, gone);
  return true;
}

// @return true where the index is in step now
Result<bool> Account::catch_up(const FolderEntry& entry) {
  const Folder& folder = folder_state(entry);
  bool in_step = false;
  for (int round = 0; round < kRounds && !in_step; ++round) {
    if (!absorb(entry, connection_.imap->take_news())) break;
    const std::size_t exists = connection_.imap->exists();
    if (exists < folder.writer->known()) break;
    if (exists > folder.writer->known()) {
      if (const auto fetched = fetch_arrived(entry); !fetched) return fetched.error();
    }
    in_step = agrees(entry);
  }
  if (in_step && selection_.selected.caught_up) {
    folder_state(entry).modseq = selection_.selected.highest_modseq;
    folder_state(entry).uid_next = selection_.selected.uid_next;
  }
  selection_.selected.caught_up = false;
  selection_.in_step = in_step;
  return in_step;
}

// What the server has told so far of the selected folder, before a change of ours makes it old: taken in afterwards
// it would be shown in place of the change, of which the server says nothing.
Result<void> Account::take_in_told(const FolderEntry& entry) {
  if (!can_catch_up(entry)) return {};
  if (connection_.imap->idling()) {
    const auto heard = on_server([](ImapConnection& imap) { return imap.listen(); });
    if (!heard) return heard;
  }
  if (!selection_.selected.caught_up && !connection_.imap->has_news()) return {};
  const auto caught = catch_up(entry);
  if (!caught) return caught.error();
  if (folder_state(entry).writer) publish(entry);
  return {};
}

// ---- what to follow ----

std::optional<Millis> Account::look_at(const std::string& folder) {
  touch();
  const std::lock_guard lock(mutex_);
  if (looked_at_ != folder) looked_at_ = folder;
  if (!services_.idle_watch || follow_claimed_ || followed_ == folder || !connected()) return {};
  follow_claimed_ = true;
  if (followed_.empty()) return kQuiet;
  const std::int64_t left = followed_since_ + kStays - steady_seconds();
  return std::max<Millis>(kQuiet, std::chrono::seconds(left));
}

bool Account::claim_follow() {
  const std::lock_guard lock(mutex_);
  if (!services_.idle_watch || looked_at_.empty() || follow_claimed_ || !connected()) return false;
  follow_claimed_ = true;
  return true;
}

void Account::drop_follow() {
  const std::lock_guard lock(mutex_);
  follow_claimed_ = false;
}

// Before the connection is used, or closed.
void Account::unwatch() {
  if (services_.idle_watch) services_.idle_watch->remove(std::exchange(ticket_, 0));
}

// ---- following ----

Result<void> Account::idle() {
  const auto now = Deadline::Clock::now();
  const bool old = now - idle_since_ >= services_.idle_renew.load();
  if (connection_.imap->idling() && !old) return {};
  const auto begun = on_server([&](ImapConnection& imap) { return imap.idle(step()); });
  if (begun) idle_since_ = now;
  if (!begun && begun.error().code == Code::kServerSaid) {
    refuses_idle_ = true;
    return {};
  }
  return begun;
}

Result<void> Account::keep_up(const FolderEntry& entry) {
  const bool possible = connection_.imap && connection_.imap->capabilities().idle;
  for (int round = 0; round < kRounds; ++round) {
    if (!can_catch_up(entry)) {
      if (const auto checked = check_folder(entry.address, false); !checked) return checked;
    } else if (selection_.selected.caught_up || !agrees(entry)) {
      const auto caught = catch_up(entry);
      if (!caught) return caught.error();
      if (folder_state(entry).writer) {
        folder_state(entry).writer->set_checked(wall_seconds());
        publish(entry);
      }
      if (!*caught) continue;
    }
    if (!possible || refuses_idle_) return {};
    if (const auto idles = idle(); !idles) return idles;
    if (refuses_idle_) return {};
    const auto heard = on_server([&](ImapConnection& imap) { return imap.listen(); });
    if (!heard) return heard;
    if (connection_.imap->idling() && agrees(entry)) break;
  }
  return {};
}

bool Account::follow(Job wake) {
  std::string address;
  {
    const std::lock_guard lock(mutex_);
    follow_claimed_ = false;
    address = looked_at_;
  }
  // Whoever looks at a folder that is not followed asks for it again.
  const auto nobody = [this] {
    const std::lock_guard lock(mutex_);
    followed_.clear();
    live_ = false;
    return false;
  };
  const auto known = view(address);
  if (!known || !known->entry().selectable || !known->index) return nobody();
  const auto imap = connection();
  if (!imap) return nobody();
  if (!(*imap)->idling() && Deadline::Clock::now() - last_answer_ < kQuiet) return claim_follow();
  // While its index is being built there is nothing to follow: the end of that calls again.
  const FolderEntry entry = known->entry();
  if (!folder_state(entry).writer || !folder_state(entry).writer->now().complete()) return nobody();
  if ((*imap)->idling()) {
    if (const auto heard = on_server([](ImapConnection& c) { return c.listen(); }); !heard) return nobody();
  }
  if (const auto kept = keep_up(entry); !kept) {
    log(Severity::kInfo, 228,
        "folder of " + this->address() + " not followed: " + kept.error().detail);
    return nobody();
  }
  if (!connection_.imap || connection_.imap->dead()) return nobody();
  connection_.imap->rest();
  if (connection_.imap->idling()) {
    const auto until = Deadline::at(idle_since_ + services_.idle_renew.load());
    ticket_ = services_.idle_watch->add(connection_.imap->fd(), until, std::move(wake));
  }
  const std::lock_guard lock(mutex_);
  if (followed_ != address) followed_since_ = steady_seconds();
  followed_ = address;
  live_ = ticket_ != 0 && connection_.imap->capabilities().condstore;
  return false;
}

}  // namespace alphamail
