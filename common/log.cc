// SPDX-License-Identifier: GPL-3.0-or-later
// Lines go out by one write(2) on a descriptor opened with O_APPEND, so that threads and a second
// process never mix theirs.
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>

#include "common/unique_fd.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;

// Once the log has a descriptor of its own, its number never changes: another file is put under it
// with dup3(), so a thread in the middle of log() never writes to a closed or foreign one.
std::atomic<int> log_fd{STDERR_FILENO};
std::mutex path_mutex;

/// Guarded by path_mutex; never destroyed, since threads may log while the process exits.
std::string& log_path() {
  static auto* const path = new std::string;
  return *path;
}

const char* word(Severity severity) {
  switch (severity) {
    case Severity::kDebug: return "debug";
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "error";
}

/// Characters that are text but would make a line look like another one.
bool is_deceptive(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

void append_escaped(std::string& line, std::string_view text) {
  const bool cut = text.size() > kMaxTextBytes;
  if (cut) text = text.substr(0, kMaxTextBytes);
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    if (c.code == '\\') {
      line += "\\\\";
    } else if (c.length == 0 || is_deceptive(c.code)) {
      for (const char byte : text.substr(0, length)) {
        char hex[5];
        std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        line += hex;
      }
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (cut) line += "...";
}

std::string timestamp() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  char date[64];
  const std::size_t length = ::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  char millis[16];
  std::snprintf(millis, sizeof millis, ".%03dZ", static_cast<int>(now.tv_nsec / 1000000) % 1000);
  return std::string(date, length) + millis;
}

/// Puts `fd` under the log's number; path_mutex is held.
Result<void> write_to(int fd) {
  const int own = log_fd.load();
  if (own != STDERR_FILENO) {
    if (::dup3(fd, own, O_CLOEXEC) < 0) return Error{Code::kStorage, ::strerror(errno)};
    return {};
  }
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (copy < 0) return Error{Code::kStorage, ::strerror(errno)};
  log_fd.store(copy);
  return {};
}

Result<void> open_locked(const std::string& path) {
  if (path.empty()) {
    if (log_fd.load() == STDERR_FILENO) return {};
    return write_to(STDERR_FILENO);
  }
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const UniqueFd fd(::open(path.c_str(), kFlags, 0640));
  if (!fd) return Error{Code::kStorage, path + ": " + ::strerror(errno)};
  return write_to(fd.get());
}

}  // namespace

void log(Severity severity, int number, std::string_view text) {
  std::string line = timestamp();
  char head[40];
  std::snprintf(head, sizeof head, " %s AM%04d ", word(severity), number);
  line += head;
  append_escaped(line, text);
  line += '\n';
  // A full disk loses the line and nothing else: there is nobody left to tell.
  while (::write(log_fd.load(), line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

Result<void> open_log(const std::string& path) {
  const std::lock_guard lock(path_mutex);
  Result<void> opened = open_locked(path);
  if (opened) log_path() = path;
  return opened;
}

Result<void> reopen_log() {
  const std::lock_guard lock(path_mutex);
  return open_locked(log_path());
}

}  // namespace alphamail
