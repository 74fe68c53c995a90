// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/recipients.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

#include <unicode/uidna.h>

#include "common/characters.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

constexpr std::size_t kLocal = 64;     // RFC 5321 section 4.5.3.1
constexpr std::size_t kHost = 253;
constexpr std::size_t kMailbox = 254;
constexpr std::size_t kShown = 200;

const UIDNA* idna() {
  struct Close {
    void operator()(UIDNA* u) const { uidna_close(u); }
  };
  static const std::unique_ptr<UIDNA, Close> made = [] {
    UErrorCode failure = U_ZERO_ERROR;
    return std::unique_ptr<UIDNA, Close>(uidna_openUTS46(
        UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
            UIDNA_NONTRANSITIONAL_TO_UNICODE,
        &failure));
  }();
  return made.get();
}

using Convert = int32_t (*)(const UIDNA*, const char*, int32_t, char*, int32_t, UIDNAInfo*, UErrorCode*);

/// "" where the name is none.
std::string converted(std::string_view name, Convert convert) {
  if (name.empty() || name.size() > 1000 || !idna()) return "";
  std::string out(1024, '\0');
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode failure = U_ZERO_ERROR;
  const int32_t n = convert(idna(), name.data(), static_cast<int32_t>(name.size()), out.data(),
                            static_cast<int32_t>(out.size()), &info, &failure);
  if (U_FAILURE(failure) || info.errors != 0 || n <= 0) return "";
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string checked_host(std::string_view typed) {
  // RFC 5321 section 4.1.3: an address in brackets, of which only the shape is looked at.
  if (typed.size() > 4 && typed.starts_with('[') && typed.ends_with(']')) {
    const std::string_view inside = typed.substr(1, typed.size() - 2);
    const bool good = inside.size() <= 60 && std::all_of(inside.begin(), inside.end(), [](char c) {
      return hex_value(c) >= 0 || c == '.' || c == ':' || std::string_view("IPv").find(c) != std::string_view::npos;
    });
    return good ? std::string(typed) : "";
  }
  if (typed.starts_with('.') || typed.ends_with('.')) return "";
  std::string host = converted(typed, uidna_nameToASCII_UTF8);
  return host.size() > kHost ? "" : host;
}

bool is_atext(char32_t c) {
  return c >= 0xA0 || (c < 0x80 && (is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c)) ||
                                    std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(c)) !=
                                        std::string_view::npos));
}

bool is_dot_atom(std::string_view text) {
  bool dot = true;
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (c.length == 0) return false;
    if (c.code == '.' ? dot : !is_atext(c.code) || c.code == 0x2028 || c.code == 0x2029) return false;
    dot = c.code == '.';
    text.remove_prefix(c.length);
  }
  return !dot;
}

/// A local part as it is to be written, or "".
std::string checked_local(std::string_view typed) {
  if (is_dot_atom(typed)) return std::string(typed);
  if (typed.size() < 3 || !typed.starts_with('"') || !typed.ends_with('"')) return "";
  const std::string_view inside = typed.substr(1, typed.size() - 2);
  bool escaped = false;
  for (const char c : inside) {
    if (!escaped && c == '"') return "";
    escaped = !escaped && c == '\\';
  }
  return escaped || !is_utf8(inside) ? "" : std::string(typed);
}

bool has_control(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = code_point_at(text, 0);
    if (!c.valid || (is_control(c.value) && c.value != '\t') || c.value == 0x2028 || c.value == 0x2029) return true;
    text.remove_prefix(c.length);
  }
  return false;
}

/// A display name out of quotes and escapes, white space made single.
std::string name_of(std::string_view typed) {
  std::string name;
  bool quoted = false;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    char c = typed[i];
    if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (quoted && c == '\\' && i + 1 < typed.size()) c = typed[++i];
    if (c == '\t') c = ' ';
    if (c == ' ' && !quoted && (name.empty() || name.back() == ' ')) continue;
    name += c;
  }
  return std::string(trim(name));
}

/// Where the entry that begins at 0 ends: at a separator outside of quotes, brackets and comments.
struct Entry {
  std::size_t end = 0;
  bool closed = true;
  bool group = false;   // "name:" was met; it ends here
};
Entry entry_in(std::string_view text) {
  bool quoted = false, angle = false;
  int comment = 0;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if ((quoted || comment > 0) && c == '\\') {
      ++i;
    } else if (quoted) {
      quoted = c != '"';
    } else if (comment > 0) {
      comment += c == '(' ? 1 : c == ')' ? -1 : 0;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '(') {
      comment = 1;
    } else if (angle) {
      angle = c != '>';
    } else if (c == '<') {
      angle = true;
    } else if (c == ',' || c == ';' || c == '\n' || c == '\r') {
      return {i, true, false};
    } else if (c == ':' && text.substr(0, i).find_first_of("@[") == std::string_view::npos) {
      return {i, true, true};
    }
  }
  return {std::min(i, text.size()), !quoted && !angle && comment == 0, false};
}

