// SPDX-License-Identifier: GPL-3.0-or-later
// What an account's user did in the last minutes, on disk: so that it can be taken back, and is told, also
// after another daemon has begun to serve. Sealed with the account's key like all else there.
//
//   file 'u' of the account, "":      version | how many | of each the report and how it is taken back
//   file 'u' of the account, "late":  the same, by a daemon that ended what it had begun when another one
//                                     had the disk already
#ifndef WEBCACHE_ACTION_FILE_H
#define WEBCACHE_ACTION_FILE_H

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "webcache/actions.h"
#include "webcache/cache_dir.h"

namespace alphamail {

/// @param wall  seconds of the clock that goes on while no daemon runs
std::string write_actions(const std::vector<KeptAction>& actions, std::int64_t wall);
/// Nothing where the bytes make no sense; without those that are too old.
std::vector<KeptAction> read_actions(std::string_view bytes, std::int64_t wall);

/// Which of the two files.
enum class ActionFile { kOwn, kLate };
/// Takes the file's place; none of them: removes it. @return kStorage
Result<void> save_actions(const AccountFiles& files, ActionFile which, const std::vector<KeptAction>& actions);
/// Of both files.
std::vector<KeptAction> load_actions(const AccountFiles& files);

}  // namespace alphamail

#endif
