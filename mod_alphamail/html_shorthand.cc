// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_shorthand.h"

#include <algorithm>

#include "common/characters.h"
#include "common/html_entities.h"

namespace alphamail {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};
/// Of each of the two planes but its last two code points, which are no characters.
constexpr std::size_t kOfAPlane = 0xFFFE;
constexpr char32_t kFirst = 0xF0000, kSecond = 0x100000;
constexpr std::size_t kNameBytes = 4;  ///< of one such character in UTF-8
/// Of what is no longer than this its stand-in would not be shorter.
constexpr std::size_t kVeryShort = 4;
constexpr std::size_t kLongestReference = 64;

bool is_html_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

/// Whether a character of four bytes is of the two planes.
bool names_something(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  return at + kNameBytes <= text.size() && (byte(0) == 0xF4 || (byte(0) == 0xF3 && byte(1) >= 0xB0));
}

std::size_t next_name(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) >= 0xF3 && names_something(text, at)) return at;
  }
  return text.size();
}

/// Appends the reference at `at`, or the '&' that is none.
/// @return where it ends; kNone where only a parser with all the names knows
std::size_t decode_reference(std::string& out, std::string_view raw, std::size_t at, bool attribute) {
  const std::string_view text = raw.substr(at, kLongestReference);
  const CharacterReference found = character_reference(text);
  std::size_t end = 1;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  if (text.size() > 1 && text[1] != '#' && end < text.size() && text[end] == ';' && found.length != end + 1) return kNone;
  if (end == kLongestReference) return kNone;
  // HTML Living Standard section 13.2.5.73: in a value these are the parameters of an address.
  const bool bare = found.length > 0 && text[found.length - 1] != ';' && text[1] != '#';
  const char after = found.length < text.size() ? text[found.length] : '\0';
  if (found.length == 0 || (attribute && bare && (after == '=' || is_letter(after) || is_digit(after)))) {
    out += '&';
    return at + 1;
  }
  append_character(out, found.value);
  return at + found.length;
}

/// What a parser makes of it. @return false where that is for the parser to say
bool decode(std::string& out, std::string_view raw, bool attribute) {
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t next = std::min(raw.find_first_of("&\r", at), raw.size());
    out.append(raw.substr(at, next - at));
    at = next;
    if (at == raw.size()) break;
    if (raw[at] == '\r') {
      out += '\n';
      at += raw.substr(at, 2) == "\r\n" ? 2 : 1;
      continue;
    }
    at = decode_reference(out, raw, at, attribute);
    if (at == kNone) return false;
  }
  return true;
}

}  // namespace

/// Keeps the text and appends the character that stands for it. @return false where it has to be given as it is
bool HtmlShorthand::keep(std::string& out, std::string_view raw, bool attribute) {
  if (kept_.size() >= 2 * kOfAPlane || raw.find('\0') != std::string_view::npos) return false;
  Kept kept{raw.data(), 0, static_cast<std::uint32_t>(raw.size())};
  if (raw.find('&') != std::string_view::npos || raw.find('\r') != std::string_view::npos) {
    const std::size_t begin = decoded_.size();
    if (!decode(decoded_, raw, attribute) || (!attribute && decoded_.size() > begin && is_html_space(decoded_[begin]))) {
      decoded_.resize(begin);
      return false;
    }
    kept = {nullptr, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(decoded_.size() - begin)};
  }
  const std::size_t i = kept_.size();
  append_character(out, static_cast<char32_t>(i < kOfAPlane ? kFirst + i : kSecond + (i - kOfAPlane)));
  kept_.push_back(kept);
  return true;
}

void HtmlShorthand::add_plain(std::string& out, std::string_view raw) {
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t name = next_name(raw, at);
    out.append(raw.substr(at, name - at));
    at = name;
    if (at == raw.size()) break;
    append_character(out, kReplacement);
    at += kNameBytes;
  }
}

void HtmlShorthand::add_text(std::string& out, std::string_view raw) {
  std::size_t space = 0;
  while (space < raw.size() && is_html_space(raw[space])) ++space;
  out.append(raw.substr(0, space));
  raw.remove_prefix(space);
  if (raw.size() <= kVeryShort ? is_ascii(raw) : keep(out, raw, false)) {
    if (raw.size() <= kVeryShort) out.append(raw);
    return;
  }
  add_plain(out, raw);
}

void HtmlShorthand::add_attribute(std::string& out, std::string_view name, std::string_view raw, char quote) {
  out.append(" ").append(name);
  if (raw.empty()) return;
  out += '=';
  const bool short_and_plain =
      raw.size() <= kVeryShort && std::all_of(raw.begin(), raw.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '%'; });
  if (short_and_plain) {
    out.append(raw);
  } else if (!keep(out, raw, true)) {
    if (quote != '\0') out += quote;
    add_plain(out, raw);
    if (quote != '\0') out += quote;
  }
}

/// Which of kept_ stands at `at`; kNone where nothing does.
std::size_t HtmlShorthand::named_at(std::string_view text, std::size_t at) const {
  const char32_t c = code_point_at(text, at).value;
  const std::size_t i = c >= kSecond ? kOfAPlane + (c - kSecond) : c - kFirst;
  return c >= kFirst && i < kept_.size() ? i : kNone;
}

std::string_view HtmlShorthand::value_of(const GumboAttribute& attribute) const {
  const std::string_view value = attribute.value;
  const std::size_t i = value.size() == kNameBytes && names_something(value, 0) ? named_at(value, 0) : kNone;
  return i == kNone ? value : full(kept_[i]);
}

std::optional<std::string_view> HtmlShorthand::value_of(const GumboElement& element, const char* name) const {
  const GumboAttribute* found = gumbo_get_attribute(&element.attributes, name);
  if (found == nullptr) return {};
  return value_of(*found);
}

void HtmlShorthand::append_words(std::string& out, const char* text, std::size_t most) const {
  const std::string_view short_text = text;
  for (std::size_t at = 0; at < short_text.size() && out.size() < most;) {
    const std::size_t name = next_name(short_text, at);
    out.append(short_text.substr(at, name - at));
    if (name == short_text.size()) break;
    if (const std::size_t i = named_at(short_text, name); i != kNone) out += full(kept_[i]).substr(0, most);
    at = name + kNameBytes;
  }
}

std::string_view HtmlShorthand::take_text(const char* text) {
  const std::string_view short_text = text;
  std::size_t name = next_name(short_text, 0);
  if (name == short_text.size()) return short_text;
  text_.clear();
  for (std::size_t at = 0; at < short_text.size(); name = next_name(short_text, at)) {
    text_.append(short_text.substr(at, name - at));
    if (name == short_text.size()) break;
    const std::size_t i = named_at(short_text, name);
    if (i != kNone && !kept_[i].taken) {
      kept_[i].taken = true;
      if (short_text.size() == kNameBytes) return full(kept_[i]);
      text_ += full(kept_[i]);
    }
    at = name + kNameBytes;
  }
  return text_;
}

}  // namespace alphamail
