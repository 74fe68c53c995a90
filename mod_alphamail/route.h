// SPDX-License-Identifier: GPL-3.0-or-later
// What an address means. The list of addresses is in doc/architecture.md; this is its one parser.
#ifndef MOD_ALPHAMAIL_ROUTE_H
#define MOD_ALPHAMAIL_ROUTE_H

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace alphamail {

struct Route {
  enum class To : std::uint8_t {
    kStart,      ///< "/": the mail, or the log-in page
    kLogin,
    kLogout,
    kFolder,     ///< /mail/FOLDER/
    kMessage,    ///< /mail/FOLDER/UID
    kSource,     ///< /mail/FOLDER/UID/source
    kPart,       ///< /mail/FOLDER/UID/part/SECTION
    kPartView,   ///< /mail/FOLDER/UID/part/SECTION/view
    kBody,       ///< /mail/FOLDER/UID/body
    kZip,        ///< /mail/FOLDER/UID/all.zip
    kPrint,      ///< /mail/FOLDER/UID/print
    kSettings,
    kIdentities, ///< /settings/identities/
    kLabels,     ///< /settings/labels/
    kCompose,
    kOutbox,     ///< /outbox/
    kContacts,   ///< /contacts/
    kComplete,   ///< /contacts/complete
    kExport,     ///< /contacts/export
    kSearch,     ///< /search/
    kFolders,    ///< /folders/
    kFolderExport,  ///< /folders/export
    kLargest,    ///< /folders/largest/
    kAsset,      ///< /assets/NAME
    kSlash,      ///< the same with a slash at the end exists
  };
  To to = To::kStart;
  std::string folder;        ///< decoded address (mailbox_name.h)
  std::uint32_t uid = 0;
  std::string section;       ///< "1.2"
  std::string asset;
};

/// @param path  what follows the mount point, percent-encoded as the client sent it, without the query
/// @return kInvalid for what is no proper address at all (a bad escape, control or 8-bit characters,
///         NUL, not UTF-8), kTooLarge over kMaxPath, kNotFound for one that leads nowhere
/// Each level is decoded once. `..`, empty levels and an encoded slash name nothing (a folder's level
/// that holds such is written with ~XX), so they are not found.
Result<Route> parse_route(std::string_view path);

/// RFC 3501 section 6.4.5: numbers joined by dots, at most 200 characters.
bool is_section(std::string_view text);

constexpr std::size_t kMaxPath = 8000;

}  // namespace alphamail

#endif
