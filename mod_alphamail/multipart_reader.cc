// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/multipart_reader.h"

#include <algorithm>

#include "common/characters.h"

namespace alphamail {
namespace {

Error malformed(const char* why) { return {Code::kInvalid, std::string("the form with files is malformed: ") + why}; }

/// A parameter out of a header value: name="..." as browsers write it, where %22, %0D and %0A stand for what
/// would end it (the HTML standard), and \" by older ones; or a bare token.
bool find_parameter(std::string_view value, std::string_view name, std::string& out) {
  out.clear();
  std::size_t i = value.find(';');
  while (i != std::string_view::npos && i < value.size()) {
    ++i;
    while (i < value.size() && is_wsp(value[i])) ++i;
    const std::size_t equals = value.find('=', i);
    if (equals == std::string_view::npos) return false;
    const std::string_view key = trim(value.substr(i, equals - i));
    std::string text;
    i = equals + 1;
    if (i < value.size() && value[i] == '"') {
      for (++i; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size() && value[i + 1] == '"') ++i;
        text += value[i];
      }
      i = value.find(';', std::min(i, value.size()));
    } else {
      const std::size_t end = std::min(value.find(';', i), value.size());
      text = trim(value.substr(i, end - i));
      i = end;
    }
    if (equal_ignoring_case(key, name)) {
      out = std::move(text);
      return true;
    }
  }
  return false;
}

void undo_percent(std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view three = std::string_view(text).substr(i, 3);
    if (equal_ignoring_case(three, "%22")) {
      out += '"';
      i += 2;
    } else if (equal_ignoring_case(three, "%0d") || equal_ignoring_case(three, "%0a")) {
      out += ' ';
      i += 2;
    } else {
      out += text[i];
    }
  }
  text = std::move(out);
}

bool parse_head(std::string_view head, MultipartReader::Head& out) {
  bool disposition = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 2));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view name = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "Content-Type")) out.type = value;
    if (!equal_ignoring_case(name, "Content-Disposition")) continue;
    if (!equal_ignoring_case(trim(value.substr(0, value.find(';'))), "form-data")) return false;
    disposition = find_parameter(value, "name", out.name);
    out.file = find_parameter(value, "filename", out.file_name);
    undo_percent(out.name);
    undo_percent(out.file_name);
  }
  if (const std::size_t path = out.file_name.find_last_of("/\\"); path != std::string::npos) {
    out.file_name.erase(0, path + 1);
  }
  return disposition;
}

}  // namespace

std::string MultipartReader::boundary_of(std::string_view content_type) {
  if (!equal_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) return "";
  std::string boundary;
  if (!find_parameter(content_type, "boundary", boundary) || boundary.size() > 70) return "";
  const bool good = std::all_of(boundary.begin(), boundary.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  });
  return good && !boundary.ends_with(' ') ? boundary : "";
}

MultipartReader::MultipartReader(std::string_view boundary, Handler& handler)
    : delimiter_("\r\n--" + std::string(boundary)), handler_(handler), held_("\r\n") {
  // As if a line had ended before: the first boundary is found like the others.
}

Result<void> MultipartReader::add(std::string_view bytes) {
  held_ += bytes;
  while (true) {
    const auto more = step();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

Result<void> MultipartReader::finish() const {
  if (at_ != At::kEpilogue) return malformed("it ends in the middle");
  return {};
}

/// One step with what is held; false where more bytes are needed.
Result<bool> MultipartReader::step() {
  switch (at_) {
    case At::kPreamble:
    case At::kBody: return read_body();
    case At::kBoundary:
      // Behind a boundary: "--" ends the form, white space and a line end lead to a part.
      if (held_.size() < 2) return false;
      if (held_.starts_with("--")) {
        at_ = At::kEpilogue;
        return true;
      }
      held_.erase(0, std::min(held_.find_first_not_of(" \t"), held_.size()));
      if (held_.size() < 2) return false;
      if (!held_.starts_with("\r\n")) return malformed("no line end behind a boundary");
      held_.erase(0, 2);
      at_ = At::kHead;
      return true;
    case At::kHead: return read_head();
    case At::kEpilogue:
      held_.clear();
      return false;
  }
  return false;
}

Result<bool> MultipartReader::read_body() {
  const std::size_t found = held_.find(delimiter_);
  // Without one, all but a possible beginning of it is the part's.
  const std::size_t safe =
      found != std::string::npos ? found : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
  if (at_ == At::kBody && safe > 0) {
    if (const auto done = handler_.data(std::string_view(held_).substr(0, safe)); !done) return done.error();
  }
  held_.erase(0, safe);
  if (found == std::string::npos) return false;
  held_.erase(0, delimiter_.size());
  if (at_ == At::kBody) {
    if (const auto done = handler_.end(); !done) return done.error();
  }
  at_ = At::kBoundary;
  return true;
}

Result<bool> MultipartReader::read_head() {
  const std::size_t end = held_.find("\r\n\r\n");
  if (end == std::string::npos && held_.size() <= kHeadBytes) return false;
  if (end == std::string::npos || end > kHeadBytes) return malformed("the head of a part is too long");
  if (++parts_ > kParts) return malformed("it has too many parts");
  Head head;
  if (!parse_head(std::string_view(held_).substr(0, end), head)) return malformed("a part says no name");
  held_.erase(0, end + 4);
  if (const auto done = handler_.begin(head); !done) return done.error();
  at_ = At::kBody;
  return true;
}

}  // namespace alphamail
