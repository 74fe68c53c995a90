// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures that are there to be fetched and not to be seen: they tell a sender who has read a message, and when.
#ifndef MOD_ALPHAMAIL_HTML_TRACKERS_H
#define MOD_ALPHAMAIL_HTML_TRACKERS_H

#include <string_view>

namespace alphamail {

/// Whose tracking address it is, by a small list of known ones; "" for none of them.
/// @param url  as read_mail_url() writes it
std::string_view known_tracker(std::string_view host, std::string_view url);

}  // namespace alphamail

#endif
