// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of ImapConnection, for the files that its functions lie in.
#ifndef WEBCACHE_IMAP_CONNECTION_IMPL_H
#define WEBCACHE_IMAP_CONNECTION_IMPL_H

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "webcache/etpan_session.h"
#include "webcache/imap_connection.h"
#include "webcache/imap_wire.h"

namespace alphamail {

struct ImapConnection::Impl {
  explicit Impl(std::unique_ptr<TlsStream> stream) : wire(std::move(stream)) {}

  Result<void> establish(const MailServer& server, const TlsContext& tls, Deadline deadline);
  Result<void> start_tls(const MailServer& server, const TlsContext& tls, Deadline deadline);
  Result<void> ask_capabilities(Deadline deadline);
  Result<StatusText> authenticate_plain(std::string_view user, const Secret& password, Deadline deadline);

  /// The end of a command: OK, or what went wrong; the read buffer is given back, unless more_follows.
  Result<void> check(Result<StatusText> status);
  /// Runs a FETCH and hands every response of it that is sound to `each`.
  /// @param overlong  if given, receives the sequence numbers of those that were too long to be read
  /// @param asked     what each answer has (FetchResponse::Has); flags that come without are news
  template <typename Each>
  Result<void> fetch(ImapCommand& command, std::uint16_t asked, Deadline deadline, Each&& each,
                     std::vector<std::uint32_t>* overlong = nullptr);
  /// @param verb  "SELECT" or "EXAMINE"
  Result<StatusText> select(const char* verb, std::string_view mailbox, const KnownState* known, Selected& selected,
                            Deadline deadline);
  /// What the two have in common once the server has answered.
  Result<void> now_selected(const Result<StatusText>& status, std::string_view mailbox, Selected& selected);
  /// libetpan's side, made anew where rest() has let go of it.
  Result<EtpanSession*> session();
  /// @param expected  how many rows at most, 0 where that is not known
  Result<void> fetch_rows(ImapCommand& command, std::size_t expected, const RowSink& sink, Deadline deadline,
                          const std::function<bool(const FetchedRow&)>& wanted);
  /// @param strict  kYes: rows of other messages than were asked for, or two of one, are an error: a server
  ///                that names messages wrongly would have something done to the wrong one
  enum class Strict { kNo, kYes };
  Result<void> fetch_uid_rows(std::span<const Uid> uids, void (*items)(ImapCommand&, const Capabilities&),
                              const RowSink& sink, Deadline deadline, Strict strict = Strict::kNo);
  /// A command that changes the tree.
  Result<void> change(ImapCommand& command, Deadline deadline);
  /// A command of which only the status counts.
  Result<StatusText> run(ImapCommand& command, Deadline deadline);
  Result<Copied> transfer(const char* words, std::span<const Uid> uids, std::string_view mailbox,
                          Deadline deadline);
  Result<std::vector<Uid>> deleted_but(std::span<const Uid> uids, Deadline deadline);
  Result<Sorted> sort(ImapCommand& command, std::uint32_t first, std::uint32_t last, Deadline deadline);
  /// @param most  numbers that the answer may hold
  Result<std::vector<Uid>> search(ImapCommand& command, std::size_t most, Deadline deadline);
  Result<void> fetch_opened(Uid uid, const char* items, std::string_view section, Opened& opened, bool& overlong,
                            Deadline deadline);

  ImapWire wire;
  std::unique_ptr<EtpanSession> etpan;  ///< borrows wire
  std::string selected;
  bool logged_in = false;
  bool told_nonsense = false;  ///< rows of two messages under one UID, or of messages that were not asked for
  bool more_follows = false;  ///< the next command is likely to need as large a buffer as this one
  /// A namespace of others, and how its folders come into a list.
  struct Space {
    Namespace name;
    bool apart = false;  ///< only a pattern of its own lists it
    bool known = false;  ///< whether
  };
  std::optional<std::vector<Space>> spaces;  ///< absent: not asked for yet
  bool makes_no_previews = false;  ///< though it offers them
  bool refuses_qresync = false;  ///< said BAD to SELECT (QRESYNC) though it offers it
  bool refuses_utf8 = false;     ///< said BADCHARSET, or BAD, to SEARCH CHARSET UTF-8
  bool refuses_partial = false;  ///< said BAD to SORT RETURN (PARTIAL) though it offers it
};

}  // namespace alphamail

#endif
