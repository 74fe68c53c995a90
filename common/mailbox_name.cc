// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of folders: see mailbox_name.h for their form. Both directions go through Levels, and
// every way back is checked by going forth again, so that two addresses never name one folder.
#include "common/mailbox_name.h"

#include <strings.h>

#include <algorithm>
#include <cstdint>

#include "common/utf8.h"

namespace alphamail {
namespace {

constexpr std::string_view kEmptyLevel = "~00";
constexpr std::string_view kOutsidePrefix = "~00~00";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool has_line_break_or_nul(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos;
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

/// UTF-8 that an address may hold as it is.
bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (c.length == 0 || is_control(c.code)) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_inbox(std::string_view name) { return equal_ignoring_case(name, "INBOX"); }

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7F; }

/// A name taken apart, or about to be put together.
struct Levels {
  std::vector<std::string> levels;  ///< UTF-8, or bytes where `raw`
  bool raw = false;                 ///< the name has no plain text: decode()
  bool outside = false;             ///< the name does not begin with the prefix
};

/// A name as UTF-8; nullopt where it breaks the server's own rules or has control characters.
std::optional<std::string> decode(std::string_view name, bool utf8) {
  const auto text = utf8 ? std::optional<std::string>(name) : from_modified_utf7(name);
  if (!text || !is_plain(*text)) return std::nullopt;
  return text;
}

/// The prefix in the form that `raw` and `rules` give to the names it is compared with.
std::string prefix_for(const NameRules& rules, bool raw) {
  if (raw && !rules.utf8) return rules.prefix;
  return from_modified_utf7(rules.prefix).value_or("");
}

/// Servers take "inbox." for "INBOX." too, so a prefix below INBOX is compared without case.
bool has_prefix(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) return true;
  constexpr std::size_t kInbox = 5;
  return prefix.size() >= kInbox && is_inbox(prefix.substr(0, kInbox)) && name.size() >= prefix.size() &&
         is_inbox(name.substr(0, kInbox)) &&
         name.substr(kInbox, prefix.size() - kInbox) == prefix.substr(kInbox);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (separator != '\0') {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.emplace_back(text);
  return parts;
}

std::string join(const std::vector<std::string>& levels, char separator) {
  std::string out;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (i > 0) out.push_back(separator);
    out += levels[i];
  }
  return out;
}

void append_hex(std::string& out, char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  out.push_back('~');
  out.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
  out.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
}

std::string escape(std::string_view level, bool raw) {
  if (level.empty()) return std::string(kEmptyLevel);
  const bool dots = level == "." || level == "..";
  std::string out;
  for (const char c : level) {
    if (c == '/' || c == '~' || dots || (raw && (c == '&' || !is_printable_ascii(c)))) {
      append_hex(out, c);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Undoes ~XX in one level; nullopt where an escape is malformed or stands where none is needed.
/// Sets `raw` at an escape that only names breaking the rules have.
std::optional<std::string> unescape(std::string_view level, bool& raw) {
  if (level.empty() || level == "." || level == "..") return std::nullopt;
  if (level == kEmptyLevel) return "";
  const bool dots = level == "~2E" || level == "~2E~2E";
  std::string out;
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (level[i] != '~') {
      out.push_back(level[i]);
      continue;
    }
    if (level.size() - i < 3) return std::nullopt;
    const int high = hex_value(level[i + 1]), low = hex_value(level[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const char byte = static_cast<char>(high * 16 + low);
    i += 2;
    if (byte == '&' || !is_printable_ascii(byte)) {
      raw = true;
    } else if (byte != '/' && byte != '~' && !(dots && byte == '.')) {
      return std::nullopt;
    }
    out.push_back(byte);
  }
  return out;
}

/// What a name breaking the rules must not hold unescaped: '&' and all that is not printable ASCII.
bool raw_spelling(std::string_view address) {
  return std::all_of(address.begin(), address.end(),
                     [](char c) { return c != '&' && is_printable_ascii(c); });
}

std::optional<Levels> parse(std::string_view address) {
  if (address.empty() || !is_plain(address)) return std::nullopt;
  if (is_inbox(address) && address != "INBOX") return std::nullopt;
  Levels parsed;
  std::vector<std::string> parts = split(address, '/');
  if (parts[0] == kOutsidePrefix && parts.size() > 1) {
    parsed.outside = true;
    parts.erase(parts.begin());
  }
  for (const std::string& part : parts) {
    auto level = unescape(part, parsed.raw);
    if (!level || has_line_break_or_nul(*level)) return std::nullopt;
    parsed.levels.push_back(*std::move(level));
  }
  if (parsed.raw && (!raw_spelling(address) || decode(join(parsed.levels, '/'), false))) {
    return std::nullopt;
  }
  return parsed;
}

Levels take_apart(std::string_view imap_name, const NameRules& rules) {
  Levels out;
  const auto decoded = decode(imap_name, rules.utf8);
  out.raw = !decoded;
  const std::string name = decoded ? *decoded : std::string(imap_name);
  std::string_view rest = name;
  const std::string prefix = prefix_for(rules, out.raw);
  if (!prefix.empty()) {
    // INBOX below the prefix would take the address of INBOX itself.
    out.outside = !has_prefix(name, prefix) || name.size() == prefix.size() ||
                  is_inbox(rest.substr(prefix.size()));
    if (!out.outside) rest.remove_prefix(prefix.size());
  }
  out.levels = split(rest, rules.separator);
  return out;
}

std::string readable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const Utf8Char c = first_utf8(bytes);
    out += c.length == 0 || is_control(c.code) ? kReplacement : bytes.substr(0, c.length);
    bytes.remove_prefix(c.length == 0 ? 1 : c.length);
  }
  return out;
}

}  // namespace

std::string address_of(std::string_view imap_name, const NameRules& rules) {
  if (is_inbox(imap_name)) return "INBOX";
  const Levels name = take_apart(imap_name, rules);
  std::string address;
  if (name.outside) address.append(kOutsidePrefix).push_back('/');
  for (std::size_t i = 0; i < name.levels.size(); ++i) {
    if (i > 0) address.push_back('/');
    address += escape(name.levels[i], name.raw);
  }
  return address;
}

std::optional<std::string> imap_name_of(std::string_view address, const NameRules& rules) {
  if (address == "INBOX") return "INBOX";
  const auto parsed = parse(address);
  if (!parsed || (rules.separator == '\0' && parsed->levels.size() > 1)) return std::nullopt;
  std::string name = parsed->outside ? "" : prefix_for(rules, parsed->raw);
  name += join(parsed->levels, rules.separator);
  if (!parsed->raw && !rules.utf8) {
    auto encoded = to_modified_utf7(name);
    if (!encoded) return std::nullopt;
    name = *std::move(encoded);
  }
  if (name.empty() || address_of(name, rules) != address) return std::nullopt;
  return name;
}

std::vector<std::string> levels_of(std::string_view address) {
  const auto parsed = parse(address);
  if (!parsed) return {};
  std::vector<std::string> levels;
  for (const std::string& level : parsed->levels) levels.push_back(readable(level));
  return levels;
}

bool is_address(std::string_view address) { return parse(address).has_value(); }

}  // namespace alphamail
