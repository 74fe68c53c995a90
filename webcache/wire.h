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
#include "webcache/actions.h"
#include "webcache/counters.h"
#include "webcache/question_times.h"
#include "webcache/folder_view.h"
#include "webcache/outgoing.h"
#include "webcache/spool.h"

namespace alphamail {

using ReplyBytes = std::span<const std::byte>;
using Reports = std::vector<ActionReport>;

class Search;  // search.h
struct FoundPage;
struct FoundPlace;

ReplyBytes reply_failure(const Error& error);
ReplyBytes reply_done();
ReplyBytes reply_logged_in(std::string_view address, std::string_view host);
/// @param sealed  empty: there is none
ReplyBytes reply_kept_key(std::span<const std::byte> sealed);
ReplyBytes reply_folders(const FoldersView& folders);
ReplyBytes reply_state(const FolderView& view);
ReplyBytes reply_quotas(const FoldersView& folders);
/// @param most  so many of them
ReplyBytes reply_uids(const Account::FolderUids& found, std::size_t most);
ReplyBytes reply_largest(const Account::Largest& found);
/// The page of a view with an index. While the order is not there, by arrival.
/// @param reports  what is to be told of actions
ReplyBytes reply_page(const FolderView& view, const ListPage& page, const Reports& reports = {});
/// The same where these messages are the page: known, but others of the list are not.
ReplyBytes reply_page_of(const FolderView& view, const ListPage& page, std::span<const Uid> uids,
                         const Reports& reports = {});
/// @param list   what its neighbours are of
/// @param flags  as they are now
/// @param texts  bytes of its texts at most
/// @param found  its place in the result of a search, where the list is that
ReplyBytes reply_message(const FolderView& view, const OpenedMessage& message, std::uint16_t flags,
                         const ListPage& list, std::size_t texts, const Reports& reports = {},
                         const FoundPlace* found = nullptr);
ReplyBytes reply_search(const Search& search, const FoundPage& found, const ListPage& list,
                        const Reports& reports = {});
ReplyBytes reply_report(const ActionReport& report);
/// @param part  null for the whole message
ReplyBytes reply_part(const PartInfo* part, std::uint64_t size);
ReplyBytes reply_spooled(const SpooledFile& file);
ReplyBytes reply_spool_listing(const std::vector<SpooledFile>& files, std::uint64_t bytes,
                               std::uint64_t limit);
ReplyBytes reply_draft_saved(const Account::Shown& draft);
ReplyBytes reply_outbox_entry(const OutgoingEntry& entry);
ReplyBytes reply_outbox(const std::vector<OutgoingEntry>& entries);
ReplyBytes reply_status(const Counters& counters, const QuestionTimes& times,
                        std::int64_t started, std::string_view last_end);

}  // namespace alphamail

#endif
