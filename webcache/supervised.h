// SPDX-License-Identifier: GPL-3.0-or-later
// The link between the daemon and the small process above it (supervisor.h): packets of a Unix
// socket that only these two have, a Word each. Its end tells each that the other has died.
//
//     supervisor                               daemon
//       Birth ──────────────────────────────────▶   first
//           ◀────────────────────────── kReady      serves now
//           ◀────────────────────────── kBeat       once a second
//           ◀────────────────────────── kStuck      a thread hangs for good; which and where follows
//       kRetire ────────────────────────────────▶   another daemon takes over: stop accepting
//           ◀────────────────────────── kFreed      flushed; the other one may have the cache
//           ◀────────────────────────── kWaits      (successor) ready to take over
//       kTakeOver ──────────────────────────────▶   (successor) accept and serve
#ifndef WEBCACHE_SUPERVISED_H
#define WEBCACHE_SUPERVISED_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/unique_fd.h"

namespace alphamail::link {

enum class Word : char {
  kReady = 'R',
  kBeat = 'B',
  kStuck = 'S',
  kWaits = 'W',
  kFreed = 'F',
  kReloaded = 'L',
  kRetire = 'Q',
  kTakeOver = 'T',
};

/// What a daemon is told of those before it.
struct Birth {
  std::uint32_t restarts = 0;   ///< daemons that ended by themselves under this supervisor
  std::uint32_t successor = 0;  ///< 1: another one serves still; say kWaits and wait for kTakeOver
  char last_end[240] = "";      ///< how the last of them ended, in words
};

/// Descriptors that a daemon is born with.
inline constexpr int kLinkFd = 3;
inline constexpr int kListeningFd = 4;

struct Packet {
  Word word;
  std::string text;
};

/// One end. Sending is for any thread, receiving for one.
class Link {
 public:
  Link() = default;
  explicit Link(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }
  bool open() const { return static_cast<bool>(fd_); }

  /// Never waits: a link that takes nothing belongs to a process that is stopped or gone.
  bool tell(Word word, std::string_view text = {}) const;
  bool tell(const Birth& birth) const;
  /// Waits for it. @return nothing where the other side died first
  std::optional<Birth> hear_birth() const;
  /// What has come; nothing where nothing has. `closed` becomes true at the other side's end.
  std::optional<Packet> hear(bool& closed) const;

 private:
  UniqueFd fd_;
};

}  // namespace alphamail::link

#endif
