// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/template_program.h"

#include <strings.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "mod_alphamail/view.h"

namespace alphamail {

namespace {

constexpr std::size_t kFirstCapacity = 65536;
constexpr std::size_t kKeptCapacity = 1 << 20;

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

constexpr std::uint64_t zero_bytes(std::uint64_t x) { return (x - kOnes) & ~x & kHighs; }

/// Not 0 where one of eight bytes is a control character or one of & < > " ' (now and then also for
/// others: then the bytes are merely looked at one by one).
constexpr std::uint64_t specials(std::uint64_t x) {
  const std::uint64_t control = (x - kOnes * 0x20) & ~x & kHighs;
  const std::uint64_t quote = zero_bytes(x ^ kOnes * 0x22);
  const std::uint64_t ampersand_apostrophe = zero_bytes((x & ~kOnes) ^ kOnes * 0x26);
  const std::uint64_t less_greater = zero_bytes((x & ~(kOnes * 2)) ^ kOnes * 0x3c);
  return control | quote | ampersand_apostrophe | less_greater;
}

/// Copies what needs no escape, sixteen bytes at a time where the processor can; stops before the
/// first sixteen that do.
void copy_plain(const char*& in, const char* end, char*& out) {
#if defined(__SSE2__)
  const auto all = [](int c) { return _mm_set1_epi8(static_cast<char>(c)); };
  while (end - in >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(0x1f)), bytes);
    const __m128i quote = _mm_cmpeq_epi8(bytes, all(0x22));
    const __m128i ampersand_apostrophe = _mm_cmpeq_epi8(_mm_and_si128(bytes, all(0xfe)), all(0x26));
    const __m128i less_greater = _mm_cmpeq_epi8(_mm_and_si128(bytes, all(0xfd)), all(0x3c));
    const __m128i any = _mm_or_si128(_mm_or_si128(control, quote),
                                     _mm_or_si128(ampersand_apostrophe, less_greater));
    if (_mm_movemask_epi8(any) != 0) return;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    in += 16;
    out += 16;
  }
#else
  static_cast<void>(in), static_cast<void>(end), static_cast<void>(out);
#endif
}

static_assert(std::endian::native == std::endian::little, "load() puts the first byte lowest");

/// Up to eight bytes of a text, the first one lowest, the missing ones as harmless letters.
std::uint64_t load(const char* p, std::size_t count) {
  std::uint64_t eight = kOnes * 'x';
  if (count == 8) {
    std::memcpy(&eight, p, 8);
  } else if (count >= 4) {  // two halves that overlap
    std::uint32_t low, high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + count - 4, 4);
    const auto shift = 8 * (count - 4);
    eight = (eight << (8 * count)) | (std::uint64_t{high} << shift) | low;
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      eight = (eight & ~(std::uint64_t{0xff} << (8 * i))) |
              (std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i));
    }
  }
  return eight;
}

bool begins(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() &&
         strncasecmp(text.data(), scheme.data(), scheme.size()) == 0;
}

}  // namespace

// ---- the buffer ----

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
  constexpr std::size_t kLongest = 6;  // "&quot;"
  for (; text.size() > kPiece; text.remove_prefix(kPiece)) {
    append_html(text.substr(0, kPiece), keep_white_space);
  }
  need(text.size() * kLongest + sizeof(std::uint64_t));
  const char* in = text.data();
  const char* const end = in + text.size();
  char* out = bytes_.get() + size_;
  const auto put = [&out](std::string_view entity) {
    std::memcpy(out, entity.data(), entity.size());
    out += entity.size();
  };
  while (copy_plain(in, end, out), in < end) {
    const std::size_t count = std::min<std::size_t>(8, static_cast<std::size_t>(end - in));
    const std::uint64_t eight = load(in, count);
    if (specials(eight) == 0) {  // copied with what lies behind the text, which is written over next
      std::memcpy(out, &eight, 8);
      in += count;
      out += count;
      continue;
    }
    for (const char* const stop = in + count; in < stop; ++in) {
      switch (*in) {
        case '&': put("&amp;"); break;
        case '<': put("&lt;"); break;
        case '>': put("&gt;"); break;
        case '"': put("&quot;"); break;
        case '\'': put("&#39;"); break;
        case '\t': case '\n': case '\v': case '\f': case '\r':
          *out++ = keep_white_space ? *in : ' ';
          break;
        default: *out++ = *in; break;
      }
    }
  }
  size_ = static_cast<std::size_t>(out - bytes_.get());
}

