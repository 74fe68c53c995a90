// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/ui_log.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "mod_alphamail/module.h"
#include <http_log.h>

#include "mod_alphamail/request.h"

namespace alphamail {
namespace {

constexpr const char* kSeverities[] = {"debug", "info", "warning", "error"};
constexpr int kLevels[] = {APLOG_DEBUG, APLOG_INFO, APLOG_WARNING, APLOG_ERR};

std::string timestamp() {
  timeval now{};
  gettimeofday(&now, nullptr);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char text[40];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + n, sizeof text - n, ".%03ldZ", static_cast<long>(now.tv_usec / 1000));
  return text;
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text.substr(0, 2000)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\') {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

std::string_view name_of(Code code) {
  constexpr std::string_view kNames[] = {
      "invalid",     "not found", "forbidden", "need credentials", "bad credentials", "throttled",
      "unknown domain", "unreachable", "timeout", "TLS", "protocol", "server said", "busy",
      "too large",   "changed",   "storage",   "internal", "no webcache"};
  const auto n = static_cast<std::size_t>(code);
  return n < std::size(kNames) ? kNames[n] : "error";
}

}  // namespace

Result<UiLog> UiLog::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return Error{Code::kStorage, "cannot open " + path + ": " + std::strerror(errno)};
  return UiLog(std::move(fd));
}

void UiLog::write(Severity severity, std::string_view line) const {
  std::string out = timestamp();
  out += ' ';
  out += kSeverities[static_cast<std::size_t>(severity)];
  out += ' ';
  append_escaped(out, line);
  out += '\n';
  if (::write(fd_.get(), out.data(), out.size()) < 0) {
    // A log on a full disk: there is nobody left to tell.
  }
}

void log_problem(const Request& request, Severity severity, int number, std::string_view text) {
  char mark[16];
  std::snprintf(mark, sizeof mark, "AM%04d", number);
  std::string line = std::string(mark) + " [" + request.id + "] " + std::string(text);
  if (request.site.log) {
    request.site.log->write(severity, line);
  } else {
    ap_log_rerror(APLOG_MARK, kLevels[static_cast<std::size_t>(severity)], 0, request.raw, "%s",
                  line.c_str());
  }
}

std::string words_of(const Error& error) {
  std::string words(name_of(error.code));
  if (!error.detail.empty()) words += ": " + error.detail;
  return words;
}

}  // namespace alphamail
