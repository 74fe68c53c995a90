// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where exceptions stop: between httpd's C frames and our code. We do not throw;
// libraries may (bad_alloc first of all).
#ifndef MOD_ALPHAMAIL_BOUNDARY_H
#define MOD_ALPHAMAIL_BOUNDARY_H

#include <concepts>
#include <exception>

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

#include "mod_alphamail/module.h"

namespace alphamail {

/// Runs the body of a request's hook; an exception becomes a line in the log and a 500.
template <std::invocable Body>
int guard(request_rec* r, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& e) {
    ap_log_rerror(APLOG_MARK, APLOG_CRIT, 0, r, "AM0001: %s: %s", r->uri ? r->uri : "-", e.what());
  } catch (...) {
    ap_log_rerror(APLOG_MARK, APLOG_CRIT, 0, r, "AM0002: %s: unknown exception",
                  r->uri ? r->uri : "-");
  }
  return HTTP_INTERNAL_SERVER_ERROR;
}

/// The same for hooks of start-up and of a child, which have no request.
template <std::invocable Body>
int guard(server_rec* s, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& e) {
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "AM0003: %s", e.what());
  } catch (...) {
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "AM0004: unknown exception");
  }
  return HTTP_INTERNAL_SERVER_ERROR;
}

}  // namespace alphamail

#endif
