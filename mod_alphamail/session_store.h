// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions: made at log-in, found for each request, ended at log-out. The row in the store is the
// truth; session_cache.h stands in front of it.
#ifndef MOD_ALPHAMAIL_SESSION_STORE_H
#define MOD_ALPHAMAIL_SESSION_STORE_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "common/deadline.h"
#include "common/result.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/session_cache.h"
#include "mod_alphamail/store.h"

namespace alphamail {

class SessionStore {
 public:
  struct Limits {
    std::int64_t absolute_seconds = 12 * 3600;
  };
  enum class State { kLive, kUnknown, kExpired };
  struct Found {
    State state = State::kUnknown;
    Session session;  ///< where kLive
  };

  /// @param rules  must outlive it
  SessionStore(Store& store, SessionCache& cache, Limits limits, const SettingRules& rules)
      : store_(store), cache_(cache), limits_(limits), rules_(rules) {}

  /// @param counts   the request shows that the user is there (polls do not)
  /// @param browser  the class of the browser that asks; a session seen from another one is ended
  /// @param scratch  the request's pool
  /// @return kStorage where the store is needed and does not answer: never taken for a log-out
  Result<Found> find(const Session::Keys& keys, std::string_view browser, bool counts,
                     std::int64_t now, Deadline deadline, apr_pool_t* scratch);

  /// Keeps a new session. @return kStorage where its row cannot be written: nobody is logged in then
  Result<void> add(const Session& session, std::int64_t now, Deadline deadline, apr_pool_t* scratch);

  /// Ends it in the store and in every child. kStorage where the row would not go.
  Result<void> end(const Digest& row, Deadline deadline, apr_pool_t* scratch);

  /// The user's settings or identities have changed: each of their sessions is read anew.
  void refresh_user(std::string_view user, std::string_view domain, Deadline deadline);

 private:
  using Record = std::shared_ptr<const SessionRecord>;
  /// From the store, into both caches. Null where there is no such row.
  Result<Record> read_row(const Session::Keys& keys, std::uint32_t epoch, Deadline deadline,
                          apr_pool_t* scratch);
  bool is_over(const SessionRecord& record, std::int64_t now) const;
  Record touch(const Session::Keys& keys, const Record& record, std::uint32_t epoch,
               std::int64_t now, Deadline deadline, apr_pool_t* scratch);
  void sweep(std::int64_t now, Deadline deadline);

  Store& store_;
  SessionCache& cache_;
  const Limits limits_;
  const SettingRules& rules_;
  std::atomic<std::int64_t> last_sweep_{0};
};

}  // namespace alphamail

#endif
