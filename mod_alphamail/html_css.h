// SPDX-License-Identifier: GPL-3.0-or-later
// The declarations of a style attribute, by allow-list: known properties with values made of numbers, lengths,
// words, plain strings and colours. No functions but those of colours, no escapes, no at-rules; whatever is not
// closed is dropped with all that follows it in the same declaration.
#ifndef MOD_ALPHAMAIL_HTML_CSS_H
#define MOD_ALPHAMAIL_HTML_CSS_H

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mod_alphamail/html_colour.h"

namespace alphamail {

/// A word of a value. A colour has no text: it may be written in more than one way.
struct CssPiece {
  std::string text;
  std::optional<Colour> colour = {};
};

struct CssDeclaration {
  std::string_view property;  ///< of the table, for ever valid
  std::vector<CssPiece> value;
  bool has_colour() const;
};

struct CssStyle {
  std::vector<CssDeclaration> declarations;
  // What the declarations come to, for whoever has to know:
  std::optional<Colour> colour;   ///< of the text; not set by inherit and its like
  std::optional<Colour> ground;   ///< background
  std::optional<double> font_px;
  std::optional<double> width_px, height_px;  ///< also by max-width, max-height
  bool hidden = false;            ///< display:none, or as good as that; display:none is among the declarations
};

/// @param css       a style attribute's value, decoded
/// @param font_px   of the element's parent: font-size is kept between 6 and 72 px, or is 0
/// Bounded: 64 declarations of 40 words; lengths up to 4000 px. Feeding it its own text changes nothing.
CssStyle parse_css(std::string_view css, double font_px);

/// "color:#222222;margin:0 auto". @param dark  gives a colour's value for a dark page; where given, each declaration
/// with colours is followed by one with both: color:light-dark(#222222,#e6e4df)
using DarkValue = std::function<Colour(std::string_view property, const Colour&)>;
std::string css_text(const CssStyle& style, const DarkValue& dark = {});

/// Adds what is not there yet.
void add_css(CssStyle& style, std::string_view property, CssPiece value);
bool has_css(const CssStyle& style, std::string_view property);

/// The properties that may occur in a message, for tests.
std::vector<std::string_view> css_properties();

}  // namespace alphamail

#endif
