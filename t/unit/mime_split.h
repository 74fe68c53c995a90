// SPDX-License-Identifier: GPL-3.0-or-later
// Takes a message apart as an IMAP server does, into the parts of its BODYSTRUCTURE and their
// bytes: what stands in for the server where the reading of messages is tested alone. Simple, not
// strict.
#ifndef T_UNIT_MIME_SPLIT_H
#define T_UNIT_MIME_SPLIT_H

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/characters.h"
#include "t/unit/message_view.h"

namespace alphamail {

class MimeSplit {
 public:
  explicit MimeSplit(std::string_view message) {
    const std::string_view body = split(message, header);
    entity(header, body, "", 0, false);
  }

  std::string_view header;  ///< the raw block
  std::vector<PartSpec> parts;
  std::map<std::string, std::string_view> bodies;  ///< by section, transfer encoding not undone

 private:
  static std::string_view split(std::string_view message, std::string_view& head) {
    for (std::size_t at = 0; at < message.size();) {
      const std::size_t end = message.find('\n', at);
      const std::string_view line =
          message.substr(at, end == std::string_view::npos ? end : end - at);
      const std::size_t next = end == std::string_view::npos ? message.size() : end + 1;
      if (line.empty() || line == "\r") {
        head = message.substr(0, at);
        return message.substr(next);
      }
      at = next;
    }
    head = message;
    return {};
  }

  static std::string field(std::string_view block, std::string_view wanted) {
    std::string value;
    bool inside = false;
    while (!block.empty()) {
      std::size_t end = std::min(block.find('\n'), block.size());
      std::string_view line = block.substr(0, end);
      block.remove_prefix(std::min(end + 1, block.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (inside && !line.empty() && is_wsp(line[0])) {
        value += line;
        continue;
      }
      if (inside) break;
      const std::size_t colon = line.find(':');
      inside = colon != std::string_view::npos &&
               equal_ignoring_case(trim(line.substr(0, colon)), wanted);
      if (inside) value = line.substr(colon + 1);
    }
    return std::string(trim(value));
  }

  /// "value; name=value; name="quoted"" taken apart.
  static std::string parameters(std::string_view text, std::vector<WireParameter>& out) {
    const std::size_t first = std::min(text.find(';'), text.size());
    const std::string value = lower(trim(text.substr(0, first)));
    text.remove_prefix(first);
    while (!text.empty()) {
      text.remove_prefix(1);
      const std::size_t equals = text.find_first_of("=;");
      if (equals == std::string_view::npos) break;
      const std::string name = lower(trim(text.substr(0, equals)));
      if (text[equals] == ';') {
        text.remove_prefix(equals);
        continue;
      }
      text = text.substr(equals + 1);
      while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
      std::string found;
      if (text.starts_with('"')) {
        std::size_t i = 1;
        for (; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\\' && i + 1 < text.size()) ++i;
          found.push_back(text[i]);
        }
        text.remove_prefix(std::min(i + 1, text.size()));
        text.remove_prefix(std::min(text.find(';'), text.size()));
      } else {
        const std::size_t end = std::min(text.find(';'), text.size());
        found = trim(text.substr(0, end));
        text.remove_prefix(end);
      }
      out.emplace_back(name, found);
    }
    return value;
  }

  void entity(std::string_view head, std::string_view body, const std::string& section,
              std::uint8_t depth, bool digest) {
    if (parts.size() > 3000) return;
    PartSpec spec;
    spec.depth = depth;
    spec.type = parameters(field(head, "content-type"), spec.parameters);
    if (spec.type.find('/') == std::string::npos)
      spec.type = digest ? "message/rfc822" : "text/plain";
    spec.disposition = parameters(field(head, "content-disposition"), spec.disposition_parameters);
    spec.encoding = lower(field(head, "content-transfer-encoding"));
    spec.content_id = field(head, "content-id");
    spec.size = body.size();
    const bool multipart = spec.type.starts_with("multipart/");
    spec.section = multipart || !section.empty() ? section : "1";
    parts.push_back(spec);
    bodies[spec.section] = body;
    if (depth > 60) return;
    if (multipart) children(spec, body, section);
    if (spec.type != "message/rfc822") return;
    std::string_view inner;
    const std::string_view text = split(body, inner);
    entity(inner, text, spec.section + ".1", static_cast<std::uint8_t>(depth + 1), false);
  }

  void children(const PartSpec& spec, std::string_view body, const std::string& section) {
    std::string boundary;
    for (const auto& [name, value] : spec.parameters)
      if (name == "boundary") boundary = "--" + value;
    if (boundary.empty()) return;
    std::size_t begin = std::string_view::npos;
    int number = 0;
    const auto child = [&](std::size_t end) {
      if (begin == std::string_view::npos || begin > end) return;
      std::string_view head;
      const std::string_view inner = split(body.substr(begin, end - begin), head);
      entity(head, inner, (section.empty() ? "" : section + ".") + std::to_string(++number),
             static_cast<std::uint8_t>(spec.depth + 1), spec.type == "multipart/digest");
    };
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      std::string_view line = body.substr(at, end - at);
      while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
      if (line == boundary || line == boundary + "--") {
        const std::size_t back = at >= 2 && body[at - 2] == '\r' ? 2 : 1;
        child(at >= back ? at - back : 0);
        begin = line == boundary ? end + 1 : std::string_view::npos;
        if (line != boundary) return;
      }
      at = end + 1;
    }
    child(body.size());
  }
};

}  // namespace alphamail

#endif
