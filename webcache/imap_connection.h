// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to an IMAP server (RFC 3501 and its extensions): verified TLS, bounded replies,
// a deadline on every step. libetpan speaks log-in, select, store and noop over our stream
// (tls_stream.h); the large replies are read by our own parser (imap_parser.h).
#ifndef WEBCACHE_IMAP_CONNECTION_H
#define WEBCACHE_IMAP_CONNECTION_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/deadline.h"
#include "common/result.h"
#include "common/secret.h"
#include "webcache/imap_search.h"
#include "webcache/imap_types.h"

namespace alphamail {

class TlsContext;  // tls_stream.h: the verified client context, shared by all connections

/// Used by one thread at a time. After kTimeout, kTls, kUnreachable or kProtocol it is dead(): let it go.
/// kServerSaid (a tagged NO or BAD) leaves it in step.
class ImapConnection {
 public:
  /// Connects, reads the greeting, secures the link (TLS at once, or STARTTLS with nothing unread
  /// behind it), asks CAPABILITY. Never sends a password before that is done.
  /// @return kUnreachable, kTimeout, kTls (certificate, host name, STARTTLS refused or missing),
  ///         kProtocol, kServerSaid (BYE)
  static Result<std::unique_ptr<ImapConnection>> open(const MailServer& server, const TlsContext& tls,
                                                      Deadline deadline);
  ~ImapConnection();  ///< closes without ceremony; log_out() is the polite way

  /// AUTHENTICATE PLAIN (SASL-IR where offered) or LOGIN; user or password with NUL, CR or LF is
  /// refused before a byte is sent. Asks CAPABILITY again. @return kBadCredentials for NO without
  /// [UNAVAILABLE] (RFC 5530), else kServerSaid, ...
  Result<void> log_in(std::string_view user, const Secret& password, Deadline deadline);
  void log_out(Deadline deadline);

  const Capabilities& capabilities() const;
  bool dead() const;
  std::uint64_t commands() const;    ///< commands sent since open(), for the counters

  // ---- folders: imap_folders.cc ----

  struct Listing {
    std::vector<ListedFolder> folders;
    std::optional<std::vector<QuotaUse>> quotas;  ///< of INBOX, where the server has any (RFC 9208)
    std::vector<Namespace> others;                ///< namespaces that are not the user's own
  };
  /// All folders below `prefix` and in other namespaces, with counts where LIST-STATUS is offered: one round
  /// trip, but for the first time where the server lists other namespaces only when they are named.
  /// @param sizes  with their sizes, where capabilities().status_size; the server may have to look at them all
  Result<Listing> list(std::string_view prefix, bool sizes, Deadline deadline);
  /// STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY) of one folder that is not selected.
  Result<void> status(ListedFolder& folder, Deadline deadline);

  /// Remembers what is selected; selecting it again sends SELECT anew. @return kNotFound for a NO that does
  /// not say why (RFC 5530); after any error nothing is selected
  /// @param known  where the server can (QRESYNC, RFC 7162), what changed since comes in the same round trip:
  ///               then Selected::caught_up, and take_news() has it
  Result<Selected> select(std::string_view mailbox, Deadline deadline, const KnownState& known = {});
  /// The same to read alone: nothing is changed by it, not even \Recent.
  Result<Selected> examine(std::string_view mailbox, Deadline deadline);
  const std::string& selected() const;  ///< "" = nothing
  /// What untagged replies said since select(): the newest EXISTS.
  std::uint32_t exists() const;
  Result<void> noop(Deadline deadline);

  /// What the server said of the selected folder since select() or the last call, unasked.
  News take_news();
  bool has_news() const;
  /// Has the server say at once what changes (IDLE, RFC 2177). The next command ends it, in one write with
  /// DONE. @return kServerSaid where it refuses
  Result<void> idle(Deadline deadline);
  bool idling() const;
  /// Reads what has arrived while idling, without waiting.
  Result<void> listen();
  int fd() const;  ///< readable when there is something to listen() to
  /// Gives back what an idle connection does not need; the next command brings it back.
  void rest();
  /// What one takes on the heap then, but for OpenSSL's share (tls_memory.h).
  static std::size_t bytes_at_rest();

