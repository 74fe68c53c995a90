// SPDX-License-Identifier: GPL-3.0-or-later
// Sends what one user has written, and keeps what could not be sent. One an account and daemon.
//
//   Send ──▶ in the outbox, on disk ──▶ Held ──its time──▶ Sending ──▶ Sent ──▶ copy, marks, draft ──▶ Done
//                    │                   │ Edit, Discard     │            └──▶ NotFiled ──later──▶ ...
//                    │                   ▼                   ├──▶ Failed     ──Retry, Edit, Discard──▶
//                    │                 a draft               └──▶ Uncertain  ──Retry, Edit, Discard──▶
//                    └──▶ answered
//
// The outbox's strand does what is asked. A message that is under way has one job at a time: with SMTP on a
// strand of its own, with IMAP on its account's. Its file is locked meanwhile, so no other daemon that shares
// the spool touches it.
//
// SMTP needs the user's password, and the daemon keeps none on disk. It comes with Send, stays in locked memory
// while the message is under way, and is wiped then. After a restart the next log-in or resumed session brings
// it, and with it goes on what was under way (take_up); until then it waits. What has waited for more than a
// day is not sent by itself any more.
#ifndef WEBCACHE_OUTBOX_H
#define WEBCACHE_OUTBOX_H

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/deadline.h"
#include "common/protocol_generated.h"
#include "common/result.h"
#include "common/secret.h"
#include "webcache/account.h"
#include "webcache/outgoing.h"
#include "webcache/pending.h"
#include "webcache/sent_log.h"
#include "webcache/spool.h"
#include "webcache/workers.h"

namespace alphamail {

class Server;

/// The note of a message that reports junk (junk_report.h): it is no user's to look after.
inline constexpr std::string_view kJunkReportNote = "report of junk";

class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  Outbox(Server& server, std::shared_ptr<Spool> spool);

  Spool& spool() { return *spool_; }
  const std::shared_ptr<Workers::Strand>& strand() const { return strand_; }
  bool busy() const;  ///< something is under way
  std::int64_t used() const { return used_; }  ///< steady seconds
  void touch();

  /// Whoever waits for how a message stands, and for how long before "sending" is said of it.
  struct Waiting {
    std::shared_ptr<Pending> pending;
    Millis wait;
  };

  // On the strand.

  void send(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order,
            std::optional<SpoolId> more_recipients, Secret password, const Waiting& waiting);
  /// The same of a message whose note is kJunkReportNote: nobody waits, it is in no list, and where it cannot be
  /// sent it is logged, counted and forgotten.
  Result<void> send_report(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order, Secret password);
  void show(SpoolId id, const Waiting& waiting);
  std::vector<OutgoingEntry> list();
  void act(const std::shared_ptr<Account>& account, SpoolId id, wire::OutboxAction action,
           Secret password, const Waiting& waiting);
  /// Goes on with what a restart, a lost connection or another node left. The password is copied.
  /// @param again  times to look once more in a while, where another daemon, which ends, has some still
  void take_up(const std::shared_ptr<Account>& account, const Secret& password, int again = 10);

  // On the account's strand.

  /// @return kUnderWay where the mail server may be about to do what it was told before: ask again in a moment
  Result<Account::Shown> save_draft(Account& account, SpoolId id,
                                    const std::optional<Account::Shown>& replaces);

 private:
  // A message that is under way.
  struct Item {
    Item(SpoolId i, std::shared_ptr<Account> a, SpoolFile f)
        : id(i), account(std::move(a)), text(f.head().note), size(f.size()), file(std::move(f)) {}
    const SpoolId id;
    const std::shared_ptr<Account> account;
    const std::string text;   // what the web child noted
    const std::uint64_t size;
    std::optional<SpoolFile> file;  // of the job that is under way; none once it is released
    OutgoingJournal journal;  // the same; but for `order`, which stays
    Secret password;
    int filings = 0;
    bool own_connection = false;
    // guarded by Outbox::mutex_
    OutgoingStatus status;
    std::vector<std::shared_ptr<Pending>> waiting;
  };
  using ItemPtr = std::shared_ptr<Item>;

  Result<ItemPtr> take_in(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order, Secret password);
  bool forget_report(const ItemPtr& item, const OutgoingStatus& status);
  Result<ItemPtr> load(const std::shared_ptr<Account>& account, SpoolId id, SpoolPlace place,
                       Secret password);
  ItemPtr find(SpoolId id) const;
  void learn_states(const std::shared_ptr<Account>& account);
  void tell_counts(const std::shared_ptr<Account>& account) const;
  OutgoingEntry entry_of(const Item& item) const;
  std::optional<OutgoingEntry> entry_on_disk(SpoolId id);
  void answer(const ItemPtr& item, const Waiting& waiting);
  void set_status(const ItemPtr& item, OutgoingStatus status);
  bool claim_held(const ItemPtr& item);
  void note(Item& item, std::string_view text);
  void settle(const ItemPtr& item, OutgoingStatus status);
  void end(const ItemPtr& item, OutgoingStatus status);
  void release(const ItemPtr& item);
  void post(const ItemPtr& item, const std::shared_ptr<Workers::Strand>& strand,
            void (Outbox::*job)(const ItemPtr&));
  void post_soon(const ItemPtr& item, void (Outbox::*job)(const ItemPtr&));

  void start(const ItemPtr& item);
  void deliver(const ItemPtr& item);
  SmtpOutcome transact(Item& item, const MailServer& smtp);
  void file(const ItemPtr& item);
  void file_later(const std::shared_ptr<Account>& account, SpoolId id, int filings);
  void file_rested(const std::shared_ptr<Account>& account, SpoolId id, int filings);
  Result<void> file_copy(Item& item);
  Result<void> finish_filing(Item& item);
  Result<void> connect(Item& item);
  void make_draft(const ItemPtr& item);
  Result<Account::Shown> put_into(Account& account, SpoolFile& file, OutgoingJournal& journal,
                                  const FolderView& folder, std::string_view flags,
                                  const MessageFacts& facts);

  Server& server_;
  const std::shared_ptr<Spool> spool_;
  const std::shared_ptr<Workers::Strand> strand_;
  SentLog sent_, reported_;  // the strand's
  std::atomic<std::int64_t> used_{0};
  mutable std::mutex mutex_;  // guards what follows, and of each item what it says
  std::map<SpoolId, ItemPtr> items_;
  std::map<SpoolId, OutgoingState> states_;  // of all that is in the outbox
  std::set<SpoolId> resting_;                // copies that are tried again by and by
};

/// The outboxes of all accounts that are in use.
class Outboxes {
 public:
  explicit Outboxes(Server& server) : server_(server) {}
  /// @return kStorage where the account's files cannot be used
  Result<std::shared_ptr<Outbox>> of(const Account& account);
  /// Lets go of those that nobody used for a while.
  void sweep();

 private:
  Server& server_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::shared_ptr<Outbox>> known_;  // by AccountFiles::name()
};

}  // namespace alphamail

#endif
