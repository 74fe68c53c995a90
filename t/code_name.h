// SPDX-License-Identifier: GPL-3.0-or-later
// The names of errors, as the programs that ask for tests print them.
#ifndef T_CODE_NAME_H
#define T_CODE_NAME_H

#include <cstddef>
#include <iterator>

#include "common/result.h"

namespace alphamail {

/// "kInvalid" and its like; "?" for what is none.
inline const char* code_name(Code code) {
  static constexpr const char* kNames[] = {
      "kInvalid",  "kNotFound",   "kForbidden",  "kNeedCredentials", "kBadCredentials", "kThrottled", "kUnknownDomain",
      "kUnreachable", "kTimeout", "kTls",        "kProtocol",        "kServerSaid",     "kBusy",      "kTooLarge",
      "kChanged",  "kStorage",    "kInternal",   "kNoWebcache",      "kUnderWay",       "kInUse"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(kLastCode) + 1);
  const auto n = static_cast<std::size_t>(code);
  return n < std::size(kNames) ? kNames[n] : "?";
}

}  // namespace alphamail

#endif
