// SPDX-License-Identifier: GPL-3.0-or-later
// What logging in and resuming have in common; for command_login.cc, command_resume.cc and
// command_build.cc alone.
#ifndef WEBCACHE_LOGIN_STEPS_H
#define WEBCACHE_LOGIN_STEPS_H

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "webcache/account.h"
#include "webcache/server.h"

namespace alphamail {

inline constexpr std::size_t kLongestUser = 255;

inline bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// The name that failures are counted under: "ann" and "ann@example.edu" are one person.
std::string throttle_name(std::string_view user, std::string_view domain);
LoginThrottle::Outcome outcome_of(const Result<Connection>& connection);
void count_login(Server& server, const Result<Connection>& connection);
/// The key of what the account keeps on disk: by the password that the server has just accepted.
void open_files(Server& server, Account& account, const Secret& password, const Secret& known);

/// The password that a session keeps sealed (protocol.fbs, Resume). @return kBadCredentials where it does not open
Result<Secret> unseal_password(const Secret& session_key, std::string_view user,
                               std::string_view domain,
                               const flatbuffers::Vector<std::uint8_t>* sealed);

/// ServerGate::wait(), with an answer in time for somebody who waits until `deadline`.
void wait_at_gate(Server& server, ServerGate& gate, Deadline deadline, ServerGate::Take take);

}  // namespace alphamail

#endif
