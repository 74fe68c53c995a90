// SPDX-License-Identifier: GPL-3.0-or-later
// APPEND, streamed, and finding again what was appended.
#include <algorithm>
#include <charconv>
#include <utility>

#include "webcache/imap_connection_impl.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"

namespace alphamail {
namespace {

// "38505 3955" of APPENDUID (RFC 4315).
ImapConnection::Appended appended_by(std::string_view args) {
  ImapConnection::Appended where;
  std::uint32_t uid = 0;
  const char* const end = args.data() + args.size();
  const auto first = std::from_chars(args.data(), end, where.uid_validity);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ') return {};
  const auto second = std::from_chars(first.ptr + 1, end, uid);
  if (second.ec != std::errc()) return {};
  where.uid = Uid{uid};
  return where;
}

}  // namespace

Result<ImapConnection::Appended> ImapConnection::append(std::string_view mailbox,
                                                        std::string_view flags, std::uint64_t bytes,
                                                        const Source& source, Millis step) {
  ImapWire& wire = impl_->wire;
  ImapCommand command("APPEND");
  // The literal of the message is the last thing of the command: its bytes follow by themselves.
  command.astring(mailbox).words(flags).words("{" + std::to_string(bytes) + "}");
  if (!command.valid()) return Error{Code::kNotFound, "no folder can have this name", 0};
  const std::string tag = wire.next_tag();
  const auto pieces = command.pieces(capabilities());
  if (auto sent = wire.send(tag + ' ' + std::string(pieces.front().text), Deadline::in(step)); !sent)
    return sent.error();
  for (std::size_t i = 1; i <= pieces.size(); ++i) {
    const auto go_on = wire.await_continuation(tag, Deadline::in(step), nullptr);
    if (!go_on) return go_on.error();
    if (!*go_on) {
      const Error refused = server_said(wire.status());
      return same_word(wire.status().code, "TRYCREATE") ? Error{Code::kNotFound, refused.detail, 0}
                                                        : refused;
    }
    if (i == pieces.size()) break;
    if (auto more = wire.send_more(pieces[i].text, Deadline::in(step)); !more) return more.error();
  }
  for (std::uint64_t left = bytes;;) {
    const auto piece = source();
    if (!piece || piece->size() > left || (piece->empty() && left > 0)) {
      wire.die();  // in the middle of a literal
      return piece ? Error{Code::kInternal, "the message is not as long as was said", 0}
                   : piece.error();
    }
    if (piece->empty()) break;
    left -= piece->size();
    if (auto sent = wire.send_more(*piece, Deadline::in(step)); !sent) return sent.error();
  }
  if (auto sent = wire.send_more("\r\n", Deadline::in(step)); !sent) return sent.error();
  auto status = wire.finish(tag, Deadline::in(step), nullptr);
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) return server_said(*status);
  const Appended where = same_word(status->code, "APPENDUID") ? appended_by(status->args) : Appended{};
  wire.rest();
  return where;
}

Result<std::vector<Uid>> ImapConnection::find_message_id(Uid from, std::string_view message_id,
                                                         Deadline deadline) {
  Found found{.first = 1, .last = imap_limits::kMessages};
  ImapCommand command("UID SEARCH");
  command.words("UID").words(std::to_string(static_cast<std::uint32_t>(from)) + ":*");
  command.words("HEADER").words("Message-ID").string(message_id);
  if (!command.valid()) return Error{Code::kInvalid, "no Message-ID", 0};
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    if (about.kind != Untagged::Kind::kFound) return {};
    return parse_found(response, found) == Parsed::kGood ? Result<void>()
                                                         : protocol_error("to SEARCH is not IMAP");
  };
  if (auto done = impl_->check(impl_->wire.run(command, deadline, sink)); !done) return done.error();
  // "n:*" names the last message also where that lies below n.
  std::erase_if(found.uids, [&](Uid uid) { return uid < from; });
  std::sort(found.uids.begin(), found.uids.end());
  return std::move(found.uids);
}

}  // namespace alphamail
