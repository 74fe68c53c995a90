// SPDX-License-Identifier: GPL-3.0-or-later
// One request on its way through the module: what the hooks noted of it early, and, from the handler
// on, what belongs to HTTP and not to the pages (cookies, provenance, the connection).
#ifndef MOD_ALPHAMAIL_EXCHANGE_H
#define MOD_ALPHAMAIL_EXCHANGE_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <httpd.h>

#include "common/result.h"
#include "mod_alphamail/cookie.h"
#include "mod_alphamail/csrf.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/route.h"

namespace alphamail {

/// Made as soon as httpd has read a request whose address lies below our mount.
struct Note {
  const Site* site = nullptr;
  std::string id;           ///< of the request: log, error page, access log
  std::string path;         ///< below the mount, as the client sent it
  Result<Route> route = Route{};
};
/// Null for requests that are not ours.
const Note* note_of(const request_rec* r);
/// The post_read_request hook's work: see there (mod_alphamail.cc).
void take_note(request_rec* r, const Site& site);
/// For a request that httpd refused before that: a note if its address can be seen to be ours.
const Note* note_of_refused(request_rec* r);

struct Exchange {
  request_rec* r;
  const Note& note;
  Request request;
  CookieRules cookies;
  bool tls = false;
  bool plain_allowed = false;         ///< a loopback connection of a site that allows it
  std::string_view session_cookie;    ///< as the client sent it; "" = none
  std::string_view login_cookie;      ///< the same, of the log-in form; "" where it is not of our shape
  std::string_view known_cookie;      ///< as the client sent it; "" = none (known_browser.h)
  std::string_view browser;           ///< user_agent.h
  Provenance from;
  std::int64_t now = 0;               ///< seconds since 1970
};

/// All but the form and the session. kInvalid for a bad query, kTooLarge for too long an address.
Result<void> read_head(Exchange& exchange);
Exchange make_exchange(request_rec* r, const Note& note);

/// Reads the body of a POST into request.form. kInvalid for what is no urlencoded form, kTooLarge over
/// the limit, kTimeout where the client stopped sending.
Result<void> read_form(Exchange& exchange);
/// The same with limits of its own: bytes of the body, fields.
Result<void> read_form(Exchange& exchange, std::size_t limit, std::size_t most_fields);

/// Gives the body of a POST to `take` in the pieces that come, until its end or an error of `take`'s, or kTimeout,
/// kTooLarge (httpd's own limit), kInvalid where the client went away.
Result<void> read_body(request_rec* r, const std::function<Result<void>(std::string_view)>& take);

std::string_view header_of(const request_rec* r, const char* name);

/// Where this request should have gone instead: to https, or to the host that cookies belong to.
std::optional<std::string> better_address(const Exchange& exchange);

}  // namespace alphamail

#endif
