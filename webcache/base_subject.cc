// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/base_subject.h"

#include <algorithm>
#include <iterator>

namespace alphamail {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); });
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

// "[...]" and blanks behind it; no brackets inside.
bool skip_blob(std::string_view& text) {
  if (text.empty() || text.front() != '[') return false;
  const std::size_t close = text.find_first_of("[]", 1);
  if (close == std::string_view::npos || text[close] != ']') return false;
  text.remove_prefix(close + 1);
  skip_blanks(text);
  return true;
}

// "re:", "Fwd :", "AW[2]:".
bool skip_mark(std::string_view& text) {
  static constexpr std::string_view kMarks[] = {"re", "fwd", "fw", "aw", "wg"};
  const auto mark = std::find_if(std::begin(kMarks), std::end(kMarks),
                                 [&](std::string_view m) { return begins_with(text, m); });
  if (mark == std::end(kMarks)) return false;
  std::string_view rest = text.substr(mark->size());
  skip_blanks(rest);
  skip_blob(rest);
  if (rest.empty() || rest.front() != ':') return false;
  rest.remove_prefix(1);
  text = rest;
  return true;
}

// Any number of "[...]" followed by a mark.
bool skip_leader(std::string_view& text) {
  std::string_view rest = text;
  while (skip_blob(rest)) {
  }
  if (!skip_mark(rest)) return false;
  text = rest;
  return true;
}

void cut_trailers(std::string_view& text) {
  while (!text.empty()) {
    constexpr std::size_t kFwd = 5;
    if (is_blank(text.back())) {
      text.remove_suffix(1);
    } else if (text.size() >= kFwd && begins_with(text.substr(text.size() - kFwd), "(fwd)")) {
      text.remove_suffix(kFwd);
    } else {
      return;
    }
  }
}

void skip_marks(std::string_view& text) {
  while (true) {
    skip_blanks(text);
    if (skip_leader(text)) continue;
    std::string_view rest = text;
    if (!skip_blob(rest) || rest.empty()) return;
    text = rest;
  }
}

}  // namespace

std::string_view base_subject(std::string_view subject) {
  while (true) {
    cut_trailers(subject);
    skip_marks(subject);
    // "[Fwd: subject]", as old Netscape wrote it.
    if (!begins_with(subject, "[fwd:") || subject.back() != ']') return subject;
    subject.remove_prefix(5);
    subject.remove_suffix(1);
  }
}

std::size_t subject_marks(std::string_view subject) {
  std::string_view rest = subject;
  cut_trailers(rest);
  if (rest.empty()) return 0;
  skip_marks(rest);
  return static_cast<std::size_t>(rest.data() - subject.data());
}

}  // namespace alphamail
