// SPDX-License-Identifier: GPL-3.0-or-later
// The FETCH commands of ImapConnection. Replies may hold what was not asked (flags that changed, other
// messages, a UID twice): each row is taken only where it answers the question.
#include <algorithm>
#include <optional>

#include "common/characters.h"
#include "webcache/imap_connection_impl.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"

namespace alphamail {
namespace {

constexpr std::uint64_t kHeaderBytes = imap_limits::kLiteralKept;
constexpr std::size_t kManyRows = 200;      // of some 600 bytes: TlsStream::Bulk is worth the millisecond behind them
constexpr std::size_t kUidsACommand = 500;  // keeps a command line below 8 KB, the least a server must take

constexpr std::uint16_t kFlagsAsked = FetchResponse::kUid | FetchResponse::kFlags;
constexpr std::uint16_t kNoFlagsAsked = 0xFFFF;  // whatever has flags was not asked for

constexpr const char* kRowItems = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE";
// ENVELOPE has all that a conversation is known by but References. Of one that goes on for pages the
// beginning is enough: In-Reply-To names the nearest.
constexpr const char* kReferences = "BODY.PEEK[HEADER.FIELDS (REFERENCES)]<0.4000>";
constexpr std::string_view kReferencesSection = "HEADER.FIELDS (REFERENCES)";
constexpr const char* kOpenedItems = "(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE";
constexpr const char* kSmallItems = "(UID FLAGS INTERNALDATE RFC822.SIZE";
constexpr const char* kIdentityItems = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)";
constexpr std::size_t kMaxOverlong = 100;  // of one command; more such mails than that stay away

void row_items(ImapCommand& command, const Capabilities& offered) {
  command.words(kRowItems).words(kReferences).words(offered.condstore ? "MODSEQ)" : ")");
}

void identity_items(ImapCommand& command, const Capabilities&) { command.words(kIdentityItems); }

bool has_all(const FetchResponse& response, std::uint16_t what) { return (response.has & what) == what; }

/// The body of that section, or null.
const FetchedBody* body_of(const FetchResponse& response, std::string_view section) {
  for (const FetchedBody& body : response.bodies) {
    if (body.section.size() == section.size() &&
        std::equal(section.begin(), section.end(), body.section.begin(),
                   [](char a, char b) { return (a | 0x20) == (b | 0x20); })) {
      return &body;
    }
  }
  return nullptr;
}

/// True if `body` is what was asked with <offset.length>; a server that ignores pieces sends the whole.
bool begins_at(const FetchedBody& body, std::uint64_t offset) {
  return body.nil || (body.has_origin ? body.origin == offset : offset == 0);
}

/// The piece of a section that begins at `offset`, which is not its first; null where the server did not send it.
const FetchedBody* body_from(const FetchResponse& response, std::string_view section, std::uint64_t offset) {
  for (const FetchedBody& body : response.bodies) {
    if (!body.nil && body.has_origin && body.origin == offset && equal_ignoring_case(body.section, section)) return &body;
  }
  return nullptr;
}

/// Adds the section that was asked with <0.kOpenedText>, if that is all of it: a piece shorter than what
/// was asked for ends the part (RFC 3501 section 6.4.5).
void keep_text(const FetchResponse& response, std::string_view section,
               std::vector<ImapConnection::OpenedText>& texts) {
  const FetchedBody* body = body_of(response, section);
  if (body == nullptr || body->nil || !begins_at(*body, 0)) return;
  if (body->bytes.size() >= ImapConnection::kOpenedText || body->announced > body->bytes.size()) return;
  texts.push_back({std::string(section), std::string(body->bytes)});
}

}  // namespace

template <typename Each>
Result<void> ImapConnection::Impl::fetch(ImapCommand& command, std::uint16_t asked, Deadline deadline,
                                         Each&& each, std::vector<std::uint32_t>* overlong) {
  FetchResponse response;
  wire.expect_fetches(true);
  auto status = wire.run(command, deadline, [&](const ImapResponse& raw, const Untagged& about) -> Result<void> {
    if (about.kind != Untagged::Kind::kFetch) return {};
    if (raw.overlong && overlong != nullptr && overlong->size() < kMaxOverlong) overlong->push_back(about.number);
    switch (parse_fetch(raw, response)) {
      case Parsed::kBroken:
        return protocol_error("to FETCH is not IMAP");
      case Parsed::kOdd:
        return {};
      case Parsed::kGood:
        break;
    }
    if (has_all(response, FetchResponse::kFlags) && !has_all(response, asked)) wire.note_flags(response.row);
    return each(response);
  });
  wire.expect_fetches(false);
  return check(std::move(status));
}

