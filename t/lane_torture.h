// SPDX-License-Identifier: GPL-3.0-or-later
// The processes that t/lane_torture.cc kills: a daemon whose every answer can be checked, web
// children that check them, and a child that scribbles over its own lane.
#ifndef T_LANE_TORTURE_H
#define T_LANE_TORTURE_H

#include <atomic>
#include <cstdint>
#include <random>
#include <string>

namespace alphamail::torture {

/// In memory that all processes of the program share; the controller reads it.
struct Tally {
  std::atomic<std::uint64_t> right, wrong;  // answers, by content
  std::atomic<std::uint64_t> unreachable, timeout, busy, cut, other;
  std::atomic<std::uint64_t> longest_us;  // a call, whatever its end
  std::atomic<std::uint64_t> scribbles, lanes_spoilt;
  std::atomic<std::uint64_t> lanes;  // as the daemon counts them
  std::atomic<bool> stop;            // children leave
  std::atomic<bool> small_only;      // no streams: they share the workers
  void clear();
};

constexpr int kDeadlineMs = 500;

struct Stage {
  std::string path;  // of the control socket
  Tally* tally;
};

// Each runs as a process and returns its exit status.
int daemon(const Stage& stage);
int child(const Stage& stage, int threads, std::uint32_t seed);
int scribbler(const Stage& stage, std::uint32_t seed);

}  // namespace alphamail::torture

#endif
