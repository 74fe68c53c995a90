// SPDX-License-Identifier: GPL-3.0-or-later
// Colours as mail writes them, and what becomes of them on a dark page.
#ifndef MOD_ALPHAMAIL_HTML_COLOUR_H
#define MOD_ALPHAMAIL_HTML_COLOUR_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alphamail {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  double alpha = 1;
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// What a frame shows where a mail says nothing: the frame's style sheet (body.tpl) has the same.
inline constexpr Colour kPaperLight{0xff, 0xff, 0xff}, kPaperDark{0x1a, 0x1b, 0x1c};
inline constexpr Colour kInkLight{0x22, 0x22, 0x22}, kInkDark{0xe6, 0xe4, 0xdf};
inline constexpr Colour kLinkLight{0x1c, 0x5a, 0x96}, kLinkDark{0x8d, 0xbd, 0xf0};

/// "#fff", "#ffffff80", "white"; not functions (html_css.h reads those). Lower case expected.
std::optional<Colour> css_colour(std::string_view text);
/// The value of bgcolor="" and its like (HTML Living Standard section 2.3.6): nearly any text is some colour.
std::optional<Colour> legacy_colour(std::string_view text);
/// #rrggbb, or rgba(r,g,b,a) where it is not opaque.
std::string colour_text(const Colour& colour);

/// What is seen of a colour that lies over an opaque one.
Colour laid_over(const Colour& above, const Colour& ground);
/// WCAG 2.2's contrast ratio of two opaque colours, 1 to 21.
double contrast(const Colour& a, const Colour& b);

/// A ground or border on a dark page: light ones become as dark as they were light, dark ones stay.
Colour dark_ground(const Colour& colour);
/// A text on a dark page, of which `ground` is the ground: itself, else its counterpart, else as much lighter or
/// darker as it takes for kEnough; but as good as unseen where it was so in the light.
Colour dark_text(const Colour& text, const Colour& light_ground, const Colour& ground);
inline constexpr double kEnough = 4.5;

}  // namespace alphamail

#endif
