// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords (RFC 9051, flag-keyword): what clients mark messages with beside the flags that mean something to all.
#ifndef WEBCACHE_KEYWORD_H
#define WEBCACHE_KEYWORD_H

#include <algorithm>
#include <string_view>

#include "webcache/imap_limits.h"
#include "webcache/imap_types.h"

namespace alphamail {

/// An atom that can be sent to a server as it is, no longer than is kept of one.
inline bool is_keyword(std::string_view name) {
  return !name.empty() && name.size() <= imap_limits::kKeyword &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c < 0x7F && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
         });
}

/// Servers tell keywords apart without regard to case.
inline bool same_keyword(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// Whether a folder that keeps this keeps that keyword.
inline bool is_kept(const PermanentFlags& kept, std::string_view keyword) {
  return !kept.told || kept.any_new ||
         std::any_of(kept.keywords.begin(), kept.keywords.end(),
                     [&](const std::string& one) { return same_keyword(one, keyword); });
}

/// What wire::Flag has a bit for, under whichever name: no label.
bool is_known_flag(std::string_view name);

}  // namespace alphamail

#endif
