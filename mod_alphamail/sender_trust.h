// SPDX-License-Identifier: GPL-3.0-or-later
// What the receiving mail server established about who sent a message: its Authentication-Results
// (RFC 8601), and nothing that the sender could have written there.
#ifndef MOD_ALPHAMAIL_SENDER_TRUST_H
#define MOD_ALPHAMAIL_SENDER_TRUST_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace alphamail {

/// Results count only where they are about the domain of From (alignment as in RFC 7489 section
/// 3.1, organizational domains by the public suffix list).
struct SenderTrust {
  enum class Outcome : std::uint8_t {
    kNone,  ///< not checked, not concluded, or about another domain
    kPass,
    kFail   ///< the check says that it is not so
  };
  bool checked = false;       ///< one of the servers that the site names has said something
  std::string server;         ///< which one, as configured
  std::string domain;         ///< of From, lower case; "" where From is not exactly one address
  Outcome dmarc = Outcome::kNone;
  Outcome dkim = Outcome::kNone;
  Outcome spf = Outcome::kNone;
  std::string signer;         ///< another domain whose signature is right, "" where there is none

  /// The receiving server vouches for the domain of From: by DMARC, or by a signature of its own.
  /// SPF alone does not do: it tells of a server that many may share.
  bool vouched() const {
    return !domain.empty() && dmarc != Outcome::kFail &&
           (dmarc == Outcome::kPass || dkim == Outcome::kPass);
  }
  /// It says that the message most likely does not come from that domain.
  bool doubted() const {
    return checked && !vouched() &&
           (dmarc == Outcome::kFail || (dkim != Outcome::kPass && spf == Outcome::kFail));
  }
};

/// @param block         the raw header block
/// @param authserv_ids  what the site's own servers call themselves, lower case; others are not
///                      believed. Where there is none, nothing is.
/// Who receives mail for the site must remove what comes in with these names (RFC 8601 section 5).
/// As a second fence only those fields count that stand together at the top, before the next
/// Received: below it is what was there before the message came to that server.
SenderTrust read_sender_trust(std::string_view block, std::span<const std::string> authserv_ids);

/// True where both domains (lower case) belong to whoever registered one of them.
bool same_organization(std::string_view a, std::string_view b);

}  // namespace alphamail

#endif
