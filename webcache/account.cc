// SPDX-License-Identifier: GPL-3.0-or-later
// What is published, the connection. The list of folders: account_folders.cc. Indexes: account_index.cc,
// account_check.cc. Messages: account_message.cc. Memory: account_memory.cc.
#include "webcache/account.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/log.h"
#include "webcache/account_steps.h"
#include "webcache/clock.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

// How long a folder that could not be opened stands for one that cannot.
constexpr std::int64_t kTroubleLasts = 60;

// And a log-in that failed for an answer to whoever needs a connection, in seconds.
constexpr std::int64_t kRefusalLasts = 1;

// Who was asked for something so many milliseconds ago, or has only just got a connection, may need
// it for the next question. Who has an index made of a large folder wants to see that.
constexpr std::int64_t kMayNeedItStill = 300;
constexpr std::int64_t kWantsItBuilt = 5000;

// Another check of a folder is due after this many seconds: what a server's own notice would tell
// is at most so late.
constexpr std::int64_t kCheckEvery = 60;

}  // namespace

Result<Connection> connect_and_log_in(Services& services, ServerGate& gate, ServerGate::Place place,
                                      const MailServer& server, std::string_view user,
                                      const Secret& password, bool second) {
  auto imap =
      ImapConnection::open(server, services.tls, Deadline::in(services.connect_timeout.load()));
  if (!imap) {
    services.counters.add(Count::connects_failed);
    if (second) return imap.error();
    gate.failed(imap.error());
    log(Severity::kWarning, 210,
        "cannot connect to " + server.host + ":" + std::to_string(server.port) + ": " +
            imap.error().detail);
    return imap.error();
  }
  services.counters.add(Count::connects);
  const auto entered =
      (*imap)->log_in(user, password, Deadline::in(services.command_timeout.load()));
  if (!entered) {
    services.counters.add(Count::imap_commands, (*imap)->commands());
    if (!second && entered.error().code == Code::kTimeout) gate.stalled();
    if (!second && entered.error().code == Code::kUnreachable) gate.suspect();
    return entered.error();
  }
  gate.answered();
  return Connection{std::move(*imap), std::move(place)};
}

Account::Account(Services& services, const MailServer& server, std::shared_ptr<ServerGate> gate,
                 std::string user)
    : searches_(std::make_unique<Searches>()),
      services_(services),
      server_(server),
      gate_(std::move(gate)),
      user_(std::move(user)),
      strand_(services.workers.strand(server.host + ":" + std::to_string(server.port))),
      login_strand_(services.workers.strand(server.host + ":" + std::to_string(server.port))),
      disk_strand_(services.workers.strand("disk")),
      search_strand_(services.workers.strand("searches")),
      second_(services, services.workers.strand(server.host + ":" + std::to_string(server.port))) {}

Account::~Account() {
  unwatch();
}

std::string Account::address() const {
  return user_.find('@') == std::string::npos ? user_ + "@" + server_.domain : user_;
}

std::string Account::cache_name() const {
  return user_ + '\n' + server_.domain + '\n' + server_.host + ':' + std::to_string(server_.port);
}

std::string Account::story() const {
  const auto cpu = std::chrono::duration_cast<Millis>(services_.workers.cpu(strand_));
  return "user " + address() + " host " + server_.host + " seconds " +
         std::to_string(steady_seconds() - since_) + " cpu_ms " + std::to_string(cpu.count());
}

// ---- published ----

FoldersView Account::folders() const {
  const std::lock_guard lock(mutex_);
  return folders_now();
}

// With mutex_ held.
FoldersView Account::folders_now() const {
  FoldersView now = folders_;
  now.outbox = outbox_;
  return now;
}

void Account::note_outbox(OutboxCounts counts) {
  const std::lock_guard lock(mutex_);
  outbox_ = counts;
}

std::optional<FolderView> Account::view(const std::string& folder, Looking looking) const {
  const std::lock_guard lock(mutex_);
  if (!folders_.tree) return std::nullopt;
  const auto number = folders_.tree->find(folder);
  if (!number) return std::nullopt;
  FolderView view{folders_now(), *number, nullptr, false, standing_of(folder)};
  if (const auto found = indexes_.find(folder); found != indexes_.end()) {
    view.index = found->second.index;
    view.stale = found->second.stale;
    if (looking == Looking::kUser)
      found->second.used.store(steady_seconds(), std::memory_order_relaxed);
  }
  return view;
}

std::shared_ptr<const OpenedMessage> Account::opened(const std::string& folder, Uid uid) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, message] : opened_) {
    if (key.uid == uid && key.folder == folder) return message;
  }
  return nullptr;
}

