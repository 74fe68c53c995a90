// SPDX-License-Identifier: GPL-3.0-or-later
// The web child's end of a lane: asks questions and reads answers. Layout and rules: lane.h.
#ifndef COMMON_LANE_CLIENT_H
#define COMMON_LANE_CLIENT_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/deadline.h"
#include "common/result.h"

namespace alphamail {

class LaneClient;

/// One question under way. Let go of before the end, it marks its slot abandoned; the daemon frees it.
/// Used by one thread. Outlives neither the LaneClient nor the process that made it.
class Call {
 public:
  Call(Call&&) noexcept;
  Call& operator=(Call&&) noexcept;
  ~Call();

  /// Waits for the next piece of the answer in this slot's reply ring.
  /// @param into      takes at most into.size() bytes; the rest stays for the next call
  /// @param deadline  for the whole answer, not for each piece
  /// @return bytes written, 0 at the end of the answer; kTimeout, or kUnreachable if the daemon died
  Result<std::size_t> read(std::span<std::byte> into, Deadline deadline);

 private:
  friend class LaneClient;
  struct State;
  explicit Call(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One lane to one daemon, shared by all threads of the child. Connects on the first question and
/// again after the daemon died; holds no thread or descriptor before that (httpd forks).
class LaneClient {
 public:
  struct Options {
    std::string socket_path;      ///< the daemon's control socket
    uid_t daemon_uid;             ///< whom SO_PEERCRED must report
  };
  explicit LaneClient(Options options);
  ~LaneClient();
  LaneClient(const LaneClient&) = delete;
  LaneClient& operator=(const LaneClient&) = delete;

  /// Posts a question.
  /// @param request   at most kRequestBytes (lane.h), else kTooLarge
  /// @param secret    sent on the control socket just before the slot is posted; empty = none
  /// @return kUnreachable at once where there is no daemon; kBusy where all slots stay in use
  ///         until the deadline
  Result<Call> ask(std::span<const std::byte> request, Deadline deadline,
                   std::span<const std::byte> secret = {});

  /// Bytes put on the control socket after the greeting, since this was made.
  std::uint64_t control_bytes() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace alphamail

#endif
