// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between a page and the sessions' table. Two layers, both of which may lose anything at
// any time, since the row in the store is the truth:
//
//   this child's memory   a fixed number of places; a hit costs no lock that another process shares
//   an ap_socache         shared by the children (shmcb), or by several machines (redis, memcache);
//                         sealed records, so that a torn or foreign one is a miss
//
// A session that ends must end in every child at once. So there is one small array of counters in
// memory that all children share (epochs): ending or changing a session moves the counter that its
// row falls on, and a place filled before that is no longer believed. A counter cannot be left
// half-written by a child that is killed, and nothing waits for it. On several machines, where users
// stick to one, a place is believed for kBelieved at most.
#ifndef MOD_ALPHAMAIL_SESSION_CACHE_H
#define MOD_ALPHAMAIL_SESSION_CACHE_H

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/session.h"

struct apr_pool_t;
struct server_rec;
struct ap_socache_provider_t;
struct ap_socache_instance_t;
struct apr_global_mutex_t;

namespace alphamail {

/// A session's row without its name, and its user's settings with it.
struct SessionRecord {
  std::string user;
  std::string domain;
  Bytes sealed_password;
  Bytes sealed_account_key;
  std::int64_t started = 0;
  std::int64_t last_used = 0;
  std::uint32_t idle_limit = 0;
  std::string browser_class;
  Settings settings;
  std::vector<std::string> identities = {};
  std::string labels = {};  ///< as Session has them
};

/// The record as bytes under a mark by the session's own key, and back; nullopt for a single bit's
/// difference. Layout: 1 byte version, each text as 16-bit length and bytes, numbers as 64 bits, settings
/// that differ from the site's as 16-bit count and texts, all little-endian; 16 bytes HMAC at the end.
std::string spell_record(const SessionRecord& record, const Key& key, const SettingRules& rules);
std::optional<SessionRecord> read_record(std::string_view spelled, const Key& key, const SettingRules& rules);

class SessionCache {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kBelieved{30};
  static constexpr std::size_t kEpochs = 4096;
  static constexpr std::size_t kPlaces = 2048;

  /// Makes the shared parts; before httpd forks.
  /// @param provider  an ap_socache provider's name, or "none"; its arguments after a colon
  /// @param rules     must outlive it
  static Result<std::unique_ptr<SessionCache>> make(const std::string& provider, const SettingRules& rules,
                                                    server_rec* server, apr_pool_t* pool);
  explicit SessionCache(const SettingRules& rules) : rules_(rules) {}
  /// In each child, before its first request.
  Result<void> join(apr_pool_t* pool);

  /// Of this child's memory; null for a miss.
  std::shared_ptr<const SessionRecord> find_here(const Digest& row) const;
  /// Of the shared cache.
  std::optional<SessionRecord> find_shared(const Digest& row, const Key& key, apr_pool_t* scratch);
  /// Read before anything else of a session, given back when a copy is kept: a change in between
  /// makes that copy void.
  std::uint32_t epoch(const Digest& row) const { return epochs_[place_of(row, kEpochs)].load(); }
  void keep_here(const Digest& row, std::uint32_t epoch, std::shared_ptr<const SessionRecord> record);
  void keep_shared(const Digest& row, const Key& key, const SessionRecord& record,
                   std::uint32_t epoch, apr_pool_t* scratch);
  /// After the row has changed or is gone: nobody believes an older copy from now on.
  void forget(const Digest& row, apr_pool_t* scratch);

 private:
  struct Place {
    Digest row{};
    std::uint32_t epoch = 0;
    Clock::time_point read;
    std::shared_ptr<const SessionRecord> record;
  };
  static constexpr std::size_t kStripes = 64;
  static std::size_t place_of(const Digest& row, std::size_t places);

  const SettingRules& rules_;
  server_rec* server_ = nullptr;
  const ap_socache_provider_t* provider_ = nullptr;  // null: only the store stands behind
  ap_socache_instance_t* instance_ = nullptr;
  apr_global_mutex_t* mutex_ = nullptr;              // null: the provider needs none
  std::atomic<std::uint32_t>* epochs_ = nullptr;     // kEpochs of them, in memory shared by all children
  std::vector<Place> places_;                        // empty before join()
  mutable std::array<std::mutex, kStripes> stripes_; // stripe n guards the places n, n+64, ...
};

}  // namespace alphamail

#endif
