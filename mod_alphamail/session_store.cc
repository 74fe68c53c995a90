// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/session_store.h"


#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "mod_alphamail/labels.h"
#include "mod_alphamail/pool.h"

namespace alphamail {
namespace {

constexpr std::int64_t kTouchSeconds = 60;
constexpr std::int64_t kSweepSeconds = 60;
/// What kSessionSelect calls a line that is no setting.
constexpr std::string_view kIdentityLine = "identity.address";

std::int64_t number_of(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }

/// Columns as kSessionSelect names them. Null for a row that we cannot have written.
std::shared_ptr<SessionRecord> record_of(const std::vector<Store::Row>& rows, const SettingRules& rules) {
  const Store::Row& row = rows.front();
  if (row.size() != 10) return nullptr;
  Result<Bytes> sealed = from_base64url(row[2]);
  Result<Bytes> account_key = from_base64url(row[7]);
  if (!sealed || !account_key) return nullptr;
  auto record = std::make_shared<SessionRecord>();
  record->user = row[0];
  record->domain = row[1];
  record->sealed_password = std::move(*sealed);
  record->sealed_account_key = std::move(*account_key);
  record->started = number_of(row[3]);
  record->last_used = number_of(row[4]);
  record->idle_limit = static_cast<std::uint32_t>(number_of(row[5]));
  record->browser_class = row[6];
  record->settings = rules.defaults;
  for (const Store::Row& line : rows) {
    if (line[8] == kIdentityLine) {
      record->identities.push_back(line[9]);
    } else {
      rules.apply(record->settings, line[8], line[9]);
    }
  }
  return record;
}

Session session_of(const SessionRecord& record, const Session::Keys& keys) {
  Session session;
  session.user = record.user;
  session.domain = record.domain;
  session.sealed_password = record.sealed_password;
  session.sealed_account_key = record.sealed_account_key;
  session.started = record.started;
  session.last_used = record.last_used;
  session.idle_limit = record.idle_limit;
  session.browser_class = record.browser_class;
  session.settings = record.settings;
  session.identities = record.identities;
  session.labels = record.labels;
  session.keys = keys;
  return session;
}

SessionRecord record_of(const Session& session) {
  return {session.user,       session.domain,     session.sealed_password, session.sealed_account_key,
          session.started,    session.last_used,  session.idle_limit,      session.browser_class,
          session.settings,   session.identities, session.labels};
}

}  // namespace

bool SessionStore::is_over(const SessionRecord& record, std::int64_t now) const {
  // last_used is written once a minute, so it may be that much behind: never end a session early.
  return now - record.last_used > record.idle_limit + kTouchSeconds ||
         now - record.started > limits_.absolute_seconds;
}

Result<SessionStore::Record> SessionStore::read_row(const Session::Keys& keys, std::uint32_t epoch,
                                                    Deadline deadline, apr_pool_t* scratch) {
  const auto rows = store_.select({Sql::kSessionSelect, {base64url(keys.row)}}, deadline);
  if (!rows) return rows.error();
  if (rows->empty()) return Record();
  const auto record = record_of(*rows, rules_);
  if (!record) return Record();
  auto labels = load_labels(store_, record->user, record->domain, deadline);
  if (!labels) return labels.error();
  record->labels = std::move(*labels);
  cache_.keep_shared(keys.row, keys.token, *record, epoch, scratch);
  cache_.keep_here(keys.row, epoch, record);
  return Record(record);
}

Result<SessionStore::Found> SessionStore::find(const Session::Keys& keys, std::string_view browser,
                                               bool counts, std::int64_t now, Deadline deadline,
                                               apr_pool_t* scratch) {
  const std::uint32_t epoch = cache_.epoch(keys.row);
  Record record = cache_.find_here(keys.row);
  if (!record) {
    if (auto shared = cache_.find_shared(keys.row, keys.token, scratch)) {
      record = std::make_shared<SessionRecord>(std::move(*shared));
      cache_.keep_here(keys.row, epoch, record);
    }
  }
  if (!record || is_over(*record, now)) {  // a cached copy may be behind: only the row tells
    auto read = read_row(keys, epoch, deadline, scratch);
    if (!read) return read.error();
    record = std::move(*read);
  }
  if (!record) return Found{};
  if (is_over(*record, now) || record->browser_class != browser) {
    if (const auto ended = end(keys.row, deadline, scratch); !ended) {
      // Without effect for whoever asks: it is over by its own clock, or refused again next time.
    }
    return Found{State::kExpired, {}};
  }
  if (counts && now - record->last_used >= kTouchSeconds) {
    record = touch(keys, record, epoch, now, deadline, scratch);
  }
  return Found{State::kLive, session_of(*record, keys)};
}

SessionStore::Record SessionStore::touch(const Session::Keys& keys, const Record& record,
                                         std::uint32_t epoch, std::int64_t now, Deadline deadline,
                                         apr_pool_t* scratch) {
  auto used = std::make_shared<SessionRecord>(*record);
  used->last_used = now;
  // First here, so that the other threads of this child leave the writing to this one.
  cache_.keep_here(keys.row, epoch, used);
  const std::string time = std::to_string(now);
  const auto written = store_.write({Sql::kSessionTouch, {time, base64url(keys.row), time}}, deadline);
  if (!written) {
    // A database that cannot be written must not keep anybody from reading: the caches know that the
    // user is there, and in a minute we try again.
  }
  cache_.keep_shared(keys.row, keys.token, *used, epoch, scratch);
  return used;
}

Result<void> SessionStore::add(const Session& session, std::int64_t now, Deadline deadline,
                               apr_pool_t* scratch) {
  sweep(now, deadline);
  const std::uint32_t epoch = cache_.epoch(session.keys.row);
  const auto written = store_.write(
      {Sql::kSessionInsert,
       {base64url(session.keys.row), session.user, session.domain,
        base64url(session.sealed_password), std::to_string(session.started),
        std::to_string(session.last_used), std::to_string(session.idle_limit), session.browser_class,
        base64url(session.sealed_account_key)}},
      deadline);
  if (!written) return written.error();
  cache_.keep_shared(session.keys.row, session.keys.token, record_of(session), epoch, scratch);
  return {};
}

Result<void> SessionStore::end(const Digest& row, Deadline deadline, apr_pool_t* scratch) {
  const auto gone = store_.write({Sql::kSessionDelete, {base64url(row)}}, deadline);
  cache_.forget(row, scratch);  // also where the row stayed: it is read anew then
  if (!gone) return gone.error();
  return {};
}

void SessionStore::refresh_user(std::string_view user, std::string_view domain, Deadline deadline) {
  const auto rows =
      store_.select({Sql::kSessionsOfUser, {std::string(user), std::string(domain)}}, deadline);
  if (!rows) return;  // the others follow when their copies age
  const OwnPool scratch = make_own_pool();
  for (const Store::Row& row : *rows) {
    const Result<Bytes> name = from_base64url(row.front());
    if (!name || name->size() != sizeof(Digest)) continue;
    Digest digest;
    std::copy(name->begin(), name->end(), digest.begin());
    cache_.forget(digest, scratch.get());
  }
}

void SessionStore::sweep(std::int64_t now, Deadline deadline) {
  std::int64_t last = last_sweep_.load();
  if (now - last < kSweepSeconds || !last_sweep_.compare_exchange_strong(last, now)) return;
  const auto swept = store_.write({Sql::kSessionExpire,
                                   {std::to_string(now - 2 * kTouchSeconds),
                                    std::to_string(now - limits_.absolute_seconds)}},
                                  deadline);
  if (!swept) {
    // What follows writes to the same database and reports its trouble.
  }
}

}  // namespace alphamail
