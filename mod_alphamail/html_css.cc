// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_css.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/characters.h"
#include "mod_alphamail/html_css_tokens.h"

namespace alphamail {
namespace {

using Kind = CssToken::Kind;
using Tokens = std::vector<CssToken>;

constexpr std::size_t kMostDeclarations = 64;
constexpr std::size_t kMostBytes = 16384;
constexpr double kLargest = 4000;  // px
constexpr double kSmallestFont = 6, kLargestFont = 72;
constexpr double kHiddenOpacity = 0.1;

/// What a property takes.
enum class Takes : std::uint8_t {
  kColour,
  kGround,     ///< background: of it the colour alone is kept
  kWords,
  kLengths,    ///< not negative
  kSizes,      ///< the same; of one axis
  kSpacing,    ///< a small length, also negative
  kLine,       ///< line-height
  kBorder,     ///< lengths, words and colours
  kFontSize,
  kFamily,
  kFont,       ///< all of a font
  kWeight,
  kOpacity,
  kDisplay,
  kAlign,      ///< vertical-align
  kIsolate,
  kListStyle,
};

struct Property {
  std::string_view name;
  Takes takes;
  std::string_view written_as = {};  ///< where it is another name for the same
};

constexpr std::array kProperties = {
    Property{"background", Takes::kGround, "background-color"},
    Property{"background-color", Takes::kColour},
    Property{"border", Takes::kBorder},
    Property{"border-bottom", Takes::kBorder},
    Property{"border-bottom-color", Takes::kBorder},
    Property{"border-bottom-left-radius", Takes::kLengths},
    Property{"border-bottom-right-radius", Takes::kLengths},
    Property{"border-bottom-style", Takes::kWords},
    Property{"border-bottom-width", Takes::kBorder},
    Property{"border-collapse", Takes::kWords},
    Property{"border-color", Takes::kBorder},
    Property{"border-left", Takes::kBorder},
    Property{"border-left-color", Takes::kBorder},
    Property{"border-left-style", Takes::kWords},
    Property{"border-left-width", Takes::kBorder},
    Property{"border-radius", Takes::kLengths},
    Property{"border-right", Takes::kBorder},
    Property{"border-right-color", Takes::kBorder},
    Property{"border-right-style", Takes::kWords},
    Property{"border-right-width", Takes::kBorder},
    Property{"border-spacing", Takes::kLengths},
    Property{"border-style", Takes::kWords},
    Property{"border-top", Takes::kBorder},
    Property{"border-top-color", Takes::kBorder},
    Property{"border-top-left-radius", Takes::kLengths},
    Property{"border-top-right-radius", Takes::kLengths},
    Property{"border-top-style", Takes::kWords},
    Property{"border-top-width", Takes::kBorder},
    Property{"border-width", Takes::kBorder},
    Property{"box-sizing", Takes::kWords},
    Property{"caption-side", Takes::kWords},
    Property{"clear", Takes::kWords},
    Property{"color", Takes::kColour},
    Property{"direction", Takes::kWords},
    Property{"display", Takes::kDisplay},
    Property{"empty-cells", Takes::kWords},
    Property{"float", Takes::kWords},
    Property{"font", Takes::kFont},
    Property{"font-family", Takes::kFamily},
    Property{"font-size", Takes::kFontSize},
    Property{"font-style", Takes::kWords},
    Property{"font-variant", Takes::kWords},
    Property{"font-weight", Takes::kWeight},
    Property{"height", Takes::kSizes},
    Property{"letter-spacing", Takes::kSpacing},
    Property{"line-height", Takes::kLine},
    Property{"list-style", Takes::kListStyle, "list-style-type"},
    Property{"list-style-type", Takes::kListStyle},
    Property{"margin", Takes::kLengths},
    Property{"margin-bottom", Takes::kLengths},
    Property{"margin-left", Takes::kLengths},
    Property{"margin-right", Takes::kLengths},
    Property{"margin-top", Takes::kLengths},
    Property{"max-height", Takes::kSizes},
    Property{"max-width", Takes::kSizes},
    Property{"min-height", Takes::kSizes},
    Property{"min-width", Takes::kSizes},
    Property{"opacity", Takes::kOpacity},
    Property{"overflow-wrap", Takes::kWords},
    Property{"padding", Takes::kLengths},
    Property{"padding-bottom", Takes::kLengths},
    Property{"padding-left", Takes::kLengths},
    Property{"padding-right", Takes::kLengths},
    Property{"padding-top", Takes::kLengths},
    Property{"table-layout", Takes::kWords},
    Property{"text-align", Takes::kWords},
    Property{"text-decoration", Takes::kBorder},
    Property{"text-indent", Takes::kLengths},
    Property{"text-transform", Takes::kWords},
    Property{"unicode-bidi", Takes::kIsolate},
    Property{"vertical-align", Takes::kAlign},
    Property{"white-space", Takes::kWords},
    Property{"width", Takes::kSizes},
    Property{"word-break", Takes::kWords},
    Property{"word-spacing", Takes::kSpacing},
    Property{"word-wrap", Takes::kWords, "overflow-wrap"}};

const Property* property_of(std::string_view name) {
  const auto* const found = std::lower_bound(kProperties.begin(), kProperties.end(), name,
                                             [](const Property& p, std::string_view wanted) { return p.name < wanted; });
  return found != kProperties.end() && found->name == name ? found : nullptr;
}

constexpr std::array<std::string_view, 14> kDisplays = {
    "block", "inline", "inline-block", "list-item", "none", "table", "table-caption", "table-cell", "table-column",
    "table-column-group", "table-footer-group", "table-header-group", "table-row", "table-row-group"};
constexpr std::array<std::string_view, 5> kColourWords = {"inherit", "initial", "unset", "currentcolor", "transparent"};

template <typename List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string number_text(double number) {
  const double rounded = std::round(number * 1000) / 1000;
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, rounded == 0 ? 0.0 : rounded, std::chars_format::fixed);
  return {text, result.ptr};
}

struct Unit {
  std::string_view name;
  double px;
};
constexpr std::array kUnits = {Unit{"px", 1},  Unit{"pt", 4.0 / 3}, Unit{"em", 16}, Unit{"rem", 16},
                               Unit{"ex", 8},  Unit{"ch", 8},       Unit{"pc", 16}, Unit{"in", 96},
                               Unit{"cm", 96 / 2.54}, Unit{"mm", 9.6 / 2.54}, Unit{"q", 2.4 / 2.54}};

/// About how many px; nullopt for a unit that is of no use here (those of the window), and for percent.
std::optional<double> px_of(const CssToken& token) {
  if (token.kind != Kind::kNumber) return {};
  if (token.text.empty()) return token.number;  // mail without a doctype means px
  for (const Unit& unit : kUnits) {
    if (unit.name == token.text) return token.number * unit.px;
  }
  return {};
}

/// A length within [lowest, highest] px, or a percentage up to 100.
std::optional<CssPiece> length(const CssToken& token, double lowest, double highest) {
  if (token.kind != Kind::kNumber) return {};
  if (token.text == "%") return CssPiece{number_text(std::clamp(token.number, lowest < 0 ? -100.0 : 0.0, 100.0)) + "%"};
  const auto px = px_of(token);
  if (!px) return {};
  if (*px < lowest || *px > highest) {
    const std::string bound = number_text(std::clamp(*px, lowest, highest));
    return CssPiece{bound == "0" ? bound : bound + "px"};
  }
  if (token.number == 0) return CssPiece{"0"};
  return CssPiece{number_text(token.number) + (token.text.empty() ? "px" : token.text)};
}

class Value {
 public:
  Value(CssStyle& style, double font_px) : style_(style), font_px_(font_px) {}

