// SPDX-License-Identifier: GPL-3.0-or-later
// One HTTP request as the pages see it: checked, decoded once, without httpd's types.
#ifndef MOD_ALPHAMAIL_REQUEST_H
#define MOD_ALPHAMAIL_REQUEST_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/deadline.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/site.h"
#include "mod_alphamail/webcache_client.h"

struct request_rec;

namespace alphamail {

/// The cookie that remembers which language was chosen before log-in; no secret, checked against the
/// site's languages when used.
inline constexpr std::string_view kLanguageCookie = "alphamail_language";

enum class Method : std::uint8_t { kGet, kHead, kPost };

/// Decoded name=value pairs of a query or of an urlencoded body (W7: at most kMost fields; valid UTF-8
/// without NUL). The first of equal names counts.
class Fields {
 public:
  static constexpr std::size_t kMost = 200;
  static constexpr std::size_t kMostOfTicked = 5100;  ///< of a form with ticked messages

  static std::optional<Fields> parse(std::string_view encoded, std::size_t most = kMost);
  /// "" where absent.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  /// A number within [low, high], or `otherwise` where absent, malformed or outside.
  std::uint32_t number(std::string_view name, std::uint32_t low, std::uint32_t high,
                       std::uint32_t otherwise) const;
  std::vector<std::pair<std::string, std::string>> all;
};

/// A file that came with a form and was not taken.
struct RefusedUpload {
  std::string name;
  std::uint64_t bytes = 0;  ///< as far as they came
  std::uint64_t room = 0;   ///< for kTooLarge: what was left of the limit
  Code why = Code::kInternal;  ///< kThrottled: the user has as much in the spool as one may have
};

class Request {
 public:
  const Site& site;
  Method method = Method::kGet;
  /// What follows the mount point, still percent-encoded, as the client sent it: "/mail/INBOX/17".
  std::string_view path;
  Fields query;
  Fields form;                     ///< of a POST; empty else
  std::string id;                  ///< shown on error pages and in the log
  std::string network;             ///< the client's address
  std::string accept_language;
  std::string language_cookie;     ///< what the log-in page's language links keep (kLanguageCookie), or ""
  std::string browser_time_zone;   ///< from the cookie that the enhancing script sets; checked IANA name or ""
  std::string range, if_range;     ///< of a GET, as the client sent them (byte_range.h)
  std::string if_none_match;       ///< of a GET (page_poll.cc)
  std::string login_token;         ///< of the log-in form (login_form.h), where there is no session
  std::optional<Session> session;  ///< set for every page but log-in, assets and errors
  std::vector<RefusedUpload> refused_uploads = {};
  std::string upload_trouble = {};   ///< why a form with files did not arrive whole; ""
  mutable Admission::Place place = {};  ///< among the requests in work; nowhere for assets
  Deadline deadline;
  request_rec* raw;                ///< for the few files that include httpd.h

  WebcacheClient webcache() const { return WebcacheClient(*site.lane, deadline, &place); }
  /// A whole path from the root: url("/mail/INBOX/") gives "/alphamail/mail/INBOX/".
  std::string url(std::string_view below_mount) const { return site.mount + std::string(below_mount); }
  /// The form token of this session (or of the pre-session, on the log-in page).
  std::string token() const;
};

}  // namespace alphamail

#endif
