// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/text_fold.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "common/characters.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

enum class Accents { kDropped, kKept };

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

// Accents of Latin, Greek and Cyrillic letters; points of Hebrew; vowel signs and hamza of Arabic.
bool is_accent(char32_t c) {
  return within(c, 0x300, 0x36F) || within(c, 0x591, 0x5BD) || c == 0x5BF || within(c, 0x5C1, 0x5C2) ||
         within(c, 0x5C4, 0x5C5) || c == 0x5C7 || within(c, 0x64B, 0x65F) || c == 0x670 || c == 0x640;
}

// What Unicode does not decompose and people do not tell apart when they search; null: stays.
const char16_t* plain_of(char32_t c) {
  switch (c) {
    case 0xE6: return u"ae";
    case 0xF8: return u"o";
    case 0x111: return u"d";
    case 0x127: return u"h";
    case 0x131: return u"i";
    case 0x142: return u"l";
    case 0x153: return u"oe";
    case 0x167: return u"t";
    case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2BC: case 0xB4: return u"'";
    case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0xAB: case 0xBB: return u"\"";
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212: return u"-";
    default: return nullptr;
  }
}

bool is_any_space(char32_t c) {
  return c == ' ' || within(c, '\t', '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

void put_space(std::string& out) {
  if (out.empty() || out.back() != ' ') out.push_back(' ');
}

icu::UnicodeString by_icu(const icu::UnicodeString& text, Accents accents) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* const casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto* const apart = icu::Normalizer2::getNFDInstance(status);
  const auto* const together = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return text;
  const icu::UnicodeString same_case = casefold->normalize(text, status);
  if (accents == Accents::kKept) return U_SUCCESS(status) ? same_case : text;
  const icu::UnicodeString parts = apart->normalize(same_case, status);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < parts.length();) {
    const UChar32 c = parts.char32At(i);
    i += U16_LENGTH(c);
    if (is_accent(static_cast<char32_t>(c))) continue;
    const char16_t* const other = plain_of(static_cast<char32_t>(c));
    other ? plain.append(icu::UnicodeString(other)) : plain.append(c);
  }
  const icu::UnicodeString whole = together->normalize(plain, status);
  return U_SUCCESS(status) ? whole : text;
}

void fold_slowly(std::string_view text, Accents accents, std::string& out) {
  const auto wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  const icu::UnicodeString folded = by_icu(wide, accents);
  for (std::int32_t i = 0; i < folded.length();) {
    const UChar32 c = folded.char32At(i);
    i += U16_LENGTH(c);
    is_any_space(static_cast<char32_t>(c)) ? put_space(out)
                                           : append_utf8(out, U_IS_SURROGATE(c) ? kReplacement : static_cast<char32_t>(c));
  }
}

// What single characters become, for the blocks that mail is full of. A character that may join with
// what stands before it is for ICU, and with it all of that text.
class Table {
 public:
  struct Entry {
    std::uint8_t length = 0;
    bool slow = false;
    std::array<char, 14> bytes{};
  };

  Table() {
    for (const Block& block : kBlocks) {
      for (char32_t c = block.first; c <= block.last; ++c) entries_.push_back(make(c));
    }
  }

  /// Null: the character stays as it is, or is not known here: see `plain`.
  const Entry* find(char32_t c, bool& plain) const {
    std::size_t at = 0;
    for (const Block& block : kBlocks) {
      if (within(c, block.first, block.last)) return &entries_[at + (c - block.first)];
      at += block.last - block.first + 1;
    }
    // Kana, ideographs, Hangul, pictures: no case, nothing to take apart.
    plain = within(c, 0x3041, 0x3096) || within(c, 0x30A1, 0x30FA) || c == 0x30FC || within(c, 0x3400, 0x4DBF) ||
            within(c, 0x4E00, 0x9FFF) || within(c, 0xAC00, 0xD7A3) || within(c, 0x1F300, 0x1FAFF);
    return nullptr;
  }

 private:
  struct Block {
    char32_t first, last;
  };
  static constexpr std::array<Block, 5> kBlocks{
      {{0x80, 0x7FF}, {0x1E00, 0x206F}, {0x3000, 0x3040}, {0xFE00, 0xFE0F}, {0xFF00, 0xFFEF}}};

  static Entry make(char32_t c) {
    Entry entry;
    std::string raw, folded;
    append_utf8(raw, c);
    fold_slowly(raw, Accents::kDropped, folded);
    for (std::string_view rest = folded; !rest.empty();) {
      const Utf8Char first = first_utf8(rest);
      entry.slow = entry.slow || u_getCombiningClass(static_cast<UChar32>(first.code)) != 0;
      rest.remove_prefix(first.length > 0 ? first.length : rest.size());
    }
    if (folded.size() > entry.bytes.size()) entry.slow = true;
    if (entry.slow) return entry;
    entry.length = static_cast<std::uint8_t>(folded.size());
    std::memcpy(entry.bytes.data(), folded.data(), folded.size());
    return entry;
  }

