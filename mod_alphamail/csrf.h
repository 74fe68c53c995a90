// SPDX-License-Identifier: GPL-3.0-or-later
// Is this POST from one of our own pages? Two independent answers, both needed: the token in the form
// (S6) and where the browser says that the request comes from (S7).
#ifndef MOD_ALPHAMAIL_CSRF_H
#define MOD_ALPHAMAIL_CSRF_H

#include <string>
#include <string_view>

#include "common/seal.h"

namespace alphamail {

/// A token for the forms of the session whose token key this is. Each call gives another spelling
/// (the mark is XORed with a random mask), so that compressed pages do not tell it to an attacker who
/// can choose what else is on them.
std::string form_token(const Key& token_key);
/// Constant time in the token's content.
bool is_form_token(const Key& token_key, std::string_view token);

/// What the browser says about where a request comes from.
struct Provenance {
  std::string_view sec_fetch_site;  ///< "" = header absent
  std::string_view origin;          ///< "" = header absent
  std::string_view host;            ///< of this request, with the port where it has one
  bool tls = false;
  bool proxied_tls = false;         ///< TLS may end in front of this server: https counts as ours too
};
/// S7: Sec-Fetch-Site decides where it is sent, else Origin, else (neither) the token alone.
bool is_same_origin(const Provenance& from);
/// The same, and the browser has said so itself: for what the token cannot answer for.
bool says_same_origin(const Provenance& from);

}  // namespace alphamail

#endif
