// SPDX-License-Identifier: GPL-3.0-or-later
// What lists and messages show of actions: what became of the last one, with Undo, and the folders
// that messages can go to.
#ifndef MOD_ALPHAMAIL_ACTION_VIEW_H
#define MOD_ALPHAMAIL_ACTION_VIEW_H

#include <string>
#include <string_view>

#include "common/protocol_generated.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"
#include "mod_alphamail/view.h"

namespace alphamail {

using ReportVector = flatbuffers::Vector<flatbuffers::Offset<wire::Report>>;

/// What an action did, in words, without markup: "2 messages moved to Trash."
std::string report_words(const wire::Report& report, const FolderVector& folders,
                         const Language& language);

/// What ?notice= and ?left= say in words; each is one of a few words or a number, so that an address
/// that somebody made up can say nothing else. "" where they say nothing.
std::string notice_words(const Fields& query, const Language& language);

/// Fills in REPORT (with Undo, whose form goes to `folder_url`; where one is still under way `here`,
/// a path below the mount, shows how far it is) and TARGET.
/// @param shown  address of the folder that is shown: nothing goes there
/// @param words  notice_words(), or what else stands first; ""
void add_actions(Values& page, const Frame& frame, const ReportVector* reports, std::string words,
                 std::string_view shown, const std::string& folder_url, const std::string& here);

/// The page that asks before messages are deleted for good.
/// @param form  what was asked, to be sent again
std::string_view render_confirm(Frame& frame, const Fields& form, std::size_t messages,
                                const std::string& action_url, const std::string& back_url);

}  // namespace alphamail

#endif