Result<void> ImapConnection::Impl::fetch_rows(ImapCommand& command, std::size_t expected, const RowSink& sink,
                                              Deadline deadline, const std::function<bool(const FetchedRow&)>& wanted) {
  bool more = true;
  std::optional<TlsStream::Bulk> bulk;
  if (expected >= kManyRows) bulk.emplace(wire.stream());
  std::vector<std::pair<Uid, std::uint32_t>> given;  // and their sequence numbers
  std::uint16_t needed = FetchResponse::kUid | FetchResponse::kFlags | FetchResponse::kEnvelope;
  const auto take = [&](FetchResponse& response) -> Result<void> {
    if (!more || !has_all(response, needed) || !wanted(response.row)) return {};
    given.emplace_back(response.row.uid, response.row.seq);
    if (const FetchedBody* body = body_of(response, kReferencesSection)) response.row.references = body->bytes;
    more = sink(std::move(response.row));
    return {};
  };
  std::vector<std::uint32_t> overlong;
  auto done = fetch(command, needed, deadline, take, &overlong);
  // A row without sender and subject is better than a message that nobody sees. Others may have gone
  // meanwhile, so the number may be another's: a row that has been given stays as it is.
  needed = FetchResponse::kUid | FetchResponse::kFlags | FetchResponse::kSize;
  for (const std::uint32_t seq : overlong) {
    if (!done || !more) break;
    ImapCommand again("FETCH");
    again.number(seq).words(kSmallItems).words(")");
    done = fetch(again, needed, deadline, [&](FetchResponse& response) -> Result<void> {
      const bool known = std::any_of(given.begin(), given.end(), [&](const auto& one) { return one.first == response.row.uid; });
      return known ? Result<void>() : take(response);
    });
  }
  if (!done) return done;
  std::sort(given.begin(), given.end());
  const auto two = std::adjacent_find(given.begin(), given.end(), [](const auto& a, const auto& b) {
    return a.first == b.first && a.second != b.second;
  });
  told_nonsense |= two != given.end();
  return {};
}

Result<void> ImapConnection::fetch_rows(SeqNum first, SeqNum last, const RowSink& sink, Deadline deadline) {
  const auto from = static_cast<std::uint32_t>(first), to = static_cast<std::uint32_t>(last);
  if (from == 0 || to < from) return Error{Code::kInvalid, "no messages are asked for"};
  ImapCommand command("FETCH");
  command.range(from, to);
  row_items(command, capabilities());
  return impl_->fetch_rows(command, to - from + 1, sink, deadline,
                           [=](const FetchedRow& row) { return row.seq >= from && row.seq <= to; });
}

Result<void> ImapConnection::fetch_rows(Uid first, Uid last, const RowSink& sink, Deadline deadline) {
  if (first == Uid{} || last < first) return Error{Code::kInvalid, "no messages are asked for"};
  ImapCommand command("UID FETCH");
  command.range(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
  row_items(command, capabilities());
  return impl_->fetch_rows(command, 0, sink, deadline,
                           [=](const FetchedRow& row) { return row.uid >= first && row.uid <= last; });
}

Result<void> ImapConnection::Impl::fetch_uid_rows(std::span<const Uid> uids,
                                                  void (*items)(ImapCommand&, const Capabilities&),
                                                  const RowSink& sink, Deadline deadline, Strict strict) {
  bool more = true;
  const auto take = [&](FetchedRow&& row) { return more = sink(std::move(row)); };
  bool strays = false;
  while (!uids.empty() && more) {
    std::vector<Uid> some(uids.begin(), uids.begin() + static_cast<std::ptrdiff_t>(std::min(uids.size(), kUidsACommand)));
    uids = uids.subspan(some.size());
    ImapCommand command("UID FETCH");
    command.set(some);
    items(command, wire.capabilities());
    std::sort(some.begin(), some.end());
    std::vector<bool> named(some.size());
    const auto done = fetch_rows(command, 0, take, deadline, [&](const FetchedRow& row) {
      const auto at = std::lower_bound(some.begin(), some.end(), row.uid);
      if (at == some.end() || *at != row.uid) {
        strays = true;
        return false;
      }
      const auto which = static_cast<std::size_t>(at - some.begin());
      strays |= strict == Strict::kYes && named[which];
      named[which] = true;
      return true;
    });
    if (!done) return done;
  }
  told_nonsense |= strays;
  if (!strays || strict == Strict::kNo) return {};
  wire.die();
  return protocol_error("names messages that were not asked for, or one of them twice");
}

Result<void> ImapConnection::fetch_rows(std::span<const Uid> uids, const RowSink& sink, Deadline deadline) {
  return impl_->fetch_uid_rows(uids, row_items, sink, deadline);
}

Result<void> ImapConnection::fetch_identities(std::span<const Uid> uids, const RowSink& sink,
                                              Deadline deadline) {
  return impl_->fetch_uid_rows(uids, identity_items, sink, deadline, Impl::Strict::kYes);
}

Result<void> ImapConnection::fetch_flags(Uid first, Uid last, std::uint64_t changed_since,
                                         const std::function<void(const FetchedFlags&)>& sink,
                                         Deadline deadline, With with) {
  if (first == Uid{} || last < first) return Error{Code::kInvalid, "no messages are asked for"};
  ImapCommand command("UID FETCH");
  command.range(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last))
      .words(with == With::kSize ? "(UID FLAGS RFC822.SIZE)" : "(UID FLAGS)");
  if (changed_since != 0 && capabilities().condstore) {
    command.words("(CHANGEDSINCE").number(changed_since).words(")");
  }
  return impl_->fetch(command, kFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
    const FetchedRow& row = response.row;
    if (has_all(response, FetchResponse::kUid | FetchResponse::kFlags) && row.uid >= first && row.uid <= last) {
      sink({row.uid, row.flags, std::move(response.row.keywords), row.modseq, row.size});
    }
    return {};
  });
}

