// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/act_request.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "webcache/chosen_rows.h"
#include "webcache/clock.h"
#include "webcache/folder_list.h"
#include "webcache/keyword.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

// More messages of one question are refused.
constexpr std::size_t kMostMessages = 1000;

// What is to be done, and not yet to which messages.
Result<Act> action_of(const wire::Act& asked) {
  Act act;
  act.action = asked.action();
  if (act.action > Action::MAX) return Error{Code::kInvalid, "no such action", 0};
  if (asked.target()) act.target = asked.target()->string_view();
  if (asked.label()) act.label = asked.label()->string_view();
  const bool named = act.action == Action::Move || act.action == Action::Copy ||
                     (act.action == Action::Archive && !act.target.empty());
  if (named && !is_address(act.target)) return Error{Code::kNotFound, "no such folder", 0};
  const bool labels = act.action == Action::Label || act.action == Action::Unlabel;
  if (!labels) act.label.clear();
  if (labels && (!is_keyword(act.label) || is_known_flag(act.label)))
    return Error{Code::kInvalid, "no label can have this name", 0};
  return act;
}

Result<EveryMessage> every_of(const wire::AllOf& all) {
  if (all.below() == 0) return Error{Code::kInvalid, "all up to which message", 0};
  EveryMessage every{all.below(), nullptr};
  if (!all.chosen()) return every;
  auto choice = Choice::of(*all.chosen(), wall_seconds());
  if (!choice) return choice.error();
  if (!choice->is_all()) every.choice = std::make_shared<const Choice>(std::move(*choice));
  return every;
}

Result<Act> in_one_folder(Act act, const wire::Act& asked) {
  act.folder = asked.folder()->string_view();
  act.uid_validity = asked.uid_validity();
  if (!is_address(act.folder)) return Error{Code::kNotFound, "no such folder", 0};
  const auto& messages = *asked.messages();
  if (asked.all()) {
    if (messages.size() > 0) return Error{Code::kInvalid, "all, or single messages", 0};
    auto every = every_of(*asked.all());
    if (!every) return every.error();
    act.every = std::move(*every);
    return act;
  }
  if (messages.size() == 0) return Error{Code::kInvalid, "no messages are named", 0};
  if (messages.size() > kMostMessages) return Error{Code::kTooLarge, "too many messages", 0};
  for (const Marked* marked : messages) {
    if (marked->uid() == 0) return Error{Code::kInvalid, "a message without UID", 0};
    act.messages.push_back(*marked);
  }
  return act;
}

// ---- all that was found ----

// Whether an action does nothing to the messages of a folder, because of where they lie.
bool is_idle_in(const FolderEntry& folder, const Act& act) {
  using wire::Role;
  switch (act.action) {
    case Action::Delete: return folder.role == Role::Trash;
    case Action::Purge: return folder.role != Role::Trash;
    case Action::Junk: return folder.role == Role::Junk;
    case Action::NotJunk: return folder.address == "INBOX";
    case Action::Archive: return act.target.empty() ? folder.role == Role::Archive : folder.address == act.target;
    case Action::Move:
    case Action::Copy: return folder.address == act.target;
    default: return false;
  }
}

Act of_found(const Act& action, const FoundIn& found) {
  Act act = action;
  act.folder = found.folder;
  act.uid_validity = found.uid_validity;
  for (const Hit& hit : found.hits) add_uid(act.ranges, static_cast<std::uint32_t>(hit.uid));
  return act;
}

Result<std::vector<Act>> on_all_found(Account& account, const Act& action, const wire::Act& asked) {
  if (asked.all() || asked.messages()->size() > 0)
    return Error{Code::kInvalid, "all that was found, or single messages", 0};
  const auto search = account.searches().find(asked.search());
  if (!search) return Error{Code::kNotFound, "that search is forgotten", 0};
  // What the user has not been told of is not meant.
  if (!search->over()) return Error{Code::kChanged, "the search is not over yet", 0};
  std::vector<Act> acts, idle;
  for (const FoundIn& found : search->found()) {
    const auto view = account.view(found.folder, Account::Looking::kNobody);
    (view && is_idle_in(view->entry(), action) ? idle : acts).push_back(of_found(action, found));
  }
  if (acts.empty()) acts = std::move(idle);
  if (acts.empty()) return Error{Code::kInvalid, "nothing was found", 0};
  return acts;
}

}  // namespace

Result<std::vector<Act>> acts_of(Account& account, const wire::Act& asked) {
  auto action = action_of(asked);
  if (!action) return action.error();
  if (asked.search() != 0) return on_all_found(account, *action, asked);
  auto act = in_one_folder(std::move(*action), asked);
  if (!act) return act.error();
  return std::vector<Act>{std::move(*act)};
}

}  // namespace alphamail
