// SPDX-License-Identifier: GPL-3.0-or-later
// What the outbox does with the user's folders: copies of what was sent, drafts, marks. All of it on the
// account's strand.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/outbox.h"
#include "webcache/server.h"

namespace alphamail {
namespace {

// Times that a copy is tried while the message is under way, with its password, each after four times as long as
// the one before. From then on it rests on the disk between tries, and is tried as long as the user's session has
// a connection; with the next log-in or resumed session; and when the user says so.
constexpr int kTries = 4;
constexpr Millis kFirstPause{1000};
constexpr Millis kFirstRest{16'000}, kLongestRest{300'000};  // shorter than an outbox stays unused

// So long a mail server may still carry out what a connection had told it that was cut since.
constexpr std::int64_t kWorksOnSeconds = 5;
constexpr Millis kLooksAgain{500};

OutgoingStatus in_state(OutgoingState state, std::optional<Error> error = {}) {
  OutgoingStatus status;
  status.state = state;
  status.error = std::move(error);
  return status;
}

}  // namespace

// The connection that the user's session has, or one by the password that came with the message.
Result<void> Outbox::connect(Item& item) {
  Account& account = *item.account;
  if (account.connected()) return {};
  if (item.password.empty()) return account.without_connection();
  auto place = account.gate().enter_if_quiet();
  if (!place) return Error{Code::kBusy, "the mail server is full", 0};
  auto made = connect_and_log_in(server_.services(), account.gate(), std::move(*place),
                                 account.server(), account.user(), item.password);
  if (!made) return made.error();
  item.own_connection = true;
  account.offer(std::move(*made));
  return {};
}

// An APPEND that nobody saw succeed is looked for before there is another one, and until its server has surely ended it.
// @return kUnderWay where it may be about to come
Result<Account::Shown> Outbox::put_into(Account& account, SpoolFile& file, OutgoingJournal& journal,
                                        const FolderView& folder, std::string_view flags,
                                        const MessageFacts& facts) {
  if (journal.appending && journal.appending->folder == folder.entry().address) {
    auto found = account.find_appended(*journal.appending, facts.message_id);
    if (found || found.error().code != Code::kNotFound) return found;
    if (seconds_since(file.changed()) < kWorksOnSeconds)
      return Error{Code::kUnderWay, "the mail server may still be at work on it", 1};
  }
  const auto place = account.place_in(folder);
  if (!place) return place.error();
  if (const auto put = file.note(appending_note(*place)); !put) return put.error();
  journal.appending = *place;
  SpoolFile::Reader reader(file);
  MessageBytes bytes([&] { return reader.next(); }, MessageBytes::Bcc::kKept);
  return account.append(*place, flags, facts.message_id, facts.whole_bytes,
                        [&] { return bytes.next(); });
}

// ---- behind a message that was sent ----

Result<void> Outbox::file_copy(Item& item) {
  const SendOrder& order = *item.journal.order;
  Account& account = *item.account;
  if (item.journal.filed || !order.keep_copy) return {};
  const auto folder = order.sent_folder.empty() ? account.find_role(wire::Role::Sent, "Sent")
                                                : account.find_folder(order.sent_folder);
  if (!folder) return folder.error();
  const auto there = put_into(account, *item.file, item.journal, *folder, "(\\Seen)", order.facts);
  if (!there) return there.error();
  server_.counters().add(Count::messages_filed);
  item.journal.filed = true;
  note(item, filed_note());
  return {};
}

Result<void> Outbox::finish_filing(Item& item) {
  if (const auto connected = connect(item); !connected) return connected;
  if (const auto filed = file_copy(item); !filed) return filed;
  const SendOrder& order = *item.journal.order;
  Account& account = *item.account;
  const wire::Flag flag =
      order.mark == wire::Mark::Answered ? wire::Flag::Answered : wire::Flag::Forwarded;
  // What was moved or deleted meanwhile has nothing to be marked; a broken connection is tried again.
  const auto lost = [&account](const Result<void>& done) {
    const bool broken = !done && !account.connected();
    if (!done && !broken) {
      log(Severity::kInfo, 252,
          "a message that " + account.address() + " answered, or its draft, stays as it was: " +
              done.error().detail);
    }
    return broken;
  };
  for (const Account::Shown& shown : order.marked) {
    if (const auto done = account.mark(shown, flag); lost(done)) return done;
  }
  if (order.draft) {
    if (const auto done = account.remove_for_good(*order.draft); lost(done)) return done;
  }
  return spool_->put_note(SpoolPlace::kDone, item.id, status_note(in_state(OutgoingState::Done)));
}

void Outbox::file(const ItemPtr& item) {
  const auto done = finish_filing(*item);
  if (done) {
    spool_->forget(SpoolPlace::kOutbox, item->id);
    return end(item, in_state(OutgoingState::Done));
  }
  if (server_.services().stopping) return release(item);
  const Error error = done.error();
  if (error.code == Code::kUnderWay) return post_soon(item, &Outbox::file);
  OutgoingStatus status = in_state(OutgoingState::NotFiled, error);
  if (item->filings == 0) {
    log(Severity::kWarning, 250,
        "the copy of a message that " + item->account->address() + " sent is not filed: " + error.detail);
  }
  if (++item->filings >= kTries) {
    // What the journal says already is not written once more at each try.
    const bool known = item->journal.status.state == OutgoingState::NotFiled;
    known ? end(item, std::move(status)) : settle(item, std::move(status));
    return file_later(item->account, item->id, item->filings);
  }
  set_status(item, std::move(status));
  const Millis pause = kFirstPause * (1 << (2 * (item->filings - 1)));
  server_.timers().at(Deadline::in(pause), [self = shared_from_this(), item] {
    self->post(item, item->account->strand(), &Outbox::file);
  });
}

void Outbox::post_soon(const ItemPtr& item, void (Outbox::*job)(const ItemPtr&)) {
  server_.timers().at(Deadline::in(kLooksAgain), [self = shared_from_this(), item, job] {
    self->post(item, item->account->strand(), job);
  });
}

// @param filings  tries so far
void Outbox::file_later(const std::shared_ptr<Account>& account, SpoolId id, int filings) {
  {
    const std::lock_guard lock(mutex_);
    if (!resting_.insert(id).second) return;
  }
  const Millis rest = std::min(kFirstRest * (1 << (2 * std::min(filings - kTries, 4))), kLongestRest);
  server_.timers().at(Deadline::in(rest), [weak = weak_from_this(), user = std::weak_ptr(account), id, filings] {
    const auto self = weak.lock();
    if (!self) return;
    self->server_.workers().post(self->strand_, Workers::When::kLater, [self, user, id, filings] {
      self->file_rested(user.lock(), id, filings);
    });
  });
}

void Outbox::file_rested(const std::shared_ptr<Account>& account, SpoolId id, int filings) {
  {
    const std::lock_guard lock(mutex_);
    resting_.erase(id);
    if (!account || items_.contains(id)) return;
  }
  touch();
  auto loaded = load(account, id, SpoolPlace::kOutbox, Secret());
  // Another daemon may have it at this moment; what is gone was filed or discarded.
  if (!loaded && loaded.error().code == Code::kChanged) return file_later(account, id, filings);
  if (!loaded || (*loaded)->journal.status.state != OutgoingState::NotFiled) return;
  const ItemPtr item = *loaded;
  item->filings = filings;
  {
    const std::lock_guard lock(mutex_);
    items_[id] = item;
  }
  post(item, account->strand(), &Outbox::file);
}

// ---- drafts ----

void Outbox::make_draft(const ItemPtr& item) {
  Account& account = *item->account;
  const auto connected = connect(*item);
  const auto folder = connected ? account.find_role(wire::Role::Drafts, "Drafts")
                                : Result<FolderView>(connected.error());
  auto draft = folder ? put_into(account, *item->file, item->journal, *folder, "(\\Draft \\Seen)",
                                 item->journal.order->facts)
                      : Result<Account::Shown>(folder.error());
  const bool under_way = !draft && draft.error().code == Code::kUnderWay;
  if (under_way && !server_.services().stopping) return post_soon(item, &Outbox::make_draft);
  OutgoingStatus status = in_state(OutgoingState::Drafted);
  if (draft) status.draft = *draft;
  const auto put = draft ? spool_->put_note(SpoolPlace::kDone, item->id, status_note(status))
                         : Result<void>(draft.error());
  if (!put) {
    // Stopped it is all the same.
    OutgoingStatus back = item->journal.status;
    const bool uncertain = back.state == OutgoingState::Uncertain;
    if (!uncertain) {
      back = in_state(OutgoingState::Failed, put.error().while_doing("making it a draft"));
    }
    return settle(item, std::move(back));
  }
  spool_->forget(SpoolPlace::kOutbox, item->id);
  server_.counters().add(Count::drafts_saved);
  // The draft that it was written as is replaced by this one.
  if (item->journal.order->draft) {
    if (const auto gone = account.remove_for_good(*item->journal.order->draft); !gone) {
      log(Severity::kInfo, 252,
          "a draft of " + account.address() + " stays beside the newer one: " + gone.error().detail);
    }
  }
  end(item, std::move(status));
}

Result<Account::Shown> Outbox::save_draft(Account& account, SpoolId id,
                                          const std::optional<Account::Shown>& replaces) {
  touch();
  if (const auto done = spool_->open(SpoolPlace::kDone, id)) {
    const auto told = read_journal({done->head().note});
    if (told.status.draft) return *told.status.draft;
    return Error{Code::kChanged, "it was sent", 0};
  }
  auto file = spool_->open(SpoolPlace::kMessage, id, true);
  if (!file) return file.error();
  if (!file->try_lock()) return Error{Code::kBusy, "it is being saved at this moment", 1};
  const auto facts = message_facts([&]() -> ByteSource {
    return [reader = std::make_shared<SpoolFile::Reader>(*file)] { return reader->next(); };
  });
  if (!facts) return facts.error();
  OutgoingJournal journal = read_journal(file->journal());
  const auto folder = account.find_role(wire::Role::Drafts, "Drafts");
  if (!folder) return folder.error();
  // One that a crash left between the new and the old draft has the new one already: then the old one may be gone.
  if (replaces && !journal.appending) {
    if (const auto there = account.still_there(*replaces); !there) return there.error();
  }
  const auto draft =
      put_into(account, *file, journal, *folder, "(\\Draft \\Seen)", *facts);
  if (!draft) return draft.error();
  server_.counters().add(Count::drafts_saved);
  if (replaces) {
    if (const auto gone = account.remove_for_good(*replaces); !gone) {
      log(Severity::kInfo, 252,
          "a draft of " + account.address() + " stays beside the newer one: " + gone.error().detail);
    }
  }
  OutgoingStatus status = in_state(OutgoingState::Drafted);
  status.draft = *draft;
  if (const auto put = spool_->put_note(SpoolPlace::kDone, id, status_note(status)); !put)
    return put.error();
  spool_->forget(SpoolPlace::kMessage, id);
  return draft;
}

}  // namespace alphamail
