// SPDX-License-Identifier: GPL-3.0-or-later
// Transfer encodings of RFC 2045 section 6 for what goes out, in pieces.
#ifndef MOD_ALPHAMAIL_CONTENT_ENCODER_H
#define MOD_ALPHAMAIL_CONTENT_ENCODER_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/result.h"

namespace alphamail {

enum class Encoding : std::uint8_t { kSevenBit, kQuotedPrintable, kBase64 };
const char* name_of(Encoding encoding);

/// The one that readers of the source like best among those that text with CRLF line ends may have.
Encoding encoding_for_text(std::string_view text);

/// Whether bytes may travel as they are: ASCII without NUL, lines of at most 998 characters, each ended
/// by CRLF.
class SevenBitCheck {
 public:
  void add(std::string_view piece);
  bool good() const { return good_ && !after_cr_; }

 private:
  bool good_ = true;
  bool after_cr_ = false;
  std::size_t column_ = 0;
};

/// Encodes what it is given into a sink. kSevenBit passes all through; kQuotedPrintable takes text with
/// CRLF line ends, which stay line ends; kBase64 keeps every byte.
class ContentEncoder {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;
  ContentEncoder(Encoding encoding, const Sink& sink) : encoding_(encoding), sink_(sink) {}
  Result<void> add(std::string_view piece);
  /// Call once, after the last piece.
  Result<void> finish();

 private:
  void base64(std::string_view piece);
  void quoted_printable(std::string_view text);
  void put_soft(std::string_view letters, bool last);

  const Encoding encoding_;
  const Sink& sink_;
  std::string held_;  // what is not yet a whole line of base64; or all of a text
  std::string out_;
  std::size_t column_ = 0;
};

}  // namespace alphamail

#endif
