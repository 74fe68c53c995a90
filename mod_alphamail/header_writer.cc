// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/header_writer.h"

#include <algorithm>

#include <openssl/evp.h>

#include "common/characters.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

constexpr std::size_t kLine = 78;      // RFC 5322 section 2.1.1: should
constexpr std::size_t kHard = 998;     // must
constexpr std::size_t kWord = 75;      // RFC 2047 section 2
constexpr std::string_view kHead = "=?utf-8?";  // then "Q?" or "B?"
constexpr std::size_t kAround = 12;    // "=?utf-8?Q?" and "?="

/// RFC 2047 section 5 (3): what may stand for itself in an encoded word of a phrase, and so anywhere.
bool is_q_safe(char c) {
  return is_letter(c) || is_digit(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

std::size_t q_length(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += is_q_safe(c) || c == ' ' ? 1 : 3;
  return n;
}

void append_hex(std::string& out, char mark, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += mark;
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

std::string q_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_q_safe(c)) {
      out += c;
    } else if (c == ' ') {
      out += '_';
    } else {
      append_hex(out, '=', c);
    }
  }
  return out;
}

std::string base64_of(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  out.pop_back();  // its NUL
  return out;
}

/// The longest beginning of whole characters that fits an encoded word with so many letters.
std::size_t fitting(std::string_view text, std::size_t letters, bool q) {
  std::size_t taken = 0, used = 0;
  while (taken < text.size()) {
    const std::size_t length = std::max<std::size_t>(first_utf8(text.substr(taken)).length, 1);
    const std::size_t next =
        q ? used + q_length(text.substr(taken, length)) : (taken + length + 2) / 3 * 4;
    if (next > letters) break;
    if (q) used = next;
    taken += length;
  }
  return taken;
}

/// A word that must not stand as it is: not ASCII, or what a reader may take for an encoded word or its end,
/// or too long to fold around.
bool needs_encoding(std::string_view word) {
  return !is_printable_ascii(word) || word.find("=?") != std::string_view::npos ||
         word.find("?=") != std::string_view::npos || word.size() > 200;
}

