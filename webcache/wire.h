// SPDX-License-Identifier: GPL-3.0-or-later
// Builds replies (protocol.fbs): the length, then the Reply. The bytes lie in a buffer of the
// thread's own and are valid until it builds the next one.
#ifndef WEBCACHE_WIRE_H
#define WEBCACHE_WIRE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "webcache/counters.h"
#include "webcache/folder_view.h"

namespace alphamail {

using ReplyBytes = std::span<const std::byte>;

ReplyBytes reply_failure(const Error& error);
ReplyBytes reply_done();
ReplyBytes reply_logged_in(std::string_view address, std::string_view host);
/// @param sealed  empty: there is none
ReplyBytes reply_kept_key(std::span<const std::byte> sealed);
ReplyBytes reply_folders(const FoldersView& folders);
/// The page of a view with an index; past the end gives the last.
ReplyBytes reply_page(const FolderView& view, std::size_t page, std::size_t rows);
/// The same where these messages are the page: known, but not yet without a gap to the newest.
ReplyBytes reply_page_of(const FolderView& view, std::size_t page, std::size_t rows,
                         std::span<const Uid> uids);
/// @param flags  as they are now
ReplyBytes reply_message(const FolderView& view, const OpenedMessage& message, std::uint16_t flags,
                         std::size_t rows);
/// @param part  null for the whole message
ReplyBytes reply_part(const PartInfo* part, std::uint64_t size);
ReplyBytes reply_status(const Counters& counters, std::int64_t started);

}  // namespace alphamail

#endif
