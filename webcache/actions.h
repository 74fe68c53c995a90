// SPDX-License-Identifier: GPL-3.0-or-later
// What a user does to messages: what is asked, what became of it, and what it takes to take it back.
// Any thread; held in memory for a while, since a page tells it after the redirect that answers the
// form, and on disk (action_file.h) for the daemon after this one.
#ifndef WEBCACHE_ACTIONS_H
#define WEBCACHE_ACTIONS_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "webcache/clock.h"
#include "webcache/imap_types.h"

namespace alphamail {

struct Choice;

using wire::Action;
using wire::Marked;

/// Messages go to another folder.
inline bool is_transfer(Action action) {
  switch (action) {
    case Action::Delete:
    case Action::Move:
    case Action::Copy:
    case Action::Archive:
    case Action::Junk:
    case Action::NotJunk: return true;
    default: return false;
  }
}

/// wire::AllOf: every message with a UID under this one.
struct EveryMessage {
  std::uint32_t below = 0;
  std::shared_ptr<const Choice> choice;  ///< null: all of them
};

/// As asked. Which messages is said by one of the three.
struct Act {
  std::string folder;  ///< address
  std::uint32_t uid_validity = 0;
  Action action = Action::Read;
  std::string target;  ///< address; of Move, Copy, and of Archive where that is not the role's folder
  std::vector<Marked> messages{};
  std::string label{};  ///< a keyword; of Label and Unlabel
  std::optional<EveryMessage> every{};
  std::vector<UidRange> ranges{};  ///< ascending; UIDs alone, for what we have done ourselves
  /// Keywords of Move that are set and taken away first: bits of wire::Flag::Junk and NotJunk.
  std::uint16_t set = 0, clear = 0;

  bool is_bulk() const { return every || !ranges.empty(); }
  std::size_t messages_named() const;  ///< how many that are; 0 where only the folder tells
  std::size_t bytes() const;           ///< on the heap
};

/// Puts a UID into ranges; ascending ones make few.
void add_uid(std::vector<UidRange>& ranges, std::uint32_t uid);
/// Ascending, none of them touching another.
void tidy(std::vector<UidRange>& ranges);
bool holds(const std::vector<UidRange>& tidy_ranges, std::uint32_t uid);
std::size_t count(const std::vector<UidRange>& tidy_ranges);

/// Messages in the order in which they were done.
struct Acted {
  std::uint32_t done = 0, gone = 0, others = 0, failed = 0;
  std::optional<Error> error;  ///< why those failed
  bool asks = false;           ///< wire::Progress::Asks
  std::string target;          ///< address of where they went
  /// How it is taken back; nothing where it cannot be. Of flags: those that were changed. Of
  /// transfers: where they are now. Several where not all were alike before.
  std::vector<Act> back;
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
  std::uint32_t total = 0;
  std::optional<Error> error;
  bool can_undo = false;
};

/// One that has ended, as another daemon takes it over.
struct KeptAction {
  ActionReport report;
  std::vector<Acted> steps;
  std::int64_t age = 0;  ///< seconds
  bool told = false;
};

class ActionLog {
 public:
  static constexpr std::size_t kKept = 32;              // reports an account
  static constexpr std::int64_t kSecondsKept = 15 * 60;  // and how long each can be taken back
  static constexpr std::size_t kMostBack = 50000;  // ranges and single messages to be taken back, in all

  /// @param now  steady seconds
  explicit ActionLog(std::int64_t (*now)() = steady_seconds) : now_(now) {}

  /// @param goes_on  the report that this one adds to, of whatever folder, where it is there and of the same kind
  /// @return the report's id, never 0
  std::uint64_t begin(const Act& act, std::uint64_t goes_on);
  /// How far it is.
  /// @param total   messages that this act, or this taking back, is about
  /// @param target  address of where they go; "" = nowhere
  void advance(std::uint64_t id, std::size_t done, std::size_t total, const std::string& target);
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

  // To disk and back.

  /// Something has ended, or was taken back, since take_changed().
  bool changed() const { return changed_.load(std::memory_order_relaxed); }
  bool take_changed() { return changed_.exchange(false); }
  void set_changed() { changed_ = true; }
  bool under_way() const;  ///< something has not ended yet
  /// What has ended and is not too old, newest first.
  std::vector<KeptAction> kept() const;
  /// What a daemon before this one, or beside it, has left: what is not known here yet.
  void take_in(std::vector<KeptAction> actions);
  /// Somebody asked for a report that is not known here since the last call: it may have come to the disk.
  bool take_sought() { return sought_.exchange(false); }

  std::size_t bytes() const;  ///< on the heap

 private:
  struct Entry {
    ActionReport report;
    std::vector<Acted> steps;
    std::uint32_t before = 0;  // report.done before it was taken back
    std::uint32_t under_way = 0;  // done of what has not ended
    std::uint32_t expected = 0;   // report.total is this, and what the one under way is about
    std::size_t running = 0;  // acts under this id that have not ended
    std::int64_t begun = 0;   // steady seconds
    bool told = false;        // its end; or it went well
  };
  Entry* find_entry(std::uint64_t id);
  static ActionReport report_of(const Entry& entry);
  void trim();

  std::int64_t (*const now_)();
  mutable std::mutex mutex_;  // guards all below
  std::list<Entry> entries_;  // newest first
  std::atomic<bool> untold_{false}, changed_{false}, sought_{false};
};

}  // namespace alphamail

#endif
