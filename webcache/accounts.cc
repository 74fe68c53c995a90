// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/accounts.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "webcache/clock.h"
#include "webcache/heap_bytes.h"

namespace alphamail {
namespace {

// An account that is being resumed has no handle for as long as its log-in takes.
constexpr std::int64_t kMayBeEmpty = 60;

}  // namespace

Accounts::Accounts(Services& services, std::size_t connections_per_server)
    : services_(services), connections_per_server_(connections_per_server) {}

std::shared_ptr<ServerGate> Accounts::gate(const MailServer& server) {
  const std::unique_lock lock(mutex_);
  auto& gate = gates_[server.domain + " " + server.host + ":" + std::to_string(server.port)];
  if (!gate) {
    const auto self = std::make_shared<std::weak_ptr<ServerGate>>();
    gate = std::make_shared<ServerGate>(
        connections_per_server_, services_.counters,
        [this] {
          if (services_.crowded) services_.crowded();
        },
        [this, self, server](Millis after) {
          const auto probed = self->lock();
          if (probed && services_.probe) services_.probe(probed, server, after);
        },
        server.host + ":" + std::to_string(server.port));
    *self = gate;
  }
  return gate;
}

Accounts::Key Accounts::key_of(const Account& account) const {
  return {&account.gate(), account.user()};
}

std::shared_ptr<Account> Accounts::find(Handle handle) const {
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(handle);
  if (found == sessions_.end()) return nullptr;
  found->second.used.store(steady_seconds(), std::memory_order_relaxed);
  return found->second.account;
}

Result<std::shared_ptr<Account>> Accounts::get(const MailServer& server, const std::string& user) {
  const auto shared_gate = gate(server);
  const std::unique_lock lock(mutex_);
  const auto found = accounts_.find(Key{shared_gate.get(), user});
  if (found != accounts_.end()) return found->second.account;
  if (accounts_.size() >= kMostAccounts) return Error{Code::kBusy, "too many accounts", 60};
  auto account = std::make_shared<Account>(services_, server, shared_gate, user);
  accounts_[Key{shared_gate.get(), user}] = Known{account, {}, steady_seconds()};
  return account;
}

bool Accounts::leads_to(Handle handle, const Account& account) const {
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(handle);
  return found != sessions_.end() && found->second.account.get() == &account;
}

void Accounts::add(Handle handle, const std::shared_ptr<Account>& account,
                   std::uint32_t idle_seconds) {
  const std::unique_lock lock(mutex_);
  const std::int64_t now = steady_seconds();
  detach(handle, now);
  // A sweep may have taken the account away since get(): then it is entered again.
  Known& known = accounts_[key_of(*account)];
  if (known.account != account) known = Known{account, {}, now};
  if (known.handles.size() >= kMostHandles) {
    const auto oldest = std::min_element(
        known.handles.begin(), known.handles.end(),
        [&](const Handle& a, const Handle& b) { return sessions_[a].used < sessions_[b].used; });
    detach(Handle(*oldest), now);
  }
  known.handles.push_back(handle);
  Session& session = sessions_[handle];
  session.account = account;
  session.idle_seconds = idle_seconds;
  session.used = now;
}

// The account stays, to be swept later or used again at once.
void Accounts::detach(Handle handle, std::int64_t now) {
  const auto found = sessions_.find(handle);
  if (found == sessions_.end()) return;
  if (const auto known = accounts_.find(key_of(*found->second.account)); known != accounts_.end()) {
    std::erase(known->second.handles, handle);
    known->second.empty_since = now;
  }
  sessions_.erase(found);
}

std::shared_ptr<Account> Accounts::remove(Handle handle) {
  const std::unique_lock lock(mutex_);
  const auto found = sessions_.find(handle);
  if (found == sessions_.end()) return nullptr;
  const std::shared_ptr<Account> account = found->second.account;
  detach(handle, steady_seconds());
  const auto known = accounts_.find(key_of(*account));
  if (known == accounts_.end() || !known->second.handles.empty()) return nullptr;
  accounts_.erase(known);
  return account;
}

std::vector<std::shared_ptr<Account>> Accounts::sweep(std::int64_t now) {
  std::vector<Handle> idle;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [handle, session] : sessions_) {
      if (session.used.load(std::memory_order_relaxed) + session.idle_seconds < now)
        idle.push_back(handle);
    }
  }
  std::vector<std::shared_ptr<Account>> closed;
  const std::unique_lock lock(mutex_);
  for (const Handle& handle : idle) detach(handle, now);
  for (auto it = accounts_.begin(); it != accounts_.end();) {
    if (it->second.handles.empty() && it->second.empty_since + kMayBeEmpty < now) {
      closed.push_back(std::move(it->second.account));
      it = accounts_.erase(it);
    } else {
      ++it;
    }
  }
  return closed;
}

void Accounts::make_room() {
  std::vector<std::shared_ptr<ServerGate>> crowded;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, gate] : gates_) {
      if (gate->waiting() > 0) crowded.push_back(gate);
    }
  }
  for (const auto& gate : crowded) {
    gate->serve();
    if (gate->full()) make_room(*gate);
  }
}

void Accounts::make_room(const ServerGate& gate) {
  std::vector<std::pair<std::int64_t, std::shared_ptr<Account>>> holders;
  std::size_t leaving = 0;
  {
    const std::shared_lock lock(mutex_);
    for (auto it = accounts_.lower_bound(Key{&gate, std::string()});
         it != accounts_.end() && it->first.first == &gate; ++it) {
      const auto& account = it->second.account;
      if (account->giving_way() || account->second().leaving()) ++leaving;
      if (account->connected() || account->second().open()) holders.emplace_back(account->asked_ms(), account);
    }
  }
  std::sort(holders.begin(), holders.end());
  for (const auto& [asked, account] : holders) {
    if (leaving >= gate.waiting()) return;
    if (account->second().leave(account)) ++leaving;
  }
  for (const auto& [asked, account] : holders) {
    if (leaving >= gate.waiting()) return;
    if (account->give_way()) ++leaving;
  }
}

void Accounts::stop_waiting() {
  const std::shared_lock lock(mutex_);
  for (const auto& [name, gate] : gates_) gate->stop();
}

std::size_t Accounts::bytes() const {
  const std::shared_lock lock(mutex_);
  constexpr std::size_t kAnAccount =
      tree_node<std::pair<const Key, Known>>() + heap_block(sizeof(Handle));
  return accounts_.size() * kAnAccount +
         sessions_.size() * (hash_node<std::pair<const Handle, Session>>());
}

std::vector<std::shared_ptr<Account>> Accounts::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<Account>> all;
  all.reserve(accounts_.size());
  for (const auto& [key, known] : accounts_) all.push_back(known.account);
  return all;
}

std::size_t Accounts::accounts() const {
  const std::shared_lock lock(mutex_);
  return accounts_.size();
}

std::size_t Accounts::handles() const {
  const std::shared_lock lock(mutex_);
  return sessions_.size();
}

}  // namespace alphamail
