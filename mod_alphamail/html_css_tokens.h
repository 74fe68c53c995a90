// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a declaration to tokens (CSS Syntax Level 3, the part of it that a message may use).
#ifndef MOD_ALPHAMAIL_HTML_CSS_TOKENS_H
#define MOD_ALPHAMAIL_HTML_CSS_TOKENS_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mod_alphamail/html_colour.h"

namespace alphamail {

struct CssToken {
  enum class Kind {
    kWord,
    kNumber,   ///< with its unit, "%" or "" in text
    kColour,
    kString,
    kMark,     ///< a comma or slash
    kOther,    ///< what no value may have: url(), var(), an escape, a bracket
  } kind;
  std::string text = {};  ///< a word as written
  double number = 0;
  Colour colour = {};
};

/// One declaration as it was found.
struct CssPair {
  std::string property;  ///< lower case
  std::vector<CssToken> value;
};

/// Reads declarations one after the other.
class CssReader {
 public:
  explicit CssReader(std::string_view text) : text_(text) {}
  /// The next one that is well formed; nullopt at the end.
  std::optional<CssPair> next();

 private:
  bool comment();
  void space();
  bool skip_declaration();
  bool skip_block(char close);
  bool skip_string();
  std::string word();
  CssToken token();
  CssToken number();
  CssToken string();
  CssToken function(const std::string& name);
  std::optional<Colour> colour_arguments(bool hsl);
  static bool is_word_start(char c);

  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
};

}  // namespace alphamail

#endif
