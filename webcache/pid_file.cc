// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/pid_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace alphamail {
namespace {

Error trouble(const std::string& path) {
  return Error{Code::kStorage, path + ": " + std::strerror(errno), 0};
}

}  // namespace

PidFile::~PidFile() {
  if (fd_) ::unlink(path_.c_str());
}

Result<PidFile> PidFile::lock(const std::string& path) {
  PidFile file;
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) return trouble(path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error{Code::kBusy, path + ": another webcache is running", 0};
    return trouble(path);
  }
  if (::ftruncate(fd.get(), 0) != 0) return trouble(path);
  file.path_ = path;
  file.fd_ = std::move(fd);
  return file;
}

Result<void> PidFile::write() {
  const std::string text = std::to_string(::getpid()) + "\n";
  const ssize_t written = ::pwrite(fd_.get(), text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size())) return trouble(path_);
  return {};
}

}  // namespace alphamail
