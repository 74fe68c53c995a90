// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "common/characters.h"

namespace alphamail {
namespace {

struct Named {
  std::string_view name;
  std::uint32_t rgb;
};
// CSS Color Level 4 section 6.1, by name.
constexpr std::array kNamed = {
    Named{"aliceblue", 0xf0f8ff}, Named{"antiquewhite", 0xfaebd7}, Named{"aqua", 0x00ffff},
    Named{"aquamarine", 0x7fffd4}, Named{"azure", 0xf0ffff}, Named{"beige", 0xf5f5dc},
    Named{"bisque", 0xffe4c4}, Named{"black", 0x000000}, Named{"blanchedalmond", 0xffebcd},
    Named{"blue", 0x0000ff}, Named{"blueviolet", 0x8a2be2}, Named{"brown", 0xa52a2a},
    Named{"burlywood", 0xdeb887}, Named{"cadetblue", 0x5f9ea0}, Named{"chartreuse", 0x7fff00},
    Named{"chocolate", 0xd2691e}, Named{"coral", 0xff7f50}, Named{"cornflowerblue", 0x6495ed},
    Named{"cornsilk", 0xfff8dc}, Named{"crimson", 0xdc143c}, Named{"cyan", 0x00ffff},
    Named{"darkblue", 0x00008b}, Named{"darkcyan", 0x008b8b}, Named{"darkgoldenrod", 0xb8860b},
    Named{"darkgray", 0xa9a9a9}, Named{"darkgreen", 0x006400}, Named{"darkgrey", 0xa9a9a9},
    Named{"darkkhaki", 0xbdb76b}, Named{"darkmagenta", 0x8b008b}, Named{"darkolivegreen", 0x556b2f},
    Named{"darkorange", 0xff8c00}, Named{"darkorchid", 0x9932cc}, Named{"darkred", 0x8b0000},
    Named{"darksalmon", 0xe9967a}, Named{"darkseagreen", 0x8fbc8f}, Named{"darkslateblue", 0x483d8b},
    Named{"darkslategray", 0x2f4f4f}, Named{"darkslategrey", 0x2f4f4f}, Named{"darkturquoise", 0x00ced1},
    Named{"darkviolet", 0x9400d3}, Named{"deeppink", 0xff1493}, Named{"deepskyblue", 0x00bfff},
    Named{"dimgray", 0x696969}, Named{"dimgrey", 0x696969}, Named{"dodgerblue", 0x1e90ff},
    Named{"firebrick", 0xb22222}, Named{"floralwhite", 0xfffaf0}, Named{"forestgreen", 0x228b22},
    Named{"fuchsia", 0xff00ff}, Named{"gainsboro", 0xdcdcdc}, Named{"ghostwhite", 0xf8f8ff},
    Named{"gold", 0xffd700}, Named{"goldenrod", 0xdaa520}, Named{"gray", 0x808080},
    Named{"green", 0x008000}, Named{"greenyellow", 0xadff2f}, Named{"grey", 0x808080},
    Named{"honeydew", 0xf0fff0}, Named{"hotpink", 0xff69b4}, Named{"indianred", 0xcd5c5c},
    Named{"indigo", 0x4b0082}, Named{"ivory", 0xfffff0}, Named{"khaki", 0xf0e68c},
    Named{"lavender", 0xe6e6fa}, Named{"lavenderblush", 0xfff0f5}, Named{"lawngreen", 0x7cfc00},
    Named{"lemonchiffon", 0xfffacd}, Named{"lightblue", 0xadd8e6}, Named{"lightcoral", 0xf08080},
    Named{"lightcyan", 0xe0ffff}, Named{"lightgoldenrodyellow", 0xfafad2}, Named{"lightgray", 0xd3d3d3},
    Named{"lightgreen", 0x90ee90}, Named{"lightgrey", 0xd3d3d3}, Named{"lightpink", 0xffb6c1},
    Named{"lightsalmon", 0xffa07a}, Named{"lightseagreen", 0x20b2aa}, Named{"lightskyblue", 0x87cefa},
    Named{"lightslategray", 0x778899}, Named{"lightslategrey", 0x778899}, Named{"lightsteelblue", 0xb0c4de},
    Named{"lightyellow", 0xffffe0}, Named{"lime", 0x00ff00}, Named{"limegreen", 0x32cd32},
    Named{"linen", 0xfaf0e6}, Named{"magenta", 0xff00ff}, Named{"maroon", 0x800000},
    Named{"mediumaquamarine", 0x66cdaa}, Named{"mediumblue", 0x0000cd}, Named{"mediumorchid", 0xba55d3},
    Named{"mediumpurple", 0x9370db}, Named{"mediumseagreen", 0x3cb371}, Named{"mediumslateblue", 0x7b68ee},
    Named{"mediumspringgreen", 0x00fa9a}, Named{"mediumturquoise", 0x48d1cc}, Named{"mediumvioletred", 0xc71585},
    Named{"midnightblue", 0x191970}, Named{"mintcream", 0xf5fffa}, Named{"mistyrose", 0xffe4e1},
    Named{"moccasin", 0xffe4b5}, Named{"navajowhite", 0xffdead}, Named{"navy", 0x000080},
    Named{"oldlace", 0xfdf5e6}, Named{"olive", 0x808000}, Named{"olivedrab", 0x6b8e23},
    Named{"orange", 0xffa500}, Named{"orangered", 0xff4500}, Named{"orchid", 0xda70d6},
    Named{"palegoldenrod", 0xeee8aa}, Named{"palegreen", 0x98fb98}, Named{"paleturquoise", 0xafeeee},
    Named{"palevioletred", 0xdb7093}, Named{"papayawhip", 0xffefd5}, Named{"peachpuff", 0xffdab9},
    Named{"peru", 0xcd853f}, Named{"pink", 0xffc0cb}, Named{"plum", 0xdda0dd},
    Named{"powderblue", 0xb0e0e6}, Named{"purple", 0x800080}, Named{"rebeccapurple", 0x663399},
    Named{"red", 0xff0000}, Named{"rosybrown", 0xbc8f8f}, Named{"royalblue", 0x4169e1},
    Named{"saddlebrown", 0x8b4513}, Named{"salmon", 0xfa8072}, Named{"sandybrown", 0xf4a460},
    Named{"seagreen", 0x2e8b57}, Named{"seashell", 0xfff5ee}, Named{"sienna", 0xa0522d},
    Named{"silver", 0xc0c0c0}, Named{"skyblue", 0x87ceeb}, Named{"slateblue", 0x6a5acd},
    Named{"slategray", 0x708090}, Named{"slategrey", 0x708090}, Named{"snow", 0xfffafa},
    Named{"springgreen", 0x00ff7f}, Named{"steelblue", 0x4682b4}, Named{"tan", 0xd2b48c},
    Named{"teal", 0x008080}, Named{"thistle", 0xd8bfd8}, Named{"tomato", 0xff6347},
    Named{"turquoise", 0x40e0d0}, Named{"violet", 0xee82ee}, Named{"wheat", 0xf5deb3},
    Named{"white", 0xffffff}, Named{"whitesmoke", 0xf5f5f5}, Named{"yellow", 0xffff00},
    Named{"yellowgreen", 0x9acd32}};

Colour of_rgb(std::uint32_t rgb) {
  return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8), static_cast<std::uint8_t>(rgb)};
}

