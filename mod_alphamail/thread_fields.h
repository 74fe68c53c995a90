// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of a message that an answer to it, or a draft that is gone on with, needs as they stand.
#ifndef MOD_ALPHAMAIL_THREAD_FIELDS_H
#define MOD_ALPHAMAIL_THREAD_FIELDS_H

#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

struct ThreadFields {
  std::string message_id;                ///< ids are without brackets
  std::vector<std::string> in_reply_to, references;
  std::string list_post;                 ///< address of the mailing list (RFC 2369), or ""
  std::vector<std::pair<std::string, std::string>> notes;  ///< what AlphaMail wrote into its draft: "about", SHOWN
};
ThreadFields read_thread_fields(std::string_view header);

/// What a draft keeps of its form beside what every message has. Other programs leave it alone.
inline constexpr std::string_view kNotePrefix = "X-AlphaMail-";

}  // namespace alphamail

#endif
