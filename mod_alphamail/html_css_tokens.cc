// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_css_tokens.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/characters.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostTokens = 40;
constexpr std::size_t kLongestWord = 100;
constexpr int kDeepest = 32;

bool is_word_character(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

Colour of_hsl(double hue, double saturation, double lightness) {
  hue = std::fmod(std::fmod(hue, 360) + 360, 360);
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue / 30, 12);
    const double a = saturation * std::min(lightness, 1 - lightness);
    return static_cast<std::uint8_t>(
        std::lround(255 * std::clamp(lightness - a * std::max(-1.0, std::min({k - 3, 9 - k, 1.0})), 0.0, 1.0)));
  };
  return {channel(0), channel(8), channel(4)};
}

}  // namespace

bool CssReader::is_word_start(char c) { return is_letter(c) || c == '_' || c == '-'; }

bool CssReader::comment() {
  if (text_.substr(at_, 2) != "/*") return false;
  const std::size_t end = text_.find("*/", at_ + 2);
  unclosed_ = unclosed_ || end == std::string_view::npos;
  at_ = end == std::string_view::npos ? text_.size() : end + 2;
  return true;
}

void CssReader::space() {
  while (at_ < text_.size() && (is_space(text_[at_]) || comment())) {
    if (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
}

bool CssReader::skip_string() {
  const char quote = text_[at_++];
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\n') return false;  // a bad string ends with its line
    at_ += text_[at_] == '\\' ? 2 : 1;
  }
  if (at_ >= text_.size()) {
    at_ = text_.size();
    unclosed_ = true;
    return false;
  }
  ++at_;
  return true;
}

/// From behind an opening bracket to behind the closing one.
bool CssReader::skip_block(char close) {
  std::string closes(1, close);
  while (at_ < text_.size() && !closes.empty()) {
    const char c = text_[at_];
    if (comment()) continue;
    if (c == '"' || c == '\'') {
      skip_string();
      continue;
    }
    if (c == closes.back()) closes.pop_back();
    if (c == '(' || c == '[' || c == '{') {
      if (closes.size() >= kDeepest) return at_ = text_.size(), unclosed_ = true, false;
      closes += c == '(' ? ')' : c == '[' ? ']' : '}';
    }
    at_ += c == '\\' ? 2 : 1;
  }
  at_ = std::min(at_, text_.size());
  unclosed_ = unclosed_ || !closes.empty();
  return closes.empty();
}

/// To behind the next semicolon that belongs to no string or block.
bool CssReader::skip_declaration() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (comment()) continue;
    if (c == '"' || c == '\'') {
      skip_string();
      continue;
    }
    at_ = std::min(at_ + (c == '\\' ? 2 : 1), text_.size());
    if (c == ';') return true;
    if (c == '(' || c == '[' || c == '{') skip_block(c == '(' ? ')' : c == '[' ? ']' : '}');
  }
  return false;
}

std::string CssReader::word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

CssToken CssReader::number() {
  double value = 0;
  const std::size_t sign = text_[at_] == '+' ? 1 : 0;  // from_chars knows only the other one
  const auto [end, failure] =
      std::from_chars(text_.data() + at_ + sign, text_.data() + text_.size(), value, std::chars_format::fixed);
  if (failure != std::errc() || !std::isfinite(value)) {
    ++at_;
    return {CssToken::Kind::kOther};
  }
  at_ = static_cast<std::size_t>(end - text_.data());
  CssToken token{CssToken::Kind::kNumber, {}, value};
  if (at_ < text_.size() && text_[at_] == '%') {
    token.text = "%";
    ++at_;
  } else if (at_ < text_.size() && is_word_start(text_[at_])) {
    token.text = lower(word());
  }
  return token;
}

CssToken CssReader::string() {
  const std::size_t begin = at_ + 1;
  if (!skip_string()) return {CssToken::Kind::kOther};
  const std::string_view inside = text_.substr(begin, at_ - 1 - begin);
  const bool plain = inside.size() <= kLongestWord && std::all_of(inside.begin(), inside.end(), [](char c) {
    return is_word_character(c) || c == ' ' || c == '.' || c == '&' || static_cast<unsigned char>(c) >= 0x80;
  });
  return {plain ? CssToken::Kind::kString : CssToken::Kind::kOther, std::string(inside)};
}

