// SPDX-License-Identifier: GPL-3.0-or-later
// base64 and quoted-printable (RFC 2045 section 6), as lenient as readers expect.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

constexpr std::size_t kHeldLine = 1000;  // a line of base64 after padding, looked at before use
constexpr std::size_t kHeldWhiteSpace = 1000;  // white space that may turn out to end its line

constexpr std::array<signed char, 256> base64_values() {
  std::array<signed char, 256> values{};
  values.fill(-1);
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < letters.size(); ++i)
    values[static_cast<unsigned char>(letters[i])] = static_cast<signed char>(i);
  return values;
}
constexpr auto kBase64 = base64_values();

int base64_value(char c) {
  return kBase64[static_cast<unsigned char>(c)];
}

/// What a letter gives at each place of its group of four; kNoLetter for anything else.
constexpr std::uint32_t kNoLetter = std::uint32_t{1} << 24;
constexpr std::array<std::array<std::uint32_t, 256>, 4> base64_places() {
  std::array<std::array<std::uint32_t, 256>, 4> places{};
  for (std::size_t place = 0; place < 4; ++place) {
    for (std::size_t c = 0; c < 256; ++c) {
      places[place][c] = kBase64[c] < 0 ? kNoLetter : static_cast<std::uint32_t>(kBase64[c]) << (18 - 6 * place);
    }
  }
  return places;
}
constexpr auto kPlaces = base64_places();

/// Decodes groups of four letters with nothing but line ends between them, for as long as they come.
/// @return bytes of `piece` that are done with
std::size_t decode_groups(std::string_view piece, std::string& out) {
  std::array<char, 3072> bytes;  // a string would fill what it is to grow by with zeros first
  std::size_t at = 0, count = 0;
  while (piece.size() - at >= 4) {
    const auto place = [&](std::size_t n) { return kPlaces[n][static_cast<unsigned char>(piece[at + n])]; };
    const std::uint32_t bits = place(0) | place(1) | place(2) | place(3);
    if ((bits & kNoLetter) != 0) {
      if (piece[at] != '\r' && piece[at] != '\n') break;
      ++at;
      continue;
    }
    bytes[count] = static_cast<char>(bits >> 16);
    bytes[count + 1] = static_cast<char>(bits >> 8);
    bytes[count + 2] = static_cast<char>(bits);
    at += 4;
    count += 3;
    if (count < bytes.size()) continue;
    out.append(bytes.data(), count);
    count = 0;
  }
  out.append(bytes.data(), count);
  return at;
}

/// True for a line that is base64 by itself: some mailers encode, and pad, each line alone. What a
/// mailing list appended in plain text after the padding is not, and is left out.
bool whole_base64_line(std::string_view line) {
  if (line.size() % 4 != 0) return false;
  const std::size_t pad = line.ends_with("==") ? 2 : line.ends_with('=') ? 1 : 0;
  line.remove_suffix(pad);
  return std::all_of(line.begin(), line.end(), [](char c) { return base64_value(c) >= 0; });
}

}  // namespace

TransferDecoder::TransferDecoder(std::string_view encoding) : kind_(Kind::kIdentity) {
  const std::string name = lower(trim(encoding));
  if (name == "base64" || name == "b") kind_ = Kind::kBase64;
  if (name == "quoted-printable" || name == "quoted printable" || name == "q")
    kind_ = Kind::kQuotedPrintable;
}

void TransferDecoder::decode(std::string_view piece, std::string& out) {
  switch (kind_) {
    case Kind::kIdentity:
      out.append(piece);
      break;
    case Kind::kBase64:
      decode_base64(piece, out);
      break;
    case Kind::kQuotedPrintable:
      decode_quoted_printable(piece, out);
      break;
  }
}

void TransferDecoder::finish(std::string& out) {
  if (kind_ == Kind::kBase64) {
    if (padded_) line_after_padding(out);
    flush_bits(out);
  } else if (kind_ == Kind::kQuotedPrintable) {
    // "=" at the very end is a soft line break whose line end was cut off; so is white space.
    if (held_.size() > 1 && held_[0] == '=' && hex_value(held_[1]) >= 0) out += held_;
  }
  held_.clear();
}