  /// Whether, since the last time, rows came that cannot all be true: two messages of one UID, or others than those
  /// that were asked for. Which of them is wrong nobody can tell.
  bool take_nonsense();

  using RowSink = std::function<bool(FetchedRow&&)>;  ///< false stops (the rest is read and dropped)
  /// FETCH by sequence numbers first..last of all that an index row needs (at most 1000 a call). Rows come
  /// in the server's order, each only where it was asked for; a message that is gone gives none.
  Result<void> fetch_rows(SeqNum first, SeqNum last, const RowSink& sink, Deadline deadline);
  /// The same by UID.
  Result<void> fetch_rows(Uid first, Uid last, const RowSink& sink, Deadline deadline);
  Result<void> fetch_rows(std::span<const Uid> uids, const RowSink& sink, Deadline deadline);
  /// UID FETCH first:last (UID FLAGS), with CHANGEDSINCE where modseq != 0 and CONDSTORE is offered.
  enum class With { kFlagsAlone, kSize };
  Result<void> fetch_flags(Uid first, Uid last, std::uint64_t changed_since,
                           const std::function<void(const FetchedFlags&)>& sink, Deadline deadline,
                           With with = With::kFlagsAlone);

  /// The UIDs of single messages by sequence number, at most 500 of them.
  Result<void> fetch_uids(std::span<const SeqNum> places, const std::function<void(SeqNum, Uid)>& sink,
                          Deadline deadline);

  /// UID SORT of the selected folder (RFC 5256), where capabilities().sort: the messages at the places
  /// first..last (from 1, at most 1000 of them) of that order. Asks for these alone (RFC 5267) where the
  /// server can, else reads the whole order and keeps these; either way memory holds no more than them.
  Result<Sorted> sort(ServerSort by, bool descending, std::uint32_t first, std::uint32_t last, Deadline deadline);

  struct Snippet {
    Uid uid{};
    std::string text;     ///< PREVIEW (RFC 8970): decoded UTF-8; else raw bytes of the part
  };
  /// The first `bytes` bytes (at most 256 KB) of one section of each UID, still in its transfer encoding, in
  /// as few commands as the UIDs need. Section "" asks for the server's PREVIEW instead, where
  /// capabilities().preview. Messages that are gone, or have no such section or no preview, are left out.
  Result<void> fetch_beginnings(std::span<const Uid> uids, std::string_view section, std::size_t bytes,
                                const std::function<void(Snippet&&)>& sink, Deadline deadline);

  static constexpr std::size_t kSearched = 5000;
  static constexpr std::size_t kSearchedRuns = 400;  ///< keeps a command line below 8 KB
  static std::size_t runs_of(std::span<const Uid> uids);  ///< stretches of neighbouring ones
  /// UID SEARCH among these messages of the selected folder (ascending; within the two limits): those of them that
  /// the server names, ascending. With ESEARCH (RFC 4731) its answer is ranges.
  /// @return kServerSaid where it refuses; where that is for words beyond ASCII, searches_utf8() says so then
  Result<std::vector<Uid>> search(std::span<const Uid> among, const SearchProgram& program, Deadline deadline);
  bool searches_utf8() const;  ///< as far as is known
  /// What parts these messages have (at most 500); those that are gone are left out.
  Result<void> fetch_structures(std::span<const Uid> uids, const RowSink& sink, Deadline deadline);

  /// All bytes of one part, still in its transfer encoding.
  struct OpenedText {
    std::string section, bytes;
  };
  static constexpr std::size_t kOpenedText = 64 * 1024;  ///< longer parts are none
  struct Opened {
    FetchedRow row;       ///< flags, date, size, parts, and the envelope where it was asked for
    std::string header;   ///< raw header block, at most 256 KB
    bool header_cut = false;
    std::vector<OpenedText> texts;
  };
  /// Header and structure of one message without marking it seen; kNotFound where the UID is gone.
  /// @param section  a part that comes with them where it is no longer than kOpenedText, instead of the
  ///                 envelope; "" for none
  Result<Opened> open_message(Uid uid, std::string_view section, Deadline deadline);
  /// Adds these parts to the texts of a message that was opened, as far as they are short and there.
  Result<void> fetch_texts(Opened& opened, std::span<const std::string> sections, Deadline deadline);
  static constexpr std::uint32_t kMostPiece = 384 * 1024;
  /// BODY.PEEK[section]<offset.length>; an empty string at or past the end. One piece, at most kMostPiece; a shorter one
  /// than was asked for need not be the last. kNotFound where the message is gone.
  /// @param piece  memory to be used again
  Result<std::string> fetch_piece(Uid uid, std::string_view section, std::uint64_t offset,
                                  std::uint32_t length, Deadline deadline, std::string piece = {});
  /// UID STORE uid +FLAGS.SILENT (\Seen)
  Result<void> mark_seen(Uid uid, Deadline deadline);

