// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that were opened, kept on disk as sealed files: header, structure, and the texts that
// came with them. The next time their page costs the mail server nothing, also after a restart.
//
// Like a part (part_cache.h) a message is known by folder, UIDVALIDITY and UID, which together name
// the same bytes for ever; its flags, which change, are the index's.
#ifndef WEBCACHE_MESSAGE_FILE_H
#define WEBCACHE_MESSAGE_FILE_H

#include <optional>
#include <string>

#include "webcache/cache_dir.h"
#include "webcache/folder_view.h"

namespace alphamail {

/// What fails only means that it is not kept.
void keep_message(const AccountFiles& files, const std::string& folder,
                  const OpenedMessage& message);

/// Nothing where it is not there, or does not open.
std::optional<OpenedMessage> read_message(const AccountFiles& files, const std::string& folder,
                                          std::uint32_t uid_validity, Uid uid);

}  // namespace alphamail

#endif
