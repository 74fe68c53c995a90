// SPDX-License-Identifier: GPL-3.0-or-later
// "* 12 FETCH (...)" (RFC 3501 section 7.4.2).
#include "webcache/imap_fetch.h"

#include <algorithm>

#include "webcache/imap_parser.h"
#include "webcache/keyword.h"

namespace alphamail {
namespace {

using namespace imap_limits;

struct FlagName {
  std::string_view upper;
  wire::Flag flag;
};
// System flags, then the keywords that clients agree on (RFC 5788 and older names).
constexpr FlagName kFlagNames[] = {
    {"\\SEEN", wire::Flag::Seen},           {"\\ANSWERED", wire::Flag::Answered},
    {"\\FLAGGED", wire::Flag::Flagged},     {"\\DELETED", wire::Flag::Deleted},
    {"\\DRAFT", wire::Flag::Draft},         {"\\RECENT", wire::Flag::Recent},
    {"$FORWARDED", wire::Flag::Forwarded},  {"FORWARDED", wire::Flag::Forwarded},
    {"$JUNK", wire::Flag::Junk},            {"JUNK", wire::Flag::Junk},
    {"$NOTJUNK", wire::Flag::NotJunk},      {"NOTJUNK", wire::Flag::NotJunk},
    {"NONJUNK", wire::Flag::NotJunk},       {"$HASATTACHMENT", wire::Flag::HasAttachment},
};

const FlagName* known_flag(std::string_view name) {
  const auto found = std::find_if(std::begin(kFlagNames), std::end(kFlagNames),
                                  [&](const FlagName& flag) { return same_word(name, flag.upper); });
  return found == std::end(kFlagNames) ? nullptr : found;
}

void parse_flags(ImapCursor& at, std::uint16_t& flags, Keywords& keywords) {
  flags = 0;
  keywords.clear();
  at.expect('(');
  for (int count = 0; !at.failed() && !at.accept(')'); ++count) {
    if (at.accept(' ')) continue;
    const std::string_view name = at.atom();
    if (count >= 2 * kFlags) continue;  // each flag is preceded by a space
    if (const FlagName* known = known_flag(name)) {
      flags = static_cast<std::uint16_t>(flags | static_cast<std::uint16_t>(known->flag));
    } else if (is_keyword(name) && keywords.size() < kKeywords) {
      keywords.emplace_back(name);
    }
  }
}

/// "BODY[1.2]<0>" or "BINARY[1.2]<0>" with its content.
void parse_body(ImapCursor& at, std::string_view name, FetchResponse& out) {
  FetchedBody body;
  const std::size_t open = name.find('[');
  const std::size_t close = name.find(']', open);
  body.section = name.substr(open + 1, close - open - 1);
  if (const std::string_view tail = name.substr(close + 1); !tail.empty()) {
    // "<0>" is in the way of number_in's 0-for-nonsense: only digits count here.
    std::string_view digits = tail.substr(1, tail.size() - 2);
    if (tail.size() < 3 || tail.front() != '<' || tail.back() != '>' ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return at.fail();
    }
    body.has_origin = true;
    body.origin = number_in(digits, kLiteral * 1024);
  }
  std::string unescaped;
  body.bytes = at.nstring_view(unescaped, &body.nil, &body.announced);
  if (at.failed() || out.bodies.size() >= FetchResponse::kMaxBodies) return;
  if (!unescaped.empty()) {
    out.scratch.push_back(std::move(unescaped));
    body.bytes = out.scratch.back();
  }
  out.bodies.push_back(body);
}

/// RFC 8970: a string, or NIL, which is no preview; Dovecot before it: "(FUZZY "string")".
bool parse_preview(ImapCursor& at, std::string& out) {
  if (at.accept_nil()) return false;
  const bool wrapped = at.accept('(');
  if (wrapped) {
    at.atom();
    at.expect(' ');
  }
  at.nstring(out);
  if (wrapped) at.expect(')');
  return true;
}

std::uint64_t number_or_zero(ImapCursor& at, std::uint64_t max) {
  const std::uint64_t value = at.number();
  return value <= max ? value : 0;
}

/// @return false for a UID that none can be
bool parse_item(ImapCursor& at, std::string_view name, FetchResponse& out) {
  FetchedRow& row = out.row;
  const auto has = [&out](std::uint16_t what) { out.has = static_cast<std::uint16_t>(out.has | what); };
  if (same_word(name, "UID")) {
    row.uid = Uid{at.nonzero32()};
    has(FetchResponse::kUid);
    return row.uid != Uid{};
  }
  if (same_word(name, "FLAGS")) {
    parse_flags(at, row.flags, row.keywords);
    has(FetchResponse::kFlags);
  } else if (same_word(name, "ENVELOPE")) {
    parse_envelope(at, row);
    has(FetchResponse::kEnvelope);
  } else if (same_word(name, "BODYSTRUCTURE") || same_word(name, "BODY")) {
    parse_structure(at, row.parts);
    has(FetchResponse::kStructure);
  } else if (same_word(name, "INTERNALDATE")) {
    std::string date;
    at.nstring(date, 64);
    row.internal_date = parse_internal_date(date);
    has(FetchResponse::kDate);
  } else if (same_word(name, "RFC822.SIZE")) {
    row.size = number_or_zero(at, INT64_MAX);
    has(FetchResponse::kSize);
  } else if (same_word(name, "MODSEQ")) {
    at.expect('(');
    row.modseq = number_or_zero(at, INT64_MAX);
    at.expect(')');
    has(FetchResponse::kModseq);
  } else if (same_word(name, "PREVIEW") || same_word(name, "SNIPPET")) {
    if (parse_preview(at, out.preview)) has(FetchResponse::kPreview);
  } else if (name.size() > 5 && (same_word(name.substr(0, 5), "BODY[") ||
                                 (name.size() > 7 && same_word(name.substr(0, 7), "BINARY[")))) {
    parse_body(at, name, out);
  } else {
    at.skip_value();
  }
  return true;
}

int two_digits(std::string_view text, std::size_t at) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1000; };
  return digit(at) * 10 + digit(at + 1);
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant's algorithm).
std::int64_t days_from_civil(int year, int month, int day) {
  year -= month <= 2;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

}  // namespace

PermanentFlags parse_permanent_flags(std::string_view args) {
  PermanentFlags kept;
  if (args.size() < 2 || args.front() != '(' || args.back() != ')') return kept;
  args = args.substr(1, args.size() - 2);
  while (!args.empty()) {
    const std::string_view name = args.substr(0, args.find(' '));
    args.remove_prefix(std::min(args.size(), name.size() + 1));
    if (name == "\\*") {
      kept.any_new = true;
    } else if (const FlagName* known = known_flag(name)) {
      kept.flags = static_cast<std::uint16_t>(kept.flags | static_cast<std::uint16_t>(known->flag));
    } else if (is_keyword(name)) {
      if (kept.keywords.size() == kFlags) return {};
      kept.keywords.emplace_back(name);
    }
  }
  kept.told = true;
  return kept;
}

bool is_known_flag(std::string_view name) {
  return known_flag(name) != nullptr;
}

std::int64_t parse_internal_date(std::string_view text) {
  // "17-Jul-1996 02:44:25 -0700"; the day may be " 7". Fixed columns, so fixed places.
  if (text.size() != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[14] != ':' ||
      text[17] != ':' || text[20] != ' ' || (text[21] != '+' && text[21] != '-')) {
    return 0;
  }
  const int day = text[0] == ' ' ? two_digits(std::string("0") + text[1], 0) : two_digits(text, 0);
  static constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
  int month = 0;
  while (month < 12 && !same_word(text.substr(3, 3), kMonths.substr(static_cast<std::size_t>(month) * 3, 3))) ++month;
  const int year = two_digits(text, 7) * 100 + two_digits(text, 9);
  const int hour = two_digits(text, 12), minute = two_digits(text, 15), second = two_digits(text, 18);
  const int zone = two_digits(text, 22) * 60 + two_digits(text, 24);
  if (day < 1 || day > 31 || month == 12 || year < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60 || zone < 0 || zone > 14 * 60) {
    return 0;
  }
  const std::int64_t local = days_from_civil(year, month + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
  return text[21] == '-' ? local + zone * 60 : local - zone * 60;
}

void FetchResponse::clear() {
  has = 0;
  // Piece by piece: a fresh row costs a tenth of the parsing.
  row.seq = 0;
  row.uid = Uid{};
  row.flags = 0;
  row.internal_date = 0;
  row.size = row.modseq = 0;
  for (std::string* text : {&row.date, &row.subject, &row.from_name, &row.from_mailbox, &row.from_host,
                            &row.message_id, &row.in_reply_to, &row.references}) {
    text->clear();
  }
  row.keywords.clear();
  row.recipients.clear();
  row.more_recipients = false;
  row.parts.clear();
  bodies.clear();
  preview.clear();
  scratch.clear();
}

Parsed parse_fetch(const ImapResponse& response, FetchResponse& out) {
  out.clear();
  out.scratch.reserve(FetchResponse::kMaxBodies);  // the bodies point into it
  ImapCursor at(response);
  const std::uint32_t seq = at.nonzero32();
  out.row.seq = seq;
  at.expect(' ');
  if (!same_word(at.atom(), "FETCH")) return Parsed::kBroken;
  if (response.overlong) return Parsed::kOdd;
  at.expect(' ');
  at.expect('(');
  bool good = seq != 0;
  while (!at.failed() && !at.accept(')')) {
    if (at.accept(' ')) continue;
    const std::string_view name = at.item_name();
    at.expect(' ');
    if (!at.failed() && !parse_item(at, name, out)) good = false;
  }
  at.skip_spaces();
  if (at.failed() || !at.at_end()) return Parsed::kBroken;
  return good ? Parsed::kGood : Parsed::kOdd;
}

}  // namespace alphamail
