// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/content_encoder.h"

#include <algorithm>

#include <openssl/evp.h>

#include "common/characters.h"

namespace alphamail {
namespace {

constexpr std::size_t kLineBytes = 57;    // 76 letters of base64
constexpr std::size_t kLetters = 76;
constexpr std::size_t kLongestLine = 998;

bool has_long_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > kLongestLine) return true;
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return false;
}

}  // namespace

const char* name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kSevenBit: return "7bit";
    case Encoding::kQuotedPrintable: return "quoted-printable";
    case Encoding::kBase64: return "base64";
  }
  return "";
}

Encoding encoding_for_text(std::string_view text) {
  const auto odd = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x80 || c == 0x7F || (c < 0x20 && c != '\r' && c != '\n' && c != '\t');
  }));
  if (odd == 0 && !has_long_line(text)) return Encoding::kSevenBit;
  // Three letters for an odd byte against four for every three bytes.
  return odd * 6 < text.size() ? Encoding::kQuotedPrintable : Encoding::kBase64;
}

void SevenBitCheck::add(std::string_view piece) {
  for (const char c : piece) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0 || byte >= 0x80 || (c == '\n') != after_cr_) good_ = false;
    after_cr_ = c == '\r';
    if (c == '\n') {
      column_ = 0;
    } else if (++column_ > kLongestLine + 1) {  // the CR counts here
      good_ = false;
    }
    if (!good_) return;
  }
}

Result<void> ContentEncoder::add(std::string_view piece) {
  switch (encoding_) {
    case Encoding::kSevenBit: return sink_(piece);
    case Encoding::kQuotedPrintable:
      held_ += piece;
      return {};
    case Encoding::kBase64: base64(piece); break;
  }
  if (out_.empty()) return {};
  const auto done = sink_(out_);
  out_.clear();
  return done;
}

Result<void> ContentEncoder::finish() {
  if (encoding_ == Encoding::kQuotedPrintable) quoted_printable(held_);
  if (encoding_ == Encoding::kBase64 && !held_.empty()) {
    out_.resize(kLetters + 1);
    const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out_.data()),
                                  reinterpret_cast<const unsigned char*>(held_.data()),
                                  static_cast<int>(held_.size()));
    out_.resize(static_cast<std::size_t>(n));
    out_ += "\r\n";
  }
  held_.clear();
  return out_.empty() ? Result<void>() : sink_(out_);
}

void ContentEncoder::base64(std::string_view piece) {
  out_.reserve((held_.size() + piece.size()) / kLineBytes * (kLetters + 2) + kLetters + 3);
  const auto put_line = [&](const char* bytes) {
    const std::size_t at = out_.size();
    out_.resize(at + kLetters + 1);  // EVP_EncodeBlock ends with a NUL
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out_.data() + at),
                    reinterpret_cast<const unsigned char*>(bytes), kLineBytes);
    out_.resize(at + kLetters);
    out_ += "\r\n";
  };
  if (!held_.empty()) {
    const std::size_t more = std::min(kLineBytes - held_.size(), piece.size());
    held_.append(piece.substr(0, more));
    piece.remove_prefix(more);
    if (held_.size() < kLineBytes) return;
    put_line(held_.data());
    held_.clear();
  }
  while (piece.size() >= kLineBytes) {
    put_line(piece.data());
    piece.remove_prefix(kLineBytes);
  }
  held_ = piece;
}

/// @param last  nothing follows on this line, so that no room for the soft break's '=' is needed
void ContentEncoder::put_soft(std::string_view letters, bool last) {
  if (column_ + letters.size() > (last ? kLetters : kLetters - 1)) {
    out_ += "=\r\n";
    column_ = 0;
  }
  out_ += letters;
  column_ += letters.size();
}

void ContentEncoder::quoted_printable(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      out_ += "\r\n";
      column_ = 0;
      ++i;
      continue;
    }
    const bool last = i + 1 == text.size() || text[i + 1] == '\r';
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7F && c != '=';
    // A space at the end of a line would be lost; a dot alone on a line or "From " might be changed.
    const bool space = (c == ' ' || c == '\t') && !last;
    const bool odd_begin = column_ == 0 && (c == '.' || text.substr(i).starts_with("From "));
    if ((plain || space) && !odd_begin) {
      put_soft({&c, 1}, last);
    } else {
      const char letters[] = {'=', kHex[byte >> 4], kHex[byte & 15]};
      put_soft({letters, 3}, last);
    }
  }
}

}  // namespace alphamail
