// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/encoded_word.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

constexpr std::size_t kCharsetName = 75;

/// Eight bytes at once: nonzero where one is a control, DEL or 8-bit.
std::uint64_t odd_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = 0x8080808080808080u;
  const std::uint64_t below_space = word - kOnes * 0x20;  // borrows into the high bit
  const std::uint64_t delete_or_more = word + kOnes;      // carries into it
  return (word | below_space | delete_or_more) & kHigh;
}

/// True where nothing needs doing but trimming: printable ASCII without "=?". This is what
/// decode_header costs for nearly every row of a folder.
bool plain(std::string_view raw) {
  std::size_t at = 0;
  for (; at + 8 <= raw.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, raw.data() + at, 8);
    if (odd_bytes(word) != 0) return false;
  }
  for (; at < raw.size(); ++at)
    if (raw[at] < ' ' || raw[at] > '~') return false;
  return raw.find("=?") == std::string_view::npos;
}

std::string decode_q(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '_') {
      out.push_back(' ');
    } else if (c == '=' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
               hex_value(text[at + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])));
      at += 2;
    } else if (c != '\r' && c != '\n') {
      out.push_back(c);
    }
  }
  return out;
}

/// The letters of base64 alone.
std::string base64_letters(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!is_space(c))
      out.push_back(c == '-' ? '+' : c == '_' ? '/' : c);  // some use the URL's alphabet
  return out;
}

bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=' || c == '-' ||
           c == '_' || is_space(c);
  });
}

/// Neighbouring words of one charset, decoded together: mailers cut them inside characters, some
/// even inside a group of base64.
class WordRun {
 public:
  void add(const EncodedWord& word, std::string& out) {
    if (!equal_ignoring_case(word.charset, charset_)) flush(out);
    charset_ = word.charset;
    open_ = true;
    if (word.encoding == 'q') {
      flush_base64();
      bytes_ += decode_q(word.text);
      return;
    }
    base64_ += base64_letters(word.text);
    if (base64_.size() % 4 == 0 || base64_.ends_with('=')) flush_base64();
  }
  void flush(std::string& out) {
    if (!open_) return;
    flush_base64();
    out += to_utf8(bytes_, charset_);
    bytes_.clear();
    open_ = false;
  }
  bool open() const { return open_; }

 private:
  void flush_base64() {
    if (!base64_.empty()) bytes_ += decode_transfer(base64_, "base64");
    base64_.clear();
  }
  std::string_view charset_;
  std::string bytes_, base64_;
  bool open_ = false;
};

}  // namespace

std::size_t EncodedWords::end_of_text(std::size_t from, char encoding) {
  std::size_t end = value_.find("?=", from);
  if (end == std::string_view::npos) no_more_ends_ = true;
  // "?=20" inside Q text is a question mark that the mailer forgot to encode, if the word's own end
  // comes before the next word.
  while (encoding == 'q' && end != std::string_view::npos && end + 3 < value_.size() &&
         hex_value(value_[end + 2]) >= 0 && hex_value(value_[end + 3]) >= 0) {
    const std::size_t next = value_.find("?=", end + 2);
    if (next == std::string_view::npos ||
        value_.substr(end, next - end).find("=?") != std::string_view::npos)
      break;
    end = next;
  }
  return end;
}

std::optional<EncodedWord> EncodedWords::at(std::size_t at) {
  if (no_more_ends_ || value_.substr(at, 2) != "=?") return std::nullopt;
  const std::size_t charset = at + 2;
  const std::size_t mark = value_.substr(0, charset + kCharsetName + 1).find('?', charset);
  if (mark == std::string_view::npos || mark == charset || mark + 2 >= value_.size())
    return std::nullopt;
  const char encoding = to_lower(value_[mark + 1]);
  if ((encoding != 'b' && encoding != 'q') || value_[mark + 2] != '?') return std::nullopt;
  const std::string_view name = value_.substr(charset, mark - charset);
  if (std::any_of(name.begin(), name.end(), is_space)) return std::nullopt;
  const std::size_t text = mark + 3;
  const std::size_t end = end_of_text(text, encoding);
  if (end == std::string_view::npos) return std::nullopt;
  const EncodedWord word{name, encoding, value_.substr(text, end - text), end + 2 - at};
  if (encoding == 'b' && !is_base64(word.text)) return std::nullopt;
  return word;
}

std::string on_one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = code_point_at(text, at);
    if (c.value == '\r' || c.value == '\n') {
      // Folding: the line end and the white space after it are one space.
      while (at < text.size() && is_space(text[at])) ++at;
      if (!out.ends_with(' ')) out.push_back(' ');
      continue;
    }
    if (c.value == '\t' || c.value == 0x2028 || c.value == 0x2029)
      out.push_back(' ');
    else if (!is_control(c.value))
      append_character(out, c.value);
    at += c.length;
  }
  return std::string(trim(out));
}

std::string decode_header(std::string_view raw) {
  if (plain(raw)) return std::string(trim(raw));
  std::string out;
  out.reserve(raw.size());
  EncodedWords words(raw);
  WordRun run;
  std::size_t count = 0;
  std::size_t copied = 0;  // raw up to here is in `out` or in `run`
  std::size_t at = raw.find("=?");
  while (at != std::string_view::npos && count < kEncodedWords) {
    const auto word = words.at(at);
    if (!word) {
      at = raw.find("=?", at + 2);
      continue;
    }
    const std::string_view between = raw.substr(copied, at - copied);
    // White space between two words is there only to fold the line.
    if (!run.open() || !std::all_of(between.begin(), between.end(), is_space)) {
      run.flush(out);
      out += to_utf8(between, "");
    }
    run.add(*word, out);
    ++count;
    copied = at + word->length;
    at = raw.find("=?", copied);
  }
  run.flush(out);
  out += to_utf8(raw.substr(copied), "");
  return on_one_line(out);
}

}  // namespace alphamail
