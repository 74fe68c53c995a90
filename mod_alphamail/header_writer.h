// SPDX-License-Identifier: GPL-3.0-or-later
// Header fields of mail as it goes out: any text in, 7-bit lines out, folded at 78 characters and never
// over 998, nothing of what was given able to begin a line of its own. RFC 5322 section 2.2, RFC 2047,
// RFC 2231; raw UTF-8 (RFC 6532) only inside addresses that cannot be written without.
#ifndef MOD_ALPHAMAIL_HEADER_WRITER_H
#define MOD_ALPHAMAIL_HEADER_WRITER_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime_text.h"
#include "common/result.h"

namespace alphamail {

/// True where text may stand in a header field: UTF-8 without CR, LF, NUL or another control character.
bool is_header_text(std::string_view text);

/// Collects fields. What is no header text makes every later finish() an error; nothing is ever cut off or
/// changed in silence.
class HeaderWriter {
 public:
  /// Subject and its like: words as they are where ASCII allows, else encoded words.
  void unstructured(std::string_view name, std::string_view text);
  /// To and its like; Address::mailbox as it is to be written (recipients.h). No field where there is none.
  void addresses(std::string_view name, const std::vector<Address>& list);
  /// Things that stand as they are, put on lines of their own where the line is full: message ids.
  void tokens(std::string_view name, const std::vector<std::string>& list);
  /// One token without white space or a date; must fit a line.
  void plain(std::string_view name, std::string_view value);
  /// A value with one parameter of any text: RFC 2231 where it is not short ASCII.
  void with_parameter(std::string_view name, std::string_view value, std::string_view parameter,
                      std::string_view text);

  /// All fields, each ended by CRLF. kInvalid where something given was no header text.
  Result<std::string> finish() &&;

 private:
  bool begin(std::string_view name, std::string_view text);
  void put(std::string_view piece);
  void put_words(std::string_view words);
  void end() { out_ += "\r\n"; }

  std::string out_;
  std::size_t column_ = 0;
  std::string refused_;  // the field that was given what is no header text
};

/// `text` as encoded words of at most 75 characters, separated by one space (RFC 2047 section 2).
/// No character is split between two. @param room  characters left on the line for the first of them
std::string encoded_words(std::string_view text, std::size_t room = 60);

}  // namespace alphamail

#endif
