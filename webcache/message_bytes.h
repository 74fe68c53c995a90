// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a message on their way out: every line ends with CRLF, and no CR or LF stands alone (RFC 5321
// section 2.3.8), whatever lies in the spool; the Bcc field is left out where it goes to others (RFC 5322
// section 3.6.3). Piece by piece: memory holds one.
#ifndef WEBCACHE_MESSAGE_BYTES_H
#define WEBCACHE_MESSAGE_BYTES_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/result.h"

namespace alphamail {

/// Gives the next bytes, valid until the next call; nothing at the end.
using ByteSource = std::function<Result<std::string_view>()>;

class MessageBytes {
 public:
  enum class Bcc { kKept, kLeftOut };
  MessageBytes(ByteSource source, Bcc bcc) : source_(std::move(source)), bcc_(bcc) {}

  /// @return some bytes, valid until the next call, nothing at the end; kInvalid for a header line that no
  ///         message has; what the source says
  Result<std::string_view> next();

 private:
  void take(std::string_view some);
  void end_header_line();
  Result<void> end();

  ByteSource source_;
  const Bcc bcc_;
  bool in_header_ = true, leaving_out_ = false, after_cr_ = false, ended_ = false, overlong_ = false;
  std::string line_;  // of the header, while it is in it
  std::string out_;
  bool line_open_ = false;  // of the body: something stands behind the last CRLF
};

/// What has to be known of a message before it is sent.
struct MessageFacts {
  std::uint64_t wire_bytes = 0;   ///< without Bcc
  std::uint64_t whole_bytes = 0;  ///< with it
  bool eight_bit = false;         ///< some byte is above 127
  bool utf8_header = false;       ///< the same in its header: needs SMTPUTF8
  std::string message_id;         ///< with its angle brackets
};

/// Reads all of it, twice: `open` gives its bytes from the beginning.
/// @return kInvalid, with words for who wrote it: NUL, a line of more than 998 bytes, no Message-ID
Result<MessageFacts> message_facts(const std::function<ByteSource()>& open);

}  // namespace alphamail

#endif
