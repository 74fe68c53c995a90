// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_command.h"

#include <algorithm>
#include <cassert>

#include "common/secret.h"

namespace alphamail {
namespace {

/// Narrower than RFC 3501's ATOM-CHAR: servers differ about the others, and quoting is always right.
bool is_atom(std::string_view text) {
  // "NIL" and "+" alone mean something else in places.
  if (text.empty() || text.size() > 255 || text == "NIL" || text == "nil") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/' || c == '@';
  });
}

bool fits_quotes(std::string_view text) {
  return text.size() <= 1000 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool may_be_sent(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

}  // namespace

bool is_section(std::string_view section) {
  return section.size() <= 256 && std::all_of(section.begin(), section.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
  });
}

ImapCommand::ImapCommand(std::string_view words) {
  text_.reserve(512);
  text_ += words;
}

ImapCommand::~ImapCommand() { wipe(text_.data(), text_.capacity()); }

/// Grows by hand, since std::string leaves the bytes of its smaller self behind in the heap.
void ImapCommand::room(std::size_t bytes) {
  if (text_.capacity() - text_.size() >= bytes) return;
  std::string larger;
  larger.reserve(std::max(text_.capacity() * 2, text_.size() + bytes));
  larger = text_;
  text_.swap(larger);
  wipe(larger.data(), larger.capacity());
}

ImapCommand& ImapCommand::words(std::string_view constant) {
  assert(may_be_sent(constant));
  room(constant.size() + 1);
  if (!constant.starts_with(')')) text_ += ' ';
  text_ += constant;
  return *this;
}

ImapCommand& ImapCommand::astring(std::string_view text) {
  if (!is_atom(text)) return string(text);
  room(text.size() + 1);
  text_ += ' ';
  text_ += text;
  return *this;
}

ImapCommand& ImapCommand::string(std::string_view text) {
  if (!may_be_sent(text)) {
    valid_ = false;
    return *this;
  }
  room(2 * text.size() + 40);
  text_ += ' ';
  quoted_or_literal(text);
  return *this;
}

void ImapCommand::quoted_or_literal(std::string_view text) {
  if (fits_quotes(text)) {
    text_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
    return;
  }
  text_ += '{';
  text_ += std::to_string(text.size());
  literals_.push_back({text_.size(), text.size()});
  text_ += "}\r\n";
  text_ += text;
}

ImapCommand& ImapCommand::number(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return words(digits);
}

ImapCommand& ImapCommand::range(std::uint32_t first, std::uint32_t last) {
  return words(std::to_string(first) + ':' + std::to_string(last));
}

ImapCommand& ImapCommand::set(std::span<const Uid> uids) {
  std::string out;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t last = i;
    while (last + 1 < uids.size() &&
           static_cast<std::uint64_t>(uids[last + 1]) == static_cast<std::uint64_t>(uids[last]) + 1) {
      ++last;
    }
    if (!out.empty()) out += ',';
    out += std::to_string(static_cast<std::uint32_t>(uids[i]));
    if (last > i) out += ':' + std::to_string(static_cast<std::uint32_t>(uids[last]));
    i = last + 1;
  }
  if (out.empty()) valid_ = false;
  return words(out);
}

ImapCommand& ImapCommand::body_peek(std::string_view section, std::uint64_t offset, std::uint64_t length) {
  if (!is_section(section)) {
    valid_ = false;
    return *this;
  }
  return words("BODY.PEEK[" + std::string(section) + "]<" + std::to_string(offset) + '.' +
               std::to_string(length) + '>');
}

std::vector<ImapCommand::Piece> ImapCommand::pieces(const Capabilities& capabilities) {
  const bool all_small =
      std::all_of(literals_.begin(), literals_.end(), [](const LiteralAt& l) { return l.bytes <= 4096; });
  const bool without_waiting = capabilities.literal_plus || (capabilities.literal_minus && all_small);
  room(literals_.size() + 2);
  std::vector<Piece> out;
  std::size_t from = 0;
  std::size_t shift = 0;
  for (const LiteralAt& literal : literals_) {
    const std::size_t brace = literal.size_end + shift;
    if (without_waiting) {
      text_.insert(brace, 1, '+');
      ++shift;
      continue;
    }
    const std::size_t end = brace + 3;  // "}\r\n"
    out.push_back({std::string_view(text_).substr(from, end - from)});
    from = end;
  }
  literals_.clear();
  text_ += "\r\n";
  out.push_back({std::string_view(text_).substr(from)});
  // Views taken before the last append: room() above made sure that it moved nothing.
  return out;
}

}  // namespace alphamail
