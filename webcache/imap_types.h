// SPDX-License-Identifier: GPL-3.0-or-later
// What an IMAP server says, in our own types: everything bounded and checked by the parser that
// made it (imap_parser.h), nothing of libetpan's.
#ifndef WEBCACHE_IMAP_TYPES_H
#define WEBCACHE_IMAP_TYPES_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"

namespace alphamail {

/// A UID is never mistaken for a sequence number: 1 to 2^32-1, 0 = none.
enum class Uid : std::uint32_t {};
enum class SeqNum : std::uint32_t {};

/// `first` to `last`, both among them.
struct UidRange {
  std::uint32_t first = 0, last = 0;
};

struct Capabilities {
  bool starttls = false, login_disabled = false, sasl_ir = false, auth_plain = false;
  bool idle = false, condstore = false, qresync = false, enable = false, uidplus = false, move = false;
  bool list_status = false, list_extended = false, special_use = false, sort = false, esearch = false;
  bool esort = false, context = false, preview = false, namespace_ = false, utf8_accept = false, id = false;
  bool create_special_use = false, quota = false, status_size = false;
  bool literal_plus = false, literal_minus = false;  ///< RFC 7888: literals without waiting (-: up to 4096 bytes)
};

/// A namespace (RFC 2342) other than the user's own.
struct Namespace {
  std::string prefix;          ///< "user/", with its separator
  wire::Space space = wire::Space::Shared;
};

/// Of a quota root, one resource (RFC 9208).
struct QuotaUse {
  std::string root, resource;  ///< "STORAGE", "MESSAGE"
  std::uint64_t used = 0, limit = 0;  ///< of STORAGE bytes
  bool operator==(const QuotaUse&) const = default;
};

/// One name of LIST; `name` is raw (modified UTF-7 as sent).
struct ListedFolder {
  std::string name;
  char separator = '\0';       ///< '\0' = NIL
  bool selectable = true;      ///< neither \Noselect nor \NonExistent
  bool has_children = false;
  wire::Role role = wire::Role::None;  ///< by SPECIAL-USE (RFC 6154), else None
  bool counted = false;        ///< LIST-STATUS answered for it
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t uid_next = 0;      ///< of STATUS, where it was asked for
  std::uint32_t uid_validity = 0;  ///< the same
  bool subscribed = false;
  wire::Space space = wire::Space::Own;
  std::uint64_t size = 0;          ///< bytes of its messages (STATUS=SIZE, RFC 8438); 0 = not told
};

/// Keywords of a message (RFC 9051, flag-keyword) other than those that wire::Flag has: as the server spells them,
/// in its order, bounded by imap_limits.
using Keywords = std::vector<std::string>;

/// What the selected folder keeps of flags and keywords (RFC 9051, PERMANENTFLAGS).
struct PermanentFlags {
  bool told = false;     ///< else it is to be tried
  bool any_new = false;  ///< \*: whatever keyword is set
  std::uint16_t flags = 0;
  Keywords keywords;
};

/// The answer to SELECT or EXAMINE.
struct Selected {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid_next = 0;      ///< 0 = not said
  std::uint32_t exists = 0;
  std::uint64_t highest_modseq = 0; ///< 0 = NOMODSEQ or no CONDSTORE
  bool read_only = false;
  PermanentFlags permanent;
  bool caught_up = false;  ///< what changed since the known state has been told
};

/// What is known of a folder from before: asked for at SELECT, the server tells what changed since (RFC 7162).
struct KnownState {
  std::uint32_t uid_validity = 0;
  std::uint64_t modseq = 0;  ///< 0 = nothing is known
};

/// What a server said of the selected folder without being asked, in its order.
struct Change {
  enum class Kind : std::uint8_t { kFlags, kGone } kind = Kind::kFlags;
  std::uint32_t seq = 0;  ///< at that moment
  Uid uid{};              ///< none where the server told the sequence number alone
  std::uint16_t flags = 0;
  Keywords keywords;
};
struct News {
  std::vector<Change> changes;
  std::vector<UidRange> gone;  ///< VANISHED
  std::size_t keywords = 0;    ///< of all changes, counted towards the limit
  bool lost = false;           ///< more than is kept: only a comparison tells now
  bool empty() const { return changes.empty() && gone.empty() && !lost; }
};

/// Where copies of messages went, by UID (COPYUID, RFC 4315); both lists are empty where the server does
/// not tell. `from` and `to` are of the same length, one for one.
struct Copied {
  std::uint32_t uid_validity = 0;  ///< of the folder they went to
  std::vector<Uid> from, to;
  /// A MOVE that stopped in the middle (RFC 6851 section 3.3): those in `from` went, no others.
  std::optional<Error> stopped{};
};

/// What a server can sort by (RFC 5256).
enum class ServerSort : std::uint8_t { kArrival, kDate, kFrom, kTo, kSubject, kSize };

/// A stretch of a server's sorted order.
struct Sorted {
  std::vector<Uid> uids;
  std::uint32_t total = 0;  ///< messages in the whole order
};

struct Parameter {
  std::string name;   ///< lower case
  std::string value;  ///< raw bytes
};

/// One node of BODYSTRUCTURE, preorder; see wire::Part.
struct PartInfo {
  std::string section;  ///< "" for a multipart root, "2.TEXT" for a multipart inside a message/rfc822 at 2
  std::uint8_t depth = 0;
  std::string type, subtype;
  std::vector<Parameter> parameters;
  std::string encoding, content_id, description, disposition;
  std::vector<Parameter> disposition_parameters;
  std::uint64_t size = 0;
};

/// One of those a message went to; raw as in FetchedRow.
struct FetchedRecipient {
  std::string name, mailbox, host;
  bool cc = false;
};

/// One FETCH response of an index fetch. Envelope strings are raw header bytes: still encoded (RFC 2047).
struct FetchedRow {
  std::uint32_t seq = 0;
  Uid uid{};
  std::uint16_t flags = 0;            ///< wire::Flag bits
  Keywords keywords;
  std::int64_t internal_date = 0;     ///< seconds since 1970 UTC
  std::uint64_t size = 0;
  std::uint64_t modseq = 0;
  std::string date;                   ///< the Date header as sent
  std::string subject;
  std::string from_name, from_mailbox, from_host;
  std::vector<FetchedRecipient> recipients;  ///< of To, then of Cc: the first imap_limits::kRecipients
  bool more_recipients = false;
  std::string message_id, in_reply_to;
  std::string references;  ///< the beginning of the References header with its name, or ""
  std::vector<PartInfo> parts;
};

struct FetchedFlags {
  Uid uid{};
  std::uint16_t flags = 0;
  Keywords keywords;
  std::uint64_t modseq = 0;
  std::uint64_t size = 0;  ///< 0: not told
};

}  // namespace alphamail

#endif
