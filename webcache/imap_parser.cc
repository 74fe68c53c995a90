// SPDX-License-Identifier: GPL-3.0-or-later
// The small responses; FETCH is in imap_fetch.cc.
#include "webcache/imap_parser.h"

#include <algorithm>

#include "common/utf8.h"
#include "webcache/imap_cursor.h"

namespace alphamail {
namespace {

using namespace imap_limits;

struct CapabilityName {
  std::string_view upper;
  bool Capabilities::*member;
};
constexpr CapabilityName kCapabilityNames[] = {
    {"STARTTLS", &Capabilities::starttls},       {"LOGINDISABLED", &Capabilities::login_disabled},
    {"SASL-IR", &Capabilities::sasl_ir},         {"AUTH=PLAIN", &Capabilities::auth_plain},
    {"IDLE", &Capabilities::idle},               {"CONDSTORE", &Capabilities::condstore},
    {"QRESYNC", &Capabilities::qresync},         {"ENABLE", &Capabilities::enable},
    {"UIDPLUS", &Capabilities::uidplus},         {"MOVE", &Capabilities::move},
    {"LIST-STATUS", &Capabilities::list_status}, {"LIST-EXTENDED", &Capabilities::list_extended},
    {"SPECIAL-USE", &Capabilities::special_use}, {"SORT", &Capabilities::sort},
    {"ESEARCH", &Capabilities::esearch},         {"ESORT", &Capabilities::esort},
    {"CONTEXT=SORT", &Capabilities::context},    {"CONTEXT=SEARCH", &Capabilities::context},
    {"PREVIEW", &Capabilities::preview},         {"NAMESPACE", &Capabilities::namespace_},
    {"UTF8=ACCEPT", &Capabilities::utf8_accept}, {"ID", &Capabilities::id},
    {"CREATE-SPECIAL-USE", &Capabilities::create_special_use},
    {"QUOTA", &Capabilities::quota},             {"STATUS=SIZE", &Capabilities::status_size},
    {"LITERAL+", &Capabilities::literal_plus},   {"LITERAL-", &Capabilities::literal_minus},
};

struct RoleName {
  std::string_view upper;
  wire::Role role;
};
constexpr RoleName kRoleNames[] = {
    {"\\DRAFTS", wire::Role::Drafts}, {"\\SENT", wire::Role::Sent},   {"\\ARCHIVE", wire::Role::Archive},
    {"\\JUNK", wire::Role::Junk},     {"\\TRASH", wire::Role::Trash}, {"\\ALL", wire::Role::All},
    {"\\FLAGGED", wire::Role::Flagged},
};

struct StatusName {
  std::string_view upper;
  StatusText::Kind kind;
};
constexpr StatusName kStatusNames[] = {
    {"OK", StatusText::Kind::kOk},   {"NO", StatusText::Kind::kNo},           {"BAD", StatusText::Kind::kBad},
    {"BYE", StatusText::Kind::kBye}, {"PREAUTH", StatusText::Kind::kPreauth},
};

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

void parse_list_flag(std::string_view flag, ListedFolder& out) {
  if (same_word(flag, "\\NOSELECT") || same_word(flag, "\\NONEXISTENT")) out.selectable = false;
  if (same_word(flag, "\\HASCHILDREN")) out.has_children = true;
  if (same_word(flag, "\\SUBSCRIBED")) out.subscribed = true;
  for (const RoleName& known : kRoleNames) {
    if (same_word(flag, known.upper)) out.role = known.role;
  }
}

Parsed parse_name(ImapCursor& at, std::string& name) {
  at.astring(name, kName);
  if (at.failed()) return Parsed::kBroken;
  return name.size() <= kName ? Parsed::kGood : Parsed::kOdd;
}

}  // namespace

std::string presentable(std::string_view words) {
  std::string text;
  while (!words.empty()) {
    const Utf8Char next = first_utf8(words);
    words.remove_prefix(std::max<std::size_t>(next.length, 1));
    // C0, DEL and C1 would move a terminal or end a log line; a server may also send any bytes.
    const bool control = next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0);
    const char32_t code = next.length == 0 ? U'\ufffd' : control ? U' ' : next.code;
    std::string one;
    append_utf8(one, code);
    if (text.size() + one.size() > kWords) break;
    text += one;
  }
  return text;
}

std::uint64_t number_in(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > 19) return 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value <= max ? value : 0;
}

