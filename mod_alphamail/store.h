// SPDX-License-Identifier: GPL-3.0-or-later
// The database of sessions and settings: SQLite by default, PostgreSQL by a line; through apr_dbd.
//
// Connections are our own (mod_dbd has one database a virtual host, which may be taken), made when
// first needed, a few a child, each used by one thread at a time. The schema is made and brought up
// to date by whoever comes first, in one transaction under a lock (migrations in store_schema.cc).
#ifndef MOD_ALPHAMAIL_STORE_H
#define MOD_ALPHAMAIL_STORE_H

#include <cstddef>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"

namespace alphamail {

/// Every statement there is; the texts stand in store_schema.cc.
enum class Sql {
  kSessionInsert,   ///< row, user, domain, sealed, started, last_used, idle_seconds, browser,
                    ///< account_key
  kSessionSelect,   ///< row -> the same without row, then one setting's name and value a line, or "identity.address" and
                    ///< the address of an identity
  kSessionTouch,    ///< last_used, row, last_used
  kSessionDelete,   ///< row
  kSessionExpire,   ///< now, oldest start that is still good
  kSessionsOfUser,  ///< user, domain -> row
  kSettingsSelect,  ///< user, domain -> name, value
  kSettingPut,      ///< user, domain, name, value
  kSettingDelete,   ///< user, domain, name
  kIdentitiesSelect, ///< user, domain -> id, name, address, reply_to, bcc_self, signatures
  kIdentityPut,      ///< user, domain, id, position, name, address, reply_to, bcc_self, signatures
  kIdentityDelete,   ///< user, domain, id
  kContactsSelect,   ///< user, domain, pattern, most, first -> id, name, addresses, organisation, phone, note,
                     ///< collected; by name, those collected last
  kContactsFind,     ///< user, domain, pattern, most -> the same; those written to last first
  kContactSelect,    ///< user, domain, id -> the same
  kContactsCount,    ///< user, domain -> their number
  kContactPut,       ///< user, domain, id, name, addresses, organisation, phone, note, search, collected, used
  kContactUsed,      ///< used, user, domain, id
  kContactDelete,    ///< user, domain, id
  kPictureSenderSelect,  ///< user, domain, address -> address
  kPictureSenderPut,     ///< user, domain, address
  kPictureSenderDelete,  ///< user, domain, address
  kLabelsSelect,  ///< user, domain -> keyword, colour, name
  kLabelPut,      ///< user, domain, keyword, place, colour, name
  kLabelDelete,   ///< user, domain, keyword
};
inline constexpr std::size_t kStatements = 25;

class Store {
 public:
  struct Options {
    std::string driver = "sqlite3";  ///< an apr_dbd driver's name
    std::string params;              ///< the driver's own: a file name, or "host=... dbname=..."
    std::size_t connections = 8;     ///< at most, in this process
  };
  using Row = std::vector<std::string>;  ///< NULL as ""
  struct Step {
    Sql statement;
    std::vector<std::string> values;
  };

  /// Opens nothing yet.
  explicit Store(Options options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// @return kStorage with the database's words where it refuses, kBusy where no connection came
  ///         free before the deadline
  Result<std::vector<Row>> select(const Step& question, Deadline deadline);
  /// All of the steps or none. @return the number of rows changed by the last one
  Result<int> write(std::span<const Step> steps, Deadline deadline);
  Result<int> write(const Step& step, Deadline deadline) { return write(std::span(&step, 1), deadline); }

 private:
  class Connection;
  class Lease;

  Result<Lease> borrow(Deadline deadline);
  void give_back(std::unique_ptr<Connection> connection);
  void drop_idle();
  Result<std::unique_ptr<Connection>> connect();
  template <typename T, typename Body>
  Result<T> with_connection(Deadline deadline, Body body);

  const Options options_;
  std::mutex mutex_;                 // guards all below; never held while talking to the database
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t open_ = 0;
  std::mutex migration_;             // guards migrated_; held while the schema is brought up to date
  bool migrated_ = false;
};

}  // namespace alphamail

#endif
