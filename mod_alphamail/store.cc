// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/store.h"

#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <apr_dbd.h>

#include "common/unique_fd.h"
#include "mod_alphamail/pool.h"
#include "mod_alphamail/store_schema.h"

namespace alphamail {
namespace {

/// SQLite would make the file readable for all; sessions are nobody else's business. Only ever opens
/// a file that was not there: closing any descriptor of a database in use drops its locks.
void make_private_file(const Store::Options& options) {
  if (options.driver != "sqlite3" || !options.params.starts_with('/')) return;
  const UniqueFd made(::open(options.params.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

/// apr_dbd's "random access": the whole answer is there at once, and no query is left unfinished on
/// the connection; PostgreSQL's number of columns is known only so.
constexpr int kWhole = 1;

std::vector<const char*> pointers_to(const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  pointers.reserve(values.size() + 1);
  for (const std::string& value : values) pointers.push_back(value.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

/// One open database connection with its prepared statements. `scratch_` is cleared before each use.
class Store::Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Options& options);
  ~Connection() {
    if (handle_) apr_dbd_close(driver_, handle_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<std::vector<Row>> select(const Step& question);
  Result<int> write(std::span<const Step> steps);
  Result<void> migrate();

 private:
  Connection() = default;
  bool is_sqlite() const { return std::string_view(apr_dbd_name(driver_)) == "sqlite3"; }
  Error failure(const char* what, int rc);
  Result<apr_dbd_prepared_t*> prepared(Sql statement);
  Result<std::vector<Row>> rows_of(apr_dbd_results_t* results);
  Result<std::vector<Row>> ask(const char* sql);
  Result<void> run(const char* sql);
  Result<int> write_one(const Step& step);
  template <typename Body>
  Result<void> in_transaction(Body body);
  Result<void> set_up();
  Result<std::size_t> schema_version();
  Result<void> run_migrations();

  OwnPool pool_;     // of the connection and its prepared statements
  OwnPool scratch_;  // of one use
  const apr_dbd_driver_t* driver_ = nullptr;
  apr_dbd_t* handle_ = nullptr;
  std::array<apr_dbd_prepared_t*, kStatements> prepared_{};
};

Error Store::Connection::failure(const char* what, int rc) {
  const char* words = apr_dbd_error(driver_, handle_, rc);
  std::string detail = std::string(what) + ": " + (words && *words ? words : "no reason given");
  while (!detail.empty() && detail.back() == '\n') detail.pop_back();
  return {Code::kStorage, std::move(detail)};
}

Result<std::unique_ptr<Store::Connection>> Store::Connection::open(const Options& options) {
  std::unique_ptr<Connection> made(new Connection);
  made->pool_ = make_own_pool();
  made->scratch_ = make_own_pool();
  if (!made->pool_ || !made->scratch_) return Error{Code::kStorage, "no memory for a connection"};
  if (apr_dbd_get_driver(made->pool_.get(), options.driver.c_str(), &made->driver_) != APR_SUCCESS) {
    return Error{Code::kStorage, "the database driver " + options.driver + " cannot be loaded"};
  }
  const char* words = nullptr;
  make_private_file(options);
  if (apr_dbd_open_ex(made->driver_, made->pool_.get(), options.params.c_str(), &made->handle_,
                      &words) != APR_SUCCESS) {
    made->handle_ = nullptr;
    return Error{Code::kStorage, "cannot open the database: " + std::string(words ? words : "")};
  }
  if (const Result<void> ready = made->set_up(); !ready) return ready.error();
  return made;
}

Result<void> Store::Connection::set_up() {
  if (is_sqlite()) {
    // apr_dbd tries a locked database fifteen times with pauses of its own: some 3 s in all.
    // A pragma that cannot be kept (a read-only file stays in its mode) is no reason to stop: reading
    // may still work, and writing says so by itself.
    for (const char* pragma : {"PRAGMA busy_timeout = 100", "PRAGMA journal_mode = WAL",
                               "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON"}) {
      (void)ask(pragma);
    }
    return {};
  }
  if (std::string_view(apr_dbd_name(driver_)) == "pgsql") return run("SET statement_timeout = 3000");
  return {};
}

Result<apr_dbd_prepared_t*> Store::Connection::prepared(Sql statement) {
  apr_dbd_prepared_t*& slot = prepared_[static_cast<std::size_t>(statement)];
  if (slot) return slot;
  const std::string label = "alphamail_" + std::to_string(static_cast<int>(statement));
  apr_dbd_prepared_t* made = nullptr;
  const int rc = apr_dbd_prepare(driver_, pool_.get(), handle_, text_of(statement), label.c_str(), &made);
  if (rc != 0) return failure("preparing a statement", rc);
  return slot = made;
}

Result<std::vector<Store::Row>> Store::Connection::rows_of(apr_dbd_results_t* results) {
  std::vector<Row> rows;
  const int columns = apr_dbd_num_cols(driver_, results);
  apr_dbd_row_t* row = nullptr;
  int rc = 0;
  while ((rc = apr_dbd_get_row(driver_, scratch_.get(), results, &row, -1)) == 0) {
    Row& values = rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      const char* value = apr_dbd_get_entry(driver_, row, i);
      values.emplace_back(value ? value : "");
    }
  }
  if (rc != -1) return failure("reading rows", rc);
  return rows;
}

Result<std::vector<Store::Row>> Store::Connection::ask(const char* sql) {
  apr_pool_clear(scratch_.get());
  apr_dbd_results_t* results = nullptr;
  const int rc = apr_dbd_select(driver_, scratch_.get(), handle_, &results, sql, kWhole);
  if (rc != 0) return failure("asking the database", rc);
  return rows_of(results);
}

Result<void> Store::Connection::run(const char* sql) {
  int changed = 0;
  const int rc = apr_dbd_query(driver_, handle_, &changed, sql);
  if (rc != 0) return failure("telling the database", rc);
  return {};
}

Result<std::vector<Store::Row>> Store::Connection::select(const Step& question) {
  apr_pool_clear(scratch_.get());
  const auto statement = prepared(question.statement);
  if (!statement) return statement.error();
  auto values = pointers_to(question.values);
  apr_dbd_results_t* results = nullptr;
  const int rc = apr_dbd_pselect(driver_, scratch_.get(), handle_, &results, *statement, kWhole,
                                 static_cast<int>(question.values.size()), values.data());
  if (rc != 0) return failure("reading", rc);
  return rows_of(results);
}

Result<int> Store::Connection::write(std::span<const Step> steps) {
  apr_pool_clear(scratch_.get());
  for (const Step& step : steps) {  // PostgreSQL prepares outside of the transaction it may spoil
    if (const auto statement = prepared(step.statement); !statement) return statement.error();
  }
  if (steps.size() == 1) return write_one(steps.front());
  int changed = 0;
  const auto all = in_transaction([&]() -> Result<void> {
    for (const Step& step : steps) {
      const auto done = write_one(step);
      if (!done) return done.error();
      changed = *done;
    }
    return {};
  });
  if (!all) return all.error();
  return changed;
}

Result<int> Store::Connection::write_one(const Step& step) {
  const auto statement = prepared(step.statement);
  if (!statement) return statement.error();
  auto values = pointers_to(step.values);
  int changed = 0;
  const int rc = apr_dbd_pquery(driver_, scratch_.get(), handle_, &changed, *statement,
                                static_cast<int>(step.values.size()), values.data());
  if (rc != 0) return failure("writing", rc);
  return changed;
}

/// Plain BEGIN and ROLLBACK say why they fail, which apr_dbd's transactions do not.
template <typename Body>
Result<void> Store::Connection::in_transaction(Body body) {
  if (const auto begun = run(is_sqlite() ? "BEGIN IMMEDIATE" : "BEGIN"); !begun) return begun;
  Result<void> done = body();
  if (done) done = run("COMMIT");
  if (done) return done;
  if (const auto undone = run("ROLLBACK"); !undone) {
    // SQLite has rolled back by itself where the disk is full; there is nothing left to undo then.
  }
  return done;
}

Result<std::size_t> Store::Connection::schema_version() {
  const auto rows = ask("SELECT version FROM alphamail_schema");
  if (!rows) return rows.error();
  if (rows->empty()) return std::size_t{0};
  return static_cast<std::size_t>(std::strtoul(rows->front().front().c_str(), nullptr, 10));
}

Result<void> Store::Connection::migrate() {
  // The common case asks and writes nothing, so that a read-only database still serves.
  if (const auto version = schema_version(); version && *version >= migrations().size()) return {};
  const auto done = in_transaction([this] { return run_migrations(); });
  if (!done) return done.error().while_doing("making the tables");
  return {};
}

Result<void> Store::Connection::run_migrations() {
  // SQLite's BEGIN IMMEDIATE is the lock already. The number names this lock in PostgreSQL.
  if (!is_sqlite()) {
    if (const auto locked = ask("SELECT pg_advisory_xact_lock(7242905133)"); !locked) {
      return locked.error();
    }
  }
  if (const auto made = run("CREATE TABLE IF NOT EXISTS alphamail_schema (version INTEGER NOT NULL)");
      !made) {
    return made;
  }
  const auto version = schema_version();  // somebody else may have been first
  if (!version) return version.error();
  if (*version >= migrations().size()) return {};
  for (const Migration& migration : migrations().subspan(*version)) {
    for (const char* sql : migration) {
      if (const auto ran = run(sql); !ran) return ran;
    }
  }
  const std::string now = std::to_string(migrations().size());
  return run((*version == 0 ? "INSERT INTO alphamail_schema (version) VALUES (" + now + ")"
                            : "UPDATE alphamail_schema SET version = " + now)
                 .c_str());
}

/// A connection taken from the store; goes back when let go, unless it turned out dead.
class Store::Lease {
 public:
  Lease(Store& store, std::unique_ptr<Connection> connection, bool fresh)
      : store_(&store), connection_(std::move(connection)), fresh_(fresh) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) = delete;
  ~Lease() {
    if (connection_) store_->give_back(std::move(connection_));
  }
  Connection& operator*() { return *connection_; }
  bool fresh() const { return fresh_; }  ///< opened for this use
  void drop() {
    connection_.reset();
    store_->give_back(nullptr);
  }

 private:
  Store* store_;
  std::unique_ptr<Connection> connection_;
  bool fresh_;
};

Store::Store(Options options) : options_(std::move(options)) {}
Store::~Store() = default;

void Store::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (connection) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
  returned_.notify_one();
}

void Store::drop_idle() {
  std::vector<std::unique_ptr<Connection>> gone;
  const std::lock_guard lock(mutex_);
  gone.swap(idle_);
  open_ -= gone.size();
}

Result<std::unique_ptr<Store::Connection>> Store::connect() {
  auto made = Connection::open(options_);
  if (!made) return made;
  const std::lock_guard lock(migration_);
  if (migrated_) return made;
  if (const auto done = (*made)->migrate(); !done) return done.error();
  migrated_ = true;
  return made;
}

Result<Store::Lease> Store::borrow(Deadline deadline) {
  {
    std::unique_lock lock(mutex_);
    const auto available = [this] { return !idle_.empty() || open_ < options_.connections; };
    if (!returned_.wait_until(lock, deadline.when(), available)) {
      return Error{Code::kBusy, "all database connections are in use"};
    }
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection), false);
    }
    ++open_;
  }
  auto made = connect();
  if (made) return Lease(*this, std::move(*made), true);
  give_back(nullptr);
  return made.error();
}

/// A connection on which something failed is closed, since apr_dbd's SQLite driver fails the next use
/// of a prepared statement after a failure, too. One that had been open for a while takes the other
/// idle ones with it, and the work is tried once more on a new one: the database server may have been
/// restarted, the file replaced or made writable again. Every statement we have may run twice.
template <typename T, typename Body>
Result<T> Store::with_connection(Deadline deadline, Body body) {
  const Deadline quick = Deadline::in(Millis(1000));  // what failed slowly (a lock) would again
  while (true) {
    auto lease = borrow(deadline);
    if (!lease) return lease.error();
    Result<T> result = body(**lease);
    if (result) return result;
    const bool was_fresh = lease->fresh();
    lease->drop();
    if (was_fresh || quick.passed() || deadline.passed()) return result;
    drop_idle();
  }
}

Result<std::vector<Store::Row>> Store::select(const Step& question, Deadline deadline) {
  return with_connection<std::vector<Row>>(deadline, [&](Connection& c) { return c.select(question); });
}

Result<int> Store::write(std::span<const Step> steps, Deadline deadline) {
  return with_connection<int>(deadline, [&](Connection& c) { return c.write(steps); });
}

}  // namespace alphamail
