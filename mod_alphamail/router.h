// SPDX-License-Identifier: GPL-3.0-or-later
// From an address to the page that answers it: redirects, session, token, page, in this order.
#ifndef MOD_ALPHAMAIL_ROUTER_H
#define MOD_ALPHAMAIL_ROUTER_H

#include "mod_alphamail/exchange.h"

namespace alphamail {

/// Answers the request, whatever it is.
void serve(request_rec* r, const Note& note);

}  // namespace alphamail

#endif
