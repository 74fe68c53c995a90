// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/thread_fields.h"

#include <algorithm>

#include "common/characters.h"
#include "mod_alphamail/header_fields.h"

namespace alphamail {
namespace {

/// "<a@b> <c@d>", with whatever people put between.
std::vector<std::string> ids_of(std::string_view value) {
  std::vector<std::string> ids;
  while (ids.size() < 1000) {
    const std::size_t open = value.find('<');
    const std::size_t close = open == std::string_view::npos ? open : value.find('>', open);
    if (close == std::string_view::npos) break;
    const std::string id(value.substr(open + 1, close - open - 1));
    const bool clean = !id.empty() && id.size() <= 900 &&
                       std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~' && c != '<'; });
    if (clean) ids.push_back(id);
    value.remove_prefix(close + 1);
  }
  return ids;
}

/// RFC 2369: "<mailto:list@host>", perhaps with more; "NO" where nobody may post.
std::string post_address(std::string_view value) {
  const std::size_t at = value.find("<mailto:");
  if (at == std::string_view::npos) return "";
  value.remove_prefix(at + 8);
  return std::string(value.substr(0, value.find_first_of("?>")));
}

}  // namespace

ThreadFields read_thread_fields(std::string_view header) {
  ThreadFields out;
  HeaderFields fields(header);
  for (HeaderField field; fields.next(field);) {
    const std::string value = unfolded(field.value);
    if (field.name == "message-id" && out.message_id.empty()) {
      if (const auto ids = ids_of(value); !ids.empty()) out.message_id = ids.front();
    }
    if (field.name == "in-reply-to" && out.in_reply_to.empty()) out.in_reply_to = ids_of(value);
    if (field.name == "references" && out.references.empty()) out.references = ids_of(value);
    if (field.name == "list-post" && out.list_post.empty()) out.list_post = post_address(value);
    if (field.name.starts_with(lower(kNotePrefix))) {
      out.notes.emplace_back(field.name.substr(kNotePrefix.size()), trim(value));
    }
  }
  return out;
}

}  // namespace alphamail