  /// The value as it may be written; empty where it may not.
  std::vector<CssPiece> take(const Property& property, Tokens& tokens) {
    out_.clear();
    const std::optional<double> font_px = style_.font_px;
    if (!allowed(property, tokens)) {
      out_.clear();
      style_.font_px = font_px;
    }
    return std::move(out_);
  }

 private:
  bool allowed(const Property& property, Tokens& tokens) {
    switch (property.takes) {
      case Takes::kColour: return tokens.size() == 1 && colour(tokens[0]);
      case Takes::kGround: return ground(tokens);
      case Takes::kWords: return tokens.size() <= 4 && each(tokens, [&](auto& t) { return word(t); });
      case Takes::kLengths:
        return tokens.size() <= 9 && each(tokens, [&](auto& t) { return lengths(t, 0, kLargest) || mark(t, '/'); });
      case Takes::kSizes: return tokens.size() == 1 && lengths(tokens[0], 0, kLargest);
      case Takes::kSpacing: return tokens.size() == 1 && lengths(tokens[0], -2, 40);
      case Takes::kLine: return tokens.size() == 1 && line(tokens[0]);
      case Takes::kBorder:
        return tokens.size() <= 6 &&
               each(tokens, [&](auto& t) { return any_colour(t) || lengths(t, 0, 200); });
      case Takes::kFontSize: return tokens.size() == 1 && font_size(tokens[0]);
      case Takes::kFamily: return each(tokens, [&](auto& t) { return family(t); });
      case Takes::kFont: return font(tokens);
      case Takes::kWeight: return tokens.size() == 1 && (word(tokens[0]) || plain_number(tokens[0], 1, 1000));
      case Takes::kOpacity: return tokens.size() == 1 && plain_number(tokens[0], kHiddenOpacity, 1);
      case Takes::kDisplay: return tokens.size() == 1 && among(kDisplays, lower(tokens[0].text)) && word(tokens[0]);
      case Takes::kAlign: return tokens.size() == 1 && lengths(tokens[0], -40, 40);
      case Takes::kIsolate: return tokens.size() == 1 && lower(tokens[0].text) == "isolate" && word(tokens[0]);
      case Takes::kListStyle: return list_style(tokens);
    }
    return false;
  }

