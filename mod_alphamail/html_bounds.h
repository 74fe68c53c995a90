// SPDX-License-Identifier: GPL-3.0-or-later
// Bounds on hostile HTML before a parser sees it. One pass over its tags, without a tree: what would
// make the parser's tree too deep or too large, or cost it more than its share, is left out.
#ifndef MOD_ALPHAMAIL_HTML_BOUNDS_H
#define MOD_ALPHAMAIL_HTML_BOUNDS_H

#include <cstddef>
#include <string>
#include <string_view>

namespace alphamail {

class HtmlShorthand;

struct HtmlBounds {
  std::size_t bytes = std::size_t{2} << 20;  ///< what is beyond is cut off
  std::size_t elements = 50000;              ///< start tags; the document ends with the last one
  std::size_t end_tags = 100000;             ///< the same of end tags
  std::size_t depth = 200;                   ///< deeper elements give way to their content
  std::size_t attributes = 64;               ///< of one tag; further ones are left out
};

struct BoundedHtml {
  std::string html;
  bool cut = false;      ///< the document goes on; what is missing was not looked at
  bool changed = false;  ///< tags or attributes beyond the bounds were left out; no word is missing
};

/// Never fails. Comments are left out, and end tags that end nothing. What it takes for a tag follows the
/// standard's tokenizer (HTML Living Standard section 13.2.5); where a parser sees it otherwise, within
/// SVG or after <script><!--, only what a bound leaves out can differ. Linear in its input.
/// @param html   UTF-8
/// @param shorthand  where given, texts and values are left with it, which must not outlive `html`; attributes that nobody
/// looks at, and the content of elements that are dropped with it, are left out. For a parser's eyes alone.
BoundedHtml bound_html(std::string_view html, const HtmlBounds& bounds = {}, HtmlShorthand* shorthand = nullptr);

}  // namespace alphamail

#endif
