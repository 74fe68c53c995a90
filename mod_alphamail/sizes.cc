// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/sizes.h"

namespace alphamail {

namespace {

/// Splits "{1} KB" around its number.
template <typename Unit>
Unit unit_of(std::string_view pattern) {
  const auto at = pattern.find("{1}");
  if (at == std::string_view::npos) return {{}, pattern};
  return {pattern.substr(0, at), pattern.substr(at + 3)};
}

}  // namespace

Sizes::Sizes(const Language& language)
    : language_(language),
      units_{unit_of<Unit>(language.tr("{1} KB")), unit_of<Unit>(language.tr("{1} MB")),
             unit_of<Unit>(language.tr("{1} GB"))} {}

void Sizes::append(std::uint64_t bytes, std::string& out) const {
  std::size_t unit = 0;
  std::uint64_t scale = 1000;
  // 999.5 KB is already 1 MB, so that no number has four digits.
  while (unit + 1 < units_.size() && bytes >= scale * 1000 - scale / 2) {
    scale *= 1000;
    ++unit;
  }
  out += units_[unit].before;
  const std::uint64_t tenths = bytes / (scale / 10) + (bytes % (scale / 10) >= scale / 20 ? 1 : 0);
  if (unit > 0 && tenths < 100) {
    language_.formats().tenths(tenths, out);
  } else {
    const std::uint64_t whole = bytes / scale + (bytes % scale >= scale / 2 ? 1 : 0);
    language_.formats().number(whole == 0 ? 1 : whole, out);
  }
  out += units_[unit].after;
}

std::string Sizes::of(std::uint64_t bytes) const {
  std::string out;
  append(bytes, out);
  return out;
}

}  // namespace alphamail
