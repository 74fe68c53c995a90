// SPDX-License-Identifier: GPL-3.0-or-later
// Modified UTF-7 (RFC 3501 section 5.1.3): printable ASCII stands for itself, '&' is "&-", all else
// is UTF-16 in base64 (with ',' for '/', no padding) between '&' and '-'.
#include <cstdint>

#include "common/mailbox_name.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Writes UTF-16 code units as one base64 run.
class RunWriter {
 public:
  explicit RunWriter(std::string& out) : out_(out) {}
  void unit(std::uint32_t value) {
    if (!open_) out_.push_back('&');
    open_ = true;
    bits_ = bits_ << 16 | value;
    for (have_ += 16; have_ >= 6; have_ -= 6) digit(bits_ >> (have_ - 6));
  }
  void character(char32_t code) {
    if (code < 0x10000) return unit(code);
    unit(0xD800 + ((code - 0x10000) >> 10));
    unit(0xDC00 + ((code - 0x10000) & 0x3FF));
  }
  void close() {
    if (!open_) return;
    if (have_ > 0) digit(bits_ << (6 - have_));
    out_.push_back('-');
    open_ = false;
    bits_ = 0;
    have_ = 0;
  }

 private:
  void digit(std::uint32_t bits) { out_.push_back(kAlphabet[bits & 63]); }
  std::string& out_;
  std::uint32_t bits_ = 0;
  int have_ = 0;
  bool open_ = false;
};

/// Reads the base64 of one run (what stands between '&' and '-'); false where it is malformed.
bool append_run(std::string& out, std::string_view run) {
  std::uint32_t bits = 0;
  int have = 0;
  char32_t high = 0;  // the first half of a surrogate pair
  for (const char c : run) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 16) continue;
    have -= 16;
    const char32_t unit = bits >> have & 0xFFFF;
    const bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (is_low != (high != 0)) return false;
    if (is_low) {
      append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
      high = unit;
    } else {
      append_utf8(out, unit);
    }
  }
  return high == 0;
}

}  // namespace

std::optional<std::string> to_modified_utf7(std::string_view utf8) {
  std::string out;
  RunWriter run(out);
  while (!utf8.empty()) {
    const Utf8Char c = first_utf8(utf8);
    if (c.length == 0 || c.code == 0 || c.code == '\r' || c.code == '\n') return std::nullopt;
    if (c.code >= 0x20 && c.code < 0x7F) {
      run.close();
      out.push_back(static_cast<char>(c.code));
      if (c.code == '&') out.push_back('-');
    } else {
      run.character(c.code);
    }
    utf8.remove_prefix(c.length);
  }
  run.close();
  return out;
}

std::optional<std::string> from_modified_utf7(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '&') {
      out.push_back(name[i]);
      continue;
    }
    const std::size_t end = name.find('-', i);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view run = name.substr(i + 1, end - i - 1);
    if (run.empty()) {
      out.push_back('&');
    } else if (!append_run(out, run)) {
      return std::nullopt;
    }
    i = end;
  }
  // Writing it again finds every spelling but the canonical one: raw 8-bit and control bytes, printable
  // characters in base64, runs side by side, bits left over.
  if (to_modified_utf7(out) != name) return std::nullopt;
  return out;
}

}  // namespace alphamail
