// SPDX-License-Identifier: GPL-3.0-or-later
// An account's second connection, for what nobody waits for: while it reads a large folder window
// by window, what the user asks for goes over the first one and waits for no window.
//
//   none ─claim()─▶ wanted ─begin()─▶ opening ─opened()─▶ open ─leave()─▶ leaving ─▶ none
//    ▲ ▲               └─ nobody brought the password       │
//    │ └─ refused(): not again for a while ─────────────────┘ it broke
//
// It reads and parses on a strand of its own, and hands rows to the account's strand: what the
// account knows is changed there alone. It only ever EXAMINEs, counts in its own sequence numbers,
// and is believed only where UIDVALIDITY is the same.
#ifndef WEBCACHE_SECOND_CONNECTION_H
#define WEBCACHE_SECOND_CONNECTION_H

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/result.h"
#include "webcache/imap_connection.h"
#include "webcache/index_row.h"
#include "webcache/server_gate.h"
#include "webcache/workers.h"

namespace alphamail {

struct Services;

/// A logged-in connection and its place in the server's limit.
struct Connection {
  std::unique_ptr<ImapConnection> imap;
  ServerGate::Place place;
};

class SecondConnection {
 public:
  /// Messages of a folder by sequence number.
  struct Window {
    std::string imap_name;
    std::uint32_t uid_validity = 0;
    std::uint32_t first = 0, last = 0;
  };

  SecondConnection(Services& services, std::shared_ptr<Workers::Strand> strand)
      : services_(services), strand_(std::move(strand)) {}

  // ---- any thread ----

  const std::shared_ptr<Workers::Strand>& strand() const { return strand_; }
  /// True where it is worth having the password brought now. One caller gets that answer.
  bool claim();
  /// The password is there. True where it was claimed: the caller logs in, once.
  bool begin();
  void opened(Connection connection);
  /// It was not to be had.
  void refused();
  bool open() const;
  bool opening() const;  ///< the log-in is under way
  bool leaving() const;
  /// Has it closed; `owner` is what it belongs to. @return false where there is none
  bool leave(std::shared_ptr<void> owner);

  // ---- its strand ----

  /// Any error but kChanged (another UIDVALIDITY) has closed it.
  Result<std::vector<NewRow>> fetch(const Window& window);

 private:
  enum class State { kNone, kWanted, kOpening, kOpen, kLeaving };
  Result<std::vector<NewRow>> read(const Window& window);
  void close(bool broken);

  Services& services_;
  const std::shared_ptr<Workers::Strand> strand_;
  mutable std::mutex mutex_;  // guards state and times
  State state_ = State::kNone;
  std::int64_t asked_at_ = 0, not_before_ = 0;  // steady seconds
  // its strand's
  Connection connection_;
  std::uint64_t counted_commands_ = 0;
  std::uint32_t uid_validity_ = 0;  // of what is selected
};

}  // namespace alphamail

#endif
