// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/request.h"

#include <algorithm>
#include <charconv>

#include "mod_alphamail/csrf.h"
#include "mod_alphamail/percent.h"

namespace alphamail {
std::optional<Fields> Fields::parse(std::string_view encoded, std::size_t most) {
  Fields fields;
  const auto pairs = static_cast<std::size_t>(std::count(encoded.begin(), encoded.end(), '&')) + 1;
  if (pairs > most) return std::nullopt;
  fields.all.reserve(encoded.empty() ? 0 : pairs);  // once: short strings lie inside and must not move
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name || !value || !is_utf8_text(*name) || !is_utf8_text(*value)) return std::nullopt;
    fields.all.emplace_back(std::move(*name), std::move(*value));
    wipe(value->data(), value->capacity());  // a short string is moved by copying
  }
  return fields;
}

std::string_view Fields::get(std::string_view name) const {
  for (const auto& [key, value] : all) {
    if (key == name) return value;
  }
  return {};
}

bool Fields::has(std::string_view name) const {
  return std::any_of(all.begin(), all.end(), [name](const auto& f) { return f.first == name; });
}

std::uint32_t Fields::number(std::string_view name, std::uint32_t low, std::uint32_t high,
                             std::uint32_t otherwise) const {
  const std::string_view text = get(name);
  std::uint32_t n = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  const bool whole = failure == std::errc() && end == text.data() + text.size();
  return whole && n >= low && n <= high ? n : otherwise;
}

std::string Request::token() const {
  return session ? form_token(session->keys.token) : login_token;
}

}  // namespace alphamail
