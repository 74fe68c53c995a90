// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_writer.h"

#include <algorithm>

#include "mod_alphamail/html_elements.h"

namespace alphamail {
namespace {

/// What a <p> has by itself.
constexpr std::string_view kMarginsOfP = "margin-top:1em;margin-bottom:1em";

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '`': out += "&#96;"; break;
      case '\t':
      case '\n': out += c; break;
      case '\f': out += ' '; break;
      case '\r': out += '\n'; break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) break;
        // U+0080 to U+009F are controls, too.
        if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
          ++i;
          break;
        }
        out += c;
      }
    }
  }
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"");
  append_escaped(out, value);
  out += '"';
}

std::size_t HtmlWriter::start(GumboTag tag, std::string_view attributes, std::string_view style) {
  parts_.push_back({Kind::kStart, false, tag, static_cast<std::uint32_t>(kept_.size()),
                    static_cast<std::uint32_t>(attributes.size()), static_cast<std::uint32_t>(style.size()), 0});
  kept_.append(attributes).append(style);
  return parts_.size() - 1;
}

void HtmlWriter::end(std::size_t start) {
  parts_.push_back({Kind::kEnd, false, GUMBO_TAG_UNKNOWN, 0, 0, 0, static_cast<std::uint32_t>(start)});
}

void HtmlWriter::text(std::string_view text) {
  // Where a body begins, white space is none of its content.
  if (parts_.empty()) text.remove_prefix(std::min(text.find_first_not_of(" \t\n\f\r"), text.size()));
  if (text.empty()) return;
  const auto begin = static_cast<std::uint32_t>(kept_.size());
  // The first line end in a <pre> is not part of it.
  if (text[0] == '\n' && !parts_.empty() && parts_.back().kind == Kind::kStart && parts_.back().tag == GUMBO_TAG_PRE) {
    kept_ += '\n';
  }
  append_escaped(kept_, text);
  parts_.push_back({Kind::kText, false, GUMBO_TAG_UNKNOWN, begin,
                    static_cast<std::uint32_t>(kept_.size() - begin), 0, 0});
}

void HtmlWriter::make_div(std::size_t start) {
  parts_[start].was_p = parts_[start].was_p || parts_[start].tag == GUMBO_TAG_P;
  parts_[start].tag = GUMBO_TAG_DIV;
}

void HtmlWriter::write_start(std::string& out, std::size_t i) const {
  const Part& part = parts_[i];
  out.append("<").append(gumbo_normalized_tagname(part.tag));
  out += kept(part.begin, part.attributes);
  std::string style;
  if (part.was_p) style = kMarginsOfP;
  if (part.was_p && part.style > 0) style += ';';
  style += kept(part.begin + part.attributes, part.style);
  if (!style.empty()) append_attribute(out, "style", style);
  out += '>';
}

std::string HtmlWriter::write() const {
  std::string out;
  out.reserve(kept_.size() + parts_.size() * 8);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    switch (part.kind) {
      case Kind::kStart: write_start(out, i); break;
      case Kind::kText: out += kept(part.begin, part.attributes); break;
      case Kind::kEnd:
        if (!element_is(parts_[part.start].tag, kVoid)) {
          out.append("</").append(gumbo_normalized_tagname(parts_[part.start].tag)).append(">");
        }
        break;
    }
  }
  return out;
}

}  // namespace alphamail
