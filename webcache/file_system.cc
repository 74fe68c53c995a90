// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace alphamail {

ssize_t FileSystem::pwrite(int fd, std::span<const std::byte> bytes, off_t at) {
  return ::pwrite(fd, bytes.data(), bytes.size(), at);
}

int FileSystem::fsync(int fd) {
  return ::fdatasync(fd);
}

int FileSystem::truncate(int fd, off_t size) {
  return ::ftruncate(fd, size);
}

void FileSystem::begin_writeback(int fd) {
  (void)::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int FileSystem::rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str());
}

int FileSystem::link(const std::string& from, const std::string& to) {
  return ::link(from.c_str(), to.c_str());
}

FileSystem& FileSystem::real() {
  static FileSystem real;
  return real;
}

Result<void> FileSystem::write_all(int fd, std::span<const std::byte> bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(fd, bytes, static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return storage_error("writing");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    at += static_cast<std::uint64_t>(put);
  }
  return {};
}

Error storage_error(const std::string& what) {
  char words[128];
  return {Code::kStorage, what + ": " + ::strerror_r(errno, words, sizeof words), 0};
}

Result<UniqueFd> create_private_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return storage_error("creating a file");
  return fd;
}

Result<UniqueFd> open_private_file(const std::string& path, bool writable) {
  // O_NONBLOCK: a pipe in the file's place must not hold a thread.
  const int flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  UniqueFd fd(::open(path.c_str(), flags));
  if (!fd && errno == ENOENT) return Error{Code::kNotFound, "no such file", 0};
  if (!fd) return storage_error("opening a file");
  struct stat file {};
  if (::fstat(fd.get(), &file) != 0) return storage_error("looking at a file");
  if (!S_ISREG(file.st_mode) || file.st_uid != ::geteuid()) {
    return Error{Code::kStorage, "not an ordinary file of ours", 0};
  }
  return fd;
}

Result<std::uint64_t> file_size(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return storage_error("looking at a file");
  return static_cast<std::uint64_t>(file.st_size);
}

Result<void> read_all(int fd, std::span<std::byte> into, std::uint64_t at) {
  while (!into.empty()) {
    const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage_error("reading");
    if (got == 0) return Error{Code::kInvalid, "the file is too short", 0};
    into = into.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

void sync_folder(const std::string& path) {
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) (void)::fsync(folder.get());
}

}  // namespace alphamail