/// Comments out of what is left between the others; `comment` gets the last one.
std::string without_comments(std::string_view text, std::string& comment) {
  std::string out;
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && (quoted || depth > 0)) {
      (depth > 0 ? comment : out).append(text.substr(i, 2));
      ++i;
      continue;
    }
    if (depth == 0 && c == '"') quoted = !quoted;
    if (!quoted && c == '(') {
      if (depth++ == 0) comment.clear();
      continue;
    }
    if (depth > 0 && c == ')') {
      --depth;
      continue;
    }
    (depth > 0 ? comment : out) += c;
  }
  return out;
}

struct Parsed {
  Address address;
  std::optional<AddressFault> fault;
};

Parsed parse_entry(std::string_view typed) {
  if (has_control(typed)) return {{}, AddressFault::kControl};
  std::string comment;
  const std::string text = without_comments(typed, comment);
  // The bracket outside of quotes.
  bool quoted = false;
  std::size_t open = std::string::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '<' && !quoted) {
      open = i;
      break;
    }
  }
  Parsed parsed;
  std::string_view mailbox = trim(text);
  if (open != std::string::npos) {
    const std::size_t close = text.find_last_of('>');
    if (close == std::string::npos || close < open || !trim(std::string_view(text).substr(close + 1)).empty()) {
      return {{}, AddressFault::kUnclosed};
    }
    mailbox = trim(std::string_view(text).substr(open + 1, close - open - 1));
    parsed.address.name = name_of(std::string_view(text).substr(0, open));
  } else {
    parsed.address.name = name_of(comment);
  }
  CheckedMailbox checked = check_mailbox(mailbox);
  if (checked.mailbox.empty()) return {{}, checked.fault};
  parsed.address.mailbox = std::move(checked.mailbox);
  return parsed;
}

}  // namespace

CheckedMailbox check_mailbox(std::string_view typed) {
  if (has_control(typed)) return {"", AddressFault::kControl};
  const std::size_t at = typed.rfind('@');
  if (at == std::string_view::npos) return {"", AddressFault::kNoAt};
  const std::string local = checked_local(typed.substr(0, at));
  if (local.empty()) return {"", AddressFault::kLocalPart};
  const std::string host = checked_host(typed.substr(at + 1));
  if (host.empty()) return {"", AddressFault::kHost};
  if (local.size() > kLocal || local.size() + 1 + host.size() > kMailbox) return {"", AddressFault::kLength};
  return {local + "@" + host, {}};
}

TypedAddresses read_typed_addresses(std::string_view typed, std::size_t limit) {
  TypedAddresses out;
  std::unordered_set<std::string> seen;
  while (!typed.empty()) {
    const Entry entry = entry_in(typed);
    const std::string_view text = trim(typed.substr(0, entry.end));
    typed.remove_prefix(std::min(typed.size(), entry.end + 1));
    if (entry.group || text.empty()) continue;
    if (out.good.size() + out.bad.size() >= limit) {
      out.too_many = true;
      break;
    }
    Parsed parsed = entry.closed ? parse_entry(text) : Parsed{{}, AddressFault::kUnclosed};
    if (parsed.fault) {
      out.bad.push_back({std::string(cut_utf8(text, kShown)), *parsed.fault});
    } else if (seen.insert(comparable(parsed.address.mailbox)).second) {
      out.good.push_back(std::move(parsed.address));
    }
  }
  return out;
}

std::string typed_form(const std::vector<Address>& list) {
  std::string out;
  for (const Address& address : list) {
    if (!out.empty()) out += ", ";
    const std::size_t at = address.mailbox.rfind('@');
    std::string mailbox = address.mailbox;
    if (at != std::string::npos && mailbox.find("xn--", at) != std::string::npos) {
      const std::string unicode =
          converted(std::string_view(address.mailbox).substr(at + 1), uidna_nameToUnicodeUTF8);
      if (!unicode.empty() && checked_host(unicode) == mailbox.substr(at + 1)) {
        mailbox = mailbox.substr(0, at + 1) + unicode;
      }
    }
    if (address.name.empty()) {
      out += mailbox;
      continue;
    }
    if (address.name.find_first_of("\"\\,;:<>()@[]") == std::string::npos) {
      out += address.name;
    } else {
      out += '"';
      for (const char c : address.name) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
    out += " <" + mailbox + ">";
  }
  return out;
}

std::string host_of(std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  return at == std::string_view::npos ? "" : lower(mailbox.substr(at + 1));
}

std::string comparable(std::string_view mailbox) { return lower(mailbox); }

}  // namespace alphamail
