// SPDX-License-Identifier: GPL-3.0-or-later
// Slows down whoever guesses passwords (requirement S9): after a number of failures of one account,
// or of one network (/24, or /56 of IPv6), within a window, each further failure doubles the time
// to wait, up to a limit. Nothing is ever locked. Attempts under way count as failures until they
// are known not to be, so a thousand at once gain nothing.
#ifndef WEBCACHE_LOGIN_THROTTLE_H
#define WEBCACHE_LOGIN_THROTTLE_H

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/config.h"

namespace alphamail {

class LoginThrottle {
 public:
  struct Limits {
    std::uint32_t failures_account = 5;
    std::uint32_t failures_network = 20;
    std::uint32_t window_seconds = 600;
    std::uint32_t delay_max_seconds = 60;
    std::size_t entries = 100000;  ///< accounts, and networks, remembered at once
  };
  using Clock = std::function<std::int64_t()>;  ///< seconds; steady

  explicit LoginThrottle(Limits limits, Clock clock = {});
  static Limits limits_of(const Config& config);

  /// What became of an attempt. kNoAnswer: the server was not reached, or said [UNAVAILABLE].
  enum class Outcome { kFailed, kSucceeded, kNoAnswer };

  /// An attempt that may go on, or not: then wait() says how long. Tells its outcome once; let go
  /// of untold it counts as kNoAnswer. Outlived by its throttle.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept;
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();
    std::uint32_t wait() const { return wait_; }  ///< seconds; 0 = go on
    void end(Outcome outcome);

   private:
    friend class LoginThrottle;
    Attempt(LoginThrottle* throttle, std::string account, std::string network, std::uint32_t wait)
        : throttle_(throttle),
          account_(std::move(account)),
          network_(std::move(network)),
          wait_(wait) {}
    LoginThrottle* throttle_;  // null: nothing to tell (any more)
    std::string account_, network_;
    std::uint32_t wait_;
  };

  /// @param account  user and domain in one, case ignored
  /// @param network  the client's address; "" where it is not known (only the account counts then)
  Attempt begin(std::string_view account, std::string_view network);

 private:
  // One account or network: when it failed, oldest first, and how many attempts are under way.
  struct Entry {
    std::string name;
    std::vector<std::int64_t> failures;
    std::uint32_t open = 0;
  };
  // Least recently used first; an entry with attempts under way may be forgotten, that is harmless.
  struct Table {
    std::list<Entry> order;
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;
  };
  Entry& touch(Table& table, const std::string& name);
  // `open_free`: so many attempts under way do not count.
  std::uint32_t wait_for(Entry& entry, std::uint32_t allowed, std::uint32_t open_free,
                         std::int64_t now) const;
  void end(const std::string& account, const std::string& network, Outcome outcome);

  const Limits limits_;
  const Clock clock_;
  std::mutex mutex_;  // guards both tables
  Table accounts_, networks_;
};

/// The network an address belongs to, for counting: "192.0.2.0/24", "2001:db8:0:100::/56" (a mapped
/// IPv4 address counts as IPv4). "" for what is no address.
std::string network_of(std::string_view address);

}  // namespace alphamail

#endif
