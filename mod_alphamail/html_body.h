// SPDX-License-Identifier: GPL-3.0-or-later
// An HTML part from the webcache, cleaned: what the message's page counts, and what its frame shows.
#ifndef MOD_ALPHAMAIL_HTML_BODY_H
#define MOD_ALPHAMAIL_HTML_BODY_H

#include <string>
#include <string_view>

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

/// Reads the part as far as it may be shown, and cleans it; CleanedHtml::cut tells of both.
/// @param folder  the message's, as its address
Result<CleanedHtml> read_html_body(const Request& request, const std::string& folder, const wire::MessageView& view,
                                   const TextPart& part, const HtmlBodyWish& wish);

}  // namespace alphamail

#endif
