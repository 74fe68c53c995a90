// SPDX-License-Identifier: GPL-3.0-or-later
// From the bytes of mail to text that people read: charsets, encoded words, transfer encodings,
// addresses, dates, HTML to plain words. Every function is total (any input gives some valid
// UTF-8), bounded in time and memory by its input, and holds no state; daemon and module share
// them.
#ifndef COMMON_MIME_TEXT_H
#define COMMON_MIME_TEXT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace alphamail {

/// The longest prefix-preserving valid UTF-8: bad bytes become U+FFFD.
std::string valid_utf8(std::string_view bytes);

/// Text in a named charset to UTF-8 (ICU). Unknown or absent names: UTF-8 if it is, else detected,
/// else windows-1252. A label that cannot be right (8-bit under us-ascii, UTF-8 under iso-8859-1)
/// is repaired. Of control characters only tab, LF and CR are kept.
std::string to_utf8(std::string_view bytes, std::string_view charset);

/// The same by the charset that a reader has chosen: nothing is detected or repaired, what does not fit
/// becomes U+FFFD. A name that nobody knows is as if none was given.
std::string to_utf8_as(std::string_view bytes, std::string_view charset);

/// Decodes an unstructured header value (RFC 2047 section 5) into valid UTF-8 on one line: adjacent
/// encoded words joined also in the middle of a character, raw 8-bit repaired, folding undone, tabs
/// made spaces, other control characters dropped. Never fails: what cannot be decoded stays as
/// written, since readers prefer an odd subject to none.
std::string decode_header(std::string_view raw);

struct Address {
  std::string name;     ///< decoded, "" where there is none
  std::string mailbox;  ///< "user@host" as written; "" for a group's name alone
};
/// The addresses of a From, To or Cc value (RFC 5322 section 3.4, groups flattened, at most
/// `limit`).
std::vector<Address> parse_addresses(std::string_view raw, std::size_t limit = 5000);

/// Parameter values with RFC 2231 undone (continuations, charset, percent), also in its misuses
/// (RFC 2047 words inside quotes, raw 8-bit). Names in lower case. Pairs are name, raw value.
std::vector<std::pair<std::string, std::string>> decode_parameters(
    const std::vector<std::pair<std::string, std::string>>& raw);

/// base64 and quoted-printable in pieces: what a piece ends with is kept for the next.
class TransferDecoder {
 public:
  /// Any other name passes the bytes through.
  explicit TransferDecoder(std::string_view encoding);
  void decode(std::string_view piece, std::string& out);  ///< appends
  void finish(std::string& out);

 private:
  void decode_base64(std::string_view piece, std::string& out);
  void flush_bits(std::string& out);
  void after_padding(char c, std::string& out);
  void line_after_padding(std::string& out);
  void decode_quoted_printable(std::string_view piece, std::string& out);
  bool hold(char c, std::string& out);

  enum class Kind { kIdentity, kBase64, kQuotedPrintable } kind_;
  std::uint32_t bits_ = 0;  // base64 letters of an unfinished group
  int have_ = 0;
  bool padded_ = false;  // '=' was met; lines that are base64 by themselves may follow
  bool ended_ = false;   // something else followed: all further bytes are dropped
  std::string held_;     // bytes whose meaning the next ones decide; bounded
};
std::string decode_transfer(std::string_view bytes, std::string_view encoding);

/// RFC 5322 section 3.3 dates with their obsolete forms; nullopt where absurd. Seconds since 1970
/// UTC.
std::optional<std::int64_t> parse_date(std::string_view raw);

/// HTML to words: tree-less, bounded, script and style dropped, entities decoded, blocks on lines
/// of their own. For snippets and the plain view. `html` is UTF-8.
std::string html_to_text(std::string_view html, std::size_t limit);

/// One line of at most `characters` characters out of a text's beginning: quotes, signature and
/// white space dropped, cut at a character that a reader sees (grapheme), never in its middle.
std::string snippet_of(std::string_view text, std::size_t characters);

}  // namespace alphamail

#endif
