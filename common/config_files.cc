// SPDX-License-Identifier: GPL-3.0-or-later
// What the file system has to say about a configuration: who may write the file itself, who may read
// the secret, whether folders are private and users exist. What does not exist yet is made later by
// the daemon with the right mode, and what this process may not look at is checked by the one that may.
#include "common/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "common/config_keys.h"
#include "common/unique_fd.h"

namespace alphamail {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthersAny = S_IRWXG | S_IRWXO;

std::string octal(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", mode & 07777U);
  return text;
}

std::optional<uid_t> find_user(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(65536);
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  return found == nullptr ? std::nullopt : std::optional(entry.pw_uid);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class FileChecks {
 public:
  explicit FileChecks(ParsedConfig& parsed)
      : config_(parsed.config), lines_(parsed.lines), report_(parsed.report), owners_{0, ::geteuid()} {}

  /// The file that was opened as `fd`, itself.
  void check_itself(const std::string& path, const struct stat& file) {
    if ((file.st_mode & kOthersWrite) != 0) {
      report_.add(0, "others may write it (mode " + octal(file.st_mode) + "); run: chmod go-w " + path);
    }
    if (std::find(owners_.begin(), owners_.end(), file.st_uid) == owners_.end()) {
      report_.add(0, "belongs to user " + std::to_string(file.st_uid) +
                         ", neither root nor who reads it; run: chown root " + path);
    }
    struct stat folder{};
    if (::stat(folder_of(path).c_str(), &folder) == 0 && open_to_others(folder)) {
      report_.add(0, "others may write its folder (mode " + octal(folder.st_mode) +
                         "); run: chmod go-w " + folder_of(path));
    }
  }

  void check_named() {
    check_user("webcache_user", config_.webcache_user);
    check_user("web_user", config_.web_user);
    check_secret("secret_file", config_.secret_file);
    check_private_folder("cache_dir", config_.cache_dir);
    check_private_folder("spool_dir", config_.spool_dir);
    check_parent("webcache_socket", config_.webcache_socket);
    check_readable("tls_ca_file", config_.tls_ca_file);
    check_readable("site_logo", config_.site_logo);
    check_log("log_file", config_.log_file);
    check_time_zone("default_time_zone", config_.default_time_zone);
  }

 private:
  /// Others may put files of theirs into the place of ours. Not so in a folder like /tmp.
  static bool open_to_others(const struct stat& folder) {
    return (folder.st_mode & kOthersWrite) != 0 && (folder.st_mode & S_ISVTX) == 0;
  }

  void add(const std::string& key, const std::string& reason) {
    const auto line = lines_.find(key);
    report_.add(line == lines_.end() ? 0 : line->second, key + ": " + reason);
  }

  void check_user(const std::string& key, const std::string& name) {
    if (name.empty()) return;
    const auto uid = find_user(name);
    if (!uid) return add(key, "there is no user " + quoted(name));
    owners_.push_back(*uid);
  }

  void check_owner(const std::string& key, const std::string& path, const struct stat& file) {
    if (std::find(owners_.begin(), owners_.end(), file.st_uid) != owners_.end()) return;
    add(key, path + " belongs to user " + std::to_string(file.st_uid) +
                 ", who is neither root nor the webcache's user");
  }

  void check_parent(const std::string& key, const std::string& path) {
    struct stat folder{};
    if (path.empty() || ::stat(folder_of(path).c_str(), &folder) != 0) return;
    if (!open_to_others(folder)) return;
    add(key, "others may write its folder (mode " + octal(folder.st_mode) + "); run: chmod go-w " +
                 folder_of(path));
  }

  void check_secret(const std::string& key, const std::string& path) {
    check_parent(key, path);
    struct stat file{};
    if (path.empty() || ::lstat(path.c_str(), &file) != 0) return;
    if (!S_ISREG(file.st_mode)) return add(key, path + " is not an ordinary file");
    if ((file.st_mode & kOthersAny) != 0) {
      add(key, "others may use " + path + " (mode " + octal(file.st_mode) + "); run: chmod 600 " + path);
    }
    check_owner(key, path, file);
  }

  void check_private_folder(const std::string& key, const std::string& path) {
    check_parent(key, path);
    struct stat folder{};
    if (path.empty() || ::stat(path.c_str(), &folder) != 0) return;
    if (!S_ISDIR(folder.st_mode)) return add(key, path + " is not a folder");
    if ((folder.st_mode & kOthersAny) != 0) {
      add(key, "others may use " + path + " (mode " + octal(folder.st_mode) + "); run: chmod 700 " + path);
    }
    check_owner(key, path, folder);
  }

  void check_readable(const std::string& key, const std::string& path) {
    if (path.empty()) return;
    struct stat file{};
    if (::stat(path.c_str(), &file) != 0) return add(key, path + ": " + ::strerror(errno));
    if (!S_ISREG(file.st_mode)) return add(key, path + " is not an ordinary file");
    if ((file.st_mode & kOthersWrite) != 0) {
      add(key, "others may write " + path + " (mode " + octal(file.st_mode) + "); run: chmod go-w " + path);
    }
  }

  void check_log(const std::string& key, const std::string& path) {
    check_parent(key, path);
    struct stat file{};
    if (path.empty() || ::stat(path.c_str(), &file) != 0) return;
    if (!S_ISREG(file.st_mode)) return;  // a device or pipe is the admin's choice
    if ((file.st_mode & S_IWOTH) != 0) {
      add(key, "everybody may write " + path + " (mode " + octal(file.st_mode) + "); run: chmod o-w " + path);
    }
  }

  void check_time_zone(const std::string& key, const std::string& name) {
    static constexpr const char* kZones = "/usr/share/zoneinfo";
    struct stat found{};
    if (name.empty() || ::stat(kZones, &found) != 0) return;
    const std::string path = std::string(kZones) + "/" + name;
    if (::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)) return;
    add(key, "this machine knows no time zone " + quoted(name));
  }

  const Config& config_;
  const std::map<std::string, int>& lines_;
  ConfigReport& report_;
  std::vector<uid_t> owners_;
};

Result<std::string> read_all(int fd, const std::string& path) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::kInvalid, path + ": " + ::strerror(errno)};
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) return Error{Code::kInvalid, path + ": is larger than 1 MB"};
  }
}

}  // namespace

uid_t daemon_uid(const Config& config) {
  if (config.webcache_user.empty()) return ::geteuid();
  const passwd* who = ::getpwnam(config.webcache_user.c_str());
  return who ? who->pw_uid : ::geteuid();
}

Result<Config> read_config(const std::string& path) {
  // O_NONBLOCK: a pipe in the file's place must not hold the server's start.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return Error{Code::kInvalid, path + ": " + ::strerror(errno)};
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0 || !S_ISREG(file.st_mode)) {
    return Error{Code::kInvalid, path + ": is not an ordinary file"};
  }
  const auto text = read_all(fd.get(), path);
  if (!text) return text.error();
  ParsedConfig parsed = parse_with_lines(*text, path);
  FileChecks checks(parsed);
  checks.check_itself(path, file);
  checks.check_named();
  if (!parsed.report.empty()) return parsed.report.error();
  return std::move(parsed.config);
}

}  // namespace alphamail
