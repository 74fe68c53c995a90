// SPDX-License-Identifier: GPL-3.0-or-later
// HTML from strangers to HTML that can do nothing but be read: parsed as browsers parse, kept by allow-list
// (elements and attributes here, html_css.h, html_url.h), written out anew. What it makes holds no script, no
// request but to what the reader allowed, no way out of its place; nothing may be changed in it afterwards.
//
// bound_html() limits what the parser sees, HtmlTree what it may cost, HtmlCleaner walks the tree once and writes
// down elements and texts (html_writer.h), in such an order that a parser reads the very same tree from them again:
// cleaning what is clean changes nothing.
#ifndef MOD_ALPHAMAIL_HTML_CLEAN_H
#define MOD_ALPHAMAIL_HTML_CLEAN_H

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mod_alphamail/html_bounds.h"

namespace alphamail {

/// Markup that clean_html() made; nobody else can make any. Pages may write it as it is.
class SafeHtml {
 public:
  SafeHtml() = default;
  std::string_view text() const { return text_; }

 private:
  friend class HtmlCleaner;
  explicit SafeHtml(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct CleanOptions {
  /// Pictures from elsewhere stay, by https. Known tracking pictures never do.
  bool remote = false;
  /// Colours get their counterparts for a dark page beside them, with contrast kept (html_colour.h).
  bool recolour = false;
  /// Everything is told but html, which stays empty: at three quarters of the cost. Nothing is recoloured then. Of what would
  /// become too large only by what is written of it, words_only may not tell.
  bool only_look = false;
  /// The address of a picture of the same message: for a Content-ID without brackets, or for a src as written;
  /// "" where there is none. An address that it gave it gives again.
  std::function<std::string(std::string_view reference)> picture = {};
  /// The address that writes to a mailto: address, given that; "" leaves it. Of its own addresses as above.
  std::function<std::string(std::string_view mailto)> compose = {};
  HtmlBounds bounds = {};
};

struct CleanedHtml {
  SafeHtml html;
  std::size_t remote_pictures = 0;     ///< from elsewhere, loaded or not
  std::size_t tracking_pictures = 0;   ///< left out
  std::vector<std::string> trackers;   ///< whose they are: known names, else hosts; each once, at most 20
  bool cut = false;         ///< the document goes on
  bool words_only = false;  ///< it would have cost too much: its words, without their look
};

/// A document or a fragment of one (a signature, a description), in UTF-8. Total and bounded: 10 MB or 100 000
/// nested elements take below 2 s and 64 MB.
CleanedHtml clean_html(std::string_view html, const CleanOptions& options = {});

}  // namespace alphamail

#endif