void PageBuffer::append_url(std::string_view text) {
  const std::string_view head = text.substr(0, text.find('/'));
  if (head.find(':') != std::string_view::npos && !begins(text, "http://") &&
      !begins(text, "https://")) {
    return append("#");
  }
  append_html(text, false);
}

// ---- the steps ----

std::optional<TemplateProgram> TemplateProgram::from_dump(std::string_view dump) {
  constexpr std::string_view kText = "Text Node: -->|", kTextEnd = "|<--\n", kValue = "Variable Node: ",
                             kSection = "Section Start: ", kSectionEnd = "Section End: ",
                             kPragma = "Pragma Node: ", kMain = "__{{MAIN}}__", kBorder = "------------";
  TemplateProgram program;
  std::vector<std::size_t> open;  // sections not yet ended
  const auto known = [](std::string_view code) {
    return code.size() == 3 && code[0] == 'x' && code[1] >= 'A' && code[1] <= 'Z' && code[2] >= 'A' &&
           code[2] <= 'Z' && static_cast<std::size_t>(name_of(code.data())) < std::size(kNames);
  };
  while (!dump.empty()) {
    const auto first = dump.find_first_not_of(' ');
    if (first == std::string_view::npos) break;
    dump.remove_prefix(first);
    if (dump.starts_with(kText)) {
      dump.remove_prefix(kText.size());
      const auto end = dump.find(kTextEnd);
      if (end == std::string_view::npos) return std::nullopt;
      program.steps_.push_back({Kind::kText, Name{}, 0, std::string(dump.substr(0, end))});
      dump.remove_prefix(end + kTextEnd.size());
      continue;
    }
    const std::string_view line = dump.substr(0, dump.find('\n'));
    dump.remove_prefix(std::min(dump.size(), line.size() + 1));
    if (line.empty() || line.starts_with(kBorder) || line.starts_with(kPragma)) continue;
    if (line.starts_with(kValue)) {
      const std::string_view code = line.substr(kValue.size(), 3);
      const std::string_view how = line.substr(std::min(line.size(), kValue.size() + 3));
      const Kind kind = how == ":h" ? Kind::kHtml : how == ":p" ? Kind::kPre : Kind::kUrl;
      if (!known(code) || (kind == Kind::kUrl && how != ":U=html")) return std::nullopt;
      program.steps_.push_back({kind, name_of(code.data()), 0, {}});
    } else if (line.starts_with(kSection)) {
      const std::string_view code = line.substr(kSection.size());
      if (code == kMain) continue;
      if (!known(code)) return std::nullopt;
      open.push_back(program.steps_.size());
      program.steps_.push_back({Kind::kSection, name_of(code.data()), 0, {}});
    } else if (line.starts_with(kSectionEnd)) {
      if (line.substr(kSectionEnd.size()) == kMain) continue;
      if (open.empty()) return std::nullopt;
      program.steps_[open.back()].end = static_cast<std::uint32_t>(program.steps_.size());
      open.pop_back();
    } else {
      return std::nullopt;
    }
  }
  if (!open.empty() || program.steps_.empty()) return std::nullopt;
  return program;
}

void TemplateProgram::run(const Dict& values, std::size_t begin, std::size_t end,
                          PageBuffer& out) const {
  for (std::size_t i = begin; i < end; ++i) {
    const Step& step = steps_[i];
    switch (step.kind) {
      case Kind::kText: out.append(step.text); break;
      case Kind::kHtml: out.append_html(values.value(step.name), false); break;
      case Kind::kPre: out.append_html(values.value(step.name), true); break;
      case Kind::kUrl: out.append_url(values.value(step.name)); break;
      case Kind::kSection: {
        const std::size_t times = values.times(step.name);
        for (std::size_t n = 0; n < times; ++n) {
          const Dict* item = values.item(step.name, n);
          run(item ? *item : values, i + 1, step.end, out);
        }
        i = step.end - 1;
        break;
      }
    }
  }
}

}  // namespace alphamail
