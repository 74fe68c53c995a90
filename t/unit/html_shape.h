// SPDX-License-Identifier: GPL-3.0-or-later
// The markup of a page without its texts: two pages of the same shape differ in nothing that a
// browser would run or follow. Enough of HTML's tokenizer for pages that we wrote ourselves.
#ifndef T_UNIT_HTML_SHAPE_H
#define T_UNIT_HTML_SHAPE_H

#include <string>
#include <string_view>
#include <vector>

namespace alphamail::fixture {

struct HtmlPage {
  std::vector<std::string> tags;    ///< "a href class", "/a"
  std::vector<std::string> values;  ///< of attributes, as written
  std::string text;                 ///< everything between tags, as written
};

inline HtmlPage read_html(std::string_view html) {
  HtmlPage page;
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; };
  std::size_t i = 0;
  while (i < html.size()) {
    if (html[i] != '<') {
      page.text += html[i++];
      continue;
    }
    std::string tag;
    ++i;
    while (i < html.size() && html[i] != '>' && !is_space(html[i])) tag += html[i++];
    while (i < html.size() && html[i] != '>') {
      if (is_space(html[i]) || html[i] == '/') {
        ++i;
        continue;
      }
      tag += ' ';
      while (i < html.size() && html[i] != '>' && html[i] != '=' && !is_space(html[i])) tag += html[i++];
      if (i >= html.size() || html[i] != '=') continue;
      ++i;
      std::string value;
      if (i < html.size() && (html[i] == '"' || html[i] == '\'')) {
        const char quote = html[i++];
        while (i < html.size() && html[i] != quote) value += html[i++];
        ++i;
      } else {
        tag += " UNQUOTED";
        while (i < html.size() && html[i] != '>' && !is_space(html[i])) value += html[i++];
      }
      page.values.push_back(value);
    }
    ++i;
    page.tags.push_back(tag);
  }
  return page;
}

/// What a reader sees of text or an attribute's value.
inline std::string unescaped(std::string_view text) {
  const std::pair<std::string_view, char> known[] = {{"&lt;", '<'},   {"&gt;", '>'},  {"&amp;", '&'},
                                                     {"&quot;", '"'}, {"&#39;", '\''}, {"&#123;", '{'}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [entity, c] : known) {
      if (text.substr(i).starts_with(entity)) {
        out += c;
        i += entity.size();
        found = true;
        break;
      }
    }
    if (!found) out += text[i++];
  }
  return out;
}

}  // namespace alphamail::fixture

#endif
