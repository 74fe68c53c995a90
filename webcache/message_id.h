// SPDX-License-Identifier: GPL-3.0-or-later
// Message-IDs and what refers to them (RFC 5322 section 3.6.4), as hashes: an index needs to know
// only whether two are the same.
#ifndef WEBCACHE_MESSAGE_ID_H
#define WEBCACHE_MESSAGE_ID_H

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace alphamail {

/// 48 bits of a hash that never changes: it stands on disk. Two of ten million different ones are
/// the same with a probability of one in six. All zero: no Message-ID.
struct MessageHash {
  std::array<std::uint16_t, 3> bits{};
  bool none() const { return bits == std::array<std::uint16_t, 3>{}; }
  auto operator<=>(const MessageHash&) const = default;
};
static_assert(sizeof(MessageHash) == 6);

/// Of the first id in a Message-ID header; what has no brackets counts as it stands.
MessageHash message_hash(std::string_view header);

/// What a message is known again by, beside its UID: of its Message-ID, date of arrival and size as an
/// index keeps them.
std::uint32_t message_identity(const MessageHash& id, std::uint32_t arrived, std::uint32_t size);

/// What a message's conversation is known by, of its In-Reply-To and the beginning of its
/// References: the first of the conversation, and the nearest two ancestors, the parent last. At
/// most 3.
std::vector<MessageHash> reference_hashes(std::string_view in_reply_to,
                                          std::string_view references);

}  // namespace alphamail

#endif
