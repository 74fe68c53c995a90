// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/label_name.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "common/characters.h"
#include "common/mailbox_name.h"

namespace alphamail {
namespace {

// What mail programs take for a mark of their own, without the '$' that newer ones put before it.
constexpr std::string_view kMeantOtherwise[] = {"junk", "nonjunk", "notjunk", "forwarded"};

std::string own_keyword(std::string_view name) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  char word[32];
  std::snprintf(word, sizeof word, "label-%016llx", static_cast<unsigned long long>(hash));
  return word;
}

}  // namespace

std::string keyword_of_label(std::string_view name) {
  const auto not_space = [](char c) { return !is_space(c); };
  const auto begin = std::find_if(name.begin(), name.end(), not_space);
  const auto end = std::find_if(name.rbegin(), std::make_reverse_iterator(begin), not_space).base();
  std::string text(begin, end);
  if (text.empty() || count_utf8(text).bad > 0) return "";
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || std::string_view("(){%*\"\\]/<>").find(c) != std::string_view::npos) c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  if (text.front() == '$') text.front() = '_';
  const auto keyword = to_modified_utf7(text);
  const bool other = std::find(std::begin(kMeantOtherwise), std::end(kMeantOtherwise), text) != std::end(kMeantOtherwise);
  if (!keyword || keyword->size() > kKeywordBytes || other) return own_keyword(text);
  return *keyword;
}

std::string name_of_keyword(std::string_view keyword) {
  // Thunderbird writes all of it in small letters, which makes other characters of it, or none.
  const bool made_small = std::none_of(keyword.begin(), keyword.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const auto name = from_modified_utf7(keyword);
  return name && (is_ascii(*name) || !made_small) ? *name : std::string(keyword);
}

bool is_silent_keyword(std::string_view keyword) {
  return keyword.starts_with('$') || keyword.starts_with('\\');
}

}  // namespace alphamail
