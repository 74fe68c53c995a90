// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_numbers.h"

#include <algorithm>

#include "webcache/imap_cursor.h"

namespace alphamail {
namespace {

std::uint64_t members(const UidRange& range) {
  return std::max<std::uint64_t>(range.first, range.last) - std::min(range.first, range.last) + 1;
}

std::uint64_t count_of(const std::vector<UidRange>& ranges) {
  std::uint64_t total = 0;
  for (const UidRange& range : ranges) total += members(range);
  return total;
}

/// Takes a set apart where it has at most `limit` members.
bool expand(const std::vector<UidRange>& ranges, std::size_t limit, std::vector<Uid>& out) {
  const std::uint64_t total = count_of(ranges);
  if (total > limit) return false;
  out.reserve(static_cast<std::size_t>(total));
  for (const UidRange& range : ranges) {
    const bool down = range.first > range.last;
    for (std::uint64_t i = 0; i < members(range); ++i) {
      const std::uint64_t uid = down ? range.first - i : range.first + i;
      out.push_back(Uid{static_cast<std::uint32_t>(uid)});
    }
  }
  return true;
}

/// The value of PARTIAL: "(1:50 9,7:5)", "(-1:-50 NIL)".
Parsed parse_partial(ImapCursor& at, std::size_t limit, ExtendedSearch& out) {
  at.expect('(');
  at.atom();  // the range that was asked for
  at.expect(' ');
  const bool nothing = at.accept_nil();
  const std::string_view set = nothing ? std::string_view() : at.atom();
  at.expect(')');
  if (at.failed()) return Parsed::kBroken;
  out.partial = true;
  std::vector<UidRange> ranges;
  if (nothing) return Parsed::kGood;
  return parse_set(set, ranges) && expand(ranges, limit, out.found) ? Parsed::kGood : Parsed::kOdd;
}

}  // namespace

bool parse_set(std::string_view set, std::vector<UidRange>& out) {
  if (set.empty()) return false;
  while (!set.empty()) {
    const std::string_view range = set.substr(0, set.find(','));
    set.remove_prefix(range.size());
    if (!set.empty()) {
      set.remove_prefix(1);
      if (set.empty()) return false;  // ends with a comma
    }
    const std::size_t colon = range.find(':');
    const std::uint64_t first = number_in(range.substr(0, colon), UINT32_MAX);
    const std::uint64_t last =
        colon == std::string_view::npos ? first : number_in(range.substr(colon + 1), UINT32_MAX);
    if (first == 0 || last == 0) return false;
    out.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
  }
  return true;
}

std::optional<Copied> parse_copied(std::string_view args, std::size_t limit) {
  const std::size_t first = args.find(' ');
  const std::size_t second = args.find(' ', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Copied copied;
  copied.uid_validity =
      static_cast<std::uint32_t>(number_in(args.substr(0, first), UINT32_MAX));
  std::vector<UidRange> from, to;
  const bool sound = parse_set(args.substr(first + 1, second - first - 1), from) &&
                     parse_set(args.substr(second + 1), to) && expand(from, limit, copied.from) &&
                     expand(to, limit, copied.to);
  if (!sound || copied.uid_validity == 0 || copied.from.size() != copied.to.size())
    return std::nullopt;
  return copied;
}

Parsed parse_vanished(const ImapResponse& response, Vanished& out) {
  out = Vanished{};
  ImapCursor at(response);
  at.atom();
  at.expect(' ');
  if (at.peek() == '(') {
    out.earlier = true;
    at.skip_value();
    at.expect(' ');
  }
  const std::string_view set = at.atom();
  if (at.failed() || !at.at_end()) return Parsed::kBroken;
  if (!parse_set(set, out.ranges)) return Parsed::kOdd;
  for (UidRange& range : out.ranges) {
    if (range.first > range.last) std::swap(range.first, range.last);
    out.count += members(range);
  }
  return Parsed::kGood;
}

Parsed parse_found(const ImapResponse& response, Found& found) {
  ImapCursor at(response);
  at.atom();
  at.skip_spaces();
  while (!at.failed() && !at.at_end()) {
    if (at.peek() == '(') {  // "(MODSEQ 917162500)" at the end of SEARCH (RFC 7162)
      at.skip_value();
    } else {
      const std::uint64_t number = at.number();
      if (number == 0 || number > UINT32_MAX) return at.failed() ? Parsed::kBroken : Parsed::kOdd;
      ++found.total;
      if (found.total >= found.first && found.total <= found.last) {
        found.uids.push_back(Uid{static_cast<std::uint32_t>(number)});
      }
    }
    if (!at.at_end()) at.expect(' ');
    at.skip_spaces();
  }
  return at.failed() ? Parsed::kBroken : Parsed::kGood;
}

Parsed parse_extended_search(const ImapResponse& response, std::size_t limit, ExtendedSearch& out) {
  out = ExtendedSearch{};
  ImapCursor at(response);
  at.atom();
  bool odd = false;
  for (bool first = true; !at.failed() && at.accept(' '); first = false) {
    if (first && at.accept('(')) {
      const bool tag = same_word(at.atom(), "TAG");
      at.expect(' ');
      if (!tag) return Parsed::kBroken;
      at.astring(out.tag, 64);
      at.expect(')');
      continue;
    }
    const std::string_view name = at.atom();
    if (same_word(name, "UID")) {
      out.by_uid = true;
      continue;
    }
    at.expect(' ');
    if (same_word(name, "COUNT")) {
      const std::uint64_t count = at.number();
      odd |= count > imap_limits::kMessages;
      out.count = count;
    } else if (same_word(name, "PARTIAL")) {
      const Parsed parsed = parse_partial(at, limit, out);
      if (parsed == Parsed::kBroken) return parsed;
      odd |= parsed == Parsed::kOdd;
    } else if (same_word(name, "ALL")) {
      odd |= !parse_set(at.atom(), out.all) || count_of(out.all) > limit;
    } else {
      at.skip_value();  // MIN, MAX, MODSEQ and what others invent
    }
  }
  if (at.failed() || !at.at_end()) return Parsed::kBroken;
  return odd ? Parsed::kOdd : Parsed::kGood;
}

}  // namespace alphamail
