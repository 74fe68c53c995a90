// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/page_buffer.h"

#include <strings.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>

namespace alphamail {

namespace {

constexpr std::size_t kFirstCapacity = 65536;
constexpr std::size_t kKeptCapacity = 1 << 20;
constexpr std::size_t kLongest = 6;  // "&quot;"

/// What takes the place of a byte; nothing for most.
struct Entity {
  char text[7];
  std::uint8_t size;
};

constexpr bool is_white(unsigned char c) { return c >= '\t' && c <= '\r'; }

constexpr std::array<Entity, 256> kEntities = [] {
  std::array<Entity, 256> all{};
  const auto set = [&all](unsigned char c, std::string_view text) {
    std::copy(text.begin(), text.end(), all[c].text);
    all[c].size = static_cast<std::uint8_t>(text.size());
  };
  set('&', "&amp;");
  set('<', "&lt;");
  set('>', "&gt;");
  set('"', "&quot;");
  set('\'', "&#39;");
  for (unsigned char c = 0; c < 0x20; ++c) {
    if (is_white(c)) set(c, " ");
  }
  return all;
}();

char* put_special(unsigned char c, bool keep_white_space, char* out) {
  const Entity& entity = kEntities[c];
  if (entity.size == 0 || (keep_white_space && is_white(c))) {
    *out = static_cast<char>(c);
    return out + 1;
  }
  std::memcpy(out, entity.text, sizeof entity.text);
  return out + entity.size;
}

#if defined(__SSE2__)

/// A bit for each of sixteen bytes that is a control character or one of & < > " '.
unsigned specials(__m128i bytes) {
  const auto all = [](int c) { return _mm_set1_epi8(static_cast<char>(c)); };
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(0x1f)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, all(0x22));
  const __m128i ampersand_apostrophe = _mm_cmpeq_epi8(_mm_and_si128(bytes, all(0xfe)), all(0x26));
  const __m128i less_greater = _mm_cmpeq_epi8(_mm_and_si128(bytes, all(0xfd)), all(0x3c));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
      _mm_or_si128(control, quote), _mm_or_si128(ampersand_apostrophe, less_greater))));
}

std::uint64_t load8(const char* p) {
  std::uint64_t eight;
  std::memcpy(&eight, p, sizeof eight);
  return eight;
}

std::uint64_t load4(const char* p) {
  std::uint32_t four;
  std::memcpy(&four, p, sizeof four);
  return four;
}

/// 1 to 15 bytes, the missing ones as zeros; by loads that overlap, since a copy of that many bytes
/// costs more than all the rest.
__m128i load_few(const char* p, std::size_t count) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  std::uint64_t low, high = 0;
  if (count >= 8) {
    low = load8(p);
    if (count > 8) high = load8(p + count - 8) >> (8 * (16 - count));
  } else if (count >= 4) {
    low = load4(p) | load4(p + count - 4) << (8 * (count - 4));
  } else {
    const auto byte = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
    low = byte(0) | byte(count / 2) << (8 * (count / 2)) | byte(count - 1) << (8 * (count - 1));
  }
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

char* escape(const char* in, const char* end, bool keep_white_space, char* out) {
  while (in < end) {
    const std::size_t left = static_cast<std::size_t>(end - in);
    const std::size_t count = std::min<std::size_t>(left, 16);
    const __m128i bytes = count == 16 ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(in))
                                      : load_few(in, count);
    // What lies behind the text, or behind the special byte, is written over next.
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const unsigned found = specials(bytes) & ((1U << count) - 1);
    if (found == 0) {
      in += count;
      out += count;
      continue;
    }
    const int plain = std::countr_zero(found);
    out = put_special(static_cast<unsigned char>(in[plain]), keep_white_space, out + plain);
    in += plain + 1;
  }
  return out;
}

#else

char* escape(const char* in, const char* end, bool keep_white_space, char* out) {
  for (; in < end; ++in) {
    out = put_special(static_cast<unsigned char>(*in), keep_white_space, out);
  }
  return out;
}

#endif

bool begins(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() &&
         strncasecmp(text.data(), scheme.data(), scheme.size()) == 0;
}

}  // namespace

void PageBuffer::clear() {
  size_ = 0;
  if (capacity_ > kKeptCapacity) {  // a rare huge page gives its memory back
    bytes_.reset();
    capacity_ = 0;
  }
}

void PageBuffer::grow(std::size_t more) {
  const std::size_t wanted = std::max({kFirstCapacity, capacity_ * 2, size_ + more});
  std::unique_ptr<char[]> bigger(new char[wanted]);
  if (size_ > 0) std::memcpy(bigger.get(), bytes_.get(), size_);
  bytes_ = std::move(bigger);
  capacity_ = wanted;
}

void PageBuffer::append_html(std::string_view text, bool keep_white_space) {
  constexpr std::size_t kPiece = 4096;
  for (; text.size() > kPiece; text.remove_prefix(kPiece)) {
    append_html(text.substr(0, kPiece), keep_white_space);
  }
  char* const out = room(text.size() * kLongest + kPadding);
  taken(escape(text.data(), text.data() + text.size(), keep_white_space, out));
}

void PageBuffer::append_url(std::string_view text) {
  if (!text.starts_with('/')) {  // most are paths of ours
    const std::string_view head = text.substr(0, text.find('/'));
    if (head.find(':') != std::string_view::npos && !begins(text, "http://") &&
        !begins(text, "https://") && !begins(text, "mailto:")) {
      return append("#");
    }
  }
  append_html(text, false);
}

char* write_digits(std::uint64_t number, char* out) {
  char digits[20];
  char* const end = digits + sizeof digits;
  char* p = end;
  do {
    *--p = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (p < end) *out++ = *p++;
  return out;
}

bool needs_no_escape(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char ch) {
    const auto c = static_cast<unsigned char>(ch);
    return c < 0x20 || kEntities[c].size > 0;
  });
}

}  // namespace alphamail
