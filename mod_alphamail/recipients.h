// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as people type them into To, Cc and Bcc: lists with names, quotes, comments and groups; each
// checked by RFC 5321 and RFC 6531, the host as its A-label (RFC 5890). What is wrong is named, not dropped.
#ifndef MOD_ALPHAMAIL_RECIPIENTS_H
#define MOD_ALPHAMAIL_RECIPIENTS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"
#include "common/result.h"

namespace alphamail {

/// Why what was typed is no address.
enum class AddressFault : std::uint8_t { kNoAt, kLocalPart, kHost, kLength, kUnclosed, kControl };

struct TypedAddresses {
  struct Bad {
    std::string typed;    ///< as it stands in the field, at most 200 bytes of it
    AddressFault fault;
  };
  std::vector<Address> good;   ///< mailbox ready for a header and for RCPT TO; each address once
  std::vector<Bad> bad;
  bool too_many = false;       ///< more than the limit; the rest was not read
};

/// Separators are comma, semicolon and line end. @param limit  addresses at most
TypedAddresses read_typed_addresses(std::string_view typed, std::size_t limit);

/// One address without a name: "user@host" with the host as A-label in lower case.
struct CheckedMailbox {
  std::string mailbox;
  AddressFault fault = AddressFault::kNoAt;  ///< where mailbox is ""
};
CheckedMailbox check_mailbox(std::string_view typed);

/// Addresses as the form shows them: "Mina Okafor <mina@example.edu>, ...", hosts in Unicode where that
/// comes back to the same host. read_typed_addresses() gives the same again.
std::string typed_form(const std::vector<Address>& list);

/// Host of an address, lower case; "" where there is none.
std::string host_of(std::string_view mailbox);

/// The same for comparing: local parts compare without case, as every mail system of today has it.
std::string comparable(std::string_view mailbox);

}  // namespace alphamail

#endif
