// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of the outbox, and how each message in it stands. Sending: outbox_sending.cc; copies and
// drafts: outbox_filing.cc.
#include "webcache/outbox.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/log.h"
#include "common/seal.h"
#include "webcache/clock.h"
#include "webcache/server.h"

namespace alphamail {
namespace {

constexpr std::size_t kShownRecipients = 20;
constexpr std::int64_t kSentByItself = 86400;  // seconds; what waited longer is not sent unasked
constexpr std::int64_t kUnusedStays = 600;
constexpr Millis kLookAgain{2000};
constexpr std::uint64_t kMostRecipientBytes = std::uint64_t{16} << 20;

// A page that waits for the outcome has its answer in time for this.
constexpr Millis kForAnAnswer{200};

ByteSource source_of(SpoolFile& file) {
  return [reader = std::make_shared<SpoolFile::Reader>(file)] { return reader->next(); };
}

Result<std::vector<std::string>> lines_of(SpoolFile& file) {
  if (file.size() > kMostRecipientBytes) return Error{Code::kTooLarge, "too many recipients", 0};
  std::string text;
  SpoolFile::Reader reader(file);
  for (;;) {
    const auto some = reader.next();
    if (!some) return some.error();
    if (some->empty()) break;
    text += *some;
  }
  std::vector<std::string> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (!line.empty()) lines.emplace_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return lines;
}

Result<void> check_addresses(SendOrder& order) {
  if (!is_envelope_address(order.from))
    return Error{Code::kInvalid, "not an address: " + order.from, 0};
  for (const std::string& address : order.recipients) {
    if (!is_envelope_address(address))
      return Error{Code::kInvalid, "not an address: " + address, 0};
  }
  // Each gets it once.
  std::sort(order.recipients.begin(), order.recipients.end());
  const auto end = std::unique(order.recipients.begin(), order.recipients.end());
  order.recipients.erase(end, order.recipients.end());
  if (order.recipients.empty()) return Error{Code::kInvalid, "there is no recipient", 0};
  return {};
}

OutgoingEntry made_entry(SpoolId id, const std::string& note, std::uint64_t size,
                         const std::optional<SendOrder>& order, const OutgoingStatus& status) {
  OutgoingEntry entry;
  entry.id_high = id.high;
  entry.id_low = id.low;
  entry.note = note;
  entry.size = size;
  entry.status = status;
  if (!order) return entry;
  entry.since = order->asked;
  entry.held_until = order->held_until;
  entry.from = order->from;
  entry.recipient_count = order->recipients.size();
  const auto some = std::min(order->recipients.size(), kShownRecipients);
  entry.recipients.assign(order->recipients.begin(),
                          order->recipients.begin() + static_cast<std::ptrdiff_t>(some));
  return entry;
}

}  // namespace

Outbox::Outbox(Server& server, std::shared_ptr<Spool> spool)
    : server_(server),
      spool_(std::move(spool)),
      strand_(server.workers().strand("spool")),
      sent_(spool_->sent_log("sent")),
      reported_(spool_->sent_log("sent-reports")) {
  touch();
}

void Outbox::touch() {
  used_ = steady_seconds();
}

bool Outbox::busy() const {
  const std::lock_guard lock(mutex_);
  return !items_.empty();
}

// ---- how messages stand ----

Outbox::ItemPtr Outbox::find(SpoolId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : found->second;
}

// With mutex_ held.
OutgoingEntry Outbox::entry_of(const Item& item) const {
  return made_entry(item.id, item.text, item.size, item.journal.order, item.status);
}

std::optional<OutgoingEntry> Outbox::entry_on_disk(SpoolId id) {
  if (const auto done = spool_->open(SpoolPlace::kDone, id)) {
    const auto told = read_journal({done->head().note});
    return made_entry(id, "", 0, std::nullopt, told.status);
  }
  const auto file = spool_->open(SpoolPlace::kOutbox, id);
  if (!file) return std::nullopt;
  const auto journal = read_journal(file->journal());
  return made_entry(id, file->head().note, file->size(), journal.order, journal.status);
}

void Outbox::answer(const ItemPtr& item, const Waiting& waiting) {
  std::optional<OutgoingEntry> now;
  {
    const std::lock_guard lock(mutex_);
    // One that is held is so for seconds: whoever may take it back is told while they can.
    if (item->status.state != OutgoingState::Sending || waiting.wait <= Millis{0}) {
      now = entry_of(*item);
    } else {
      item->waiting.push_back(waiting.pending);
    }
  }
  if (now) {
    waiting.pending->answer([&] { return reply_outbox_entry(*now); });
    return;
  }
  const Deadline until =
      Deadline::in(waiting.wait)
          .sooner(Deadline::at(waiting.pending->deadline().when() - kForAnAnswer));
  server_.timers().at(until, [self = shared_from_this(), item, pending = waiting.pending] {
    pending->answer([&] {
      const std::lock_guard lock(self->mutex_);
      return reply_outbox_entry(self->entry_of(*item));
    });
  });
}

void Outbox::set_status(const ItemPtr& item, OutgoingStatus status) {
  std::vector<std::shared_ptr<Pending>> waiting;
  std::optional<OutgoingEntry> now;
  {
    const std::lock_guard lock(mutex_);
    item->status = std::move(status);
    const OutgoingState state = item->status.state;
    const bool over = state == OutgoingState::Done || state == OutgoingState::Drafted ||
                      state == OutgoingState::Discarded;
    if (over || item->text == kJunkReportNote) states_.erase(item->id);
    else states_[item->id] = state;
    tell_counts(item->account);
    if (!is_settled(item->status.state)) return;
    waiting = std::exchange(item->waiting, {});
    if (!waiting.empty()) now = entry_of(*item);
  }
  for (const auto& pending : waiting) {
    pending->answer([&] { return reply_outbox_entry(*now); });
  }
}

// What was there before this daemon, and what another one that shares the spool has done since. With it, and with
// what changes here, no page has to ask the disk. On the strand.
void Outbox::learn_states(const std::shared_ptr<Account>& account) {
  std::map<SpoolId, OutgoingState> found;
  for (const SpoolId id : spool_->ids(SpoolPlace::kOutbox)) {
    if (find(id)) continue;
    const auto entry = entry_on_disk(id);
    if (entry && entry->note != kJunkReportNote) found[id] = entry->status.state;
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [this](const auto& known) { return !items_.contains(known.first); });
  for (const auto& [id, state] : found) states_.try_emplace(id, state);
  tell_counts(account);
}

// With mutex_ held.
void Outbox::tell_counts(const std::shared_ptr<Account>& account) const {
  OutboxCounts counts;
  for (const auto& [id, state] : states_) {
    const bool waits = state == OutgoingState::Held || state == OutgoingState::Sending;
    const bool failed = state == OutgoingState::Uncertain || state == OutgoingState::Failed ||
                        state == OutgoingState::NotFiled;
    counts.waiting += waits ? 1U : 0U;
    counts.failed += failed ? 1U : 0U;
  }
  account->note_outbox(counts);
}

// Nobody sends it, then; it is the caller's.
bool Outbox::claim_held(const ItemPtr& item) {
  const std::lock_guard lock(mutex_);
  if (item->status.state != OutgoingState::Held) return false;
  item->status.state = OutgoingState::Sending;
  return true;
}

void Outbox::note(Item& item, std::string_view text) {
  if (const auto put = item.file->note(text); !put) {
    log(Severity::kError, 253,
        "the journal of a message of " + item.account->address() +
            " could not be written: " + put.error().detail);
  }
}

// How it stands from here on, with nothing under way.
void Outbox::settle(const ItemPtr& item, OutgoingStatus status) {
  note(*item, status_note(status));
  end(item, std::move(status));
}

// Who hears of it may act on it at once: by then nothing of it is held here any more.
// A report that was sent, or was not, is nobody's to look after any more.
bool Outbox::forget_report(const ItemPtr& item, const OutgoingStatus& status) {
  if (item->text != kJunkReportNote) return false;
  using enum OutgoingState;
  if (status.state == Done) server_.counters().add(Count::junk_reported);
  if (status.state != Failed && status.state != Uncertain) return false;
  server_.counters().add(Count::junk_not_reported);
  log(Severity::kWarning, 263,
      "the mail server did not take a report of junk: user " + item->account->address() + ": " +
          (status.error ? status.error->detail : std::string()));
  spool_->forget(SpoolPlace::kOutbox, item->id);
  return true;
}

void Outbox::end(const ItemPtr& item, OutgoingStatus status) {
  if (forget_report(item, status)) status.state = OutgoingState::Discarded;
  release(item);
  set_status(item, std::move(status));
}

void Outbox::release(const ItemPtr& item) {
  item->password.clear();
  item->file.reset();
  if (std::exchange(item->own_connection, false)) {
    // Nobody asks for this account any more, or they bring their own.
    server_.workers().post(item->account->strand(), Workers::When::kLater,
                           [account = item->account] { account->yield_connection(); });
  }
  const std::lock_guard lock(mutex_);
  items_.erase(item->id);
}

void Outbox::post(const ItemPtr& item, const std::shared_ptr<Workers::Strand>& strand,
                  void (Outbox::*job)(const ItemPtr&)) {
  const bool posted =
      server_.workers().post(strand, Workers::When::kNow,
                             [self = shared_from_this(), item, job] { (*self.*job)(item); });
  // The daemon ends, or is at its limit: the journal says how it stands.
  if (!posted) release(item);
}

// A message whose file nobody else has, with what its journal says.
Result<Outbox::ItemPtr> Outbox::load(const std::shared_ptr<Account>& account, SpoolId id,
                                     SpoolPlace place, Secret password) {
  auto file = spool_->open(place, id, true);
  if (!file) return file.error();
  if (!file->try_lock()) return Error{Code::kChanged, "it is being sent at this moment", 0};
  auto item = std::make_shared<Item>(id, account, std::move(*file));
  item->journal = read_journal(item->file->journal());
  item->status = item->journal.status;
  item->password = std::move(password);
  return item;
}

// ---- questions ----

// From here on it is the outbox's, whatever happens.
Result<Outbox::ItemPtr> Outbox::take_in(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order,
                                        Secret password) {
  auto item = load(account, id, SpoolPlace::kMessage, std::move(password));
  const bool is_report = item && (*item)->text == kJunkReportNote;
  Result<void> good = item ? check_addresses(order) : Result<void>(item.error());
  if (good) {
    auto facts = message_facts([&] { return source_of(*(*item)->file); });
    good = facts ? Result<void>() : Result<void>(facts.error());
    if (facts) order.facts = std::move(*facts);
  }
  if (good) {
    good = (is_report ? reported_ : sent_).claim(server_.send_limits(),
                                                 static_cast<std::uint32_t>(order.recipients.size()), wall_seconds());
  }
  if (good) good = (*item)->file->note(order_note(order));
  if (good) good = spool_->move(SpoolPlace::kMessage, SpoolPlace::kOutbox, id);
  if (!good) return good.error();
  (*item)->journal = read_journal((*item)->file->journal());
  {
    const std::lock_guard lock(mutex_);
    (*item)->status = (*item)->journal.status;
    items_[id] = *item;
    if (!is_report) states_[id] = (*item)->status.state;
    tell_counts(account);
  }
  return item;
}

Result<void> Outbox::send_report(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order,
                                 Secret password) {
  touch();
  const auto item = take_in(account, id, std::move(order), std::move(password));
  if (!item) {
    spool_->forget(SpoolPlace::kMessage, id);
    return item.error();
  }
  start(*item);
  return {};
}

void Outbox::send(const std::shared_ptr<Account>& account, SpoolId id, SendOrder order,
                  std::optional<SpoolId> more_recipients, Secret password,
                  const Waiting& waiting) {
  touch();
  learn_states(account);
  if (const auto known = find(id)) return answer(known, waiting);
  if (const auto known = entry_on_disk(id)) {
    waiting.pending->answer([&] { return reply_outbox_entry(*known); });
    return;
  }
  if (more_recipients) {
    auto list = spool_->open(SpoolPlace::kUpload, *more_recipients);
    auto lines = list ? lines_of(*list) : Result<std::vector<std::string>>(list.error());
    if (!lines) {
      waiting.pending->fail(lines.error().while_doing("reading the recipients"));
      return;
    }
    order.recipients.insert(order.recipients.end(), lines->begin(), lines->end());
  }
  const auto item = take_in(account, id, std::move(order), std::move(password));
  if (more_recipients) spool_->forget(SpoolPlace::kUpload, *more_recipients);
  if (!item) {
    waiting.pending->fail(item.error());
    return;
  }
  start(*item);
  answer(*item, waiting);
}

void Outbox::show(SpoolId id, const Waiting& waiting) {
  touch();
  if (const auto known = find(id)) return answer(known, waiting);
  const auto known = entry_on_disk(id);
  waiting.pending->answer([&] {
    return known ? reply_outbox_entry(*known)
                 : reply_failure(Error{Code::kNotFound, "no such message", 0});
  });
}

std::vector<OutgoingEntry> Outbox::list() {
  touch();
  std::vector<OutgoingEntry> entries;
  for (const SpoolId id : spool_->ids(SpoolPlace::kOutbox)) {
    if (const auto item = find(id)) {
      const std::lock_guard lock(mutex_);
      entries.push_back(entry_of(*item));
    } else if (auto entry = entry_on_disk(id)) {
      entries.push_back(std::move(*entry));
    }
  }
  std::erase_if(entries, [](const OutgoingEntry& entry) { return entry.note == kJunkReportNote; });
  std::sort(entries.begin(), entries.end(), [](const OutgoingEntry& a, const OutgoingEntry& b) {
    return std::tie(a.since, a.id_high, a.id_low) < std::tie(b.since, b.id_high, b.id_low);
  });
  return entries;
}

void Outbox::act(const std::shared_ptr<Account>& account, SpoolId id, wire::OutboxAction action,
                 Secret password, const Waiting& waiting) {
  touch();
  learn_states(account);
  const bool stops = action != wire::OutboxAction::Retry;
  ItemPtr item = find(id);
  const bool held = item && stops && claim_held(item);
  if (item && !held) {
    if (stops) {
      waiting.pending->fail(Error{Code::kChanged, "it is being sent at this moment", 0});
      return;
    }
    return answer(item, waiting);  // it is being tried
  }
  if (!item) {
    auto loaded = load(account, id, SpoolPlace::kOutbox, std::move(password));
    if (!loaded) {
      const auto known = entry_on_disk(id);  // done meanwhile, or by somebody else
      waiting.pending->answer([&] {
        return known && loaded.error().code == Code::kNotFound ? reply_outbox_entry(*known)
                                                               : reply_failure(loaded.error());
      });
      return;
    }
    item = *loaded;
    const std::lock_guard lock(mutex_);
    items_[id] = item;
  }
  const OutgoingState state = item->journal.status.state;
  const bool sent = state == OutgoingState::Sent || state == OutgoingState::NotFiled;
  if (action == wire::OutboxAction::Edit && sent) {
    release(item);
    waiting.pending->fail(Error{Code::kChanged, "it was sent", 0});
    return;
  }
  if (action == wire::OutboxAction::Retry) {
    item->filings = 0;
    OutgoingStatus again;
    again.state = sent ? OutgoingState::Sent : OutgoingState::Sending;
    // What is uncertain is not so any more: somebody has decided.
    if (!sent) note(*item, status_note(again));
    {
      const std::lock_guard lock(mutex_);
      item->status = again;
      item->journal.status = again;
      // Who asked waits for the copy, then, and not for what they know.
      if (sent) item->waiting.push_back(waiting.pending);
    }
    sent ? post(item, item->account->strand(), &Outbox::file) : start(item);
    if (!sent) answer(item, waiting);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    item->status = {};
    item->waiting.push_back(waiting.pending);
  }
  if (action == wire::OutboxAction::Edit) return post(item, item->account->strand(), &Outbox::make_draft);
  OutgoingStatus gone;
  gone.state = sent ? OutgoingState::Done : OutgoingState::Discarded;
  if (const auto put = spool_->put_note(SpoolPlace::kDone, id, status_note(gone)); !put) {
    OutgoingStatus back = item->journal.status;
    if (back.state == OutgoingState::Held || back.state == OutgoingState::Sending) {
      back.state = OutgoingState::Failed;
      back.error = put.error().while_doing("discarding it");
    }
    return settle(item, back);
  }
  spool_->forget(SpoolPlace::kOutbox, id);
  end(item, gone);
}

void Outbox::take_up(const std::shared_ptr<Account>& account, const Secret& password, int again) {
  bool held_elsewhere = false;
  learn_states(account);
  for (const SpoolId id : spool_->ids(SpoolPlace::kOutbox)) {
    if (find(id)) continue;
    auto loaded = load(account, id, SpoolPlace::kOutbox, Secret(password.bytes()));
    held_elsewhere = held_elsewhere || (!loaded && loaded.error().code == Code::kChanged);
    if (!loaded || !(*loaded)->journal.order) continue;
    const ItemPtr item = *loaded;
    const OutgoingState state = item->journal.status.state;
    if (state == OutgoingState::Failed || state == OutgoingState::Uncertain) continue;
    log(Severity::kInfo, 251,
        "a message of " + account->address() + " is taken up: it was " +
            wire::EnumNameOutgoingState(state));
    {
      const std::lock_guard lock(mutex_);
      items_[id] = item;
    }
    if (state == OutgoingState::Sent || state == OutgoingState::NotFiled) {
      post(item, account->strand(), &Outbox::file);
    } else if (wall_seconds() - item->journal.order->asked > kSentByItself) {
      OutgoingStatus late;
      late.state = OutgoingState::Failed;
      late.error = Error{Code::kNoWebcache, "AlphaMail was stopped before it was sent", 0};
      settle(item, std::move(late));
    } else {
      start(item);
    }
  }
  if (!held_elsewhere || again == 0) return;
  server_.timers().at(Deadline::in(kLookAgain), [self = shared_from_this(), account, again,
                                                 copy = std::make_shared<Secret>(password.bytes())] {
    self->server_.workers().post(self->strand_, Workers::When::kLater, [self, account, again, copy] {
      self->take_up(account, *copy, again - 1);
    });
  });
}

// ---- Outboxes ----

Result<std::shared_ptr<Outbox>> Outboxes::of(const Account& account) {
  const auto files = account.files();
  if (!files || server_.cache().spool().empty())
    return Error{Code::kStorage, "the disk of the webcache cannot be used", 0};
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Outbox>& known = known_[files->name()];
  const bool same = known && equal_constant_time(known->spool().files().key().bytes(),
                                                 files->key().bytes());
  if (!same) {
    const Config& config = server_.config();
    SpoolLimits limits;
    limits.upload = std::uint64_t{config.upload_limit_mb} << 20;
    limits.account = std::uint64_t{config.spool_limit_mb} << 20;
    limits.keep_days = config.spool_keep_days;
    known = std::make_shared<Outbox>(
        server_, std::make_shared<Spool>(server_.cache().spool(), files, limits,
                                         server_.cache().system()));
  }
  known->touch();
  return known;
}

void Outboxes::sweep() {
  const std::int64_t now = steady_seconds();
  const std::lock_guard lock(mutex_);
  for (auto it = known_.begin(); it != known_.end();) {
    const bool unused = now - it->second->used() > kUnusedStays && !it->second->busy();
    it = unused ? known_.erase(it) : std::next(it);
  }
}

}  // namespace alphamail
