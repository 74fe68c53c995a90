// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/uuencode.h"

#include <algorithm>

#include "common/characters.h"
#include "common/mime_text.h"
#include "mod_alphamail/mime_reader.h"

namespace alphamail {
namespace {

constexpr std::size_t kLongestLine = 1000;  // of text; longer ones pass unseen
constexpr std::size_t kLongestName = 300;

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

/// The file's name of "begin 644 NAME"; "" where the line is none.
std::string name_of_begin(std::string_view line) {
  line = without_end(line);
  if (!line.starts_with("begin ")) return {};
  line.remove_prefix(6);
  std::size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '7') ++digits;
  if (digits < 3 || digits > 4 || digits >= line.size() || line[digits] != ' ') return {};
  const std::string_view name = trim(line.substr(digits));
  if (name.empty() || name.size() > kLongestName) return {};
  std::string clean = clean_file_name(to_utf8(name, ""));
  return clean.empty() ? "attachment" : clean;
}

unsigned value_of(char c) { return (static_cast<unsigned char>(c) - 0x20U) & 0x3FU; }

/// Appends the bytes of one uuencoded line.
/// @param inside  others came before: lines that lost spaces at their end are believed
/// @return false where it is none; nothing is appended then
bool decode_line(std::string_view line, bool inside, std::string& out) {
  line = without_end(line);
  if (line.empty() || line.front() < ' ' || line.front() > '`') return false;
  const std::size_t count = value_of(line.front());
  line.remove_prefix(1);
  const std::size_t letters = (count + 2) / 3 * 4;
  if (std::any_of(line.begin(), line.end(), [](char c) { return c < ' ' || c > '`'; })) return false;
  // Spaces at the end get lost on the way; one or two letters more are a checksum of old.
  if (line.size() > letters + 2 || (!inside && line.size() + 2 < letters)) return false;
  for (std::size_t at = 0; at < letters; at += 4) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits = bits << 6 | (at + i < line.size() ? value_of(line[at + i]) : 0);
    const std::size_t left = count - at / 4 * 3;
    for (std::size_t i = 0; i < 3 && i < left; ++i)
      out.push_back(static_cast<char>(bits >> (16 - 8 * i) & 0xFF));
  }
  return true;
}

}  // namespace

void UuFilter::add(std::string_view piece, std::string& text, std::string& file) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end == std::string_view::npos ? end : end + 1);
    piece.remove_prefix(part.size());
    const bool ended = end != std::string_view::npos;
    if (long_) {
      text += part;
      long_ = !ended;
      continue;
    }
    if (held_.empty() && ended) {
      line(part, text, file);
      continue;
    }
    held_ += part;
    if (!ended && held_.size() <= kLongestLine) continue;
    if (ended) {
      line(held_, text, file);
    } else {
      release(text);
      inside_ = false;
      text += held_;
      long_ = true;
    }
    held_.clear();
  }
}

void UuFilter::finish(std::string& text, std::string& file) {
  if (!held_.empty()) line(held_, text, file);
  held_.clear();
  release(text);
  inside_ = false;
}

/// A "begin" line that nothing followed was words.
void UuFilter::release(std::string& text) {
  text += begin_;
  begin_.clear();
}

void UuFilter::line(std::string_view whole, std::string& text, std::string& file) {
  std::string bytes;
  if (inside_ || !begin_.empty()) {
    const bool data = decode_line(whole, inside_, bytes);
    const bool end = without_end(whole) == "end";
    if (!begin_.empty() && data && !end) {
      begin_.clear();
      inside_ = true;
      files_.push_back({name_, 0, false, {}});
    }
    if (inside_ && (data || end)) {
      UuFile& current = files_.back();
      if (end) {
        current.whole = true;
        inside_ = false;
        return;
      }
      current.size += bytes.size();
      if (current.beginning.size() < kBeginning)
        current.beginning += std::string_view(bytes).substr(0, kBeginning - current.beginning.size());
      if (files_.size() - 1 == wanted_) file += bytes;
      return;
    }
    release(text);
    inside_ = false;
  }
  name_ = files_.size() < kFiles ? name_of_begin(whole) : std::string();
  if (name_.empty())
    text += whole;
  else
    begin_ = whole;
}

}  // namespace alphamail
