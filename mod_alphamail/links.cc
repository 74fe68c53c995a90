// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/links.h"

#include <algorithm>
#include <iterator>

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

/// Where one of the marks that an address can be known by is next; each is sought once.
class Marks {
 public:
  explicit Marks(std::string_view text) : text_(text) {
    for (std::size_t i = 0; i < std::size(kMarks); ++i) next_[i] = text_.find(kMarks[i]);
  }
  /// The first at or behind `at`; npos where there is none.
  std::size_t from(std::size_t at) {
    std::size_t first = std::string_view::npos;
    for (std::size_t i = 0; i < std::size(kMarks); ++i) {
      if (next_[i] < at) next_[i] = text_.find(kMarks[i], at);
      first = std::min(first, next_[i]);
    }
    return first;
  }

 private:
  static constexpr std::string_view kMarks[] = {"://", "www.", "mailto:"};
  const std::string_view text_;
  std::size_t next_[std::size(kMarks)];
};

/// An address around a mark.
struct Found {
  std::size_t start = 0;
  std::size_t length = 0;  // 0: the mark is no address
  std::string_view scheme;
};

Found address_at(std::string_view text, std::size_t begin, std::size_t at) {
  const auto own_word = [&](std::size_t start) { return start == begin || !is_word(text[start - 1]); };
  if (text[at] == ':') {
    std::size_t start = at;
    while (start > begin && start + 5 > at && is_word(text[start - 1])) --start;
    const std::size_t scheme = scheme_length(text.substr(start));
    if (scheme == 0 || !own_word(start) || start + scheme != at + 3) return {};
    const std::size_t length = address_length(text.substr(start));
    return {start, length > scheme ? length : 0, {}};
  }
  if (!own_word(at) || (at > begin && (text[at - 1] == '@' || text[at - 1] == '.'))) return {};
  const std::size_t length = address_length(text.substr(at));
  const std::string_view address = text.substr(at, length);
  if (address.starts_with("mailto:"))
    return {at, address.size() > 9 && address.find('@', 8) != std::string_view::npos ? length : 0, {}};
  // www.example.org, but not "www..." or "www.oops".
  const std::size_t dot = address.size() > 4 && is_word(address[4]) ? address.find('.', 4) : std::string_view::npos;
  return {at, dot != std::string_view::npos && dot + 1 < address.size() && is_word(address[dot + 1]) ? length : 0,
          "http://"};
}

}  // namespace

std::vector<Run> find_links(std::string_view text, std::size_t limit) {
  std::vector<Run> runs;
  std::size_t begin = 0;  // of the text not yet given out
  Marks marks(text);
  for (std::size_t at = 0; limit > 0 && (at = marks.from(at)) != std::string_view::npos;) {
    const Found found = address_at(text, begin, at);
    if (found.length == 0) {
      at += 3;
      continue;
    }
    if (found.start > begin) runs.push_back({text.substr(begin, found.start - begin), false});
    runs.push_back({text.substr(found.start, found.length), true, found.scheme});
    begin = at = found.start + found.length;
    --limit;
  }
  if (begin < text.size() || runs.empty()) runs.push_back({text.substr(begin), false});
  return runs;
}

}  // namespace alphamail