Result<void> ImapConnection::fetch_structures(std::span<const Uid> uids, const RowSink& sink, Deadline deadline) {
  if (uids.empty() || uids.size() > kUidsACommand) return Error{Code::kInvalid, "no messages are asked for"};
  ImapCommand command("UID FETCH");
  command.set(uids).words("(UID BODYSTRUCTURE)");
  return impl_->fetch(command, kNoFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
    const bool asked = has_all(response, FetchResponse::kUid | FetchResponse::kStructure) &&
                       std::find(uids.begin(), uids.end(), response.row.uid) != uids.end();
    if (asked) sink(std::move(response.row));
    return {};
  });
}

Result<void> ImapConnection::fetch_uids(std::span<const SeqNum> places,
                                        const std::function<void(SeqNum, Uid)>& sink, Deadline deadline) {
  if (places.empty() || places.size() > kUidsACommand) return Error{Code::kInvalid, "no messages are asked for"};
  ImapCommand command("FETCH");
  std::string set;
  for (const SeqNum place : places) set.append(set.empty() ? "" : ",").append(std::to_string(static_cast<std::uint32_t>(place)));
  command.words(set).words("(UID)");
  return impl_->fetch(command, kNoFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
    if (has_all(response, FetchResponse::kUid)) sink(SeqNum{response.row.seq}, response.row.uid);
    return {};
  });
}

Result<void> ImapConnection::fetch_beginnings(std::span<const Uid> uids, std::string_view section,
                                              std::size_t bytes, const std::function<void(Snippet&&)>& sink,
                                              Deadline deadline) {
  if (!is_section(section)) return Error{Code::kInvalid, "no such section"};
  const bool preview = section.empty();
  if (preview && !capabilities().preview) return Error{Code::kInvalid, "the server makes no previews"};
  // Cyrus (3.6) offers them, and has none unless it is set up to make them.
  if (preview && impl_->makes_no_previews) return {};
  std::size_t answered = 0;
  bool made = false;
  while (!uids.empty()) {
    const auto some = uids.first(std::min(uids.size(), kUidsACommand));
    uids = uids.subspan(some.size());
    ImapCommand command("UID FETCH");
    command.set(some);
    if (preview) {
      command.words("(UID PREVIEW)");
    } else {
      command.words("(UID").body_peek(section, 0, std::min(bytes, imap_limits::kLiteralKept)).words(")");
    }
    auto done = impl_->fetch(command, kNoFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
      if (!has_all(response, FetchResponse::kUid)) return {};
      if (std::find(some.begin(), some.end(), response.row.uid) == some.end()) return {};
      ++answered;
      if (preview) {
        if (!has_all(response, FetchResponse::kPreview)) return {};
        made = true;
        sink({response.row.uid, std::move(response.preview)});
        return {};
      }
      const FetchedBody* body = body_of(response, section);
      if (body == nullptr || !begins_at(*body, 0)) return {};
      sink({response.row.uid, std::string(body->bytes.substr(0, bytes))});
      return {};
    });
    if (!done) return done;
  }
  if (preview) impl_->makes_no_previews = answered > 0 && !made;
  return {};
}

