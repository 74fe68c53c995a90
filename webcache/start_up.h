// SPDX-License-Identifier: GPL-3.0-or-later
// The first steps of both processes, in the order in which main() takes them; each that is refused
// ends the process with a status of its own.
#ifndef WEBCACHE_START_UP_H
#define WEBCACHE_START_UP_H

#include <string>

#include "common/config.h"

namespace alphamail {

/// What the process ends with; the manual lists them.
enum class Exit : int {
  kUsage = 2,
  kConfig = 3,
  kCannotDrop = 4,
  kStillRoot = 5,
  kLog = 6,
  kAlreadyRuns = 7,
  kCannotListen = 8,
  kSystem = 9,
};

[[noreturn]] void die(Exit code, const std::string& why);
[[noreturn]] void die_errno(Exit code, const std::string& what);

/// Becomes webcache_user where root started us, for good.
void give_up_root(const Config& config);
/// Memory holds mail, and passwords for an instant: no core file, no debugger of the same user.
void close_memory();
/// Every connection is a descriptor, the files of a user who reads are two more, lanes, logs and the like
/// take few: as many as the system lets us have; while it is root, as many as are wanted.
void raise_descriptor_limit(const Config& config);
/// Logs it where that is fewer than connections_per_server may take.
void tell_of_descriptors(const Config& config);
/// Pieces of downloads and replies go back to the system when they are let go of, instead of staying
/// with whichever of the many threads had them.
void tame_malloc();

}  // namespace alphamail

#endif
