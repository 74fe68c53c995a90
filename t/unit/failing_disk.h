// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that misbehaves at a chosen call, and a folder of one's own to try it on.
#ifndef T_UNIT_FAILING_DISK_H
#define T_UNIT_FAILING_DISK_H

#include <errno.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "webcache/file_system.h"

namespace alphamail {

class FailingDisk : public FileSystem {
 public:
  long calls = 0;
  long syncs = 0;
  long fail_at = -1;         ///< the call (from 0) that fails with ENOSPC
  bool for_good = true;      ///< all after it, too
  bool short_writes = false; ///< each write takes 1 byte more than half
  bool half_first = true;    ///< a write that fails has put half of its bytes on the disk

  ssize_t pwrite(int fd, std::span<const std::byte> bytes, off_t at) override {
    if (fails()) {
      if (half_first && bytes.size() > 1) (void)FileSystem::pwrite(fd, bytes.first(bytes.size() / 2), at);
      errno = ENOSPC;
      return -1;
    }
    if (short_writes && bytes.size() > 2) bytes = bytes.first(bytes.size() / 2 + 1);
    return FileSystem::pwrite(fd, bytes, at);
  }
  int fsync(int fd) override {
    ++syncs;
    return fails() ? refuse() : FileSystem::fsync(fd);
  }
  int truncate(int fd, off_t size) override {
    return fails() ? refuse() : FileSystem::truncate(fd, size);
  }
  int rename(const std::string& from, const std::string& to) override {
    return fails() ? refuse() : FileSystem::rename(from, to);
  }
  int link(const std::string& from, const std::string& to) override {
    return fails() ? refuse() : FileSystem::link(from, to);
  }

 private:
  bool fails() {
    const long n = calls++;
    return fail_at >= 0 && (n == fail_at || (for_good && n > fail_at));
  }
  static int refuse() {
    errno = ENOSPC;
    return -1;
  }
};

class OnDisk : public ::testing::Test {
 protected:
  OnDisk() {
    std::string name = ::testing::TempDir() + "alphamail-XXXXXX";
    folder = ::mkdtemp(name.data()) ? name : "";
    EXPECT_FALSE(folder.empty());
  }
  ~OnDisk() override { std::filesystem::remove_all(folder); }

  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void put(const std::string& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary);
    EXPECT_TRUE(file << bytes << std::flush) << path;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder;
};

}  // namespace alphamail

#endif
