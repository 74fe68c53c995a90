// SPDX-License-Identifier: GPL-3.0-or-later
// Parameters of Content-Type and Content-Disposition (RFC 2231), and what mailers write instead.
#include <algorithm>
#include <optional>

#include "common/characters.h"
#include "common/encoded_word.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

constexpr std::size_t kPieces = 100;  // of one parameter (security.md L2); later ones are left out

/// name, name*, name*3 or name*3* taken apart.
struct Name {
  std::string base;
  std::optional<unsigned> piece;
  bool extended = false;  ///< percent encoding; in the first piece a charset too
};

Name split_name(std::string_view raw) {
  Name name;
  std::string text = lower(trim(raw));
  if (text.ends_with('*')) {
    name.extended = true;
    text.pop_back();
  }
  const std::size_t star = text.rfind('*');
  const std::string_view digits =
      star == std::string::npos ? std::string_view() : std::string_view(text).substr(star + 1);
  if (!digits.empty() && digits.size() <= 4 &&
      std::all_of(digits.begin(), digits.end(), is_digit)) {
    unsigned number = 0;
    for (const char c : digits) number = number * 10 + static_cast<unsigned>(c - '0');
    name.piece = number;
    text.erase(star);
  }
  name.base = text;
  return name;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
        hex_value(text[at + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])));
      at += 2;
    } else {
      out.push_back(text[at]);
    }
  }
  return out;
}

struct Piece {
  unsigned number;
  bool extended;
  std::string_view value;
};

/// All that was said of one parameter.
struct Said {
  std::string name;
  std::optional<std::string_view> plain;
  std::optional<std::string_view> extended;
  std::vector<Piece> pieces;
};

/// charset'language'rest; without both quotes it is all rest.
std::string_view take_charset(std::string_view value, std::string_view& charset) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return value;
  charset = value.substr(0, first);
  return value.substr(second + 1);
}

std::string joined(Said& said) {
  std::stable_sort(said.pieces.begin(), said.pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.number < b.number; });
  std::string bytes;
  std::string_view charset;
  bool extended = false;
  for (std::size_t i = 0; i < said.pieces.size(); ++i) {
    const Piece& piece = said.pieces[i];
    if (i > 0 && piece.number == said.pieces[i - 1].number) continue;  // the first of equals counts
    if (!piece.extended) {
      bytes += piece.value;
      continue;
    }
    bytes += percent_decoded(extended ? piece.value : take_charset(piece.value, charset));
    extended = true;
  }
  // Pieces that are no percent encoding may be a long RFC 2047 word cut up.
  return extended ? on_one_line(to_utf8(bytes, charset)) : decode_header(bytes);
}

std::string value_of(Said& said) {
  if (said.extended) {
    std::string_view charset;
    const std::string bytes = percent_decoded(take_charset(*said.extended, charset));
    return bytes.find("=?") != std::string::npos && charset.empty()
               ? decode_header(bytes)
               : on_one_line(to_utf8(bytes, charset));
  }
  if (!said.pieces.empty()) return joined(said);
  return decode_header(said.plain.value_or(""));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> decode_parameters(
    const std::vector<std::pair<std::string, std::string>>& raw) {
  std::vector<Said> all;  // in the order first named; short, so searched by walking
  for (const auto& [raw_name, value] : raw) {
    const Name name = split_name(raw_name);
    auto said = std::find_if(all.begin(), all.end(),
                             [&name](const Said& s) { return s.name == name.base; });
    if (said == all.end()) {
      if (all.size() >= kPieces) continue;
      said = all.insert(all.end(), Said{name.base, {}, {}, {}});
    }
    if (name.piece) {
      if (said->pieces.size() < kPieces)
        said->pieces.push_back({*name.piece, name.extended, value});
    } else if (name.extended) {
      if (!said->extended) said->extended = value;
    } else if (!said->plain) {
      said->plain = value;
    }
  }
  std::vector<std::pair<std::string, std::string>> out;
  out.reserve(all.size());
  for (Said& said : all) {
    std::string value = value_of(said);
    out.emplace_back(valid_utf8(said.name), std::move(value));
  }
  return out;
}

}  // namespace alphamail
