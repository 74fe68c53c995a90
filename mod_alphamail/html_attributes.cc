// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_attributes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/characters.h"

namespace alphamail {
namespace {

enum class Takes : std::uint8_t { kWord, kText, kLanguage, kSize, kNumber, kSpan, kFontSize, kFace, kFlag };

struct Attribute {
  std::string_view name;
  Takes takes;
  int highest = 0;                     ///< of numbers
  std::string_view words = {};         ///< " one two "
  GumboTag only = GUMBO_TAG_LAST;      ///< the one element that may have it; LAST = all
};

constexpr std::array kAttributes = {
    Attribute{"abbr", Takes::kText},
    Attribute{"align", Takes::kWord, 0, " left right center justify char top middle bottom absmiddle absbottom texttop baseline "},
    Attribute{"alt", Takes::kText, 0, {}, GUMBO_TAG_IMG},
    Attribute{"border", Takes::kNumber, 100},
    Attribute{"cellpadding", Takes::kNumber, 200, {}, GUMBO_TAG_TABLE},
    Attribute{"cellspacing", Takes::kNumber, 200, {}, GUMBO_TAG_TABLE},
    Attribute{"cite", Takes::kText},
    Attribute{"colspan", Takes::kSpan, 100},
    Attribute{"datetime", Takes::kText},
    Attribute{"dir", Takes::kWord, 0, " ltr rtl auto "},
    Attribute{"face", Takes::kFace, 0, {}, GUMBO_TAG_FONT},
    Attribute{"height", Takes::kSize, 4000},
    Attribute{"lang", Takes::kLanguage},
    Attribute{"nowrap", Takes::kFlag},
    Attribute{"open", Takes::kFlag, 0, {}, GUMBO_TAG_DETAILS},
    Attribute{"rowspan", Takes::kSpan, 1000},
    Attribute{"scope", Takes::kWord, 0, " row col rowgroup colgroup "},
    Attribute{"size", Takes::kFontSize},
    Attribute{"span", Takes::kSpan, 100},
    Attribute{"start", Takes::kNumber, 1000000, {}, GUMBO_TAG_OL},
    Attribute{"summary", Takes::kText, 0, {}, GUMBO_TAG_TABLE},
    Attribute{"title", Takes::kText},
    Attribute{"type", Takes::kWord, 0, " 1 a A i I disc circle square "},
    Attribute{"valign", Takes::kWord, 0, " top middle bottom baseline "},
    Attribute{"value", Takes::kNumber, 1000000, {}, GUMBO_TAG_LI},
    Attribute{"width", Takes::kSize, 4000}};

constexpr std::size_t kLongestText = 2000;

const Attribute* attribute_named(std::string_view name) {
  const auto* const found = std::lower_bound(kAttributes.begin(), kAttributes.end(), name,
                                             [](const Attribute& a, std::string_view wanted) { return a.name < wanted; });
  return found != kAttributes.end() && found->name == name ? found : nullptr;
}

/// Digits at the beginning, whatever follows ("600px"); -1 where there are none.
int digits_of(std::string_view value, std::string_view* rest = nullptr) {
  value = trim(value);
  int number = -1;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure == std::errc::result_out_of_range) number = 1'000'000'000;
  if (failure == std::errc::invalid_argument || value.starts_with('-')) return -1;
  if (rest != nullptr) *rest = value.substr(static_cast<std::size_t>(end - value.data()));
  return number;
}

std::optional<std::string> word(const Attribute& attribute, std::string_view value) {
  // Of lists a capital is another style than a small letter.
  const std::string found = attribute.name == "type" ? std::string(trim(value)) : lower(trim(value));
  const bool plain = !found.empty() && found.find(' ') == std::string::npos;
  if (!plain || attribute.words.find(" " + found + " ") == std::string_view::npos) return {};
  return found;
}

std::optional<std::string> size(std::string_view value, int highest) {
  std::string_view rest;
  const int number = digits_of(value, &rest);
  if (number < 0) return {};
  if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.find_first_not_of(".0123456789"), rest.size()));
  if (rest.starts_with('%')) return std::to_string(std::min(number, 100)) + "%";
  return std::to_string(std::min(number, highest));
}

std::optional<std::string> font_size(std::string_view value) {
  value = trim(value);
  const bool relative = value.starts_with('+') || value.starts_with('-');
  const int number = digits_of(value.substr(relative ? 1 : 0));
  if (number < 0) return {};
  return (relative ? std::string(1, value[0]) : std::string()) + std::to_string(std::min(number, 7));
}

template <typename Allowed>
std::optional<std::string> of_characters(std::string_view value, std::size_t longest, Allowed allowed) {
  value = trim(value);
  if (value.empty() || value.size() > longest || !std::all_of(value.begin(), value.end(), allowed)) return {};
  return std::string(value);
}

}  // namespace

std::optional<std::string> clean_attribute(GumboTag element, std::string_view name, std::string_view value) {
  const Attribute* const found = attribute_named(name);
  if (found == nullptr) return {};
  if (found->only != GUMBO_TAG_LAST && found->only != element) return {};
  switch (found->takes) {
    case Takes::kWord: return word(*found, value);
    case Takes::kText: return std::string(cut_utf8(value, kLongestText));
    case Takes::kLanguage:
      return of_characters(value, 35, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    case Takes::kSize: return size(value, found->highest);
    case Takes::kNumber:
    case Takes::kSpan: {
      const int number = digits_of(value);
      if (number < (found->takes == Takes::kSpan ? 1 : 0)) return {};
      return std::to_string(std::min(number, found->highest));
    }
    case Takes::kFontSize: return element == GUMBO_TAG_FONT || element == GUMBO_TAG_HR ? font_size(value) : std::nullopt;
    case Takes::kFace:
      return of_characters(value, 200, [](char c) {
        return is_letter(c) || is_digit(c) || std::string_view(" ,-_.'").find(c) != std::string_view::npos;
      });
    case Takes::kFlag: return std::string();
  }
  return {};
}

std::string anchor_name(std::string_view name) {
  if (name.starts_with("m-")) name.remove_prefix(2);
  if (name.empty() || name.size() > 100) return {};
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':';
  });
  return plain ? "m-" + std::string(name) : std::string();
}

std::optional<double> pixels(std::string_view value) {
  std::string_view rest;
  const int number = digits_of(value, &rest);
  if (number < 0 || trim(rest).starts_with('%')) return {};
  return number;
}

bool is_looked_at(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kOthers = {"bgcolor", "color", "hidden", "href", "id",
                                                              "name",    "src",   "style",  "text"};
  constexpr std::size_t kLongest = 11;
  if (name.size() > kLongest) return false;
  const std::string small = lower(name);
  return std::find(kOthers.begin(), kOthers.end(), small) != kOthers.end() || attribute_named(small) != nullptr;
}

}  // namespace alphamail
