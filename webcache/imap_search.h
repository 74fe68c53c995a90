// SPDX-License-Identifier: GPL-3.0-or-later
// What a server is asked to look for (RFC 3501 section 6.4.4): all of several things, each of which is
// any one of some. A server's answer is never the last word (body_search.h), so a program that
// asks for too much is right, and one that asks for too little is not.
#ifndef WEBCACHE_IMAP_SEARCH_H
#define WEBCACHE_IMAP_SEARCH_H

#include <cstdint>
#include <string>
#include <vector>

namespace alphamail {

struct SearchKey {
  enum class Kind : std::uint8_t { kBody, kText, kFrom, kTo, kCc, kSubject } kind = Kind::kBody;
  std::string text;  ///< UTF-8
  bool operator==(const SearchKey&) const = default;
};

/// Of `all` each one, and of that one any; nothing in it is every message.
struct SearchProgram {
  std::vector<std::vector<SearchKey>> all;
};

}  // namespace alphamail

#endif
