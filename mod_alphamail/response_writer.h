// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a Response on the wire, with the headers that every answer of ours has.
#ifndef MOD_ALPHAMAIL_RESPONSE_WRITER_H
#define MOD_ALPHAMAIL_RESPONSE_WRITER_H

#include "mod_alphamail/assets.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"

struct request_rec;

namespace alphamail {

/// The headers alone, the status too: for a body that somebody else sends.
void put_head(request_rec* r, const Response& response);
/// Head and body. A stream's Error has been logged; the connection is ended so that the cut is seen.
void send(const Request& request, const Response& response);
/// An asset through httpd's own file handling (sendfile), from a compressed sibling where the browser
/// takes it, kept for a year.
void send_asset(const Request& request, const Assets::File& file);

}  // namespace alphamail

#endif
