// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/session_cache.h"

#include <cstring>
#include <new>

#include <apr_global_mutex.h>
#include <apr_shm.h>
#include <httpd.h>
#include <ap_provider.h>
#include <ap_socache.h>
#include <util_mutex.h>

namespace alphamail {
namespace {

constexpr const char* kMutexType = "alphamail-sessions";
// 8 MB hold some 20 000 sessions; shmcb takes the name as a fall-back where there is no anonymous
// shared memory.
constexpr const char* kDefaultShmcb = "alphamail_sessions(8388608)";

apr_time_t expiry_of(const SessionRecord& record) {
  return apr_time_from_sec(record.last_used + record.idle_limit + 120);
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* id_of(const Digest& row) { return reinterpret_cast<const unsigned char*>(row.data()); }

/// Holds the provider's lock, where it needs one.
class SharedLock {
 public:
  explicit SharedLock(apr_global_mutex_t* mutex) : mutex_(mutex) {
    held_ = !mutex_ || apr_global_mutex_lock(mutex_) == APR_SUCCESS;
  }
  ~SharedLock() {
    if (mutex_ && held_) apr_global_mutex_unlock(mutex_);
  }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;
  explicit operator bool() const { return held_; }

 private:
  apr_global_mutex_t* mutex_;
  bool held_;
};

struct Instance {
  const ap_socache_provider_t* provider;
  ap_socache_instance_t* instance;
  server_rec* server;
};

apr_status_t destroy_instance(void* data) noexcept {
  const auto* made = static_cast<Instance*>(data);
  made->provider->destroy(made->instance, made->server);
  return APR_SUCCESS;
}

Error cannot(const std::string& what, apr_status_t rv) {
  char words[256];
  return {Code::kStorage, what + ": " + apr_strerror(rv, words, sizeof words)};
}

}  // namespace

Result<std::unique_ptr<SessionCache>> SessionCache::make(const std::string& spec, const SettingRules& rules,
                                                         server_rec* server, apr_pool_t* pool) {
  auto made = std::make_unique<SessionCache>(rules);
  made->server_ = server;

  apr_shm_t* shm = nullptr;
  const std::size_t size = kEpochs * sizeof(std::atomic<std::uint32_t>);
  apr_status_t rv = apr_shm_create(&shm, size, nullptr, pool);
  if (rv != APR_SUCCESS) return cannot("no shared memory for the sessions' epochs", rv);
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
  made->epochs_ = static_cast<std::atomic<std::uint32_t>*>(apr_shm_baseaddr_get(shm));
  for (std::size_t i = 0; i < kEpochs; ++i) new (&made->epochs_[i]) std::atomic<std::uint32_t>(0);

  const std::string name = spec.substr(0, spec.find(':'));
  if (name == "none") return made;
  made->provider_ = static_cast<const ap_socache_provider_t*>(
      ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name.c_str(), AP_SOCACHE_PROVIDER_VERSION));
  if (!made->provider_) {
    return Error{Code::kInvalid, "session cache provider " + name + " is not loaded (mod_socache_" +
                                     name + ")"};
  }
  std::string args = name.size() < spec.size() ? spec.substr(name.size() + 1) : "";
  if (args.empty() && name == "shmcb") args = kDefaultShmcb;
  const char* wrong = made->provider_->create(&made->instance_, args.empty() ? nullptr : args.c_str(),
                                              pool, pool);
  if (wrong) return Error{Code::kInvalid, "session cache " + spec + ": " + wrong};
  if (made->provider_->flags & AP_SOCACHE_FLAG_NOTMPSAFE) {
    rv = ap_global_mutex_create(&made->mutex_, nullptr, kMutexType, nullptr, server, pool, 0);
    if (rv != APR_SUCCESS) return cannot("no lock for the session cache", rv);
  }
  const ap_socache_hints hints = {sizeof(Digest), 400, apr_time_from_sec(1800)};
  rv = made->provider_->init(made->instance_, "alphamail-sess", &hints, server, pool);
  if (rv != APR_SUCCESS) return cannot("session cache " + spec, rv);
  auto* instance = new (apr_palloc(pool, sizeof(Instance)))
      Instance{made->provider_, made->instance_, server};
  apr_pool_cleanup_register(pool, instance, destroy_instance, apr_pool_cleanup_null);
  return made;
}

Result<void> SessionCache::join(apr_pool_t* pool) {
  places_.resize(kPlaces);
  if (!mutex_) return {};
  const char* file = apr_global_mutex_lockfile(mutex_);
  const apr_status_t rv = apr_global_mutex_child_init(&mutex_, file, pool);
  if (rv != APR_SUCCESS) return cannot("joining the session cache's lock", rv);
  return {};
}

std::size_t SessionCache::place_of(const Digest& row, std::size_t places) {
  std::uint64_t number = 0;  // a digest's bytes are as good as random
  std::memcpy(&number, row.data(), sizeof number);
  return number % places;
}

std::shared_ptr<const SessionRecord> SessionCache::find_here(const Digest& row) const {
  if (places_.empty()) return nullptr;
  const std::size_t n = place_of(row, kPlaces);
  const std::uint32_t now = epoch(row);
  const std::lock_guard lock(stripes_[n % kStripes]);
  const Place& place = places_[n];
  if (!place.record || place.row != row || place.epoch != now) return nullptr;
  if (Clock::now() - place.read > kBelieved) return nullptr;
  return place.record;
}

void SessionCache::keep_here(const Digest& row, std::uint32_t epoch,
                             std::shared_ptr<const SessionRecord> record) {
  if (places_.empty()) return;
  const std::size_t n = place_of(row, kPlaces);
  const std::lock_guard lock(stripes_[n % kStripes]);
  places_[n] = Place{row, epoch, Clock::now(), std::move(record)};
}

std::optional<SessionRecord> SessionCache::find_shared(const Digest& row, const Key& key,
                                                       apr_pool_t* scratch) {
  if (!provider_) return {};
  std::string spelled(8192, '\0');
  auto size = static_cast<unsigned>(spelled.size());
  {
    const SharedLock lock(mutex_);
    if (!lock) return {};
    if (provider_->retrieve(instance_, server_, id_of(row), sizeof(Digest), bytes_of(spelled), &size,
                            scratch) != APR_SUCCESS) {
      return {};
    }
  }
  return read_record(std::string_view(spelled).substr(0, size), key, rules_);
}

void SessionCache::keep_shared(const Digest& row, const Key& key, const SessionRecord& record,
                               std::uint32_t seen, apr_pool_t* scratch) {
  if (!provider_) return;
  std::string spelled = spell_record(record, key, rules_);
  const SharedLock lock(mutex_);
  // Ended since it was read? Under the lock this cannot change, so no copy outlives forget().
  if (!lock || epoch(row) != seen) return;
  // A full cache refuses or throws out others: both are only slower.
  provider_->store(instance_, server_, id_of(row), sizeof(Digest), expiry_of(record),
                   bytes_of(spelled), static_cast<unsigned>(spelled.size()), scratch);
}

void SessionCache::forget(const Digest& row, apr_pool_t* scratch) {
  const SharedLock lock(mutex_);
  if (lock && provider_) {
    provider_->remove(instance_, server_, id_of(row), sizeof(Digest), scratch);
  }
  epochs_[place_of(row, kEpochs)].fetch_add(1);
}

}  // namespace alphamail