Parsed parse_status_text(const ImapResponse& response, StatusText& out) {
  out = StatusText{};
  const std::string_view word = first_word(response.text);
  const auto* known = std::find_if(std::begin(kStatusNames), std::end(kStatusNames),
                                   [&](const StatusName& name) { return same_word(word, name.upper); });
  if (known == std::end(kStatusNames)) return Parsed::kBroken;
  out.kind = known->kind;
  std::string_view rest = response.text.substr(std::min(word.size() + 1, response.text.size()));
  out.words = rest;
  if (!rest.starts_with('[')) return Parsed::kGood;
  const std::size_t close = rest.find(']');
  if (close == std::string_view::npos) return Parsed::kGood;  // then it is text
  const std::string_view inside = rest.substr(1, close - 1);
  out.code = first_word(inside);
  out.args = inside.substr(std::min(out.code.size() + 1, inside.size()));
  rest.remove_prefix(close + 1);
  out.words = rest.starts_with(' ') ? rest.substr(1) : rest;
  return Parsed::kGood;
}

Parsed parse_untagged(const ImapResponse& response, Untagged& out) {
  using Kind = Untagged::Kind;
  out = Untagged{};
  ImapCursor at(response);
  if (at.peek() >= '0' && at.peek() <= '9') {
    const std::uint64_t number = at.number();
    at.expect(' ');
    const std::string_view word = at.atom();
    if (at.failed()) return Parsed::kBroken;
    if (same_word(word, "FETCH")) {
      out.kind = Kind::kFetch;
    } else if (same_word(word, "EXISTS")) {
      out.kind = Kind::kExists;
    } else if (same_word(word, "EXPUNGE")) {
      out.kind = Kind::kExpunge;
    } else {
      return Parsed::kGood;  // RECENT, or what we do not know
    }
    if (out.kind != Kind::kFetch && !at.at_end()) return Parsed::kOdd;
    if (number > kMessages || (number == 0 && out.kind != Kind::kExists)) return Parsed::kOdd;
    out.number = static_cast<std::uint32_t>(number);
    return Parsed::kGood;
  }
  const std::string_view word = first_word(response.text);
  if (word.empty()) return Parsed::kBroken;
  for (const StatusName& known : kStatusNames) {
    if (same_word(word, known.upper)) out.kind = Kind::kStatus;
  }
  if (same_word(word, "CAPABILITY")) out.kind = Kind::kCapability;
  if (same_word(word, "LIST")) out.kind = Kind::kList;
  if (same_word(word, "LSUB")) out.kind = Kind::kSubscribed;
  if (same_word(word, "NAMESPACE")) out.kind = Kind::kNamespaces;
  if (same_word(word, "QUOTA")) out.kind = Kind::kQuota;
  if (same_word(word, "STATUS")) out.kind = Kind::kStatusCounts;
  if (same_word(word, "VANISHED")) out.kind = Kind::kVanished;
  if (same_word(word, "SORT") || same_word(word, "SEARCH")) out.kind = Kind::kFound;
  if (same_word(word, "ENABLED")) out.kind = Kind::kEnabled;
  if (same_word(word, "ESEARCH")) out.kind = Kind::kExtendedSearch;
  // "* FETCH" and the like lack their number: what is said cannot be known.
  for (const std::string_view lost : {"FETCH", "EXISTS", "EXPUNGE"}) {
    if (same_word(word, lost)) return Parsed::kBroken;
  }
  return Parsed::kGood;
}

Capabilities parse_capabilities(std::string_view words) {
  Capabilities found;
  if (same_word(first_word(words), "CAPABILITY")) words.remove_prefix(10);
  while (!words.empty()) {
    const std::string_view word = first_word(words);
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    for (const CapabilityName& known : kCapabilityNames) {
      if (same_word(word, known.upper)) found.*known.member = true;
    }
  }
  return found;
}

Parsed parse_list(const ImapResponse& response, ListedFolder& out) {
  out = ListedFolder{};
  ImapCursor at(response);
  at.atom();
  at.expect(' ');
  at.expect('(');
  while (!at.failed() && !at.accept(')')) {
    if (!at.accept(' ')) parse_list_flag(at.atom(), out);
  }
  at.expect(' ');
  std::string separator;
  at.nstring(separator, 2);
  at.expect(' ');
  if (at.failed() || separator.size() > 1) return Parsed::kBroken;
  out.separator = separator.empty() ? '\0' : separator[0];
  const Parsed name = parse_name(at, out.name);
  if (name == Parsed::kBroken) return name;
  while (!at.failed() && at.accept(' ')) at.skip_value();  // LIST-EXTENDED's additions
  if (at.failed() || !at.at_end()) return Parsed::kBroken;
  if (same_word(out.name, "INBOX")) out.role = wire::Role::Inbox;
  return name;
}

