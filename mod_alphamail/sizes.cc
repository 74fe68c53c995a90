// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/sizes.h"

#include <algorithm>

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

Sizes::Rounded Sizes::round(std::uint64_t bytes) const {
  // 999.5 KB is already 1 MB, so that no number has four digits.
  if (bytes < 999'500) return {0, std::max<std::uint64_t>((bytes + 500) / 1000, 1), false};
  const auto rounded = [bytes](std::size_t unit, std::uint64_t tenth) -> Rounded {
    const std::uint64_t tenths = bytes / tenth + (bytes % tenth >= tenth / 2 ? 1 : 0);
    if (tenths < 100) return {unit, tenths, true};
    const std::uint64_t whole = tenth * 10;
    return {unit, bytes / whole + (bytes % whole >= whole / 2 ? 1 : 0), false};
  };
  return bytes < 999'500'000 ? rounded(1, 100'000) : rounded(2, 100'000'000);
}

void Sizes::append(std::uint64_t bytes, std::string& out) const {
  const Rounded size = round(bytes);
  out += units_[size.unit].before;
  if (size.tenths) {
    language_.formats().tenths(size.number, out);
  } else {
    language_.formats().number(size.number, out);
  }
  out += units_[size.unit].after;
}

void Sizes::write(std::uint64_t bytes, PageBuffer& out) const {
  const Formats& formats = language_.formats();
  if (!formats.plain()) return out.append(of(bytes), Escape::kHtml);
  const Rounded size = round(bytes);
  out.append(units_[size.unit].before, Escape::kHtml);
  char* const begin = out.room(Formats::kLongest);
  out.taken(size.tenths ? formats.tenths(size.number, begin) : formats.number(size.number, begin));
  out.append(units_[size.unit].after, Escape::kHtml);
}

std::string Sizes::of(std::uint64_t bytes) const {
  std::string out;
  append(bytes, out);
  return out;
}

}  // namespace alphamail
