// SPDX-License-Identifier: GPL-3.0-or-later
// What a user does to messages: what is asked, what became of it, and what it takes to take it back.
// Any thread; held in memory for a while, since a page tells it after the redirect that answers the
// form.
#ifndef WEBCACHE_ACTIONS_H
#define WEBCACHE_ACTIONS_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"

namespace alphamail {

using wire::Action;
using wire::Marked;

inline bool is_transfer(Action action) {
  return action == Action::Delete || action == Action::Move || action == Action::Copy;
}

/// As asked.
struct Act {
  std::string folder;  ///< address
  std::uint32_t uid_validity = 0;
  Action action = Action::Read;
  std::string target;  ///< address; of Move and Copy
  std::vector<Marked> messages;
  std::string label;  ///< a keyword; of Label and Unlabel
};

/// Messages in the order in which they were done.
struct Acted {
  std::uint32_t done = 0, gone = 0, others = 0, failed = 0;
  std::optional<Error> error;  ///< why those failed
  bool asks = false;           ///< wire::Progress::Asks
  std::string target;          ///< address of where they went
  /// How it is taken back; nothing where it cannot be. Of flags: those that were changed. Of
  /// transfers: where they are now.
  std::optional<Act> back;
  /// Where the server does not tell the UIDs: `back` names none (0), they are at or above this one.
  std::uint32_t back_from = 0;
};

/// wire::Report in our own type.
struct ActionReport {
  std::uint64_t id = 0;
  Action action = Action::Read;
  wire::Progress progress = wire::Progress::Running;
  bool undo = false;
  std::string folder, target, label;
  std::uint32_t done = 0, gone = 0, others = 0, failed = 0;
  std::optional<Error> error;
  bool can_undo = false;
};

class ActionLog {
 public:
  static constexpr std::size_t kKept = 32;              // reports an account
  static constexpr std::int64_t kSecondsKept = 15 * 60;  // and how long each can be taken back
  static constexpr std::size_t kMostBack = 50000;        // messages to be taken back, in all

  /// @param goes_on  the report that this one adds to, of whatever folder, where it is there and of the same kind
  /// @return the report's id, never 0
  std::uint64_t begin(const Act& act, std::uint64_t goes_on);
  void end(std::uint64_t id, Acted acted);
  /// It was not even begun, and will be asked for again: as if it had never been.
  void forget(std::uint64_t id);
  /// Nothing of it was done.
  void fail(std::uint64_t id, const Error& error, std::size_t messages);

  /// What takes that one back, which from now on cannot be taken back again; it runs under the same
  /// id.
  /// @return kNotFound where it is over, too old, or nothing can be taken back
  struct Back {
    Action undone;
    std::vector<Acted> steps;  ///< as end() was given them; each has `back`
  };
  Result<Back> take_back(std::uint64_t id);
  /// It was not begun after all: it can be taken back later.
  void put_back(std::uint64_t id, Back back);
  void end_undo(std::uint64_t id, const Acted& sum);

  std::optional<ActionReport> find(std::uint64_t id) const;
  /// The one asked for (0 = none), and those that failed without any page having told it: each of
  /// them once.
  std::vector<ActionReport> to_tell(std::uint64_t asked);

  std::size_t bytes() const;  ///< on the heap

 private:
  struct Entry {
    ActionReport report;
    std::vector<Acted> steps;
    std::uint32_t before = 0;  // report.done before it was taken back
    std::size_t running = 0;  // acts under this id that have not ended
    std::int64_t begun = 0;   // steady seconds
    bool told = false;        // its end; or it went well
  };
  Entry* find_entry(std::uint64_t id);
  void trim();

  mutable std::mutex mutex_;  // guards all below
  std::list<Entry> entries_;  // newest first
  std::atomic<bool> untold_{false};
};

}  // namespace alphamail

#endif
