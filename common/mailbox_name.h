// SPDX-License-Identifier: GPL-3.0-or-later
// The three names of a folder: what IMAP calls it (modified UTF-7, RFC 3501 section 5.1.3), what
// its address says (protocol.fbs: levels separated by '/', specials as ~XX), what people read.
#ifndef COMMON_MAILBOX_NAME_H
#define COMMON_MAILBOX_NAME_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

/// UTF-8 to modified UTF-7; nullopt where the input is not UTF-8 or holds NUL, CR or LF.
std::optional<std::string> to_modified_utf7(std::string_view utf8);
/// Modified UTF-7 to UTF-8; nullopt where it is malformed or not the one canonical spelling.
std::optional<std::string> from_modified_utf7(std::string_view name);

/// How one server writes folder names.
struct NameRules {
  std::string prefix;   ///< modified UTF-7, e.g. "INBOX."; hidden in addresses
  char separator = '/'; ///< '\0': the server has no levels
  bool utf8 = false;    ///< UTF8=ACCEPT is in force (RFC 6855): names are UTF-8
};

/// IMAP name to address. INBOX in any case becomes "INBOX". A name that is not valid modified UTF-7
/// keeps its bytes, each non-ASCII one as ~XX, so that every folder has an address that leads back.
std::string address_of(std::string_view imap_name, const NameRules& rules);
/// The way back; nullopt for an address that no folder of this server can have.
std::optional<std::string> imap_name_of(std::string_view address, const NameRules& rules);

/// The levels of an address as people read them (~XX undone).
std::vector<std::string> levels_of(std::string_view address);
/// True for an address in its one canonical spelling; everything else is answered 404.
bool is_address(std::string_view address);

}  // namespace alphamail

#endif
