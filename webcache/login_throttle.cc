// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace alphamail {
namespace {

std::int64_t steady_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// Failures remembered beyond the allowed ones: the delay is at its limit long before.
constexpr std::size_t kBeyond = 16;

// Attempts of one network that may be under way without counting: a lecture hall behind one
// address.
constexpr std::uint32_t kCrowd = 64;

}  // namespace

LoginThrottle::LoginThrottle(Limits limits, Clock clock)
    : limits_(limits), clock_(clock ? std::move(clock) : Clock(steady_seconds)) {}

LoginThrottle::Limits LoginThrottle::limits_of(const Config& config) {
  Limits limits;
  limits.failures_account = config.login_failures_account;
  limits.failures_network = config.login_failures_network;
  limits.window_seconds = config.login_window_minutes * 60;
  limits.delay_max_seconds = config.login_delay_max_seconds;
  return limits;
}

LoginThrottle::Entry& LoginThrottle::touch(Table& table, const std::string& name) {
  if (const auto found = table.by_name.find(name); found != table.by_name.end()) {
    table.order.splice(table.order.end(), table.order, found->second);
    return *found->second;
  }
  if (table.order.size() >= limits_.entries) {
    table.by_name.erase(table.order.front().name);
    table.order.pop_front();
  }
  table.order.push_back(Entry{name, {}, 0});
  const auto entry = std::prev(table.order.end());
  table.by_name.emplace(entry->name, entry);
  return *entry;
}

std::uint32_t LoginThrottle::wait_for(Entry& entry, std::uint32_t allowed, std::uint32_t open_free,
                                      std::int64_t now) const {
  std::erase_if(entry.failures,
                [&](std::int64_t at) { return at + limits_.window_seconds <= now; });
  const std::uint32_t open = entry.open > open_free ? entry.open - open_free : 0;
  const std::size_t count = entry.failures.size() + open;
  if (count < allowed) return 0;
  // Attempts under way fill the allowance: the next one waits for them, a second at least.
  if (entry.failures.size() < allowed) return 1;
  const std::size_t beyond = std::min(count - allowed, kBeyond);
  const auto delay = std::min<std::int64_t>(std::int64_t{1} << beyond, limits_.delay_max_seconds);
  const std::int64_t until = entry.failures.back() + delay;
  if (until > now) return static_cast<std::uint32_t>(until - now);
  return open > 0 ? 1 : 0;  // one at a time from here on
}

LoginThrottle::Attempt LoginThrottle::begin(std::string_view account, std::string_view network) {
  std::string name = lowered(account.substr(0, 512));
  std::string net = network_of(network);
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_();
  Entry& by_account = touch(accounts_, name);
  std::uint32_t wait = wait_for(by_account, limits_.failures_account, 0, now);
  Entry* by_network = net.empty() ? nullptr : &touch(networks_, net);
  if (by_network) {
    wait = std::max(wait, wait_for(*by_network, limits_.failures_network, kCrowd, now));
  }
  if (wait > 0) return Attempt(nullptr, {}, {}, wait);
  ++by_account.open;
  if (by_network) ++by_network->open;
  return Attempt(this, std::move(name), std::move(net), 0);
}

void LoginThrottle::end(const std::string& account, const std::string& network, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_();
  const auto note = [&](Entry& entry, std::uint32_t allowed) {
    if (entry.open > 0) --entry.open;
    if (outcome != Outcome::kFailed) return;
    entry.failures.push_back(now);
    if (entry.failures.size() > allowed + kBeyond) entry.failures.erase(entry.failures.begin());
  };
  Entry& by_account = touch(accounts_, account);
  note(by_account, limits_.failures_account);
  // The owner knows the password: guesses of others need not slow the next log-in down. A network's
  // failures stay, else one own account would pay for guessing at all others.
  if (outcome == Outcome::kSucceeded) by_account.failures.clear();
  if (!network.empty()) note(touch(networks_, network), limits_.failures_network);
}

LoginThrottle::Attempt::Attempt(Attempt&& other) noexcept
    : throttle_(std::exchange(other.throttle_, nullptr)),
      account_(std::move(other.account_)),
      network_(std::move(other.network_)),
      wait_(other.wait_) {}

LoginThrottle::Attempt::~Attempt() {
  end(Outcome::kNoAnswer);
}

void LoginThrottle::Attempt::end(Outcome outcome) {
  if (LoginThrottle* const throttle = std::exchange(throttle_, nullptr)) {
    throttle->end(account_, network_, outcome);
  }
}

std::string network_of(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // without an interface's name
  unsigned char bytes[16];
  char out[INET6_ADDRSTRLEN];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    bytes[3] = 0;
    return inet_ntop(AF_INET, bytes, out, sizeof out) ? std::string(out) + "/24" : "";
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return "";
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, kMapped, sizeof kMapped) == 0) {
    bytes[15] = 0;
    return inet_ntop(AF_INET, bytes + 12, out, sizeof out) ? std::string(out) + "/24" : "";
  }
  std::memset(bytes + 7, 0, 9);
  return inet_ntop(AF_INET6, bytes, out, sizeof out) ? std::string(out) + "/56" : "";
}

}  // namespace alphamail
