// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the messages that users send, streaming: what is large comes from a source and goes to a sink in
// pieces, so that a message of 100 MB takes some kilobytes. RFC 5322, 2045, 2046, 2047, 2183, 2231, 3676;
// every line is 7-bit and at most 998 characters, but for addresses that need RFC 6532.
#ifndef MOD_ALPHAMAIL_MIME_WRITER_H
#define MOD_ALPHAMAIL_MIME_WRITER_H

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"
#include "common/result.h"

namespace alphamail {

/// Takes the next bytes; its error ends the writing and is what the writer answers.
using PieceSink = std::function<Result<void>(std::string_view)>;
/// Writes all of something's bytes to a sink, each time it is called.
using PieceSource = std::function<Result<void>(const PieceSink&)>;

struct OutgoingPart {
  std::string name;           ///< file name; any text
  std::string type;           ///< "image/png"; what is no type of a single part becomes application/octet-stream
  bool message = false;       ///< the bytes are a message to be forwarded whole
  PieceSource read;
};

/// What a message says. Texts are as typed: UTF-8; a control character in a header field is refused.
struct OutgoingMessage {
  std::int64_t date = 0;          ///< seconds since 1970
  std::int32_t offset = 0;        ///< of the writer's zone from UTC then, seconds
  std::string message_id;         ///< without brackets; new_message_id()
  Address from;                   ///< addresses are as recipients.h gives them: checked, host as A-label
  std::vector<Address> reply_to, to, cc;
  std::vector<Address> bcc;       ///< written only where `keep_bcc`
  bool keep_bcc = false;          ///< of a draft and the copy in Sent; never of what goes out
  std::string subject;
  std::vector<std::string> in_reply_to, references;   ///< without brackets
  std::string text;               ///< any line ends
  std::vector<OutgoingPart> parts;
  std::vector<std::pair<std::string, std::string>> notes;  ///< further fields of a draft: printable ASCII
};

/// "a1b2...@host", unique for ever. @param host  behind the @; ASCII
std::string new_message_id(std::string_view host);

/// RFC 5322 section 3.3: "Thu, 19 Nov 2026 16:58:00 +0100".
std::string mail_date(std::int64_t seconds, std::int32_t offset);

/// Writes all of the message; parts are read while it is written, a forwarded message twice.
/// @return kInvalid for a control character in a header field; a source's or the sink's own error
Result<void> write_message(const OutgoingMessage& message, const PieceSink& sink);

/// Bytes of a message with parts of these sizes, as mail servers count them: at most some hundred too many.
std::uint64_t size_on_the_wire(std::uint64_t text_bytes, const std::vector<std::uint64_t>& parts);

/// True where an address cannot be written without RFC 6531 at the server.
bool needs_smtputf8(const OutgoingMessage& message);

}  // namespace alphamail

#endif
