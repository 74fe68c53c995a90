// SPDX-License-Identifier: GPL-3.0-or-later
// The pages about folders themselves: /folders/ with all of them, one folder with what can be done to it, and the
// page that asks before anything goes for good. What their forms do: page_folder_change.cc.
#ifndef MOD_ALPHAMAIL_FOLDER_PAGES_H
#define MOD_ALPHAMAIL_FOLDER_PAGES_H

#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"
#include "mod_alphamail/words.h"

namespace alphamail {

/// What such a page says besides what it shows.
struct FolderPageSays {
  std::string notice;      ///< done: role=status
  std::string error;       ///< not done: role=alert
  int status = 200;
  std::string typed_name;  ///< as it was typed, to be typed again
  std::string typed_into;  ///< the folder chosen beside it
};

/// /folders/ ?q= ?page=, or with ?folder= that one.
Result<Response> show_folders(const Request& request, const FolderPageSays& says);
Result<Response> show_one_folder(const Request& request, std::string_view folder, const FolderPageSays& says);

/// A page that asks: its question, what is to be known, and buttons that send the form again.
struct FolderQuestion {
  std::string heading;
  std::vector<std::string> words;
  std::string folder;       ///< an address
  struct Button {
    std::string_view action, word, icon;
  };
  std::vector<Button> buttons;  ///< the first one is the one that is meant
};
Response ask_about_folder(const Request& request, const FolderQuestion& question);

/// What ?notice= says in words; "" for one that is none of ours.
std::string folder_notice(const Request& request, const Language& language);

/// The address of such a page: "/folders/?folder=Work".
std::string folder_page_path(std::string_view folder);

/// The folder of an address; null.
const wire::Folder* find_folder(const flatbuffers::Vector<flatbuffers::Offset<wire::Folder>>& folders,
                                std::string_view address);
/// "Work / 2026".
std::string folder_path(const flatbuffers::Vector<flatbuffers::Offset<wire::Folder>>& folders,
                        std::string_view address, const Language& language);

}  // namespace alphamail

#endif