  template <typename Take>
  bool each(Tokens& tokens, Take take) {
    return std::all_of(tokens.begin(), tokens.end(), take);
  }

  bool mark(const CssToken& token, char which) {
    if (token.kind != Kind::kMark || token.text[0] != which) return false;
    out_.push_back({token.text});
    return true;
  }

  bool word(const CssToken& token) {
    if (token.kind != Kind::kWord) return false;
    out_.push_back({lower(token.text)});
    return true;
  }

  bool plain_number(const CssToken& token, double lowest, double highest) {
    if (token.kind != Kind::kNumber || !token.text.empty()) return false;
    out_.push_back({number_text(std::clamp(token.number, lowest, highest))});
    return true;
  }

  bool lengths(const CssToken& token, double lowest, double highest) {
    if (token.kind == Kind::kWord) return word(token);
    auto piece = length(token, lowest, highest);
    if (!piece) return false;
    out_.push_back(std::move(*piece));
    return true;
  }

  bool any_colour(const CssToken& token) {
    std::optional<Colour> found;
    if (token.kind == Kind::kColour) found = token.colour;
    if (token.kind == Kind::kWord) found = css_colour(lower(token.text));
    if (!found) return false;
    out_.push_back({{}, found});
    return true;
  }

  bool colour(const CssToken& token) {
    return any_colour(token) || (among(kColourWords, lower(token.text)) && word(token));
  }

  bool ground(const Tokens& tokens) {
    for (const CssToken& token : tokens) {
      if (any_colour(token)) return true;
    }
    const std::string only = tokens.size() == 1 ? lower(tokens[0].text) : "";
    if (only != "none" && only != "transparent" && only != "inherit") return false;
    out_.push_back({only == "none" ? "transparent" : only});
    return true;
  }

  bool line(const CssToken& token) {
    if (token.kind == Kind::kNumber && token.text.empty()) return plain_number(token, 0, 5);
    if (token.kind == Kind::kNumber && token.text == "%") {
      out_.push_back({number_text(std::clamp(token.number, 0.0, 500.0)) + "%"});
      return true;
    }
    return lengths(token, 0, 200);
  }

