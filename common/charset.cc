// SPDX-License-Identifier: GPL-3.0-or-later
// Text in any charset to UTF-8: by its label where that can be right, else by what the bytes are.
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "common/characters.h"
#include "common/charset_name.h"
#include "common/iso2022jp.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const noexcept { Free(p); }
};
using Converter = std::unique_ptr<UConverter, FreeWith<ucnv_close>>;
using Detector = std::unique_ptr<UCharsetDetector, FreeWith<ucsdet_close>>;

constexpr std::size_t kOpenConverters = 16;  // a thread's; a mailbox rarely holds more charsets
constexpr std::size_t kDetectBytes = 16384;  // ICU is sure long before
constexpr std::size_t kTriedBytes = 2048;    // decoded to see whether a candidate fits
constexpr int32_t kCandidates = 4;           // of ICU's list, best first
constexpr int kConfidence = 15;  // of 100; by ICU's own scale short texts rarely reach 50

/// This thread's converter of that name: opening one costs as much as decoding a page of text.
UConverter* converter_named(const std::string& name) {
  thread_local std::vector<std::pair<std::string, Converter>> open;  // most recent last
  const auto found = std::find_if(open.begin(), open.end(),
                                  [&name](const auto& entry) { return entry.first == name; });
  if (found != open.end()) {
    std::rotate(found, found + 1, open.end());
    UConverter* converter = open.back().second.get();
    ucnv_reset(converter);
    return converter;
  }
  UErrorCode status = U_ZERO_ERROR;
  Converter made(ucnv_open(name.c_str(), &status));
  if (U_FAILURE(status) || !made) return nullptr;
  if (open.size() >= kOpenConverters) open.erase(open.begin());
  open.emplace_back(name, std::move(made));
  return open.back().second.get();
}

void append_utf16(std::string& out, const UChar* from, const UChar* end) {
  while (from < end) {
    char32_t value = *from++;
    if (value < 0x80) {
      out.push_back(static_cast<char>(value));
      continue;
    }
    if ((value & 0xFC00) == 0xD800 && from < end && (*from & 0xFC00) == 0xDC00)
      value = 0x10000 + ((value & 0x3FF) << 10) + (*from++ & 0x3FFu);
    append_character(out, value);
  }
}

/// True where a byte may be of a control that drop_controls() takes out. Eight bytes at a time,
/// since most texts have none.
bool may_have_controls(std::string_view text) {
  const auto suspect = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t' && u != '\n' && u != '\r') || u == 0x7F || u == 0xC2;
  };
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  // The high bit of a byte that is below `n`, at most 0x80; of the lowest such one for sure.
  const auto below = [](std::uint64_t word, std::uint64_t n) {
    return (word - kOnes * n) & ~word & kHigh;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t odd =
        below(word, 0x20) | below(word ^ kOnes * 0x7F, 1) | below(word ^ kOnes * 0xC2, 1);
    // Line ends are among them.
    if (odd != 0 && std::any_of(text.data() + at, text.data() + at + 8, suspect)) return true;
  }
  return std::any_of(text.data() + at, text.data() + text.size(), suspect);
}

/// Removes controls but tab and line ends: no reader sees them, and terminals and logs obey them.
void drop_controls(std::string& text) {
  if (!may_have_controls(text)) return;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7F) continue;
    if (u == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) {
      ++at;  // C1
      continue;
    }
    text[kept++] = c;
  }
  text.resize(kept);
}

std::string repaired(std::string_view bytes) {
  std::string out = valid_utf8(bytes);
  drop_controls(out);
  return out;
}

/// By the ICU converter of that name; bad bytes become U+FFFD.
std::string convert(std::string_view bytes, const std::string& name) {
  if (name == kIso2022Jp) {
    std::string out = decode_iso2022jp(bytes);
    drop_controls(out);
    return out;
  }
  UConverter* converter = converter_named(name);
  if (converter == nullptr) return repaired(bytes);
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 2);
  std::array<UChar, 2048> buffer;
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  std::size_t carried = 0;  // a lead surrogate whose trail is in the next round
  UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
  while (status == U_BUFFER_OVERFLOW_ERROR) {
    status = U_ZERO_ERROR;
    UChar* to = buffer.data() + carried;
    ucnv_toUnicode(converter, &to, buffer.data() + buffer.size(), &from, end, nullptr, true,
                   &status);
    const bool split =
        status == U_BUFFER_OVERFLOW_ERROR && to > buffer.data() && (to[-1] & 0xFC00) == 0xD800;
    append_utf16(out, buffer.data(), to - (split ? 1 : 0));
    carried = split ? 1 : 0;
    if (split) buffer[0] = to[-1];
  }
  drop_controls(out);
  return out;
}

