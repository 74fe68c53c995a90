// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of web pages and of people within plain text.
#ifndef MOD_ALPHAMAIL_LINKS_H
#define MOD_ALPHAMAIL_LINKS_H

#include <string_view>
#include <vector>

namespace alphamail {

/// A piece of a text; `link` says that it is an address that may be followed: http, https, mailto, or one
/// that begins with www, which `scheme` is to be put before.
struct Run {
  std::string_view text;
  bool link;
  std::string_view scheme = {};
};

/// Cuts a text into runs, which together are the whole text. Punctuation that ends a sentence or
/// closes a bracket opened before the address belongs to the text. Linear in its input; at most
/// `limit` links, the rest stays text.
std::vector<Run> find_links(std::string_view text, std::size_t limit = 2000);

}  // namespace alphamail

#endif
