// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/login_form.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "common/unique_fd.h"

namespace alphamail {
namespace {

constexpr std::int64_t kHour = 3600;

/// "HOUR.MARK" taken apart.
struct Spelled {
  std::int64_t hour = 0;
  std::string_view mark;
};

std::optional<Spelled> take_apart(std::string_view token) {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot > 12 || token.size() > 80) return {};
  Spelled spelled;
  const auto [end, failure] = std::from_chars(token.data(), token.data() + dot, spelled.hour);
  if (failure != std::errc() || end != token.data() + dot || spelled.hour < 0) return {};
  spelled.mark = token.substr(dot + 1);
  return spelled;
}

Error cannot(const char* what, const std::string& path) {
  return {Code::kStorage, std::string(what) + " " + path + ": " + std::strerror(errno)};
}

Result<Key> read_secret(int fd, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return cannot("cannot look at", path);
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
    return Error{Code::kStorage, path + ": secret_file must be a file with mode 0600"};
  }
  Key key;
  if (pread(fd, key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
    return Error{Code::kStorage, path + ": secret_file holds fewer than 32 bytes"};
  }
  return key;
}

}  // namespace

LoginForm::LoginForm(const Key& site_secret)
    : key_(derive_key(site_secret, "alphamail log-in form v1")) {}

std::string LoginForm::new_cookie() {
  std::array<std::byte, 16> bytes;
  random_bytes(bytes);
  return base64url(bytes);
}

bool LoginForm::is_cookie(std::string_view cookie) {
  if (cookie.size() != 22) return false;
  const Result<Bytes> bytes = from_base64url(cookie);
  return bytes && bytes->size() == 16;
}

Digest LoginForm::mark(std::string_view cookie, std::int64_t hour) const {
  std::string text(cookie);
  text += '|';
  text += std::to_string(hour);
  return hmac_sha256(key_, as_bytes(text));
}

std::string LoginForm::token(std::string_view cookie, std::int64_t now) const {
  const std::int64_t hour = now / kHour;
  return std::to_string(hour) + '.' + base64url(mark(cookie, hour));
}

LoginForm::Verdict LoginForm::check(std::string_view cookie, std::string_view token,
                                    std::int64_t now) const {
  const auto spelled = take_apart(token);
  if (!spelled || !is_cookie(cookie)) return Verdict::kForeign;
  const Result<Bytes> claimed = from_base64url(spelled->mark);
  if (!claimed || !equal_constant_time(*claimed, mark(cookie, spelled->hour))) {
    return Verdict::kForeign;
  }
  const std::int64_t age = now / kHour - spelled->hour;
  return age >= -1 && age <= kValidHours ? Verdict::kGood : Verdict::kStale;
}

Result<Key> site_secret(const std::string& path) {
  if (const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); fd) {
    return read_secret(fd.get(), path);
  }
  if (errno != ENOENT) return cannot("cannot read", path);
  // Written under another name and linked into place: whoever comes first wins, and nobody ever
  // reads half a secret.
  std::array<std::byte, 8> salt;
  random_bytes(salt);
  const std::string scratch = path + "." + base64url(salt);
  const UniqueFd fd(open(scratch.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return cannot("cannot make", scratch);
  Key key;
  random_bytes(key);
  const bool written = write(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
                       fsync(fd.get()) == 0;
  const bool linked = written && (link(scratch.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const Error failure = linked ? Error{} : cannot("cannot make", path);
  unlink(scratch.c_str());
  if (!linked) return failure;
  const UniqueFd made(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!made) return cannot("cannot read", path);
  return read_secret(made.get(), path);
}

}  // namespace alphamail
