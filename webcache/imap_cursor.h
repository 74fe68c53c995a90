// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of an IMAP response (RFC 3501 section 9): a cursor over one ImapResponse.
//
// A cursor that met something impossible has failed(): it stands still from then on, every token is
// empty, and the caller looks once, at the end. Each loop over tokens must stop when it has failed.
#ifndef WEBCACHE_IMAP_CURSOR_H
#define WEBCACHE_IMAP_CURSOR_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "webcache/imap_limits.h"
#include "webcache/imap_reader.h"

namespace alphamail {

/// Compares ASCII without case; `upper` is in upper case.
inline bool same_word(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) != upper[i]) return false;
  }
  return true;
}

class ImapCursor {
 public:
  explicit ImapCursor(const ImapResponse& response)
      : at_(response.text.data()), start_(at_), end_(at_ + response.text.size()), literals_(response.literals) {}

  bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    at_ = end_;
  }
  bool at_end() const { return at_ == end_; }
  char peek() const { return at_ < end_ ? *at_ : '\0'; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  bool accept(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  void skip_spaces() {
    while (accept(' ')) {
    }
  }

  /// One or more atom characters, also ']' and '\\' (flags, section names up to '[').
  std::string_view atom();
  /// The name of a FETCH item, with its section and origin: "BODY[HEADER.FIELDS (A B)]<0>".
  std::string_view item_name();

  /// A number; kOdd for one over 2^64-1 and for any atom that is no number.
  static constexpr std::uint64_t kOdd = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t number();
  /// 1 to 2^32-1, else 0.
  std::uint32_t nonzero32() {
    const std::uint64_t value = number();
    return value <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(value) : 0;
  }

  /// A quoted string or literal, at most `limit` bytes of it.
  void string(std::string& out, std::size_t limit = imap_limits::kValue);
  /// The same, or NIL, which gives "".
  void nstring(std::string& out, std::size_t limit = imap_limits::kValue);
  /// The same, or an atom. `out` is longer than `limit` by one where the whole is longer.
  void astring(std::string& out, std::size_t limit = imap_limits::kValue);
  /// A literal in place, or a quoted string without escapes; else unescaped into `scratch`.
  std::string_view nstring_view(std::string& scratch, bool* nil, std::uint64_t* announced);
  bool accept_nil() { return at_ < end_ && (*at_ | 0x20) == 'n' && accept_nil_word(); }

  /// One value of whatever kind, lists included, nested at most `nesting` deep.
  void skip_value(int nesting = imap_limits::kNesting);
  void skip_string();

 private:
  bool accept_nil_word();
  std::string_view literal(std::uint64_t* announced);
  std::string_view quoted(std::string& scratch, std::size_t limit, bool* escaped);
  void put(std::string& out, std::string_view text, std::size_t limit) {
    out.assign(text.substr(0, limit));
  }

  const char* at_;
  const char* start_;
  const char* end_;
  std::span<const ImapLiteral> literals_;
  std::size_t next_literal_ = 0;
  bool failed_ = false;
};

}  // namespace alphamail

#endif