  bool font_size(const CssToken& token) {
    if (token.kind == Kind::kWord) {
      static constexpr struct {
        std::string_view name;
        double px;
      } kNamed[] = {{"xx-small", 9}, {"x-small", 10}, {"small", 13}, {"medium", 16},
                    {"large", 18},   {"x-large", 24}, {"xx-large", 32}};
      const std::string name = lower(token.text);
      for (const auto& named : kNamed) {
        if (named.name == name) style_.font_px = named.px;
      }
      const double factor = name == "larger" ? 1.2 : name == "smaller" ? 1 / 1.2 : 0;
      if (factor > 0) return sized(font_px_ * factor, name);
      return word(token);
    }
    if (token.kind != Kind::kNumber) return false;
    if (token.text == "%") return sized(font_px_ * token.number / 100, number_text(token.number) + "%");
    if (token.text == "em") return sized(font_px_ * token.number, number_text(token.number) + "em");
    if (token.text == "ex" || token.text == "ch") return sized(font_px_ * token.number / 2, number_text(token.number) + token.text);
    const auto px = px_of(token);
    return px && sized(*px, number_text(token.number) + (token.text.empty() ? "px" : token.text));
  }

  /// As written, unless it comes to more or less than is good. Nothing at all hides text, and goes on doing so.
  bool sized(double px, std::string as_written) {
    if (px < 0) return false;
    if (px < 0.001) {
      style_.font_px = 0;
      out_.push_back({"0"});
      return true;
    }
    style_.font_px = std::clamp(px, kSmallestFont, kLargestFont);
    const bool within = px >= kSmallestFont && px <= kLargestFont;
    out_.push_back({within ? std::move(as_written) : number_text(*style_.font_px) + "px"});
    return true;
  }

  bool family(const CssToken& token) {
    if (token.kind == Kind::kString) {
      out_.push_back({"'" + token.text + "'"});
      return true;
    }
    if (token.kind == Kind::kWord) {
      out_.push_back({token.text});
      return true;
    }
    return mark(token, ',');
  }

  /// [style] [weight] size[/line] family, or one word.
  bool font(Tokens& tokens) {
    std::size_t i = 0;
    if (tokens.size() == 1) return word(tokens[0]);
    for (; i < tokens.size(); ++i) {
      const CssToken& token = tokens[i];
      const bool weight = token.kind == Kind::kNumber && token.text.empty() && token.number >= 100;
      if (weight ? !plain_number(token, 100, 900) : token.kind == Kind::kNumber || !word(token)) break;
    }
    if (i >= tokens.size() || !font_size(tokens[i])) return false;
    if (++i < tokens.size() && mark(tokens[i], '/')) {
      if (++i >= tokens.size() || !line(tokens[i])) return false;
      ++i;
    }
    if (i >= tokens.size()) return false;
    for (; i < tokens.size(); ++i) {
      if (!family(tokens[i])) return false;
    }
    return true;
  }

  bool list_style(const Tokens& tokens) {
    for (const CssToken& token : tokens) {
      const std::string name = lower(token.text);
      if (token.kind == Kind::kWord && name != "inside" && name != "outside") return word(token);
    }
    return false;
  }

  CssStyle& style_;
  const double font_px_;
  std::vector<CssPiece> out_;
};

/// What is not written but says that nothing is to be seen.
class Hiding {
 public:
  void look(const std::string& property, const Tokens& tokens) {
    const CssToken& first = tokens[0];
    const std::string name = lower(first.text);
    if (property == "display") none_ = name == "none";
    if (property == "visibility") unseen_ = name == "hidden" || name == "collapse";
    if (property == "opacity" && first.kind == Kind::kNumber) clear_ = first.number < kHiddenOpacity;
    if (property == "overflow" || property == "overflow-y" || property == "overflow-x") clips_ = name == "hidden";
    const auto px = px_of(first);
    if (!px || *px < 0) return;
    if (property == "height" || property == "max-height" || property == "width" || property == "max-width") {
      narrow_ = narrow_ || *px <= 1;
    }
  }
  bool hidden() const { return none_ || unseen_ || clear_ || (clips_ && narrow_); }

