// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/header_fields.h"

#include <algorithm>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {

HeaderFields::HeaderFields(std::string_view block) : left_(block) {
  if (left_.size() > kHeaderBytes) {
    left_ = left_.substr(0, kHeaderBytes);
    cut_ = true;
  }
}

bool HeaderFields::next(HeaderField& field) {
  while (!left_.empty() && lines_ < kHeaderLines) {
    const std::string_view whole = take_field();
    if (trim(whole).empty() && !is_wsp(whole.empty() ? '\n' : whole.front()))
      return false;  // the empty line
    const std::size_t colon = whole.find(':');
    if (colon == std::string_view::npos)
      continue;  // not a field: an mbox's "From " or a broken line
    const std::string_view name = trim(whole.substr(0, colon));
    if (name.empty() ||
        std::any_of(name.begin(), name.end(), [](char c) { return c <= ' ' || c > '~'; }))
      continue;
    field = {lower(name), name, whole.substr(colon + 1)};
    return true;
  }
  cut_ = cut_ || !left_.empty();
  return false;
}

/// A line and those after it that begin with white space; the empty line gives "".
std::string_view HeaderFields::take_field() {
  std::size_t end = end_of_line(0);
  const bool empty = end == 0 || left_.find_first_not_of("\r\n") >= end;
  std::size_t next = after_line_end(end);
  ++lines_;
  while (!empty && next < left_.size() && is_wsp(left_[next]) && lines_ < kHeaderLines) {
    end = end_of_line(next);
    next = after_line_end(end);
    ++lines_;
  }
  const std::string_view field = left_.substr(0, end);
  left_.remove_prefix(next);
  return field;
}

std::size_t HeaderFields::end_of_line(std::size_t from) const {
  return std::min(left_.find_first_of("\r\n", from), left_.size());
}

std::size_t HeaderFields::after_line_end(std::size_t end) const {
  if (end >= left_.size()) return left_.size();
  return left_.substr(end, 2) == "\r\n" ? end + 2 : end + 1;
}

std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value)
    if (c != '\r' && c != '\n') out.push_back(c);
  return out;
}

std::vector<ReadableField> all_fields(std::string_view block) {
  std::vector<ReadableField> all;
  HeaderFields fields(block);
  for (HeaderField field; fields.next(field);)
    all.push_back({std::string(field.written), decode_header(field.value)});
  return all;
}

}  // namespace alphamail
