// SPDX-License-Identifier: GPL-3.0-or-later
// The addresses that pages link to; route.h reads them back.
#ifndef MOD_ALPHAMAIL_URLS_H
#define MOD_ALPHAMAIL_URLS_H

#include <cstdint>
#include <string>
#include <string_view>

namespace alphamail {

/// Appends MOUNT/mail/FOLDER/ for a folder's address (mailbox_name.h).
void url_of_folder(std::string_view mount, std::string_view folder, std::string& out);
std::string url_of_folder(std::string_view mount, std::string_view folder);
std::string url_of_message(std::string_view mount, std::string_view folder, std::uint32_t uid);

/// A value for a query, percent-encoded.
std::string query_value(std::string_view text);

/// A path below the mount that a form gave back ("/mail/INBOX/?page=2"), or "" where it is none of
/// ours: so no redirect leads elsewhere.
std::string_view safe_return_path(std::string_view path);

}  // namespace alphamail

#endif
