// SPDX-License-Identifier: GPL-3.0-or-later
// An HTML part from the webcache: what the message's page has to say of it, and, cleaned, what its frame shows.
#ifndef MOD_ALPHAMAIL_HTML_BODY_H
#define MOD_ALPHAMAIL_HTML_BODY_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/html_clean.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/request.h"

namespace alphamail {

/// What the reader wants to see of it.
struct HtmlBodyWish {
  bool remote = false;    ///< pictures from elsewhere
  bool recolour = false;  ///< colours for a dark page, too
  std::string charset = {};  ///< that the reader has chosen, "" = what the message says
};

/// What a page says of a document that it shows in a frame.
struct HtmlFacts {
  bool cut = false;         ///< it goes on
  bool words_only = false;  ///< too costly for its look
  bool odd = false;         ///< has letters that another charset would read as others
  std::size_t remote_pictures = 0;         ///< as in CleanedHtml
  std::size_t tracking_pictures = 0;
  std::vector<std::string> trackers = {};
};

/// From this child's memory where the part was looked at before (html_facts.h), else from its bytes.
/// @param charset  that the reader has chosen, "" = what the message says
Result<HtmlFacts> look_at_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                    const TextPart& part, const std::string& charset);

/// Reads the part as far as it may be shown, and cleans it; CleanedHtml::cut tells of both.
/// @param folder  the message's, as its address
Result<CleanedHtml> read_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                   const TextPart& part, const HtmlBodyWish& wish);

}  // namespace alphamail

#endif
