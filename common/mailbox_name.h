// SPDX-License-Identifier: GPL-3.0-or-later
// The three names of a folder: what IMAP calls it (modified UTF-7, RFC 3501 section 5.1.3), what
// its address says (below), what people read.
//
// An address is UTF-8, its levels separated by '/'. Inside a level '/' and '~' are written ~2F and
// ~7E, a level that is '.' or '..' ~2E or ~2E~2E, an empty one ~00. Two kinds of odd names keep an
// address of their own: one that is not valid modified UTF-7, or stands for text with control
// characters, shows its bytes, every '&', control and non-ASCII one as ~XX; one that lies outside the
// server's prefix begins with the level ~00~00. So an address holds no control characters.
#ifndef COMMON_MAILBOX_NAME_H
#define COMMON_MAILBOX_NAME_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

/// UTF-8 to modified UTF-7; nullopt where the input is not UTF-8 or holds NUL, CR or LF.
std::optional<std::string> to_modified_utf7(std::string_view utf8);
/// Modified UTF-7 to UTF-8; nullopt where it is malformed or not the one canonical spelling, or
/// stands for text that to_modified_utf7() refuses.
std::optional<std::string> from_modified_utf7(std::string_view name);

/// How one server writes folder names.
struct NameRules {
  std::string prefix;   ///< modified UTF-7, e.g. "INBOX."; hidden in addresses
  char separator = '/'; ///< '\0': the server has no levels
  bool utf8 = false;    ///< UTF8=ACCEPT is in force (RFC 6855): names are UTF-8
};

/// IMAP name to address. INBOX in any case becomes "INBOX". Every name without NUL, CR and LF has an
/// address that leads back to it, and no two names share one.
std::string address_of(std::string_view imap_name, const NameRules& rules);
/// The way back; nullopt for an address that no folder of this server can have. What it gives holds
/// no NUL, CR or LF.
std::optional<std::string> imap_name_of(std::string_view address, const NameRules& rules);

/// The levels of an address as people read them: ~XX undone, control characters and bytes that are
/// not UTF-8 as U+FFFD, without the mark of names outside the prefix. Empty for what is no address.
std::vector<std::string> levels_of(std::string_view address);
/// True for an address in its one canonical spelling; everything else is answered 404.
bool is_address(std::string_view address);

}  // namespace alphamail

#endif
