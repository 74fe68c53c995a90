// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/second_connection.h"

#include <algorithm>
#include <utility>

#include "webcache/account.h"
#include "webcache/clock.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

// Seconds until a second connection is asked for again: where nobody brought the password, or it
// broke; and where the server refused it.
constexpr std::int64_t kAskAgain = 60;
constexpr std::int64_t kRefusedFor = 600;

}  // namespace

bool SecondConnection::claim() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = steady_seconds();
  if (state_ == State::kWanted && now - asked_at_ > kAskAgain) state_ = State::kNone;
  if (state_ != State::kNone || now < not_before_) return false;
  state_ = State::kWanted;
  asked_at_ = now;
  return true;
}

bool SecondConnection::begin() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWanted) return false;
  state_ = State::kOpening;
  return true;
}

void SecondConnection::opened(Connection connection) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kOpening) return;  // the account was closed meanwhile
  connection_ = std::move(connection);
  counted_commands_ = 0;
  state_ = State::kOpen;
}

void SecondConnection::refused() {
  const std::lock_guard lock(mutex_);
  state_ = State::kNone;
  not_before_ = steady_seconds() + kRefusedFor;
}

bool SecondConnection::opening() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kOpening;
}

bool SecondConnection::open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kOpen;
}

bool SecondConnection::leaving() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kLeaving;
}

bool SecondConnection::leave(std::shared_ptr<void> owner) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kOpen) {
      state_ = state_ == State::kLeaving ? State::kLeaving : State::kNone;
      return false;
    }
    state_ = State::kLeaving;
  }
  services_.workers.post(strand_, Workers::When::kNow,
                         [this, keep = std::move(owner)] { close(false); });
  return true;
}

void SecondConnection::close(bool broken) {
  if (connection_.imap) {
    connection_.imap->log_out(Deadline::in(Millis(500)));
    services_.counters.add(Count::imap_commands, connection_.imap->commands() - counted_commands_);
  }
  const Connection gone = std::exchange(connection_, {});
  const std::lock_guard lock(mutex_);
  state_ = State::kNone;
  if (broken) not_before_ = steady_seconds() + kAskAgain;
}

Result<std::vector<NewRow>> SecondConnection::fetch(const Window& window) {
  if (!connection_.imap) return Error{Code::kUnreachable, "the second connection is closed", 0};
  auto rows = read(window);
  const std::uint64_t sent = connection_.imap->commands();
  services_.counters.add(Count::imap_commands, sent - std::exchange(counted_commands_, sent));
  if (!rows && rows.error().code != Code::kChanged) {
    services_.counters.add(Count::connections_lost, connection_.imap->dead() ? 1 : 0);
    close(true);
  }
  return rows;
}

Result<std::vector<NewRow>> SecondConnection::read(const Window& window) {
  ImapConnection& imap = *connection_.imap;
  const auto step = [&] { return Deadline::in(services_.command_timeout.load()); };
  if (imap.selected() != window.imap_name) {
    const auto examined = imap.examine(window.imap_name, step());
    if (!examined) return examined.error();
    uid_validity_ = examined->uid_validity;
  }
  if (uid_validity_ != window.uid_validity) {
    return Error{Code::kChanged, "the folder was made anew meanwhile", 0};
  }
  std::vector<NewRow> rows;
  // What the server has said of messages that are gone moves the numbers of this connection alone.
  const std::uint32_t last = std::min(window.last, imap.exists());
  if (last < window.first) return rows;
  rows.reserve(last - window.first + 1);
  const auto fetched = imap.fetch_rows(
      SeqNum{window.first}, SeqNum{last},
      [&](FetchedRow&& row) {
        rows.push_back(make_row(row));
        return true;
      },
      step());
  if (!fetched) return fetched.error();
  imap.take_news();  // the first connection is told the same
  return rows;
}

}  // namespace alphamail