bool is_atext(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// A display name as a phrase: atoms, a quoted string or encoded words.
std::string phrase_of(std::string_view name, std::size_t room) {
  const bool edges = name.front() == ' ' || name.back() == ' ' || name.find("  ") != std::string_view::npos;
  if (needs_encoding(name) || name.size() > 60) return encoded_words(name, room);
  const bool atoms = !edges && std::all_of(name.begin(), name.end(),
                                           [](char c) { return c == ' ' || is_atext(c); });
  if (atoms) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

/// RFC 2231 section 4: attribute-char stands for itself.
bool is_attribute_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$&+-.^_`{|}~").find(c) != std::string_view::npos;
}

std::string percent_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_attribute_char(c)) {
      out += c;
    } else {
      append_hex(out, '%', c);
    }
  }
  return out;
}

/// Pieces of a parameter (RFC 2231): one where it fits a line, else continuations.
std::vector<std::string> parameter_pieces(std::string_view name, std::string_view text) {
  const bool plain = is_printable_ascii(text) && text.find_first_of("\"\\") == std::string_view::npos &&
                     text.find("=?") == std::string_view::npos;
  if (plain && text.size() <= 60) return {std::string(name) + "=\"" + std::string(text) + "\""};
  const std::string encoded = percent_of(text);
  if (encoded.size() <= 55) return {std::string(name) + "*=utf-8''" + encoded};
  std::vector<std::string> pieces;
  for (std::string_view left = encoded; !left.empty();) {
    std::size_t n = std::min<std::size_t>(left.size(), 50);
    // Not in the middle of %XX.
    if (n < left.size()) {
      const std::size_t percent = left.rfind('%', n - 1);
      if (percent != std::string_view::npos && percent + 3 > n) n = percent;
    }
    pieces.push_back(std::string(name) + "*" + std::to_string(pieces.size()) + "*=" +
                     (pieces.empty() ? "utf-8''" : "") + std::string(left.substr(0, n)));
    left.remove_prefix(n);
  }
  return pieces;
}

}  // namespace

bool is_header_text(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (c.length == 0 || is_control(c.code)) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

std::string encoded_words(std::string_view text, std::size_t room) {
  const bool q = q_length(text) <= (text.size() + 2) / 3 * 4;
  std::string out;
  room = std::clamp<std::size_t>(room, kAround + 12, kWord);  // 12: any character as Q
  while (!text.empty()) {
    const std::string_view part = text.substr(0, fitting(text, room - kAround, q));
    if (!out.empty()) out += ' ';
    out.append(kHead).append(q ? "Q?" : "B?").append(q ? q_of(part) : base64_of(part)).append("?=");
    text.remove_prefix(part.size());
    room = kWord;
  }
  return out;
}

bool HeaderWriter::begin(std::string_view name, std::string_view text) {
  if (!is_header_text(text)) {
    if (refused_.empty()) refused_ = name;
    return false;
  }
  out_.append(name).append(":");
  column_ = name.size() + 1;
  return true;
}

/// Appends a piece that must not be broken, on the next line where this one is full.
void HeaderWriter::put(std::string_view piece) {
  if (column_ + 1 + piece.size() > kLine && column_ > 1) {
    out_ += "\r\n";
    column_ = 0;
  }
  out_.append(" ").append(piece);
  column_ += 1 + piece.size();
}

/// Pieces that may stand on lines of their own.
void HeaderWriter::put_words(std::string_view words) {
  while (!words.empty()) {
    const std::size_t n = std::min(words.find(' '), words.size());
    put(words.substr(0, n));
    words.remove_prefix(std::min(words.size(), n + 1));
  }
}

void HeaderWriter::unstructured(std::string_view name, std::string_view text) {
  if (!begin(name, text)) return;
  // Words with the spaces before them; what needs encoding goes from the first to the last such word.
  // Spaces at either end, or doubled at a fold, would not survive every reader.
  const bool odd = text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string_view::npos;
  std::vector<std::string_view> words;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t n = std::min(left.find(' '), left.size());
    words.push_back(left.substr(0, n));
    left.remove_prefix(std::min(left.size(), n + 1));
  }
  const auto first = odd ? words.begin() : std::find_if(words.begin(), words.end(), needs_encoding);
  auto last = odd ? words.end() : first;
  for (auto word = first; !odd && word != words.end(); ++word) {
    if (needs_encoding(*word)) last = word + 1;
  }
  if (odd) {
    put_words(encoded_words(text, kLine - column_ - 1));
  }
  for (auto word = words.begin(); !odd && word != words.end(); ++word) {
    if (word != first) {
      // The first stays beside the name: not every reader takes the space before it off on another line.
      if (word == words.begin() && !word->empty()) column_ = 0;
      put(*word);
      if (word == words.begin()) column_ += name.size() + 1;
      continue;
    }
    const auto* const begin_of = first->data();
    const auto* const end_of = (last - 1)->data() + (last - 1)->size();
    const std::string all = encoded_words({begin_of, static_cast<std::size_t>(end_of - begin_of)});
    put_words(all);
    word = last - 1;
  }
  end();
}

void HeaderWriter::addresses(std::string_view name, const std::vector<Address>& list) {
  if (list.empty()) return;
  for (const Address& address : list) {
    if (is_header_text(address.name) && is_header_text(address.mailbox) && address.mailbox.size() < kHard / 2) continue;
    if (refused_.empty()) refused_ = name;
    return;
  }
  if (!begin(name, "")) return;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string comma = i + 1 < list.size() ? "," : "";
    const Address& address = list[i];
    if (address.name.empty()) {
      put(address.mailbox + comma);
      continue;
    }
    const std::string phrase = phrase_of(address.name, 60);
    // Encoded words are folded between, other phrases not at all: they are short.
    if (phrase.starts_with("=?")) {
      put_words(phrase);
    } else {
      put(phrase);
    }
    put("<" + address.mailbox + ">" + comma);
  }
  end();
}

void HeaderWriter::tokens(std::string_view name, const std::vector<std::string>& list) {
  if (list.empty()) return;
  for (const std::string& token : list) {
    const bool good = is_printable_ascii(token) && token.find(' ') == std::string::npos && token.size() < kHard - 50;
    if (good) continue;
    if (refused_.empty()) refused_ = name;
    return;
  }
  if (!begin(name, "")) return;
  for (const std::string& token : list) put(token);
  end();
}

void HeaderWriter::plain(std::string_view name, std::string_view value) {
  if (!is_printable_ascii(value) || name.size() + value.size() > kHard - 2) {
    if (refused_.empty()) refused_ = name;
    return;
  }
  out_.append(name).append(": ").append(value).append("\r\n");
}

void HeaderWriter::with_parameter(std::string_view name, std::string_view value,
                                  std::string_view parameter, std::string_view text) {
  if (!is_printable_ascii(value) || !begin(name, text)) {
    if (refused_.empty()) refused_ = name;
    return;
  }
  put(value);
  for (const std::string& piece : parameter_pieces(parameter, text)) {
    out_ += ';';
    ++column_;
    put(piece);
  }
  end();
}

Result<std::string> HeaderWriter::finish() && {
  if (!refused_.empty()) return Error{Code::kInvalid, "a line break or control character in " + refused_};
  return std::move(out_);
}

}  // namespace alphamail