std::optional<Colour> named(std::string_view name) {
  const auto* const found = std::lower_bound(kNamed.begin(), kNamed.end(), name,
                                             [](const Named& n, std::string_view wanted) { return n.name < wanted; });
  if (found == kNamed.end() || found->name != name) return {};
  return of_rgb(found->rgb);
}

/// The digits behind '#': three or four, six or eight.
std::optional<Colour> hexadecimal(std::string_view digits) {
  const std::size_t n = digits.size();
  if (n != 3 && n != 4 && n != 6 && n != 8) return {};
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; })) return {};
  const std::size_t each = n < 6 ? 1 : 2;
  const auto channel = [&](std::size_t i) {
    const int high = hex_value(digits[i * each]), low = hex_value(digits[i * each + each - 1]);
    return static_cast<std::uint8_t>(high * 16 + low);
  };
  Colour colour{channel(0), channel(1), channel(2)};
  // Two digits say it exactly: read back, it is the same again.
  if (n / each == 4) colour.alpha = std::round(channel(3) / 255.0 * 1000) / 1000;
  return colour;
}

// ---- light ----

/// The light of each value that a channel can have.
std::array<double, 256> make_linear() {
  std::array<double, 256> light{};
  for (std::size_t i = 0; i < light.size(); ++i) {
    const double c = static_cast<double>(i) / 255.0;
    light[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return light;
}

double linear(std::uint8_t channel) {
  static const std::array<double, 256> light = make_linear();
  return light[channel];
}

double luminance(const Colour& c) {
  return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
}

std::uint8_t channel_of(double light) {
  light = std::clamp(light, 0.0, 1.0);
  const double c = light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(c * 255));
}

/// OKLab: L is how light a colour looks, a and b its hue and how much of it (CSS Color Level 4 section 9).
struct Lab {
  double L, a, b;
};

Lab lab_of(const Colour& c) {
  const double r = linear(c.red), g = linear(c.green), b = linear(c.blue);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Colour colour_of(const Lab& lab, double alpha) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lab.L + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
  const double m = cube(lab.L - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
  const double s = cube(lab.L - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
  return {channel_of(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          channel_of(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          channel_of(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s), alpha};
}

/// The same hue as light as asked; towards black and white there is less room for it.
Colour with_lightness(Lab lab, double lightness) {
  const double room = std::min(lightness, 1 - lightness) * 2.5;
  const double strength = std::hypot(lab.a, lab.b);
  if (strength > room && strength > 0) lab.a *= room / strength, lab.b *= room / strength;
  lab.L = lightness;
  return colour_of(lab, 1);
}

/// Less contrast than this is no text but something hidden.
constexpr double kUnseen = 1.2;
constexpr double kMiddle = 0.55;  // the lightness from which a ground counts as light

}  // namespace

std::optional<Colour> css_colour(std::string_view text) {
  if (text.starts_with('#')) return hexadecimal(text.substr(1));
  return named(text);
}

std::optional<Colour> legacy_colour(std::string_view given) {
  const std::string text = lower(trim(given));
  if (text.empty() || text == "transparent") return {};
  if (const auto colour = named(text)) return colour;
  if (text.size() == 4 && text[0] == '#') {
    if (const auto colour = hexadecimal(text.substr(1))) return colour;
  }
  std::string digits = text.substr(text[0] == '#' ? 1 : 0, 128);
  for (char& c : digits) c = hex_value(c) < 0 ? '0' : c;
  while (digits.empty() || digits.size() % 3 != 0) digits += '0';
  std::size_t length = digits.size() / 3, skip = length > 8 ? length - 8 : 0;
  const auto all_zero = [&](std::size_t at) {
    return digits[at] == '0' && digits[length + at] == '0' && digits[2 * length + at] == '0';
  };
  while (length - skip > 2 && all_zero(skip)) ++skip;
  const auto channel = [&](std::size_t i) {
    const std::size_t at = i * length + skip;
    const int first = hex_value(digits[at]);
    return static_cast<std::uint8_t>(length - skip == 1 ? first : first * 16 + hex_value(digits[at + 1]));
  };
  return Colour{channel(0), channel(1), channel(2)};
}

std::string colour_text(const Colour& c) {
  if (c.alpha >= 1) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "#";
    for (const unsigned channel : {c.red, c.green, c.blue}) {
      text += kDigits[channel >> 4];
      text += kDigits[channel & 15];
    }
    return text;
  }
  char text[48];
  const auto thousandths = static_cast<int>(std::lround(std::max(c.alpha, 0.0) * 1000));
  std::snprintf(text, sizeof text, "rgba(%d,%d,%d,.%03d)", c.red, c.green, c.blue, std::min(thousandths, 999));
  return text;
}

Colour laid_over(const Colour& above, const Colour& ground) {
  if (above.alpha >= 1) return above;
  const auto mix = [&](std::uint8_t a, std::uint8_t g) {
    return static_cast<std::uint8_t>(std::lround(a * above.alpha + g * (1 - above.alpha)));
  };
  return {mix(above.red, ground.red), mix(above.green, ground.green), mix(above.blue, ground.blue)};
}

double contrast(const Colour& a, const Colour& b) {
  const double one = luminance(a) + 0.05, other = luminance(b) + 0.05;
  return std::max(one, other) / std::min(one, other);
}

Colour dark_ground(const Colour& colour) {
  if (Colour{colour.red, colour.green, colour.blue} == kPaperLight) {
    return {kPaperDark.red, kPaperDark.green, kPaperDark.blue, colour.alpha};  // no seam
  }
  const Lab lab = lab_of(colour);
  if (lab.L <= kMiddle) return colour;
  // White becomes the dark paper, the middle stays.
  static const double paper = lab_of(kPaperDark).L;
  const double lightness = kMiddle - (std::min(lab.L, 1.0) - kMiddle) / (1 - kMiddle) * (kMiddle - paper);
  Colour dark = with_lightness(lab, lightness);
  dark.alpha = colour.alpha;
  return dark;
}

Colour dark_text(const Colour& text, const Colour& light_ground, const Colour& ground) {
  const Colour seen = laid_over(text, light_ground);
  if (contrast(seen, light_ground) < kUnseen) return ground;
  if (contrast(seen, ground) >= kEnough) return seen;
  const Lab lab = lab_of(seen);
  const bool lighten = contrast({255, 255, 255}, ground) >= contrast({0, 0, 0}, ground);
  double lightness = lighten ? std::max(lab.L, 1 - lab.L) : std::min(lab.L, 1 - lab.L);
  constexpr double kStep = 0.02;
  while (true) {
    const Colour found = with_lightness(lab, lightness);
    if (contrast(found, ground) >= kEnough) return found;
    lightness += lighten ? kStep : -kStep;
    if (lightness >= 1) return {255, 255, 255};
    if (lightness <= 0) return {0, 0, 0};
  }
}

}  // namespace alphamail
