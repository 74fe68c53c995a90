// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/flowed_text.h"

#include <algorithm>

namespace alphamail {
namespace {

constexpr std::size_t kWidth = 72;  // characters of a line before it is broken, its last space included

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// More characters than that? Looks no further than needed.
bool is_wider(std::string_view text, std::size_t width) {
  for (const char c : text) {
    if (begins_character(c) && width-- == 0) return true;
  }
  return false;
}

/// RFC 3676 section 4.4: what must not be taken for a quote, and what old transports change.
bool needs_stuffing(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ");
}

void put_line(std::string& out, std::string_view quote, std::string_view line) {
  out += quote;
  // Between quote marks and text stands one space (section 4.5), which is stuffing, too.
  if (!quote.empty() ? !line.empty() : needs_stuffing(line)) out += ' ';
  out.append(line).append("\r\n");
}

/// One paragraph: lines that end with a space flow into the next (section 4.2).
void flow(std::string& out, std::string_view quote, std::string_view text) {
  const std::size_t room = kWidth > quote.size() + 12 ? kWidth - quote.size() : 12;
  while (is_wider(text, room)) {
    // The last space within the room, else the first one behind it.
    std::size_t at = std::string_view::npos, used = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (begins_character(text[i])) ++used;
      if (used > room && at != std::string_view::npos) break;
      if (text[i] != ' ' || i + 1 == text.size()) continue;
      // Not where the line would be all spaces or look like a signature's mark.
      if (text.find_first_not_of(' ') < i && text.substr(0, i + 1) != "-- ") at = i + 1;
    }
    if (at == std::string_view::npos) break;
    put_line(out, quote, text.substr(0, at));
    text.remove_prefix(at);
  }
  put_line(out, quote, text);
}

/// ">", ">>" out of "> > words"; leaves the words.
std::string quote_of(std::string_view& line) {
  std::string quote;
  while (line.starts_with('>')) {
    quote += '>';
    line.remove_prefix(1);
    if (line.starts_with(" >")) line.remove_prefix(1);
  }
  if (!quote.empty() && line.starts_with(' ')) line.remove_prefix(1);
  return quote;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (!text.empty()) {
    text.remove_prefix(1);
  }
  return line;
}

std::string marks_of(std::uint32_t depth) {
  return depth == 0 ? std::string() : std::string(depth, '>') + " ";
}

/// @param more  quote marks put before each line
std::string lines_of(const std::vector<TextBlock>& blocks, std::uint32_t more, std::size_t limit) {
  std::string out;
  for (const TextBlock& block : blocks) {
    const std::string marks = marks_of(block.quote + more);
    std::string_view left = block.text;
    do {
      const std::string_view line = next_line(left);
      if (more > 0 && block.quote == 0 && line == "-- ") return out;
      if (out.size() + marks.size() + line.size() > limit) return out + marks_of(more) + "[...]\n";
      out += line.empty() && !marks.empty() ? marks.substr(0, marks.size() - 1) : marks;
      out.append(line).append("\n");
    } while (!left.empty());
  }
  return out;
}

}  // namespace

std::string flowed_lines(std::string_view typed) {
  std::string out;
  out.reserve(typed.size() + typed.size() / 8);
  while (!typed.empty()) {
    std::string_view line = next_line(typed);
    const std::string quote = quote_of(line);
    if (line == "-- ") {
      put_line(out, quote, line);
      continue;
    }
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    flow(out, quote, line);
  }
  return out;
}

std::string quoted_text(const std::vector<TextBlock>& blocks, std::size_t limit) {
  std::string out = lines_of(blocks, 1, limit);
  // Empty lines at the end quote nothing.
  while (out.ends_with("\n>\n")) out.resize(out.size() - 2);
  return out;
}

std::string plain_text(const std::vector<TextBlock>& blocks, std::size_t limit) {
  return lines_of(blocks, 0, limit);
}

}  // namespace alphamail
