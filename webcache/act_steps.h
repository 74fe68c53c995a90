// SPDX-License-Identifier: GPL-3.0-or-later
// What the actions on messages have in common; for account_act.cc and account_meant.cc alone.
#ifndef WEBCACHE_ACT_STEPS_H
#define WEBCACHE_ACT_STEPS_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "webcache/actions.h"
#include "webcache/index_writer.h"

namespace alphamail {

/// Messages whose identity is asked for in one answer.
constexpr std::size_t kIdentitiesAtOnce = 1000;

/// A flag, or where `label` names one a keyword, that is all an action changes.
struct FlagChange {
  wire::Flag flag;
  bool set;
  std::string_view label = {};

  std::uint16_t bit() const { return static_cast<std::uint16_t>(flag); }
  bool is_done(std::uint16_t flags, bool labelled) const {
    return (label.empty() ? (flags & bit()) != 0 : labelled) == set;
  }
  void make(IndexWriter& writer, Uid uid) const {
    if (!label.empty()) {
      writer.change_label(uid, label, set);
    } else {
      writer.change_flags(uid, set ? bit() : std::uint16_t{0}, set ? std::uint16_t{0} : bit());
    }
  }
};

/// Borrows the label of the Act.
inline std::optional<FlagChange> flag_change(const Act& act) {
  switch (act.action) {
    case Action::Label: return FlagChange{{}, true, act.label};
    case Action::Unlabel: return FlagChange{{}, false, act.label};
    case Action::Read: return FlagChange{wire::Flag::Seen, true};
    case Action::Unread: return FlagChange{wire::Flag::Seen, false};
    case Action::Star: return FlagChange{wire::Flag::Flagged, true};
    case Action::Unstar: return FlagChange{wire::Flag::Flagged, false};
    default: return std::nullopt;
  }
}

inline constexpr auto kJunkBit = static_cast<std::uint16_t>(wire::Flag::Junk);
inline constexpr auto kNotJunkBit = static_cast<std::uint16_t>(wire::Flag::NotJunk);

/// Keywords that a message gets and loses before it moves.
struct KeywordChange {
  std::uint16_t set = 0, clear = 0;
};
inline KeywordChange keyword_change(const Act& act) {
  if (act.action == Action::Junk) return {kJunkBit, kNotJunkBit};
  if (act.action == Action::NotJunk) return {kNotJunkBit, kJunkBit};
  return {act.set, act.clear};
}

/// What of a message's flags has to be known before: to take it back, and to count.
inline std::uint16_t flags_that_matter(const Act& act) {
  if (const auto change = flag_change(act)) return change->bit();
  const KeywordChange keywords = keyword_change(act);
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(wire::Flag::Seen) | keywords.set | keywords.clear);
}

}  // namespace alphamail

#endif
