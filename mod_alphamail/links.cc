// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/links.h"

#include <algorithm>

namespace alphamail {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Characters of RFC 3986, and those beyond ASCII that browsers take in an address.
bool in_address(char c) {
  constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=%";
  return is_word(c) || static_cast<unsigned char>(c) >= 0x80 ||
         kMarks.find(c) != std::string_view::npos;
}

/// Length of "http://" or "https://" at the start, in any case; else 0.
std::size_t scheme_length(std::string_view text) {
  const auto begins = [text](std::string_view scheme) {
    return text.size() > scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); });
  };
  return begins("https://") ? 8 : begins("http://") ? 7 : 0;
}

/// Spaces of East Asian texts and closing quotes end an address although they are beyond ASCII.
bool ends_address(std::string_view rest) {
  for (const std::string_view mark :
       {"\u3000", "\u3001", "\u3002", "\uff0c", "\uff09", "\u300d", "\u300f", "\u201c", "\u201d",
        "\u2019", "\u00bb", "\u00ab", "\u00a0"}) {
    if (rest.starts_with(mark)) return true;
  }
  return false;
}

std::size_t address_length(std::string_view text) {
  std::size_t end = 0;
  std::size_t open = 0;    // brackets within the address
  std::size_t closed = 0;
  while (end < text.size() && in_address(text[end]) && !ends_address(text.substr(end))) {
    open += text[end] == '(';
    closed += text[end] == ')';
    ++end;
  }
  constexpr std::string_view kSentence = ".,;:!?'*_";
  while (end > 0) {
    const char last = text[end - 1];
    if (last == ')' && closed > open) {
      --closed;
    } else if (kSentence.find(last) == std::string_view::npos && last != ']') {
      break;
    }
    --end;
  }
  return end;
}

}  // namespace

std::vector<Run> find_links(std::string_view text, std::size_t limit) {
  std::vector<Run> runs;
  std::size_t begin = 0;  // of the text not yet given out
  std::size_t at = 0;
  while (limit > 0 && (at = text.find("://", at)) != std::string_view::npos) {
    std::size_t start = at;
    while (start > begin && start + 5 > at && is_word(text[start - 1])) --start;
    const std::size_t scheme = scheme_length(text.substr(start));
    const bool own_word = start == begin || !is_word(text[start - 1]);
    const std::size_t length = scheme > 0 && own_word ? address_length(text.substr(start)) : 0;
    if (length <= scheme || start + scheme != at + 3) {
      at += 3;
      continue;
    }
    if (start > begin) runs.push_back({text.substr(begin, start - begin), false});
    runs.push_back({text.substr(start, length), true});
    begin = at = start + length;
    --limit;
  }
  if (begin < text.size() || runs.empty()) runs.push_back({text.substr(begin), false});
  return runs;
}

}  // namespace alphamail
