// SPDX-License-Identifier: GPL-3.0-or-later
// One lane as the daemon serves it: greeting, doorbell, secrets, questions, the end. Its thread is
// the only one that takes questions; any thread may answer them.
#ifndef COMMON_SERVED_LANE_H
#define COMMON_SERVED_LANE_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/lane.h"
#include "common/lane_server.h"
#include "common/secret.h"
#include "common/unique_fd.h"

namespace alphamail {

class ServedLane : public std::enable_shared_from_this<ServedLane> {
 public:
  /// What all lanes of a server count together; outlives the server where questions do.
  struct Counters {
    std::atomic<std::size_t> lanes{0};
    std::atomic<std::size_t> questions{0};  // taken and not answered yet
    std::atomic<std::uint64_t> control_bytes{0};
  };

  /// Makes segment and doorbell for a child that has just connected and been recognised by its uid.
  static Result<std::shared_ptr<ServedLane>> make(UniqueFd control,
                                                  std::shared_ptr<Counters> counters);
  ServedLane(UniqueFd control, UniqueFd doorbell, UniqueFd events, UniqueFd memory,
             lane::MappedSegment segment, std::shared_ptr<Counters> counters);
  ~ServedLane();
  ServedLane(const ServedLane&) = delete;
  ServedLane& operator=(const ServedLane&) = delete;

  /// The lane's thread: greets, then serves until the child dies, breaks the protocol, or stop().
  void run(const LaneServer::Handler& handler);
  /// From any thread: ends the lane; whoever waits to write wakes with kUnreachable.
  void stop();
  /// From any thread: tells the child to make another lane (lane::Goodbye), and serves on.
  void say_goodbye();
  /// Nothing is under way in a lane whose child was told to leave it.
  bool quiet() const;
  /// Closes the descriptors once run() has returned; what questions still need stays.
  void close();

 private:
  friend class LaneQuestion;

  /// What the daemon itself knows of a slot, where the child cannot write.
  struct Known {
    std::atomic<bool> busy{false};       ///< a LaneQuestion stands for it
    std::atomic<bool> stretched{false};  ///< its ring holds more memory than small replies need
    std::uint32_t secret_generation = 0;
    Secret secret;  ///< came on the control socket, not yet asked for
  };

  bool greet();
  void serve(const LaneServer::Handler& handler);
  bool take_questions(std::uint64_t posted, const LaneServer::Handler& handler);
  bool take_question(std::uint32_t slot, const LaneServer::Handler& handler);
  bool sleep();
  void send_goodbye();
  bool receive_secrets();
  bool keep_secret(std::span<const std::byte> packet);
  void give_memory_back();
  bool dead() const { return dead_.load(std::memory_order_acquire); }

  UniqueFd control_;
  UniqueFd doorbell_;
  UniqueFd events_;  // epoll over the two
  UniqueFd memory_;  // the segment; closed once the child has it
  const lane::MappedSegment segment_;
  const std::shared_ptr<Counters> counters_;
  std::atomic<bool> dead_{false};
  std::atomic<bool> leaving_{false}, told_{false};  // say_goodbye(); and the child has it
  std::atomic<bool> any_stretched_{false};
  std::array<Known, kSlots> known_;
};

}  // namespace alphamail

#endif
