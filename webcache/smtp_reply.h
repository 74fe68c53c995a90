// SPDX-License-Identifier: GPL-3.0-or-later
// What an SMTP server answers (RFC 5321 section 4.2), bounded, and what its EHLO offers.
#ifndef WEBCACHE_SMTP_REPLY_H
#define WEBCACHE_SMTP_REPLY_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace alphamail {

struct SmtpReply {
  std::uint16_t code = 0;            ///< 200 to 599
  std::vector<std::string> lines;    ///< behind the code, untrusted, any bytes
  bool good() const { return code >= 200 && code < 400; }
  /// All lines in one, as an error may carry them: valid UTF-8, no control characters, at most 300 bytes.
  std::string words() const;
};

/// Puts a reply together out of its lines.
class SmtpReplyReader {
 public:
  static constexpr std::size_t kLongestLine = 2048;  ///< four times what RFC 5321 allows
  static constexpr std::size_t kMostLines = 128;

  /// @param line  without its end
  /// @return true where it was the last one; kProtocol for what is no reply
  Result<bool> take(std::string_view line);
  SmtpReply reply;
};

/// What EHLO offers.
struct SmtpOffers {
  bool starttls = false, size = false, eight_bit = false, utf8 = false, pipelining = false;
  bool auth_plain = false, auth_login = false;
  std::uint64_t most_bytes = 0;  ///< of SIZE; 0 = not said
  static SmtpOffers of(const SmtpReply& reply);
};

/// An address as it may stand in MAIL FROM and RCPT TO: one '@', no control character, no space or angle
/// bracket but in a quoted local part, UTF-8, of the lengths of RFC 5321 section 4.5.3.1.
bool is_envelope_address(std::string_view address);

}  // namespace alphamail

#endif
