// SPDX-License-Identifier: GPL-3.0-or-later
// The value of a step that may fail for an ordinary reason, and the reasons there are.
// Named after std::expected, which replaces it once the compilers we support offer it.
#ifndef COMMON_RESULT_H
#define COMMON_RESULT_H

#include <cassert>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace alphamail {

/// Why a step failed. Both programs share the list; the module turns each into a page.
enum class Code : std::uint8_t {
  kInvalid,           ///< the input is malformed; nothing was done
  kNotFound,          ///< no such folder, message, part, address or file
  kForbidden,         ///< token, origin or permission refused
  kNeedCredentials,   ///< the daemon holds no connection and no password for this session
  kBadCredentials,    ///< the mail server refused user and password
  kThrottled,         ///< too many failed log-ins; Error::retry_after says when
  kUnknownDomain,     ///< no server is configured for this mail domain
  kUnreachable,       ///< the other side is not there (daemon, server, database)
  kTimeout,           ///< the deadline passed
  kTls,               ///< certificate or TLS negotiation refused
  kProtocol,          ///< the other side broke its protocol
  kServerSaid,        ///< the mail server answered NO; its words are Error::detail
  kBusy,              ///< a limit was reached; asking again later may succeed
  kTooLarge,          ///< over a configured limit
  kChanged,           ///< what was named is no longer what was shown (UIDVALIDITY)
  kStorage,           ///< database or disk refused (read-only, full)
  kInternal,          ///< our own mistake
  kNoWebcache,        ///< the webcache does not run, or died over the question; kUnreachable is a server
  kUnderWay,          ///< the mail server has not answered yet; the work goes on: ask again in a moment
  kInUse,             ///< another program has this mailbox locked
};

inline constexpr Code kLastCode = Code::kInUse;

/// What a reader of the log needs. `detail` may hold a server's own words: untrusted, shown as text
/// only; it never holds a password, cookie, subject or body.
struct Error {
  Code code = Code::kInternal;
  std::string detail;
  std::uint32_t retry_after = 0;  ///< seconds, for kThrottled, kBusy and kUnreachable; 0 = unknown

  /// The same error with what was being tried put before its detail.
  Error while_doing(const std::string& what) const {
    return {code, detail.empty() ? what : what + ": " + detail, retry_after};
  }
};

/// A T or an Error. Test it before use: reading the one that is not there is a bug (assert).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}     // NOLINT: implicit, as `return value;`
  Result(Error error) : held_(std::move(error)) {} // NOLINT: implicit, as `return error;`

  explicit operator bool() const { return held_.index() == 0; }
  bool has_value() const { return held_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& value() { assert(has_value()); return *std::get_if<0>(&held_); }
  const T& value() const { assert(has_value()); return *std::get_if<0>(&held_); }
  const Error& error() const { assert(!has_value()); return *std::get_if<1>(&held_); }

 private:
  std::variant<T, Error> held_;
};

/// A step without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}  // NOLINT: implicit
  explicit operator bool() const { return !failed_; }
  bool has_value() const { return !failed_; }
  const Error& error() const { assert(failed_); return error_; }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace alphamail

#endif
