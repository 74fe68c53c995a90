// SPDX-License-Identifier: GPL-3.0-or-later
// libetpan over an ImapWire, and the guard between them.
//
//   libetpan ──writes──▶ driver ──one write a command──▶ ImapWire ──▶ TlsStream ──▶ server
//   libetpan ◀──reads─── driver ◀─ guard ◀─ one response ─ ImapWire ◀─ ...
//
// libetpan 1.9.4 parses recursively without bound, loses step at any response it does not know and
// mistakes an untagged BYE for a tagged reply. So it never sees a byte of the server: the wire reads and
// checks each response, the guard writes anew, from the values understood, those that libetpan needs for
// the command under way (CAPABILITY, EXISTS, FLAGS-less SELECT data, the tagged line), and everything
// else takes its effect in the wire alone. A read gives libetpan one response at most and never anything
// behind the tagged one, so its buffer is empty between commands.
#ifndef WEBCACHE_ETPAN_SESSION_H
#define WEBCACHE_ETPAN_SESSION_H

#include <memory>
#include <optional>
#include <string>

#include "common/deadline.h"
#include "common/result.h"
#include "webcache/etpan.h"
#include "webcache/imap_command.h"
#include "webcache/imap_types.h"
#include "webcache/imap_wire.h"

namespace alphamail {

class EtpanSession {
 public:
  /// Behind the greeting, which the wire has read.
  static Result<std::unique_ptr<EtpanSession>> start(ImapWire& wire);
  ~EtpanSession();  ///< sends nothing
  EtpanSession(const EtpanSession&) = delete;
  EtpanSession& operator=(const EtpanSession&) = delete;

  // Each answers with the server's status; the views live until the next command.
  Result<StatusText> capability(Deadline deadline);
  Result<StatusText> start_tls(Deadline deadline);
  Result<StatusText> log_in(ImapCommand& command, Deadline deadline);
  Result<StatusText> noop(Deadline deadline);
  Result<StatusText> mark_seen(Uid uid, Deadline deadline);
  /// A command of ours in libetpan's hands, of which only the status counts: its tag, our bytes, its
  /// reading of the answer.
  Result<StatusText> run(ImapCommand& command, Deadline deadline);
  void log_out(Deadline deadline);

  /// @param condstore  the command asks for it, so HIGHESTMODSEQ counts
  /// @return the status; where it is OK, `out` is what libetpan understood
  Result<StatusText> select(ImapCommand& command, Selected& out, Deadline deadline);

  /// For a log-in by other means than log_in().
  void now_selected() { session_->imap_state = MAILIMAP_STATE_SELECTED; }
  void now_logged_in() { session_->imap_state = MAILIMAP_STATE_AUTHENTICATED; }

 private:
  class Driver;
  EtpanSession(ImapWire& wire, std::unique_ptr<Driver> driver);
  Result<StatusText> outcome(int code);

  ImapWire& wire_;
  std::unique_ptr<Driver> driver_;
  EtpanImap session_;
};

}  // namespace alphamail

#endif
