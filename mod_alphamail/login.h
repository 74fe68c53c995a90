// SPDX-License-Identifier: GPL-3.0-or-later
// Coming in and going out: the log-in page's forms, their checks, and log-out.
#ifndef MOD_ALPHAMAIL_LOGIN_H
#define MOD_ALPHAMAIL_LOGIN_H

#include <string>
#include <string_view>

#include "mod_alphamail/exchange.h"
#include "mod_alphamail/pages.h"

namespace alphamail {

/// The log-in page with its form's token and, where the browser has none yet, the cookie under it.
Response show_login(Exchange& exchange, LoginState state);

/// POST /login. The form has been read; the password in it is overwritten.
Response log_in(Exchange& exchange);

/// POST /logout of a live session whose token has been checked.
Response log_out(Exchange& exchange);

/// `next` as a path below the mount that a GET may go to; "" for anything else.
std::string checked_next(std::string_view next);

}  // namespace alphamail

#endif