 private:
  bool none_ = false, unseen_ = false, clear_ = false, clips_ = false, narrow_ = false;
};

void note_facts(CssStyle& style, const CssDeclaration& made, const Tokens& tokens) {
  const auto& first = made.value[0];
  if (made.property == "color") style.colour = first.colour;
  if (made.property == "background-color") {
    style.ground = first.colour;
    if (first.text == "transparent" || first.text == "initial") style.ground = Colour{0, 0, 0, 0};
  }
  const auto px = px_of(tokens[0]);
  const auto narrower = [&](std::optional<double>& size) { size = size ? std::min(*size, *px) : *px; };
  if (px && (made.property == "width" || made.property == "max-width")) narrower(style.width_px);
  if (px && (made.property == "height" || made.property == "max-height")) narrower(style.height_px);
}

/// Without "!important": what a message says is weighed against nothing else.
bool without_importance(Tokens& tokens) {
  const auto bang = std::find_if(tokens.begin(), tokens.end(),
                                 [](const CssToken& t) { return t.kind == Kind::kMark && t.text == "!"; });
  if (bang == tokens.end()) return true;
  if (tokens.end() - bang != 2 || lower(tokens.back().text) != "important") return false;
  tokens.erase(bang, tokens.end());
  return !tokens.empty();
}

}  // namespace

bool CssDeclaration::has_colour() const {
  return std::any_of(value.begin(), value.end(), [](const CssPiece& p) { return p.colour.has_value(); });
}

bool has_css(const CssStyle& style, std::string_view property) {
  return std::any_of(style.declarations.begin(), style.declarations.end(),
                     [&](const CssDeclaration& d) { return d.property == property; });
}

void add_css(CssStyle& style, std::string_view property, CssPiece value) {
  const Property* known = property_of(property);
  if (known == nullptr || has_css(style, property)) return;
  CssDeclaration made{known->name, {}};
  made.value.push_back(std::move(value));
  style.declarations.push_back(std::move(made));
}

CssStyle parse_css(std::string_view css, double font_px) {
  CssStyle style;
  Hiding hiding;
  Value value(style, font_px);
  CssReader reader(css.substr(0, kMostBytes));
  while (auto pair = reader.next()) {
    if (!without_importance(pair->value)) continue;
    hiding.look(pair->property, pair->value);
    const Property* property = property_of(pair->property);
    if (property == nullptr || style.declarations.size() >= kMostDeclarations) continue;
    CssDeclaration made{property->written_as.empty() ? property->name : property->written_as,
                        value.take(*property, pair->value)};
    if (made.value.empty()) continue;
    note_facts(style, made, pair->value);
    // The last one counts: others of the same name would only be carried along.
    std::erase_if(style.declarations, [&](const CssDeclaration& d) { return d.property == made.property; });
    style.declarations.push_back(std::move(made));
  }
  style.hidden = hiding.hidden();
  if (style.hidden) {
    std::erase_if(style.declarations, [](const CssDeclaration& d) { return d.property == "display"; });
    add_css(style, "display", {"none"});
  }
  return style;
}

namespace {

void append_value(std::string& out, const CssDeclaration& declaration, const DarkValue& dark) {
  out += declaration.property;
  out += ':';
  bool glued = true;
  for (const CssPiece& piece : declaration.value) {
    const bool mark = piece.text == "," || piece.text == "/";
    if (!glued && !mark) out += ' ';
    glued = mark;
    if (!piece.colour) {
      out += piece.text;
    } else if (dark) {
      out += "light-dark(" + colour_text(*piece.colour) + "," + colour_text(dark(declaration.property, *piece.colour)) + ")";
    } else {
      out += colour_text(*piece.colour);
    }
  }
}

}  // namespace

std::string css_text(const CssStyle& style, const DarkValue& dark) {
  std::string out;
  for (const CssDeclaration& declaration : style.declarations) {
    if (!out.empty()) out += ';';
    append_value(out, declaration, {});
    if (!dark || !declaration.has_colour()) continue;
    out += ';';
    append_value(out, declaration, dark);
  }
  return out;
}

std::vector<std::string_view> css_properties() {
  std::vector<std::string_view> names;
  for (const Property& property : kProperties) names.push_back(property.written_as.empty() ? property.name : property.written_as);
  return names;
}

}  // namespace alphamail