  std::vector<Entry> entries_;
};

// Lower case; any white space is a space.
constexpr auto kAscii = [] {
  std::array<char, 128> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto c = static_cast<char>(i);
    all[i] = c >= '\t' && c <= '\r' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return all;
}();

// Most of all text: printable ASCII with single spaces, eight bytes at a time.
// @param to  as long as the text   @return false where it is something else
bool lower_plain(std::string_view text, char* to, bool after_space) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHigh = 0x80 * kOnes;
  std::uint64_t space_before = after_space ? 1 : 0;  // in the byte's lowest bit
  const auto some = [&](std::uint64_t word) -> std::optional<std::uint64_t> {
    // The high bit of a byte that is at least n; right where no byte has its own high bit.
    const auto least = [word](unsigned n) { return word + (0x80 - n) * kOnes; };
    const std::uint64_t spaces = ~least(' ' + 1) & kHigh;
    const std::uint64_t pairs = spaces & (spaces << 8 | space_before << 7);
    if (((word | ~least(' ')) & kHigh) != 0 || pairs != 0) return std::nullopt;
    space_before = spaces >> 63;
    return word | (least('A') & ~least('Z' + 1) & kHigh) >> 2;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const auto low = some(word);
    if (!low) return false;
    std::memcpy(to + at, &*low, 8);
  }
  if (at == text.size()) return true;
  std::uint64_t word = 'x' * kOnes;
  std::memcpy(&word, text.data() + at, text.size() - at);
  const auto low = some(word);
  if (low) std::memcpy(to + at, &*low, text.size() - at);
  return low.has_value();
}
static_assert(std::endian::native == std::endian::little, "a byte's neighbour is shifted from");

void fold_ascii(std::string_view text, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + text.size());
  char* to = out.data() + at;
  bool space = at > 0 && out[at - 1] == ' ';
  if (lower_plain(text, to, space)) return;
  for (const char byte : text) {
    const char c = kAscii[static_cast<unsigned char>(byte)];
    if (space && c == ' ') continue;
    space = c == ' ';
    *to++ = c;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

// @return false where ICU has to do it
bool fold_quickly(std::string_view text, std::string& out) {
  static const Table table;
  while (!text.empty()) {
    const std::size_t ascii = ascii_prefix(text);
    if (ascii > 0) {
      fold_ascii(text.substr(0, ascii), out);
      text.remove_prefix(ascii);
      continue;
    }
    const Utf8Char c = first_utf8(text);
    if (c.length == 0) return false;
    bool plain = false;
    const Table::Entry* const entry = table.find(c.code, plain);
    if (!entry && !plain) return false;
    if (!entry) {
      out.append(text.substr(0, c.length));
    } else if (entry->slow) {
      return false;
    } else if (entry->length == 1 && entry->bytes[0] == ' ') {
      put_space(out);
    } else {
      out.append(entry->bytes.data(), entry->length);
    }
    text.remove_prefix(c.length);
  }
  return true;
}

}  // namespace

void fold_text(std::string_view text, std::string& out) {
  const std::size_t at = out.size();
  if (fold_quickly(text, out)) return;
  out.resize(at);
  fold_slowly(text, Accents::kDropped, out);
}

std::string folded(std::string_view text) {
  std::string out;
  fold_text(text, out);
  return out;
}

std::string folded_with_accents(std::string_view text) {
  std::string out;
  if (is_ascii(text)) {
    fold_ascii(text, out);
  } else {
    fold_slowly(text, Accents::kKept, out);
  }
  return out;
}

// Where the word's first and last byte stand as far apart as in it, it is compared; eight places at a time.
bool holds(std::string_view text, std::string_view word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHigh = 0x80 * kOnes;
  constexpr std::size_t kLong = 4096;
  if (word.size() > text.size()) return false;
  if (word.empty()) return true;
  if (text.size() > kLong) return memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
  const char *const begin = text.data(), *const last = begin + word.size() - 1;
  const std::size_t places = text.size() - word.size() + 1;
  const std::uint64_t firsts = static_cast<unsigned char>(word.front()) * kOnes;
  const std::uint64_t lasts = static_cast<unsigned char>(word.back()) * kOnes;
  std::size_t at = 0;
  for (; at + 8 <= places; at += 8) {
    std::uint64_t a, b;
    std::memcpy(&a, begin + at, 8);
    std::memcpy(&b, last + at, 8);
    const std::uint64_t other = (a ^ firsts) | (b ^ lasts);
    // Where that is 0; above such a byte perhaps one too many.
    for (std::uint64_t hits = (other - kOnes) & ~other & kHigh; hits != 0; hits &= hits - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
      if (std::memcmp(begin + place, word.data(), word.size()) == 0) return true;
    }
  }
  for (; at < places; ++at) {
    if (begin[at] == word.front() && std::memcmp(begin + at, word.data(), word.size()) == 0) return true;
  }
  return false;
}

}  // namespace alphamail
