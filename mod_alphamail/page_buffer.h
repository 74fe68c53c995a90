// SPDX-License-Identifier: GPL-3.0-or-later
// What a page is written into, and the one place where text is escaped for it.
//
// A page of 50 rows is some thousand short pieces, so that what a piece costs counts, not its bytes:
// pieces are copied sixteen bytes at a time, beyond their end into room that is there anyway.
#ifndef MOD_ALPHAMAIL_PAGE_BUFFER_H
#define MOD_ALPHAMAIL_PAGE_BUFFER_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace alphamail {

/// How a value has to be escaped where it stands.
enum class Escape : std::uint8_t {
  kHtml,  ///< element content or a quoted attribute: & < > " ' become entities, white space a space
  kPre,   ///< the same, with white space as it is
  kUrl,   ///< an address for href, src or action: anything but http, https and what has no scheme
          ///< becomes "#"
  kNone   ///< markup that is safe already (SafeHtml)
};

/// Text that only grows; its memory is kept for the next page.
class PageBuffer {
 public:
  /// Bytes behind a text that append_padded() may read.
  static constexpr std::size_t kPadding = 16;

  void clear();
  std::string_view text() const { return {bytes_.get(), size_}; }

  void append(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  /// @param text  with kPadding readable bytes behind it
  void append_padded(std::string_view text) {
    char* out = room(text.size() + kPadding);
    for (std::size_t i = 0; i < text.size(); i += kPadding) {
      std::memcpy(out + i, text.data() + i, kPadding);
    }
    size_ += text.size();
  }
  void append(std::string_view text, Escape how) {
    if (how == Escape::kNone) {
      append(text);
    } else if (how == Escape::kUrl) {
      append_url(text);
    } else {
      append_html(text, how == Escape::kPre);
    }
  }

  /// Where to write `bytes` at most; taken() says up to where they were written.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return bytes_.get() + size_;
  }
  void taken(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

 private:
  void append_html(std::string_view text, bool keep_white_space);
  void append_url(std::string_view text);
  void grow(std::size_t more);
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Writes the digits of a number, at most 20 bytes. @return the end
char* write_digits(std::uint64_t number, char* out);

/// True where no byte of the text has to be escaped for an attribute, content or address.
bool needs_no_escape(std::string_view text);

}  // namespace alphamail

#endif