Parsed parse_status_counts(const ImapResponse& response, ListedFolder& out) {
  out = ListedFolder{};
  ImapCursor at(response);
  at.atom();
  at.expect(' ');
  const Parsed name = parse_name(at, out.name);
  if (name == Parsed::kBroken) return name;
  at.expect(' ');
  at.expect('(');
  bool messages = false, unseen = false;
  while (!at.failed() && !at.accept(')')) {
    if (at.accept(' ')) continue;
    const std::string_view item = at.atom();
    at.expect(' ');
    if (at.peek() == '(') {
      at.skip_value();
      continue;
    }
    const std::uint64_t value = at.number();
    const bool good = value <= kMessages;
    if (same_word(item, "MESSAGES") && good) {
      out.messages = static_cast<std::uint32_t>(value);
      messages = true;
    } else if (same_word(item, "UNSEEN") && good) {
      out.unseen = static_cast<std::uint32_t>(value);
      unseen = true;
    } else if (same_word(item, "SIZE") && value != ImapCursor::kOdd) {
      out.size = value;
    } else if (same_word(item, "UIDNEXT") && value <= UINT32_MAX) {
      out.uid_next = static_cast<std::uint32_t>(value);
    } else if (same_word(item, "UIDVALIDITY") && value <= UINT32_MAX) {
      out.uid_validity = static_cast<std::uint32_t>(value);
    }
  }
  at.skip_spaces();
  if (at.failed() || !at.at_end()) return Parsed::kBroken;
  out.counted = messages && unseen && out.unseen <= out.messages;
  return name;
}

Parsed parse_namespaces(const ImapResponse& response, std::vector<Namespace>& out) {
  constexpr std::size_t kMost = 20;
  out.clear();
  ImapCursor at(response);
  at.atom();
  for (const wire::Space space : {wire::Space::Own, wire::Space::Others, wire::Space::Shared}) {
    at.expect(' ');
    if (at.failed()) return Parsed::kBroken;
    if (at.accept_nil()) continue;
    at.expect('(');
    while (!at.failed() && !at.accept(')')) {
      Namespace one{"", space};
      std::string separator;
      at.skip_spaces();
      at.expect('(');
      at.string(one.prefix, kName);
      at.expect(' ');
      at.nstring(separator, 2);
      while (!at.failed() && at.accept(' ')) at.skip_value();  // extensions
      at.expect(')');
      // One without a prefix cannot be told from the user's own.
      const bool of_others = space != wire::Space::Own && !one.prefix.empty();
      if (!at.failed() && of_others && out.size() < kMost) out.push_back(std::move(one));
    }
  }
  return at.failed() ? Parsed::kBroken : Parsed::kGood;
}

Parsed parse_quota(const ImapResponse& response, std::vector<QuotaUse>& out) {
  constexpr std::size_t kMost = 20;
  constexpr std::uint64_t kKilobyte = 1024;
  ImapCursor at(response);
  at.atom();
  at.expect(' ');
  std::string root;
  at.astring(root, kName);
  at.expect(' ');
  at.expect('(');
  while (!at.failed() && !at.accept(')')) {
    if (at.accept(' ')) continue;
    QuotaUse one;
    one.root = presentable(root);
    for (const char c : at.atom()) one.resource += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    at.expect(' ');
    one.used = at.number();
    at.expect(' ');
    one.limit = at.number();
    if (at.failed() || one.used == ImapCursor::kOdd || one.limit == ImapCursor::kOdd) return Parsed::kOdd;
    if (one.resource == "STORAGE") {
      constexpr std::uint64_t kLargest = UINT64_MAX / kKilobyte;
      one.used = std::min(one.used, kLargest) * kKilobyte;
      one.limit = std::min(one.limit, kLargest) * kKilobyte;
    }
    one.resource = presentable(one.resource);
    if (out.size() < kMost) out.push_back(std::move(one));
  }
  return at.failed() ? Parsed::kOdd : Parsed::kGood;
}

}  // namespace alphamail