Result<void> ImapConnection::Impl::fetch_opened(Uid uid, const char* items, std::string_view section,
                                                Opened& opened, bool& overlong, Deadline deadline) {
  bool row = false, header = false;
  std::vector<std::uint32_t> too_long;
  ImapCommand command("UID FETCH");
  command.number(static_cast<std::uint32_t>(uid)).words(items);
  if (wire.capabilities().condstore) command.words("MODSEQ");
  command.body_peek("HEADER", 0, kHeaderBytes);
  if (!section.empty()) command.body_peek(section, 0, kOpenedText);
  command.words(")");
  const auto take = [&](FetchResponse& response) -> Result<void> {
    if (!has_all(response, FetchResponse::kUid) || response.row.uid != uid) return {};
    if (const FetchedBody* body = body_of(response, "HEADER"); body && begins_at(*body, 0)) {
      opened.header.assign(body->bytes.substr(0, kHeaderBytes));
      opened.header_cut = body->announced > body->bytes.size() || opened.header.size() >= kHeaderBytes;
      header = true;
    }
    if (!section.empty()) keep_text(response, section, opened.texts);
    if (has_all(response, FetchResponse::kFlags | FetchResponse::kSize)) {
      opened.row = std::move(response.row);
      row = true;
    }
    return {};
  };
  auto done = fetch(command, kFlagsAsked | FetchResponse::kSize, deadline, take, &too_long);
  overlong = !too_long.empty();
  if (done && (!row || !header)) return Error{Code::kNotFound, "the message is gone"};
  return done;
}

Result<ImapConnection::Opened> ImapConnection::open_message(Uid uid, std::string_view section, Deadline deadline) {
  if (uid == Uid{}) return Error{Code::kNotFound, "no such message"};
  if (!is_section(section)) section = {};
  Opened opened;
  bool overlong = false;
  const char* const items = section.empty() ? kRowItems : kOpenedItems;
  auto done = impl_->fetch_opened(uid, items, section, opened, overlong, deadline);
  // Where envelope and structure are megabytes, the message is opened without them.
  if (!done && overlong && !dead()) done = impl_->fetch_opened(uid, kSmallItems, {}, opened, overlong, deadline);
  if (!done) return done.error();
  return opened;
}

Result<void> ImapConnection::fetch_texts(Opened& opened, std::span<const std::string> sections, Deadline deadline) {
  const Uid uid = opened.row.uid;
  if (sections.empty() || sections.size() >= FetchResponse::kMaxBodies) return {};
  ImapCommand command("UID FETCH");
  command.number(static_cast<std::uint32_t>(uid)).words("(UID");
  for (const std::string& section : sections) command.body_peek(section, 0, kOpenedText);
  command.words(")");
  return impl_->fetch(command, kNoFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
    if (!has_all(response, FetchResponse::kUid) || response.row.uid != uid) return {};
    for (const std::string& section : sections) keep_text(response, section, opened.texts);
    return {};
  });
}

Result<std::string> ImapConnection::fetch_piece(Uid uid, std::string_view section, std::uint64_t offset,
                                                std::uint32_t length, Deadline deadline, std::string piece) {
  piece.clear();
  if (uid == Uid{} || !is_section(section)) return Error{Code::kNotFound, "no such message or part"};
  // Offsets and lengths of RFC 3501 are 32-bit numbers: behind them there is nothing to be had.
  if (offset > UINT32_MAX) return piece;
  const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>({length, kMostPiece, UINT32_MAX - offset + 1}));
  if (most == 0) return piece;
  // In two halves where it is longer than a literal may be: to open the message costs the server as much as to read that.
  const std::uint32_t half = most > imap_limits::kLiteralKept ? most / 2 : most;
  ImapCommand command("UID FETCH");
  command.number(static_cast<std::uint32_t>(uid)).words("(UID").body_peek(section, offset, half);
  if (half < most) command.body_peek(section, offset + half, most - half);
  command.words(")");
  bool found = false;
  impl_->more_follows = true;
  auto done = impl_->fetch(command, kNoFlagsAsked, deadline, [&](FetchResponse& response) -> Result<void> {
    if (!has_all(response, FetchResponse::kUid) || response.row.uid != uid) return {};
    const FetchedBody* body = body_of(response, section);
    if (body == nullptr) return {};
    if (!begins_at(*body, offset)) return protocol_error("holds another piece than was asked");
    piece.reserve(most);
    piece.assign(body->bytes.substr(0, half));
    found = true;
    const FetchedBody* rest = piece.size() == half && half < most ? body_from(response, section, offset + half) : nullptr;
    if (rest != nullptr) piece.append(rest->bytes.substr(0, most - half));
    return {};
  });
  // The memory that such a piece came in is kept for the next one; behind the last it goes.
  if (!done || piece.size() < most) impl_->wire.rest();
  if (!done) return done.error();
  if (!found) return Error{Code::kNotFound, "the message is gone"};
  return piece;
}

}  // namespace alphamail
