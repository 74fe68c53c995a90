// SPDX-License-Identifier: GPL-3.0-or-later
// What users do to messages, and take back. The answer is a Report: as soon as the mail server has
// confirmed it, else after a second with what is known by then; what fails later is told by the next
// page. What is about many messages is answered as soon as lists show it, and goes on behind the answer in
// steps, between which the account's other questions are served.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "common/log.h"
#include "webcache/act_request.h"
#include "webcache/commands.h"
#include "webcache/junk_report.h"
#include "webcache/login_steps.h"

namespace alphamail {
namespace {

// A page that waits longer says that it is under way.
constexpr Millis kWaits{1000};

// What is about more goes on behind the answer.
constexpr std::size_t kWaitedFor = 1000;

// How often somebody who waits for the end of it is looked after.
constexpr Millis kLooksEvery{40};

// Acts of one account that may wait for its connection.
constexpr std::size_t kWaitingActs = 64;

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

// What is done under one report: acts, one after the other, or one that is taken back, each of its parts.
struct Run {
  Server& server;
  std::shared_ptr<Account> account;
  std::shared_ptr<Pending> pending;
  std::uint64_t id;
  std::vector<Act> acts;                // none of an Undo
  std::size_t next = 0;                 // of them
  std::optional<ActionLog::Back> back;  // of an Undo
  std::size_t step = 0, part = 0;       // of it, the ones that come next
  Secret password;                      // to report junk by mail; empty where nobody has brought it
  std::shared_ptr<Account::Acting> acting = {};
  Acted sum = {};                       // of an Undo's parts before