  // ---- changes: imap_changing.cc. UIDs that are gone change nothing. ----

  /// How many of these UIDs, which ascend, one command names: a set has at most kSetBytes, 500 single ones
  /// or any number of neighbours.
  static constexpr std::size_t kSetBytes = 6000;
  static std::size_t in_one_command(std::span<const Uid> uids);

  /// UID SEARCH for the messages first..last, ascending. `that` is a constant of ours: "UNSEEN", or "".
  Result<std::vector<Uid>> find_uids(Uid first, Uid last, std::string_view that, Deadline deadline);

  /// What a message is known again by: flags, size, dates and Message-ID, without its structure.
  Result<void> fetch_identities(std::span<const Uid> uids, const RowSink& sink, Deadline deadline);
  /// UID STORE uids +FLAGS.SILENT or -FLAGS.SILENT of one of \Seen, \Answered, \Flagged, \Deleted, $Forwarded,
  /// $Junk, $NotJunk.
  Result<void> store(std::span<const Uid> uids, wire::Flag flag, bool set, Deadline deadline);
  /// The same of all messages first..last.
  Result<void> store(UidRange all, wire::Flag flag, bool set, Deadline deadline);
  /// The same of a keyword (keyword.h). @return kServerSaid where the server refuses it
  Result<void> store_keyword(std::span<const Uid> uids, std::string_view keyword, bool set, Deadline deadline);
  /// UID COPY. @return kNotFound for [TRYCREATE]; kServerSaid for [OVERQUOTA] and the rest
  Result<Copied> copy(std::span<const Uid> uids, std::string_view mailbox, Deadline deadline);
  /// UID MOVE (RFC 6851), only where capabilities().move.
  Result<Copied> move(std::span<const Uid> uids, std::string_view mailbox, Deadline deadline);
  /// Removes these for good and nothing else: UID EXPUNGE (RFC 4315), or where the server lacks it EXPUNGE
  /// while whatever else is \Deleted is not, and is again afterwards.
  Result<void> expunge(std::span<const Uid> uids, Deadline deadline);
  /// Gives the next bytes of a message, valid until the next call; nothing at its end.
  using Source = std::function<Result<std::string_view>()>;
  /// APPEND, streamed: memory holds a piece. @return where it went, UID 0 where the server does not tell
  /// (RFC 4315); kNotFound for [TRYCREATE], kServerSaid for [OVERQUOTA] and the rest; an error of the
  /// source leaves the connection dead()
  /// @param flags  "(\\Seen)"
  /// @param step   what each piece may take
  struct Appended {
    std::uint32_t uid_validity = 0;
    Uid uid{};
  };
  Result<Appended> append(std::string_view mailbox, std::string_view flags, std::uint64_t bytes,
                          const Source& source, Millis step);
  /// UID SEARCH for a Message-ID among the messages at `from` or above of the selected folder.
  Result<std::vector<Uid>> find_message_id(Uid from, std::string_view message_id, Deadline deadline);
  /// CREATE, with the role where the server takes one (RFC 6154), and SUBSCRIBE. One that is there already is
  /// well; the next three say kChanged for that, kNotFound for one that is not there, and kForbidden with the
  /// server's words for whatever else it refuses.
  Result<void> create(std::string_view mailbox, wire::Role role, Deadline deadline);
  Result<void> rename(std::string_view from, std::string_view to, Deadline deadline);
  Result<void> remove(std::string_view mailbox, Deadline deadline);
  Result<void> subscribe(std::string_view mailbox, bool subscribed, Deadline deadline);

 private:
  struct Impl;
  explicit ImapConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace alphamail

#endif
