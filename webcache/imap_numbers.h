// SPDX-License-Identifier: GPL-3.0-or-later
// Responses that are numbers and little else, and of which a large folder makes long ones: SORT and
// SEARCH (RFC 5256, 3501), ESEARCH (RFC 4731, 5267), VANISHED (RFC 7162).
//
// A set such as 1:4000000000 is nine bytes that name four billion messages. So a set stays ranges
// until somebody who knows a limit wants its members, and is never taken apart beyond that limit.
// Lines longer than imap_limits::kNumbersPiece reach here in pieces (ImapResponse::continues), each
// of them whole in itself.
#ifndef WEBCACHE_IMAP_NUMBERS_H
#define WEBCACHE_IMAP_NUMBERS_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webcache/imap_parser.h"
#include "webcache/imap_reader.h"
#include "webcache/imap_types.h"

namespace alphamail {

/// "VANISHED (EARLIER) 3:7,9".
struct Vanished {
  bool earlier = false;     ///< about messages that went before: EXISTS has not counted them
  std::uint64_t count = 0;  ///< named by the ranges
  std::vector<UidRange> ranges;
};
Parsed parse_vanished(const ImapResponse& response, Vanished& out);

/// "SORT 4 2 9" or "SEARCH 2 4 9", or the next piece of it.
struct Found {
  std::uint64_t first = 1, last = UINT64_MAX;  ///< which of the numbers are wanted, counted from 1
  std::vector<Uid> uids{};                     ///< those, in the server's order
  std::uint64_t total = 0;                     ///< numbers so far
};
Parsed parse_found(const ImapResponse& response, Found& found);

/// "ESEARCH (TAG "A9") UID COUNT 120 PARTIAL (1:50 9,7:5)"
struct ExtendedSearch {
  std::string tag;  ///< of the command it answers, "" = none named
  bool by_uid = false;
  std::optional<std::uint64_t> count;  ///< COUNT
  bool partial = false;                ///< PARTIAL is there
  std::vector<Uid> found;              ///< of PARTIAL, in the server's order
  std::vector<UidRange> all;           ///< of ALL, as the server has written them
};
/// @param limit  members of PARTIAL, or of ALL, that may be; a set of more is kOdd
Parsed parse_extended_search(const ImapResponse& response, std::size_t limit, ExtendedSearch& out);

/// The argument of COPYUID (RFC 4315): "38505 304,319:320 3956:3958". @param limit  members each set may have
/// @return nothing where it is none, or its sets are not of the same length
std::optional<Copied> parse_copied(std::string_view args, std::size_t limit);

/// The ranges of "9,7:5,12" in their order; first > last where the set says so. Without '*', 0 and
/// 2^32.
/// @return false for anything else
bool parse_set(std::string_view set, std::vector<UidRange>& out);

}  // namespace alphamail

#endif
