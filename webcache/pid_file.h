// SPDX-License-Identifier: GPL-3.0-or-later
// The file that says which process the daemon is, locked for as long as it lives: a file left
// behind by a killed one is taken over, that of a living one refused.
#ifndef WEBCACHE_PID_FILE_H
#define WEBCACHE_PID_FILE_H

#include <string>

#include "common/result.h"
#include "common/unique_fd.h"

namespace alphamail {

class PidFile {
 public:
  PidFile() = default;
  PidFile(PidFile&&) = default;
  PidFile& operator=(PidFile&&) = default;
  ~PidFile();  ///< removes the file

  /// @return kBusy where another process holds it, kStorage where it cannot be made
  static Result<PidFile> lock(const std::string& path);
  /// Writes this process's id: after start-up, so that who waits for the file finds a daemon.
  Result<void> write();

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace alphamail

#endif