/// Behind "rgb(": three or four numbers, with commas, spaces or a slash between them.
std::optional<Colour> CssReader::colour_arguments(bool hsl) {
  double numbers[4] = {0, 0, 0, 1};
  bool percent[4] = {};
  std::size_t count = 0;
  while (true) {
    space();
    if (at_ >= text_.size()) return unclosed_ = true, std::nullopt;
    const char c = text_[at_];
    if (c == ')') break;
    if (c == ',' || c == '/') {
      ++at_;
      continue;
    }
    if (!is_digit(c) && c != '.' && c != '-' && c != '+') return {};
    const CssToken token = number();
    if (token.kind != CssToken::Kind::kNumber || count == 4) return {};
    if (!token.text.empty() && token.text != "%" && !(hsl && count == 0 && token.text == "deg")) return {};
    percent[count] = token.text == "%";
    numbers[count++] = token.number;
  }
  ++at_;
  if (count < 3) return {};
  Colour colour;
  if (hsl) {
    colour = of_hsl(numbers[0], std::clamp(numbers[1] / 100, 0.0, 1.0), std::clamp(numbers[2] / 100, 0.0, 1.0));
  } else {
    const auto channel = [&](std::size_t i) {
      const double scale = percent[i] ? 2.55 : 1;
      return static_cast<std::uint8_t>(std::lround(std::clamp(numbers[i] * scale, 0.0, 255.0)));
    };
    colour = {channel(0), channel(1), channel(2)};
  }
  const double alpha = std::clamp(percent[3] ? numbers[3] / 100 : numbers[3], 0.0, 1.0);
  colour.alpha = std::round(alpha * 1000) / 1000;
  return colour;
}

/// Behind the bracket of a function.
CssToken CssReader::function(const std::string& name) {
  const bool hsl = name == "hsl" || name == "hsla";
  if (hsl || name == "rgb" || name == "rgba") {
    const std::size_t begin = at_;
    if (const auto colour = colour_arguments(hsl)) return {CssToken::Kind::kColour, {}, 0, *colour};
    at_ = begin;
  }
  skip_block(')');
  return {CssToken::Kind::kOther};
}

CssToken CssReader::token() {
  const char c = text_[at_];
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(after)) || ((c == '-' || c == '+') && (is_digit(after) || after == '.'))) {
    return number();
  }
  if (is_word_start(c)) {
    std::string found = word();
    if (at_ < text_.size() && text_[at_] == '(') {
      ++at_;
      return function(lower(found));
    }
    if (at_ < text_.size() && (text_[at_] == '\\' || static_cast<unsigned char>(text_[at_]) >= 0x80)) {
      return {CssToken::Kind::kOther};  // the word goes on, in a way that we do not follow
    }
    if (found.size() > kLongestWord) return {CssToken::Kind::kOther};
    return {CssToken::Kind::kWord, std::move(found)};
  }
  if (c == '"' || c == '\'') return string();
  ++at_;
  if (c == '#') {
    if (const auto colour = css_colour("#" + lower(word()))) return {CssToken::Kind::kColour, {}, 0, *colour};
    return {CssToken::Kind::kOther};
  }
  if (c == ',' || c == '/' || c == '!') return {CssToken::Kind::kMark, std::string(1, c)};
  if (c == '(' || c == '[' || c == '{') skip_block(c == '(' ? ')' : c == '[' ? ']' : '}');
  if (c == '\\' && at_ < text_.size()) ++at_;
  return {CssToken::Kind::kOther};
}

std::optional<CssPair> CssReader::next() {
  while (true) {
    space();
    while (at_ < text_.size() && text_[at_] == ';') {
      ++at_;
      space();
    }
    if (at_ >= text_.size()) return {};
    CssPair pair;
    pair.property = lower(word());
    space();
    if (pair.property.empty() || pair.property.size() > kLongestWord || at_ >= text_.size() || text_[at_] != ':') {
      if (!skip_declaration()) return {};
      continue;
    }
    ++at_;
    bool closed = false;
    while (true) {
      space();
      closed = !unclosed_;
      if (at_ >= text_.size() || text_[at_] == ';') break;
      CssToken found = token();
      if (pair.value.size() < kMostTokens) {
        pair.value.push_back(std::move(found));
      } else {
        pair.value.back().kind = CssToken::Kind::kOther;
      }
    }
    if (closed && !unclosed_ && !pair.value.empty()) return pair;
    if (at_ >= text_.size()) return {};
  }
}

}  // namespace alphamail
