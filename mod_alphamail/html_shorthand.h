// SPDX-License-Identifier: GPL-3.0-or-later
// What a parser is given instead of texts and attribute values. It looks at each character of them several times over and
// copies it, and all that it makes of them is where they stand; so one private character stands for each, and the tree
// gives it back.
//
// Short:   <td style="color:red" width=5>Some &amp; any words</td>   ->   <td style=X width=5>Y</td>
// where X and Y are characters of Unicode's planes 15 and 16, which mean nothing in mail. What is very short, begins with
// white space that a parser looks at, or has references to characters that we do not know, is given as it is.
#ifndef MOD_ALPHAMAIL_HTML_SHORTHAND_H
#define MOD_ALPHAMAIL_HTML_SHORTHAND_H

#include <gumbo.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

class HtmlShorthand {
 public:
  /// Appends what stands for a text between two tags. The text must stay valid.
  void add_text(std::string& out, std::string_view raw);
  /// Appends ` name=value`, short. @param raw  the value as written, without its quotes, of which it had `quote` or '\0'
  void add_attribute(std::string& out, std::string_view name, std::string_view raw, char quote);
  /// Appends text as it is, in which nothing stands for anything.
  static void add_plain(std::string& out, std::string_view raw);

  /// The attribute's value as written in full; nullopt where there is none. Valid as long as this.
  std::optional<std::string_view> value_of(const GumboElement& element, const char* name) const;
  std::string_view value_of(const GumboAttribute& attribute) const;
  /// Appends what a text of the tree stands for, some bytes beyond `most` at the most. May be asked any number of times.
  void append_words(std::string& out, const char* text, std::size_t most) const;
  /// The same in full. Each text is given once, however often markup of strangers may name it. Valid until the next call.
  std::string_view take_text(const char* text);

 private:
  /// One that something stands for.
  struct Kept {
    const char* raw;      ///< nullptr: decoded_ has it
    std::uint32_t begin;  ///< in decoded_
    std::uint32_t size;
    bool taken = false;
  };
  bool keep(std::string& out, std::string_view raw, bool attribute);
  std::string_view full(const Kept& kept) const {
    return kept.raw != nullptr ? std::string_view(kept.raw, kept.size) : std::string_view(decoded_).substr(kept.begin, kept.size);
  }
  std::size_t named_at(std::string_view text, std::size_t at) const;

  std::vector<Kept> kept_;
  std::string decoded_;
  std::string text_;
};

}  // namespace alphamail

#endif
