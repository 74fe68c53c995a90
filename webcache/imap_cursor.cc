// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_cursor.h"

#include <array>

namespace alphamail {
namespace {

enum CharClass : unsigned char { kNone = 0, kAtom = 1, kDigit = 2, kPlainQuoted = 4 };

/// What each byte may be in. Atoms are taken widely: servers send 8-bit names and odd flags.
constexpr std::array<unsigned char, 256> classes() {
  std::array<unsigned char, 256> table{};
  for (int c = 0; c < 256; ++c) {
    unsigned char bits = kNone;
    const bool special = c <= 0x20 || c == 0x7f || c == '(' || c == ')' || c == '{' || c == '"';
    if (!special) bits |= kAtom;
    if (c >= '0' && c <= '9') bits |= kDigit;
    if (c != '"' && c != '\\' && c != '\r' && c != '\n' && c != '\0') bits |= kPlainQuoted;
    table[static_cast<std::size_t>(c)] = bits;
  }
  return table;
}
constexpr auto kClasses = classes();

bool is(char c, CharClass what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }

}  // namespace

std::string_view ImapCursor::atom() {
  const char* const from = at_;
  while (at_ < end_ && is(*at_, kAtom)) ++at_;
  if (at_ == from) {
    fail();
    return {};
  }
  return {from, static_cast<std::size_t>(at_ - from)};
}

std::string_view ImapCursor::item_name() {
  const char* const from = at_;
  while (at_ < end_ && is(*at_, kAtom) && *at_ != '[') ++at_;
  if (accept('[')) {
    // A section holds spaces, lists and quoted names; "]" ends it. No literal is ever in it.
    while (at_ < end_ && *at_ != ']' && *at_ != '\r') ++at_;
    expect(']');
    while (at_ < end_ && is(*at_, kAtom)) ++at_;
  }
  if (at_ == from) fail();
  if (failed_) return {};
  return {from, static_cast<std::size_t>(at_ - from)};
}

std::uint64_t ImapCursor::number() {
  std::uint64_t value = 0;
  bool odd = false;
  const char* const from = at_;
  while (at_ < end_ && is(*at_, kDigit)) {
    const auto digit = static_cast<std::uint64_t>(*at_++ - '0');
    odd |= __builtin_mul_overflow(value, std::uint64_t{10}, &value);
    odd |= __builtin_add_overflow(value, digit, &value);
  }
  if (at_ == from || (at_ < end_ && is(*at_, kAtom))) {
    while (at_ < end_ && is(*at_, kAtom)) ++at_;
    if (at_ == from) fail();
    return kOdd;
  }
  return odd ? kOdd : value;
}

std::string_view ImapCursor::literal(std::uint64_t* announced) {
  // The reader has found and measured every literal: this must be the next of them.
  if (next_literal_ >= literals_.size()) {
    fail();
    return {};
  }
  const ImapLiteral& found = literals_[next_literal_];
  const char* const data = start_ + found.begin;
  const char* p = at_ + 1;  // behind '{'
  while (p < data && is(*p, kDigit)) ++p;
  if (p == at_ + 1 || p + 3 != data || *p != '}') {
    fail();
    return {};
  }
  ++next_literal_;
  at_ = data + found.kept;
  if (announced != nullptr) *announced = found.announced;
  return {data, found.kept};
}

/// What stands between quotes: in place, or in `scratch` with its escapes undone (and then cut).
std::string_view ImapCursor::quoted(std::string& scratch, std::size_t limit, bool* escaped) {
  const char* const from = at_;
  while (at_ < end_ && is(*at_, kPlainQuoted)) ++at_;
  *escaped = false;
  if (at_ < end_ && *at_ == '"') return {from, static_cast<std::size_t>(at_++ - from)};
  *escaped = true;
  scratch.assign(from, std::min(limit, static_cast<std::size_t>(at_ - from)));
  while (at_ < end_ && *at_ != '"') {
    if (*at_ == '\\') ++at_;
    if (at_ == end_ || *at_ == '\r' || *at_ == '\n' || *at_ == '\0') break;
    if (scratch.size() < limit) scratch.push_back(*at_);
    ++at_;
  }
  expect('"');
  if (failed_) scratch.clear();
  return scratch;
}

void ImapCursor::string(std::string& out, std::size_t limit) {
  if (accept('"')) {
    bool escaped = false;
    const std::string_view text = quoted(out, limit, &escaped);
    if (!escaped) put(out, text, limit);
    return;
  }
  out.clear();
  if (peek() == '~') accept('~');  // literal8 (RFC 3516)
  if (peek() != '{') return fail();
  put(out, literal(nullptr), limit);
}

bool ImapCursor::accept_nil_word() {
  if (end_ - at_ < 3 || !same_word({at_, 3}, "NIL")) return false;
  if (end_ - at_ > 3 && is(at_[3], kAtom)) return false;
  at_ += 3;
  return true;
}

void ImapCursor::nstring(std::string& out, std::size_t limit) {
  if (accept_nil()) {
    out.clear();
    return;
  }
  string(out, limit);
}

void ImapCursor::astring(std::string& out, std::size_t limit) {
  const char c = peek();
  if (c == '"' || c == '{' || c == '~') return string(out, limit + 1);
  put(out, atom(), limit + 1);
}

std::string_view ImapCursor::nstring_view(std::string& scratch, bool* nil, std::uint64_t* announced) {
  *nil = accept_nil();
  *announced = 0;
  if (*nil) return {};
  std::string_view text;
  if (accept('"')) {
    bool escaped = false;
    text = quoted(scratch, imap_limits::kLiteralKept, &escaped);
    *announced = text.size();
    return text;
  }
  accept('~');
  if (peek() != '{') {
    fail();
    return {};
  }
  return literal(announced);
}

void ImapCursor::skip_string() {
  if (accept('"')) {
    while (at_ < end_ && *at_ != '"' && *at_ != '\r' && *at_ != '\0') {
      if (*at_ == '\\') ++at_;
      if (at_ < end_) ++at_;
    }
    expect('"');
    return;
  }
  accept('~');
  if (peek() != '{') return fail();
  literal(nullptr);
}

/// Not recursive: how deep a server nests costs a counter, not stack.
void ImapCursor::skip_value(int nesting) {
  int depth = 0;
  do {
    const char c = peek();
    if (c == '(') {
      accept('(');
      if (++depth > nesting) return fail();
    } else if (c == ')' && depth > 0) {
      accept(')');
      --depth;
    } else if (c == ' ' && depth > 0) {
      accept(' ');
    } else if (c == '"' || c == '{' || (c == '~' && at_ + 1 < end_ && at_[1] == '{')) {
      skip_string();
    } else {
      item_name();
    }
  } while (depth > 0 && !failed_);
}

}  // namespace alphamail
