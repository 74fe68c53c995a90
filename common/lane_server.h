// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon's end of all lanes: accepts web children, takes questions, streams answers.
// Layout and rules: lane.h.
#ifndef COMMON_LANE_SERVER_H
#define COMMON_LANE_SERVER_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "common/secret.h"
#include "common/unique_fd.h"

namespace alphamail {

class ServedLane;

/// A question taken from a lane, copied out of shared memory. Let go of unfinished, it cuts the
/// answer where it stands: the caller reads kInternal. May move to another thread; used by one at a
/// time; may outlive the LaneServer.
class LaneQuestion {
 public:
  LaneQuestion(LaneQuestion&&) noexcept;
  LaneQuestion& operator=(LaneQuestion&&) noexcept;
  ~LaneQuestion();

  std::span<const std::byte> request() const;  ///< hostile until verified
  Secret take_secret();                        ///< what came on the control socket; empty if nothing

  /// Room for the daemon's own remarks, which travel along; the lane makes nothing of them.
  struct Note {
    Deadline::Clock::time_point began{};
    std::uint64_t server_ns = 0;
    std::uint32_t messages = 0;
    std::uint8_t kind = 0;
    bool waited = false;
  };
  Note& note();
  bool abandoned() const;                      ///< the caller gave up or died: stop working

  /// Appends to the answer; waits for the reader while the ring is full.
  /// @return kTimeout at the deadline; kUnreachable where the caller gave up or died
  Result<void> write(std::span<const std::byte> bytes, Deadline deadline);
  /// Ends the answer. Nothing may be written afterwards.
  void finish();
  /// The whole answer in one step, never waiting: for the lane's own thread.
  /// @return kTooLarge where it does not fit the ring; nothing was written then
  Result<void> answer_at_once(std::span<const std::byte> bytes);

 private:
  friend class ServedLane;
  struct State;
  explicit LaneQuestion(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The control socket, which children find by its path. It may be held by another process than the
/// one that serves it, so that children who come between two daemons wait instead of being refused.
class ControlSocket {
 public:
  /// Made 0600, or 0660 with the clients' group where they have another uid than we; a stale one is
  /// replaced, a live one refused.
  /// @return kBusy where another daemon answers on the socket, kStorage where it cannot be made
  static Result<ControlSocket> listen(const std::string& path, const std::vector<uid_t>& clients);
  ControlSocket(ControlSocket&&) noexcept = default;
  ~ControlSocket();  ///< removes the file, unless another daemon has put its own there
  int fd() const { return fd_.get(); }

 private:
  ControlSocket() = default;
  UniqueFd fd_;
  std::string path_;
  std::uint64_t device_ = 0, inode_ = 0;
};

/// Serves the control socket; one thread a lane runs the handler for each question. The handler
/// answers at once what it has in memory (at most 1 ms) and hands the rest to a worker. It does not
/// throw; if it does, the answer is cut.
class LaneServer {
 public:
  using Handler = std::function<void(LaneQuestion)>;
  struct Options {
    std::string socket_path;          ///< see ControlSocket
    std::vector<uid_t> client_uids;   ///< who may open a lane (SO_PEERCRED)
    std::size_t max_lanes = 256;
    UniqueFd listening{};             ///< a ControlSocket's, held elsewhere; none: one of our own
  };
  /// @return what ControlSocket::listen says
  static Result<std::unique_ptr<LaneServer>> open(Options options, Handler handler);
  ~LaneServer();  ///< stops accepting, ends all lanes, joins their threads
  LaneServer(const LaneServer&) = delete;
  LaneServer& operator=(const LaneServer&) = delete;

  /// Stops accepting and tells all children to make another lane for what they ask next (lane.h,
  /// Goodbye). What they have asked is answered; each lane ends once nothing is under way in it.
  void retire();
  std::size_t questions() const;  ///< taken from lanes and not answered yet

  std::size_t lanes() const;  ///< in use; a dead one counts while a question of it is still worked on
  std::uint64_t control_bytes() const;  ///< received on control sockets after the greeting

 private:
  struct Impl;
  explicit LaneServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace alphamail

#endif
