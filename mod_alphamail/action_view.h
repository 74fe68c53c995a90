// SPDX-License-Identifier: GPL-3.0-or-later
// What lists and messages show of actions: what became of the last one, with Undo, and the folders
// that messages can go to.
#ifndef MOD_ALPHAMAIL_ACTION_VIEW_H
#define MOD_ALPHAMAIL_ACTION_VIEW_H

#include <string>
#include <string_view>

#include "common/protocol_generated.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/labels.h"
#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"
#include "mod_alphamail/view.h"

namespace alphamail {

using ReportVector = flatbuffers::Vector<flatbuffers::Offset<wire::Report>>;

/// What of a list is chosen when its page comes: nothing, its rows, or all that it has, on whatever page.
enum class Ticked { kNone, kPage, kAll };
/// As ?tick= says it.
Ticked ticked_of(const Fields& query);

/// What an action did, in words, without markup: "2 messages moved to Trash."
std::string report_words(const wire::Report& report, const FolderVector& folders, const Labels& labels,
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

/// The buttons of a tool bar that depend on the folder: their words and what they do; null where there is none.
struct FolderTools {
  const char* delete_do;
  const char* delete_word;
  const char* archive;  ///< "1"
  const char* junk_do;
  const char* junk_word;
  const char* junk_icon;
};
FolderTools tools_of(wire::Role role, const Language& language);
/// Fills in DELETE_DO, DELETE_WORD, CAN_ARCHIVE, JUNK_DO, JUNK_WORD and JUNK_ICON.
void add_tools(Values& page, wire::Role role, const Language& language);

/// The page that asks before messages are deleted for good.
/// @param form  what was asked, to be sent again
/// @param all   the same, where it is about all of a folder
std::string_view render_confirm(Frame& frame, const Fields& form, std::size_t messages, const std::string& action_url,
                                const std::string& back_url, const MailAction* all = nullptr);

}  // namespace alphamail

#endif