void TransferDecoder::decode_base64(std::string_view piece, std::string& out) {
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (padded_) {
      after_padding(piece[at], out);
      continue;
    }
    if (have_ == 0) {
      at += decode_groups(piece.substr(at), out);
      if (at == piece.size()) break;
    }
    const char c = piece[at];
    const int value = base64_value(c);
    if (value >= 0) {
      bits_ = (bits_ << 6) | static_cast<std::uint32_t>(value);
      if (++have_ == 4) {
        out.push_back(static_cast<char>(bits_ >> 16));
        out.push_back(static_cast<char>(bits_ >> 8));
        out.push_back(static_cast<char>(bits_));
        bits_ = 0;
        have_ = 0;
      }
    } else if (c == '=' && have_ >= 2) {
      flush_bits(out);
      padded_ = true;
    }
  }
}

/// What is left of an unfinished group: two letters are a byte, three are two.
void TransferDecoder::flush_bits(std::string& out) {
  if (have_ == 2) out.push_back(static_cast<char>(bits_ >> 4));
  if (have_ == 3) {
    out.push_back(static_cast<char>(bits_ >> 10));
    out.push_back(static_cast<char>(bits_ >> 2));
  }
  bits_ = 0;
  have_ = 0;
}

void TransferDecoder::after_padding(char c, std::string& out) {
  if (ended_) return;
  if (c == '\n') return line_after_padding(out);
  if (held_.empty() && c == '=') return;  // the rest of the padding
  if (is_space(c)) return;
  held_.push_back(c);
  if (held_.size() > kHeldLine) ended_ = true;
}

void TransferDecoder::line_after_padding(std::string& out) {
  if (ended_ || held_.empty()) return;
  if (!whole_base64_line(held_)) {
    ended_ = true;
    return;
  }
  const std::string line = std::move(held_);
  held_.clear();
  padded_ = false;
  decode_base64(line, out);
  if (!padded_) return;
  held_.clear();
}

void TransferDecoder::decode_quoted_printable(std::string_view piece, std::string& out) {
  std::size_t at = 0;
  while (at < piece.size()) {
    if (held_.empty()) {
      const std::size_t special = std::min(piece.find_first_of("= \t", at), piece.size());
      out.append(piece.substr(at, special - at));
      at = special;
      if (at < piece.size()) held_.push_back(piece[at++]);
    } else if (hold(piece[at], out)) {
      ++at;
    }
  }
}

/// One byte more of what began with '=' or white space.
/// @return false where the byte was not part of it and is to be looked at again
bool TransferDecoder::hold(char c, std::string& out) {
  if (held_[0] != '=') {  // white space goes if its line ends here (RFC 2045 section 6.7 rule 3)
    if (is_wsp(c) && held_.size() < kHeldWhiteSpace) {
      held_.push_back(c);
      return true;
    }
    if (c != '\r' && c != '\n') out += held_;
    held_.clear();
    return false;
  }
  const char last = held_.back();
  const bool soft = held_.size() == 1 || is_wsp(last);
  if (soft && c == '\n') {
    held_.clear();
    return true;
  }
  if (soft && (c == '\r' || (is_wsp(c) && held_.size() < kHeldWhiteSpace))) {
    held_.push_back(c);
    return true;
  }
  if (held_.size() == 1 && hex_value(c) >= 0) {
    held_.push_back(c);
    return true;
  }
  if (last == '\r') {
    held_.clear();
    return c == '\n';
  }
  if (held_.size() == 2 && hex_value(last) >= 0 && hex_value(c) >= 0) {
    out.push_back(static_cast<char>(hex_value(last) * 16 + hex_value(c)));
    held_.clear();
    return true;
  }
  out += held_;  // not an encoding after all
  held_.clear();
  return false;
}

std::string decode_transfer(std::string_view bytes, std::string_view encoding) {
  TransferDecoder decoder(encoding);
  std::string out;
  out.reserve(bytes.size());
  decoder.decode(bytes, out);
  decoder.finish(out);
  return out;
}

}  // namespace alphamail
