// SPDX-License-Identifier: GPL-3.0-or-later
// What the cleaner keeps, in the order of the document, until it is written out: an element may have to become
// another one once it is known what stands inside it.
#ifndef MOD_ALPHAMAIL_HTML_WRITER_H
#define MOD_ALPHAMAIL_HTML_WRITER_H

#include <gumbo.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

/// Appends text with & < > " ' ` as references; of control characters only tab and line feed stay.
void append_escaped(std::string& out, std::string_view text);
/// Appends ` name="value"`.
void append_attribute(std::string& out, std::string_view name, std::string_view value);

class HtmlWriter {
 public:
  /// For about so many bytes of texts and attributes.
  void reserve(std::size_t bytes) { kept_.reserve(bytes); }
  /// @param attributes  as append_attribute() made them, without the style
  /// @return to name it by
  std::size_t start(GumboTag tag, std::string_view attributes, std::string_view style);
  void end(std::size_t start);
  void text(std::string_view text);

  GumboTag tag_of(std::size_t start) const { return parts_[start].tag; }
  /// A <p> that turned out to hold blocks, which it cannot. It looks as before.
  void make_div(std::size_t start);

  /// Bytes kept so far.
  std::size_t size() const { return kept_.size() + parts_.size() * sizeof(Part); }
  std::string write() const;

 private:
  enum class Kind : std::uint8_t { kStart, kEnd, kText };
  struct Part {
    Kind kind;
    bool was_p;
    GumboTag tag;
    std::uint32_t begin, attributes, style;  ///< bytes in kept_: attributes, then style; or a text
    std::uint32_t start;                     ///< of an end: its start
  };
  std::string_view kept(std::uint32_t begin, std::uint32_t size) const {
    return std::string_view(kept_).substr(begin, size);
  }
  void write_start(std::string& out, std::size_t i) const;

  std::vector<Part> parts_;
  std::string kept_;
};

}  // namespace alphamail

#endif
