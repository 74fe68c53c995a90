// SPDX-License-Identifier: GPL-3.0-or-later
// Who is logged in: accounts by user and server, and the handles of sessions that lead to them. A
// handle comes from the session's cookie, so whoever brings one has logged in; it is forgotten at
// log-out, or when it was not used for as long as its session may be idle. An account without
// handles is closed.
#ifndef WEBCACHE_ACCOUNTS_H
#define WEBCACHE_ACCOUNTS_H

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "webcache/account.h"

namespace alphamail {

/// wire::Handle in our own type.
struct Handle {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Handle&) const = default;
};

class Accounts {
 public:
  /// Limits against a web child gone mad; each far above what one machine serves.
  static constexpr std::size_t kMostAccounts = 100000;
  static constexpr std::size_t kMostHandles = 64;  // an account; the one used least recently goes

  Accounts(Services& services, std::size_t connections_per_server);

  /// The account of a handle, which counts as use; null where the handle is not known.
  std::shared_ptr<Account> find(Handle handle) const;
  /// The account of a user, made where it is not there. @return kBusy at the limit
  Result<std::shared_ptr<Account>> get(const MailServer& server, const std::string& user);
  bool leads_to(Handle handle, const Account& account) const;
  void add(Handle handle, const std::shared_ptr<Account>& account, std::uint32_t idle_seconds);
  /// @return the account where this was its last handle: it is not found any more, and the caller
  /// closes it
  std::shared_ptr<Account> remove(Handle handle);

  /// Forgets handles that were idle too long, and accounts that have had none for a while.
  /// @return those accounts, for the caller to close
  std::vector<std::shared_ptr<Account>> sweep(std::int64_t now);

  /// What all servers' connections share.
  std::shared_ptr<ServerGate> gate(const MailServer& server);
  /// Where somebody waits for a connection, has as many closed: second ones, then idle ones, those
  /// first whose users asked least recently. Takes time with many accounts.
  void make_room();
  /// Lets go of all who wait at gates.
  void stop_waiting();

  /// Blocks of the heap by which accounts are found: kAccounts.
  std::size_t bytes() const;

  std::vector<std::shared_ptr<Account>> all() const;
  std::size_t accounts() const;
  std::size_t handles() const;

 private:
  struct HandleHash {
    std::size_t operator()(const Handle& h) const { return h.high ^ (h.low * 0x9E3779B97F4A7C15U); }
  };
  struct Session {
    std::shared_ptr<Account> account;
    std::int64_t idle_seconds = 0;
    mutable std::atomic<std::int64_t> used{0};  // steady seconds
  };
  struct Known {
    std::shared_ptr<Account> account;
    std::vector<Handle> handles;
    std::int64_t empty_since = 0;  // steady seconds; when it got no handle, or lost its last
  };
  using Key = std::pair<const ServerGate*, std::string>;

  Key key_of(const Account& account) const;
  void detach(Handle handle, std::int64_t now);
  void make_room(const ServerGate& gate);

  Services& services_;
  const std::size_t connections_per_server_;
  mutable std::shared_mutex mutex_;  // guards all below
  std::map<Key, Known> accounts_;
  std::unordered_map<Handle, Session, HandleHash> sessions_;
  std::map<std::string, std::shared_ptr<ServerGate>> gates_;  // by host:port
};

}  // namespace alphamail

#endif
