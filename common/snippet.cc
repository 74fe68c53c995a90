// SPDX-License-Identifier: GPL-3.0-or-later
// The line of a message's text that stands beside its subject.
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const noexcept { Free(p); }
};

constexpr std::size_t kScanned = 64 * 1024;  // bytes of text looked at
constexpr std::size_t kBytesACharacter =
    32;  // a family emoji has 25; a pile of accents may have any number

/// "-----", "=====", "* * *": drawn, not written.
bool decoration(std::string_view line) {
  return line.size() >= 3 && std::all_of(line.begin(), line.end(), [](char c) {
           return std::string_view("-=_*~#+. ").find(c) != std::string_view::npos;
         });
}

/// "On Monday, X wrote:" before a quotation, in any language that ends such a line with a colon.
bool attribution(std::string_view line) {
  return line.ends_with(':') && (line.find('@') != std::string_view::npos ||
                                 std::count(line.begin(), line.end(), ' ') > 3);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool quoted(std::string_view line) {
  const std::string_view t = trim(line);
  return t.starts_with('>');
}

bool white(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x3000;
}

/// Appends words, runs of white space as one space, controls and fillers dropped.
void append_words(std::string& out, std::string_view line, std::size_t limit) {
  bool space = !out.empty();
  for (std::size_t at = 0; at < line.size() && out.size() < limit;) {
    const CodePoint c = code_point_at(line, at);
    at += c.length;
    if (white(c.value)) {
      space = !out.empty();
      continue;
    }
    if (is_control(c.value) || c.value == 0xAD || c.value == 0x34F || c.value == 0x200B ||
        c.value == 0xFEFF)
      continue;
    // Joiners matter between letters only; newsletters pad with them.
    if ((c.value == 0x200C || c.value == 0x200D) && (space || out.empty())) continue;
    if (space) out.push_back(' ');
    space = false;
    append_character(out, c.value);
  }
}

/// @param quotes take quoted lines instead of leaving them out
std::string collect(std::string_view text, std::size_t limit, bool quotes) {
  std::string out;
  std::string_view held;  // may turn out to be the line before a quotation
  while (!text.empty() && out.size() < limit) {
    std::string_view line = take_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "-- " || line == "--" || line.starts_with("-----Original Message") ||
        line.starts_with("-----BEGIN PGP SIGNATURE"))
      break;
    if (line.starts_with("-----BEGIN PGP SIGNED") || line.starts_with("Hash: ")) continue;
    const std::string_view words = trim(line);
    if (words.empty() || decoration(words)) continue;
    if (quoted(line)) {
      held = {};
      if (quotes)
        append_words(out, words.substr(std::min(words.find_first_not_of("> "), words.size())),
                     limit);
      continue;
    }
    append_words(out, held, limit);
    held = {};
    if (attribution(words))
      held = words;
    else
      append_words(out, words, limit);
  }
  append_words(out, held, limit);
  return out;
}

/// The prefix of `characters` graphemes, by Unicode's rules where ASCII does not make it plain.
std::string_view cut_graphemes(std::string_view text, std::size_t characters) {
  if (text.size() <= characters) return text;
  if (ascii_prefix(text.substr(0, characters + 1)) == characters + 1)
    return text.substr(0, characters);
  using Breaks = std::unique_ptr<UBreakIterator, FreeWith<ubrk_close>>;
  UErrorCode status = U_ZERO_ERROR;
  thread_local Breaks breaks = [] {
    UErrorCode opened = U_ZERO_ERROR;
    return Breaks(ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &opened));
  }();
  UText view = UTEXT_INITIALIZER;
  utext_openUTF8(&view, text.data(), static_cast<int64_t>(text.size()), &status);
  std::size_t end = 0;
  if (breaks && U_SUCCESS(status)) {
    ubrk_setUText(breaks.get(), &view, &status);
    for (std::size_t i = 0; i < characters; ++i) {
      const int32_t next = ubrk_next(breaks.get());
      if (next == UBRK_DONE) break;
      end = static_cast<std::size_t>(next);
    }
  }
  utext_close(&view);
  return U_SUCCESS(status) && end > 0 ? text.substr(0, end) : cut_utf8(text, characters);
}

}  // namespace

std::string snippet_of(std::string_view text, std::size_t characters) {
  text = cut_utf8(text, kScanned);
  const std::size_t limit = characters * kBytesACharacter;
  std::string words = collect(text, limit, false);
  if (words.empty()) words = collect(text, limit, true);  // someone sent nothing but a quotation
  return std::string(trim(cut_graphemes(cut_utf8(words, limit), characters)));
}

}  // namespace alphamail
