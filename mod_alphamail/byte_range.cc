// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/characters.h"

namespace alphamail {
namespace {

/// Decimal digits and nothing else; what is too large is the largest.
std::optional<std::uint64_t> number_in(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return failure == std::errc() ? number : UINT64_MAX;
}

}  // namespace

ByteRange read_range(std::string_view range, std::string_view if_range, std::string_view etag,
                     std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const ByteRange whole;
  range = trim(range);
  if (range.size() < kUnit.size() || !equal_ignoring_case(range.substr(0, kUnit.size()), kUnit)) return whole;
  if (!if_range.empty() && trim(if_range) != etag) return whole;
  range = trim(range.substr(kUnit.size()));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return whole;
  const std::string_view low = trim(range.substr(0, dash)), high = trim(range.substr(dash + 1));
  const auto first = number_in(low), last = number_in(high);
  if ((!low.empty() && !first) || (!high.empty() && !last) || (!first && !last)) return whole;
  if (!first) {  // the last so many bytes
    if (*last == 0 || size == 0) return {ByteRange::Kind::kUnsatisfiable, 0, 0};
    return {ByteRange::Kind::kPart, size - std::min(size, *last), size - 1};
  }
  if (last && *last < *first) return whole;  // malformed
  if (*first >= size) return {ByteRange::Kind::kUnsatisfiable, 0, 0};
  return {ByteRange::Kind::kPart, *first, std::min(last.value_or(UINT64_MAX), size - 1)};
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  const std::string all = std::to_string(size);
  if (range.kind == ByteRange::Kind::kUnsatisfiable) return "bytes */" + all;
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" + all;
}

}  // namespace alphamail
