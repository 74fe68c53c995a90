// SPDX-License-Identifier: GPL-3.0-or-later
// How a folder stands, for a script that asks again and again: JSON with an ETag, answered by 304 as long as nothing
// has changed. It costs the daemon a look into its memory, and does not count as use of the session (router.cc).
#include <cstdio>
#include <string>

#include "mod_alphamail/pages.h"

namespace alphamail {

namespace {

std::string hex_of(std::uint64_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return digits;
}

}  // namespace

Result<Response> page_poll(const Request& request, const std::string& folder) {
  const auto state = request.webcache().state(request.session->caller(), folder);
  Response response;
  response.headers.emplace_back("Cache-Control", "private, no-cache");
  if (!state && state.error().code == Code::kNotFound) {
    response.status = 204;  // there may be something to say later
    return response;
  }
  if (!state) return state.error().while_doing("asking how a folder stands");
  const std::string version = hex_of((*state)->version());
  response.headers.emplace_back("ETag", '"' + version + '"');
  // Whoever compressed it may have put a word behind the version.
  if (request.if_none_match.find('"' + version) != std::string::npos) {
    response.status = 304;
    return response;
  }
  thread_local std::string json;  // as pages have it: valid until the next answer
  json = "{\"unread\":" + std::to_string((*state)->unread()) + ",\"total\":" + std::to_string((*state)->total()) +
         ",\"version\":\"" + version + "\"}";
  response.content_type = "application/json";
  response.body = json;
  return response;
}

}  // namespace alphamail
