// SPDX-License-Identifier: GPL-3.0-or-later
// What users do to messages, and take back. The answer is a Report: as soon as the mail server has
// confirmed it, else after a second with what is known by then; what fails later is told by the next
// page.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/commands.h"
#include "webcache/keyword.h"

namespace alphamail {
namespace {

// A page that waits longer says that it is under way.
constexpr Millis kWaits{1000};

// More messages of one question are refused.
constexpr std::size_t kMostMessages = 1000;

// Acts of one account that may wait for its connection.
constexpr std::size_t kWaitingActs = 64;

Result<Act> act_of(const wire::Act& asked) {
  Act act{std::string(asked.folder()->string_view()), asked.uid_validity(), asked.action(),
          asked.target() ? std::string(asked.target()->string_view()) : std::string(), {},
          asked.label() ? std::string(asked.label()->string_view()) : std::string()};
  if (!is_address(act.folder)) return Error{Code::kNotFound, "no such folder", 0};
  if (act.action > Action::MAX) return Error{Code::kInvalid, "no such action", 0};
  const bool named = act.action == Action::Move || act.action == Action::Copy;
  if (named && !is_address(act.target)) return Error{Code::kNotFound, "no such folder", 0};
  const bool labels = act.action == Action::Label || act.action == Action::Unlabel;
  if (!labels) act.label.clear();
  if (labels && (!is_keyword(act.label) || is_known_flag(act.label)))
    return Error{Code::kInvalid, "no label can have this name", 0};
  const auto& messages = *asked.messages();
  if (messages.size() == 0) return Error{Code::kInvalid, "no messages are named", 0};
  if (messages.size() > kMostMessages) return Error{Code::kTooLarge, "too many messages", 0};
  for (const Marked* marked : messages) {
    if (marked->uid() == 0) return Error{Code::kInvalid, "a message without UID", 0};
    act.messages.push_back(*marked);
  }
  return act;
}

void answer_report(Pending& pending, Account& account, std::uint64_t id) {
  pending.answer([&] {
    const auto report = account.actions().find(id);
    return report ? reply_report(*report)
                  : reply_failure(Error{Code::kNotFound, "nothing is known of this any more", 0});
  });
}

// Only what lies in the trash goes for good, and drafts that their writer throws away.
Result<void> check_place(Account& account, const Act& act) {
  if (act.action != Action::Purge) return {};
  const auto view = account.find_folder(act.folder);
  if (!view) return view.error();
  const wire::Role role = view->entry().role;
  if (role == wire::Role::Trash || role == wire::Role::Drafts) return {};
  return Error{Code::kForbidden, "only what lies in the trash can be deleted for good", 0};
}

void log_failure(const Account& account, const Error& error) {
  log(Severity::kInfo, 237,
      "not all that " + account.address() + " asked for was done: " + error.detail);
}

// @return false where nobody waits for it any more and so nobody can bring the password
bool wants_password(Pending& pending, const Error& error) {
  return error.code == Code::kNeedCredentials && pending.fail(error);
}

void end_act(Server& server, const std::shared_ptr<Account>& account, Pending& pending,
             std::uint64_t id, const std::string& folder) {
  answer_report(pending, *account, id);
  if (account->out_of_step(folder)) check_later(server, account, folder);
  follow_later(server, account);
}

void work_on_act(Server& server, const std::shared_ptr<Account>& account,
                 const std::shared_ptr<Pending>& pending, std::uint64_t id, const Act& act) {
  ActionLog& actions = account->actions();
  const auto placed = check_place(*account, act);
  auto acted = placed ? account->act(act) : Result<Acted>(placed.error());
  if (!acted && wants_password(*pending, acted.error())) return actions.forget(id);
  if (!acted) {
    log_failure(*account, acted.error());
    actions.fail(id, acted.error(), act.messages.size());
  } else {
    if (acted->error) log_failure(*account, *acted->error);
    server.counters().add(Count::messages_changed, acted->done);
    actions.end(id, std::move(*acted));
  }
  end_act(server, account, *pending, id, act.folder);
}

void work_on_undo(Server& server, const std::shared_ptr<Account>& account,
                  const std::shared_ptr<Pending>& pending, std::uint64_t id,
                  const ActionLog::Back& back) {
  const auto acted = account->take_back(back.steps);
  if (!acted && wants_password(*pending, acted.error()))
    return account->actions().put_back(id, back);
  if (!acted) {
    Acted nothing;
    nothing.error = acted.error();
    for (const Acted& step : back.steps) {
      nothing.failed += static_cast<std::uint32_t>(step.back->messages.size());
    }
    account->actions().end_undo(id, nothing);
  } else {
    if (acted->error) log_failure(*account, *acted->error);
    server.counters().add(Count::messages_changed, acted->done);
    account->actions().end_undo(id, *acted);
  }
  end_act(server, account, *pending, id, back.steps.front().back->folder);
}

// Answers after a while, whatever has come of it by then.
void answer_in_time(Server& server, const std::shared_ptr<Account>& account,
                    const std::shared_ptr<Pending>& pending, std::uint64_t id) {
  server.timers().at(Deadline::in(kWaits),
                     [account, pending, id] { answer_report(*pending, *account, id); });
}

}  // namespace

void answer_act(Server& server, Asked asked, const wire::Act& wanted) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const auto act = act_of(wanted);
  if (!act) return answer_failure(server, std::move(asked), act.error());
  if (const auto unable = account->unable())
    return answer_failure(server, std::move(asked), *unable);
  const std::uint64_t id = account->actions().begin(*act, wanted.report());
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  const bool posted = server.workers().post(
      account->strand(), Workers::When::kNow,
      [&server, account, pending, id, act = *act] { work_on_act(server, account, pending, id, act); },
      kWaitingActs);
  if (posted) return answer_in_time(server, account, pending, id);
  account->actions().forget(id);
  server.counters().add(Count::questions_refused);
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

void answer_undo(Server& server, Asked asked, const wire::Undo& undo) {
  const auto account = account_of(server, asked);
  if (!account) return;
  if (const auto unable = account->unable())
    return answer_failure(server, std::move(asked), *unable);
  auto back = account->actions().take_back(undo.report());
  if (!back) return answer_failure(server, std::move(asked), back.error());
  const std::uint64_t id = undo.report();
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  const bool posted = server.workers().post(
      account->strand(), Workers::When::kNow, [&server, account, pending, id, back = *back] {
        work_on_undo(server, account, pending, id, back);
      });
  if (posted) return answer_in_time(server, account, pending, id);
  account->actions().put_back(id, std::move(*back));
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

}  // namespace alphamail
