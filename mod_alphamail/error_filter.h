// SPDX-License-Identifier: GPL-3.0-or-later
// httpd answers some requests before we see them (too long an address, a malformed header) or in our
// stead (an exception caught, access denied). For our addresses its bare page is replaced by ours,
// with the headers that every answer of ours has.
#ifndef MOD_ALPHAMAIL_ERROR_FILTER_H
#define MOD_ALPHAMAIL_ERROR_FILTER_H

#include <httpd.h>

namespace alphamail {

void register_error_filter();
/// The insert_error_filter hook's work.
void insert_error_filter(request_rec* r);

}  // namespace alphamail

#endif