std::size_t high_bytes(std::string_view bytes) {
  return static_cast<std::size_t>(std::count_if(
      bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
}

/// True where the beginning of the text holds no byte that the charset does not have. A character
/// cut at the end of what is tried does not count.
bool fits(std::string_view sample, const std::string& name) {
  const std::string tried = convert(sample.substr(0, kTriedBytes), name);
  const std::size_t bad = tried.find("\uFFFD");
  return bad == std::string::npos || (sample.size() > kTriedBytes && bad + 8 > tried.size());
}

/// ICU's opinion on 8-bit text that is not UTF-8, where it has enough to go by; else "".
std::string detected(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, kDetectBytes);
  // A few letters are no evidence: "Müller" and two Chinese characters look alike to statistics.
  if (high_bytes(sample) < 8) return {};
  thread_local Detector detector = [] {
    UErrorCode opened = U_ZERO_ERROR;
    return Detector(ucsdet_open(&opened));
  }();
  if (!detector) return {};
  UErrorCode status = U_ZERO_ERROR;
  ucsdet_setText(detector.get(), sample.data(), static_cast<int32_t>(sample.size()), &status);
  int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &status);
  if (U_FAILURE(status)) return {};
  // Best first. Its single-byte statistics do not mind bytes that the charset does not have: we do.
  for (int32_t i = 0; i < std::min(count, kCandidates); ++i) {
    const int confidence = ucsdet_getConfidence(matches[i], &status);
    const char* name = ucsdet_getName(matches[i], &status);
    if (U_FAILURE(status) || name == nullptr || confidence < kConfidence) break;
    std::string label = charset_named(name);
    if (!label.empty() && fits(sample, label)) return label;
  }
  return {};
}

/// Text whose label is missing, unknown or wrong.
std::string guess(std::string_view bytes) {
  if (looks_like_iso2022jp(bytes)) return convert(bytes, kIso2022Jp);
  if (is_ascii(bytes)) return repaired(bytes);
  const Utf8Count utf8 = count_utf8(bytes);
  // A cut or a damaged byte does not make UTF-8 something else.
  if (utf8.bad == 0 || utf8.multibyte > 4 * utf8.bad) return repaired(bytes);
  const std::string name = detected(bytes);
  return convert(bytes, name.empty() ? "windows-1252" : name);
}

/// True where the bytes are UTF-8 and text in `name` would hardly look so by chance.
bool rather_utf8(std::string_view bytes, const std::string& name) {
  const Utf8Count utf8 = count_utf8(bytes);
  if (utf8.bad != 0) return false;
  return utf8.multibyte >= (name == "windows-1252" ? 1u : 3u);
}

bool stateful(const std::string& name) {
  return name == "HZ" || name.starts_with("iso-2022") || name.starts_with("utf-7") ||
         name.starts_with("utf-16") || name.starts_with("utf-32");
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::size_t at = ascii_prefix(bytes);
  std::string out;
  out.reserve(bytes.size());
  out.append(bytes.substr(0, at));
  while (at < bytes.size()) {
    const CodePoint c = code_point_at(bytes, at);
    if (c.valid)
      out.append(bytes.substr(at, c.length));
    else
      append_character(out, kReplacement);
    at += c.length;
    if (c.length == 1) {
      const std::size_t run = ascii_prefix(bytes.substr(at));
      out.append(bytes.substr(at, run));
      at += run;
    }
  }
  return out;
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  const std::string name = charset_named(charset);
  if (name.empty() || name == "US-ASCII") return guess(bytes);
  if (name == "UTF-8") {
    if (looks_like_iso2022jp(bytes)) return guess(bytes);
    const Utf8Count utf8 = count_utf8(bytes);
    return utf8.bad > utf8.multibyte ? guess(bytes) : repaired(bytes);
  }
  if (name == kIso2022Jp) {
    // 8-bit bytes cannot be ISO-2022-JP: such text is Shift_JIS, EUC-JP or UTF-8 under a habit's
    // label.
    return is_ascii(bytes) ? convert(bytes, name) : guess(bytes);
  }
  if (stateful(name)) return convert(bytes, name);
  if (is_ascii(bytes))
    return looks_like_iso2022jp(bytes) ? convert(bytes, kIso2022Jp) : convert(bytes, name);
  if (rather_utf8(bytes, name)) return repaired(bytes);
  return convert(bytes, name);
}

std::string to_utf8_as(std::string_view bytes, std::string_view charset) {
  const std::string name = charset_named(charset);
  if (name.empty()) return to_utf8(bytes, {});
  return name == "UTF-8" ? repaired(bytes) : convert(bytes, name);
}

}  // namespace alphamail
