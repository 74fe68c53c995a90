// SPDX-License-Identifier: GPL-3.0-or-later
// Log-in and log-out.
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "common/log.h"
#include "webcache/commands.h"
#include "webcache/login_steps.h"

namespace alphamail {
namespace {

constexpr std::size_t kLongestPassword = 1024;
constexpr std::uint32_t kLongestIdle = 7 * 24 * 3600;

// Of the time that somebody waits, so much is left for the log-in itself.
constexpr Millis kForTheLogIn{300};

// What an attempt's failures count towards. A browser that this user logged in from before has a
// count of its own, so that strangers who guess at the account make only each other wait.
LoginThrottle::Attempt begin_attempt(Server& server, const std::string& who,
                                     const wire::Login& login) {
  constexpr std::size_t kLongestName = 64;
  const auto* known = login.known_browser();
  if (known && known->size() > 0 && known->size() <= kLongestName) {
    return server.throttle().begin(who + " from browser " + known->str(), "");
  }
  return server.throttle().begin(who, login.network()->string_view());
}

// What a log-in brings along to its worker.
struct LoginWork {
  std::shared_ptr<Pending> pending;
  Handle handle;
  MailServer mail_server;
  std::string user, network;
  std::optional<RoleChoices> roles;
  std::uint32_t idle_seconds;
  Secret password;
  LoginThrottle::Attempt attempt;
};

void work_on_login(Server& server, LoginWork& work, Result<ServerGate::Place> place) {
  if (!work.pending->wanted()) return;
  const auto gate = server.accounts().gate(work.mail_server);
  const auto began = Deadline::Clock::now();
  auto connection = place ? connect_and_log_in(server.services(), *gate, std::move(*place),
                                               work.mail_server, work.user, work.password)
                          : Result<Connection>(place.error());
  const auto took = std::chrono::duration_cast<Millis>(Deadline::Clock::now() - began);
  work.attempt.end(outcome_of(connection));
  count_login(server, connection);
  const std::string who = throttle_name(work.user, work.mail_server.domain);
  if (!connection) {
    const Error& error = connection.error();
    if (error.code == Code::kBadCredentials) {
      log(Severity::kWarning, 201, "log-in refused: user " + who + " from " + work.network);
    } else {
      log(Severity::kWarning, 202, "log-in not possible: user " + who + ": " + error.detail);
    }
    work.pending->fail(error);
    return;
  }
  const auto account = server.accounts().get(work.mail_server, work.user);
  if (!account) {
    work.pending->fail(account.error());
    return;
  }
  open_files(server, **account, work.password, Secret());
  take_roles(server, *account, work.roles);
  (*account)->offer(std::move(*connection));
  server.accounts().add(work.handle, *account, work.idle_seconds);
  log(Severity::kInfo, 200,
      "log-in: user " + who + " from " + work.network + " host " + work.mail_server.host +
          " connect_ms " + std::to_string(took.count()));
  take_up_outbox(server, *account, work.password);
  prime(server, *account, std::move(work.password));
  work.pending->answer(
      [&] { return reply_logged_in((*account)->address(), work.mail_server.host); });
}

}  // namespace

std::string throttle_name(std::string_view user, std::string_view domain) {
  const std::string name(user);
  return name.find('@') == std::string::npos ? name + "@" + std::string(domain) : name;
}

LoginThrottle::Outcome outcome_of(const Result<Connection>& connection) {
  if (connection) return LoginThrottle::Outcome::kSucceeded;
  if (connection.error().code == Code::kBadCredentials) return LoginThrottle::Outcome::kFailed;
  return LoginThrottle::Outcome::kNoAnswer;
}

void count_login(Server& server, const Result<Connection>& connection) {
  if (connection) {
    server.counters().add(Count::logins);
  } else if (connection.error().code == Code::kBadCredentials) {
    server.counters().add(Count::logins_failed);
  }
}

void open_files(Server& server, Account& account, const Secret& password, const Secret& known) {
  const auto live = account.files();
  account.set_files(
      server.cache().open_account(account.cache_name(), password, live ? live->key() : known));
}

void wait_at_gate(Server& server, ServerGate& gate, Deadline deadline, ServerGate::Take take) {
  const Deadline until = Deadline::at(deadline.when() - kForTheLogIn);
  gate.wait(until, std::move(take));
  if (gate.waiting() == 0) return;
  server.timers().at(until, [shared = gate.shared_from_this()] { shared->expire(); });
}

void answer_login(Server& server, Asked asked, const wire::Login& login) {
  Secret password = asked.question.take_secret();
  const std::string user(login.user()->string_view());
  const MailServer* mail_server = server.config().imap_server(login.domain()->string_view());
  if (!mail_server) {
    return answer_failure(server, std::move(asked), Error{Code::kUnknownDomain, "", 0});
  }
  auto attempt = begin_attempt(server, throttle_name(user, mail_server->domain), login);
  if (attempt.wait() > 0) {
    server.counters().add(Count::logins_throttled);
    log(Severity::kWarning, 206,
        "log-in throttled: user " + throttle_name(user, mail_server->domain) + " from " +
            std::string(login.network()->string_view()));
    return answer_failure(server, std::move(asked), Error{Code::kThrottled, "", attempt.wait()});
  }
  if (user.empty() || user.size() > kLongestUser || !printable(user) || password.empty() ||
      password.size() > kLongestPassword || !printable(password.text())) {
    attempt.end(LoginThrottle::Outcome::kFailed);
    return answer_failure(server, std::move(asked), Error{Code::kBadCredentials, "", 0});
  }
  const std::uint32_t idle =
      login.want_seconds() == 0 ? server.config().session_idle_minutes * 60
                                : std::clamp<std::uint32_t>(login.want_seconds(), 60, kLongestIdle);
  const std::string network(login.network()->string_view().substr(0, 64));
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  auto work =
      std::make_shared<LoginWork>(LoginWork{pending, asked.handle, *mail_server, user, network,
                                            role_choices(login.roles()), idle, std::move(password), std::move(attempt)});
  wait_at_gate(server, *server.accounts().gate(*mail_server), asked.deadline,
               [&server, work](Result<ServerGate::Place> place) {
                 const MailServer& where = work->mail_server;
                 const bool posted = server.workers().post(
                     server.workers().strand(where.host + ":" + std::to_string(where.port)),
                     Workers::When::kNow, [&server, work, p = std::move(place)]() mutable {
                       work_on_login(server, *work, std::move(p));
                     });
                 if (!posted)
                   work->pending->fail(Error{Code::kBusy, "too many log-ins at once", 5});
               });
}

void answer_logout(Server& server, Asked asked) {
  if (const auto account = server.accounts().remove(asked.handle)) {
    log(Severity::kInfo, 207, "log-out: " + account->story());
    server.close(account);
  }
  server.deliver(std::move(asked.question), reply_done(), asked.deadline);
}

}  // namespace alphamail
