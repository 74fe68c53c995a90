// SPDX-License-Identifier: GPL-3.0-or-later
// Characters of untrusted text, good and bad: what the functions of mime_text.h are built of.
// Unlike utf8.h these go on after malformed bytes.
#ifndef COMMON_CHARACTERS_H
#define COMMON_CHARACTERS_H

#include <cstddef>
#include <string>
#include <string_view>

namespace alphamail {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
  char32_t value;  ///< kReplacement where the bytes are bad
  std::size_t
      length;  ///< bytes taken, at least 1; of bad bytes as Unicode advises (maximal subpart)
  bool valid;
};
/// The code point at `at`, which must be inside `text`.
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Appends one code point; surrogates and values past U+10FFFF become U+FFFD.
void append_character(std::string& out, char32_t value);

/// The number of leading bytes that are ASCII (0x00 to 0x7F): all of them for most of the world's
/// headers.
std::size_t ascii_prefix(std::string_view bytes);
inline bool is_ascii(std::string_view bytes) {
  return ascii_prefix(bytes) == bytes.size();
}

/// True where all bytes are of 0x20 to 0x7E: nothing to decode and nothing to clean.
bool is_printable_ascii(std::string_view bytes);

/// How much of some bytes is UTF-8.
struct Utf8Count {
  std::size_t multibyte = 0;  ///< well-formed sequences of two bytes and more
  std::size_t bad = 0;        ///< ill-formed ones
};
Utf8Count count_utf8(std::string_view bytes);

/// C0, DEL and C1.
inline bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/// The longest prefix of at most `limit` bytes that ends between two code points of valid UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

inline bool is_wsp(char c) {
  return c == ' ' || c == '\t';
}
inline bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
/// 0 to 15, or -1.
int hex_value(char c);
std::string lower(std::string_view text);  ///< ASCII letters only, whatever the locale
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  ///< white space of either end

}  // namespace alphamail

#endif
