// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 2047 encoded words: where one begins and ends. For those who read headers piecewise.
#ifndef COMMON_ENCODED_WORD_H
#define COMMON_ENCODED_WORD_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace alphamail {

inline constexpr std::size_t kEncodedWords =
    1000;  ///< decoded in one header; the rest stays as written

struct EncodedWord {
  std::string_view charset;
  char encoding;  ///< 'b' or 'q'
  std::string_view text;
  std::size_t length;  ///< of the whole, from "=?" to "?="
};

/// The words of one header value. Remembers that there is no further "?=", so that a header of
/// nothing but beginnings is read in linear time.
class EncodedWords {
 public:
  explicit EncodedWords(std::string_view value) : value_(value) {}
  /// The word that begins at `at`; nullopt where none does. Not strict: spaces, question marks and
  /// any length are taken, since mailers write them.
  std::optional<EncodedWord> at(std::size_t at);

 private:
  std::size_t end_of_text(std::size_t from, char encoding);
  std::string_view value_;
  bool no_more_ends_ = false;
};

/// Keeps a header value to one line: line ends and tabs become spaces, the other controls go, the
/// ends are trimmed. The input is valid UTF-8.
std::string on_one_line(std::string_view text);

}  // namespace alphamail

#endif