  std::size_t messages() const {        // as far as it is known now
    std::size_t sum_of = acting ? acting->messages() : 0;
    if (acts.size() > 1) sum_of = std::max(sum_of, named());
    return sum_of;
  }
  std::size_t named() const {
    return std::accumulate(acts.begin(), acts.end(), std::size_t{0},
                           [](std::size_t n, const Act& act) { return n + act.messages_named(); });
  }
};
using RunPtr = std::shared_ptr<Run>;

// The way back goes to disk behind the answer.
void save_later(Server& server, const std::shared_ptr<Account>& account) {
  constexpr std::size_t kWaiting = 2;
  server.workers().post(account->disk_strand(), Workers::When::kLater, [account] { account->save_actions(); }, kWaiting);
}

// Of several acts the answer is about all of them.
void end_run(Run& run, const std::string& folder) {
  if (run.next == run.acts.size()) answer_report(*run.pending, *run.account, run.id);
  save_later(run.server, run.account);
  if (run.account->out_of_step(folder)) check_later(run.server, run.account, folder);
  follow_later(run.server, run.account);
}

void end_part(Run& run) {
  Acted& acted = run.acting->acted;
  if (acted.error) log_failure(*run.account, *acted.error);
  run.server.counters().add(Count::messages_changed, acted.done);
  if (!run.back) {
    const std::string folder = run.acting->act.folder;
    const Action action = run.acting->act.action;
    if (action == Action::Junk || action == Action::NotJunk)
      report_junk(run.server, run.account, action, acted.back, acted.back_from, acted.done, Secret(run.password.bytes()));
    run.account->actions().end(run.id, std::move(acted));
    return end_run(run, folder);
  }
  run.sum.done += acted.done;
  run.sum.gone += acted.gone;
  run.sum.others += acted.others;
  run.sum.failed += acted.failed;
  if (acted.error) run.sum.error = acted.error;
}

void next_part(const RunPtr& run);
void next_act(const RunPtr& run);

void go_on(const RunPtr& run) {
  Account& account = *run->account;
  Account::Acting& acting = *run->acting;
  const bool many = run->messages() > kWaitedFor;
  const auto told = [&] {
    account.actions().advance(run->id, run->sum.done + acting.acted.done,
                              acting.messages() + acting.acted.gone,
                              run->back ? std::string() : acting.acted.target);
  };
  told();
  if (many) answer_report(*run->pending, account, run->id);
  while (account.act_step(acting)) {
    told();
    if (!many) continue;
    if (run->server.services().stopping) {
      account.drop_act(acting);
      break;
    }
    // Where there is no room it is done at one go.
    if (run->server.workers().post(account.strand(), Workers::When::kLater, [run] { go_on(run); })) return;
  }
  end_part(*run);
  run->back ? next_part(run) : next_act(run);
}

// A connection that ended before anything was done (Cyrus ends one whose folder was deleted): whoever asks brings
// the password and asks again, as if it had ended a moment earlier.
Error lost(const Account& account, const Error& error) {
  const auto unable = error.code == Code::kUnreachable ? account.unable() : std::nullopt;
  return unable && unable->code == Code::kNeedCredentials ? *unable : error;
}

// What nothing was done of.
std::size_t messages_of(const Account& account, const Act& act) {
  if (!act.every) return act.messages_named();
  const auto view = account.view(act.folder, Account::Looking::kNobody);
  return view && view->index ? std::max<std::size_t>(view->index->total(), 1) : 1;
}

void work_on_act(const RunPtr& run) {
  Account& account = *run->account;
  const Act& act = run->acts[run->next++];
  const auto placed = check_place(account, act);
  auto acting = placed ? account.begin_act(act)
                       : Result<std::shared_ptr<Account::Acting>>(placed.error());
  const bool first = run->next == 1;
  if (!acting && first && wants_password(*run->pending, lost(account, acting.error()))) {
    for (std::size_t i = 0; i < run->acts.size(); ++i) account.actions().forget(run->id);
    return;
  }
  if (acting) {
    run->acting = std::move(*acting);
    return go_on(run);
  }
  log_failure(account, acting.error());
  account.actions().fail(run->id, acting.error(), messages_of(account, act));
  end_run(*run, act.folder);
  next_act(run);
}

// The rest of all that was found: as work of its own, so that other questions of the account come between.
void next_act(const RunPtr& run) {
  if (run->next == run->acts.size()) return;
  if (run->server.workers().post(run->account->strand(), Workers::When::kLater, [run] { work_on_act(run); })) return;
  // There is no room, or the daemon ends.
  const Error error{Code::kBusy, "too many questions at once", 2};
  for (; run->next < run->acts.size(); ++run->next) {
    const Act& act = run->acts[run->next];
    run->account->actions().fail(run->id, error, messages_of(*run->account, act));
  }
  answer_report(*run->pending, *run->account, run->id);
}

// The next part of what is taken back, until there is none left.
void next_part(const RunPtr& run) {
  Account& account = *run->account;
  const std::vector<Acted>& steps = run->back->steps;
  while (run->step < steps.size()) {
    const Acted& taken = steps[run->step];
    if (run->part == taken.back.size()) {
      ++run->step;
      run->part = 0;
      continue;
    }
    const bool first = run->step == 0 && run->part == 0;
    // On disk it is taken back before it is: no crash makes it happen twice.
    if (first) account.save_actions();
    const Act& back = taken.back[run->part++];
    auto acting = account.begin_back(back, taken.back_from);
    if (!acting && first && wants_password(*run->pending, acting.error()))
      return account.actions().put_back(run->id, *run->back);
    if (acting) {
      run->acting = std::move(*acting);
      return go_on(run);
    }
    run->sum.failed += static_cast<std::uint32_t>(back.messages_named());
    run->sum.error = acting.error();
    log_failure(account, acting.error());
  }
  account.actions().end_undo(run->id, run->sum);
  end_run(*run, steps.front().back.front().folder);
}

// Without it no mail reports junk; the act itself needs none.
Secret password_of(const Account& account, const wire::Act& wanted, const Secret& key) {
  if (!wanted.sealed() || key.empty()) return {};
  auto password = unseal_password(key, account.user(), account.server().domain, wanted.sealed());
  return password ? std::move(*password) : Secret();
}

// Answers after a while, whatever has come of it by then.
void answer_in_time(Server& server, const std::shared_ptr<Account>& account,
                    const std::shared_ptr<Pending>& pending, std::uint64_t id) {
  server.timers().at(Deadline::in(kWaits),
                     [account, pending, id] { answer_report(*pending, *account, id); });
}

}  // namespace

void answer_act(Server& server, Asked asked, const wire::Act& wanted) {
  const Secret key = asked.question.take_secret();
  const auto account = account_of(server, asked);
  if (!account) return;
  auto acts = acts_of(*account, wanted);
  if (!acts) return answer_failure(server, std::move(asked), acts.error());
  if (const auto unable = account->unable())
    return answer_failure(server, std::move(asked), *unable);
  std::uint64_t id = wanted.report();
  for (const Act& act : *acts) id = account->actions().begin(act, id);
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  const std::size_t begun = acts->size();
  const auto run = std::make_shared<Run>(
      Run{server, account, pending, id, std::move(*acts), 0, {}, 0, 0, password_of(*account, wanted, key)});
  const bool posted = server.workers().post(
      account->strand(), Workers::When::kNow,
      [run] { work_on_act(run); },
      kWaitingActs);
  if (posted) return answer_in_time(server, account, pending, id);
  for (std::size_t i = 0; i < begun; ++i) account->actions().forget(id);
  server.counters().add(Count::questions_refused);
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

namespace {

// One that another daemon has ended after this one took over from it lies on disk.
void look_for_undo(const RunPtr& run) {
  Account& account = *run->account;
  account.load_actions();
  auto back = account.actions().take_back(run->id);
  if (!back) return void(run->pending->fail(back.error()));
  run->back = std::move(*back);
  next_part(run);
}

}  // namespace

void answer_undo(Server& server, Asked asked, const wire::Undo& undo) {
  const auto account = account_of(server, asked);
  if (!account) return;
  if (const auto unable = account->unable())
    return answer_failure(server, std::move(asked), *unable);
  const std::uint64_t id = undo.report();
  const bool known = account->actions().find(id).has_value();
  auto back = account->actions().take_back(id);
  if (known && !back) return answer_failure(server, std::move(asked), back.error());
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  const auto run = std::make_shared<Run>(Run{server, account, pending, id, {}, 0, {}, 0, 0, {}});
  if (back) run->back = *back;
  const bool posted = server.workers().post(account->strand(), Workers::When::kNow,
                                            [run] { run->back ? next_part(run) : look_for_undo(run); });
  if (posted) return answer_in_time(server, account, pending, id);
  if (back) account->actions().put_back(id, std::move(*back));
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

namespace {

// Answers when it has ended, or the wait is over.
void wait_for_report(Server& server, const std::shared_ptr<Account>& account,
                     const std::shared_ptr<Pending>& pending, std::uint64_t id, Deadline until) {
  const auto report = account->actions().find(id);
  const bool running = report && report->progress == wire::Progress::Running;
  if (!running || until.passed()) return answer_report(*pending, *account, id);
  server.timers().at(Deadline::in(kLooksEvery).sooner(until), [&server, account, pending, id, until] {
    wait_for_report(server, account, pending, id, until);
  });
}

}  // namespace

void answer_show_report(Server& server, Asked asked, const wire::ShowReport& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const Deadline until = Deadline::in(Millis(ask.wait_ms())).sooner(asked.deadline);
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  wait_for_report(server, account, pending, ask.report(), until);
}

}  // namespace alphamail