bool Account::claim_check(const std::string& folder, const FolderIndex& index) {
  if (!index.complete()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = indexes_.find(folder);
  if (found == indexes_.end() || (live_ && followed_ == folder)) return false;
  if (!found->second.stale && seconds_since(index.checked()) < kCheckEvery) return false;
  const std::int64_t now = steady_seconds();
  if (found->second.check_claimed != 0 && now - found->second.check_claimed < kCheckEvery)
    return false;
  found->second.check_claimed = now;
  return true;
}

// ---- the connection ----

void Account::offer(Connection connection) {
  {
    const std::lock_guard lock(mutex_);
    if (!connected_.load(std::memory_order_relaxed)) {
      spare_ = std::move(connection);
      touch();
      connected_.store(true, std::memory_order_release);
      return;
    }
  }
  connection.imap->log_out(Deadline::in(Millis(500)));
}

Error Account::without_connection() const {
  if (auto away = gate_->away()) return *away;
  if (resuming_ > 0) return Error{Code::kUnderWay, "logging in to the mail server", 1};
  const std::lock_guard lock(mutex_);
  if (refusal_ && steady_seconds() - refusal_->when <= kRefusalLasts) return refusal_->error;
  return Error{Code::kNeedCredentials, "", 0};
}

void Account::note_refusal(const Error& error) {
  const std::lock_guard lock(mutex_);
  refusal_ = Trouble{error, steady_seconds()};
  refusal_->error.retry_after = 2;
}

std::optional<Error> Account::unable() const {
  if (auto away = gate_->away()) return away;
  if (!connected()) return without_connection();
  return std::nullopt;
}

wire::Standing Account::standing_of(const std::string& folder) const {
  if (gate_->away()) return wire::Standing::Away;
  const auto found = troubles_.find(folder);
  if (found != troubles_.end() && steady_seconds() - found->second.when < kTroubleLasts)
    return wire::Standing::InUse;
  if (resuming_ > 0 && !connected()) return wire::Standing::Waiting;
  return wire::Standing::Live;
}

std::optional<Error> Account::trouble(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  const auto found = troubles_.find(folder);
  if (found == troubles_.end() || steady_seconds() - found->second.when >= kTroubleLasts)
    return std::nullopt;
  return found->second.error;
}

// @param error  null: it is well
void Account::note_trouble(const std::string& address, const Error* error) {
  constexpr std::size_t kMost = 100;
  const std::lock_guard lock(mutex_);
  if (!error) {
    troubles_.erase(address);
  } else if (troubles_.size() < kMost || troubles_.contains(address)) {
    troubles_[address] = {*error, steady_seconds()};
  }
}

Deadline Account::step() const {
  return Deadline::in(services_.command_timeout.load());
}

Result<ImapConnection*> Account::connection() {
  unwatch();
  if (connection_.imap && connection_.imap->dead()) {
    connection_ = {};
    selection_ = {};
  }
  if (!connection_.imap) {
    const std::lock_guard lock(mutex_);
    if (spare_) {
      connection_ = std::move(*spare_);
      spare_.reset();
      counted_commands_ = 0;
      loss_counted_ = false;
      refuses_idle_ = false;
      selection_ = {};
    }
  }
  if (!connection_.imap) return without_connection();
  return connection_.imap.get();
}

// Counts what was sent, and says so where the connection broke; connection() lets go of it, so that
// who just took a step that succeeded still has it.
void Account::settle() {
  if (!connection_.imap) return;
  const std::uint64_t sent = connection_.imap->commands();
  services_.counters.add(Count::imap_commands, sent - counted_commands_);
  counted_commands_ = sent;
  if (!connection_.imap->dead() || loss_counted_) return;
  loss_counted_ = true;
  services_.counters.add(Count::connections_lost);
  const std::lock_guard lock(mutex_);
  connected_.store(spare_.has_value(), std::memory_order_release);
  // Nobody hears any more what happens there.
  if (const auto found = indexes_.find(selection_.address); found != indexes_.end()) {
    found->second.stale = true;
    found->second.check_claimed = 0;
  }
  followed_.clear();
  live_ = false;
}

void Account::yield_connection() {
  if (const auto imap = connection()) (*imap)->log_out(Deadline::in(Millis(500)));
  selection_ = {};  // what is known of it is good enough for a while: nothing was missed
  settle();
  const Connection gone = std::exchange(connection_, {});
  const std::lock_guard lock(mutex_);
  connected_.store(spare_.has_value(), std::memory_order_release);
  followed_.clear();
  live_ = false;
}

void Account::close() {
  second_.leave(shared_from_this());
  searches_->clear();
  if (const auto imap = connection()) (*imap)->log_out(Deadline::in(Millis(500)));
  settle();
  connection_ = {};
  shrink();
  connected_.store(false, std::memory_order_release);
}

// ---- going round ----

bool Account::park(Resumer resumer) {
  const std::lock_guard lock(mutex_);
  parked_.push_back(std::move(resumer));
  return parked_.size() == 1;
}

std::vector<Account::Resumer> Account::unpark() {
  const std::lock_guard lock(mutex_);
  return std::exchange(parked_, {});
}

bool Account::give_way() {
  if (!connected() || in_use_ > 0 || steady_ms() - asked_ms() < kMayNeedItStill) return false;
  if (giving_way_.exchange(true)) return false;
  // Behind all that users wait for.
  const bool posted =
      services_.workers.post(strand_, Workers::When::kLater, [self = shared_from_this()] {
        const std::int64_t quiet = steady_ms() - self->asked_ms();
        const bool busy = std::any_of(self->work_.begin(), self->work_.end(), [](const auto& one) {
          return one.second.building || one.second.comparing;
        });
        if (self->in_use_ == 0 && quiet >= (busy ? kWantsItBuilt : kMayNeedItStill)) {
          self->yield_connection();
          self->services_.counters.add(Count::connections_yielded);
        }
        self->giving_way_ = false;
      });
  if (!posted) giving_way_ = false;
  return posted;
}

}  // namespace alphamail
