// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_writer.h"

#include <algorithm>
#include <array>

#include "mod_alphamail/html_elements.h"

namespace alphamail {
namespace {

/// What a <p> has by itself.
constexpr std::string_view kMarginsOfP = "margin-top:1em;margin-bottom:1em";

/// Bytes that are not written as they are, or may not be.
constexpr std::array<bool, 256> make_odd() {
  std::array<bool, 256> odd{};
  for (std::size_t i = 0; i < 0x20; ++i) odd[i] = i != '\t' && i != '\n';
  for (const unsigned char c : {'&', '<', '>', '"', '\'', '`', '\x7f'}) odd[c] = true;
  odd[0xc2] = true;
  return odd;
}
constexpr std::array<bool, 256> kOdd = make_odd();

/// Of controls nothing.
std::string_view written_as(char odd) {
  switch (odd) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '`': return "&#96;";
    case '\f': return " ";
    case '\r': return "\n";
    default: return {};
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;  // where a piece begins that can be written as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!kOdd[byte]) continue;
    // U+0080 to U+009F are controls, too; what else begins with this byte is not.
    const bool pair = byte == 0xc2;
    if (pair && (i + 1 == text.size() || static_cast<unsigned char>(text[i + 1]) >= 0xa0)) continue;
    out.append(text.substr(plain, i - plain)).append(written_as(text[i]));
    if (pair) ++i;
    plain = i + 1;
  }
  out.append(text.substr(std::min(plain, text.size())));
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
  const std::size_t begin = kept_.size();
  append_escaped(kept_, text);
  // Where a body begins, white space is none of its content.
  if (parts_.empty()) kept_.erase(begin, std::min(kept_.find_first_not_of(" \t\n", begin), kept_.size()) - begin);
  if (kept_.size() == begin) return;
  // The first line end in a <pre> is not part of it.
  if (kept_[begin] == '\n' && !parts_.empty() && parts_.back().kind == Kind::kStart && parts_.back().tag == GUMBO_TAG_PRE) {
    kept_.insert(begin, 1, '\n');
  }
  parts_.push_back({Kind::kText, false, GUMBO_TAG_UNKNOWN, static_cast<std::uint32_t>(begin),
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
