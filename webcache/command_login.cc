// SPDX-License-Identifier: GPL-3.0-or-later
// Log-in, resuming a session after its connection went, log-out.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "common/log.h"
#include "common/seal.h"
#include "webcache/commands.h"

namespace alphamail {
namespace {

constexpr std::size_t kLongestUser = 255;
constexpr std::size_t kLongestPassword = 1024;
constexpr std::uint32_t kLongestIdle = 7 * 24 * 3600;

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// The name that failures are counted under: "ann" and "ann@example.edu" are one person.
std::string throttle_name(std::string_view user, std::string_view domain) {
  const std::string name(user);
  return name.find('@') == std::string::npos ? name + "@" + std::string(domain) : name;
}

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

// What a log-in brings along to its worker.
struct LoginWork {
  std::shared_ptr<Pending> pending;
  Handle handle;
  MailServer mail_server;
  std::string user, network;
  std::uint32_t idle_seconds;
  Secret password;
  LoginThrottle::Attempt attempt;
};

// The key of what the account keeps on disk: by the password that the server has just accepted.
void open_files(Server& server, Account& account, const Secret& password, const Secret& known) {
  const auto live = account.files();
  account.set_files(
      server.cache().open_account(account.cache_name(), password, live ? live->key() : known));
}

void work_on_login(Server& server, LoginWork& work) {
  if (!work.pending->wanted()) return;
  const auto gate = server.accounts().gate(work.mail_server);
  const auto began = Deadline::Clock::now();
  auto connection =
      connect_and_log_in(server.services(), *gate, work.mail_server, work.user, work.password);
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
  work.password.clear();
  (*account)->offer(std::move(*connection));
  server.accounts().add(work.handle, *account, work.idle_seconds);
  log(Severity::kInfo, 200,
      "log-in: user " + who + " from " + work.network + " host " + work.mail_server.host +
          " connect_ms " + std::to_string(took.count()));
  prime(server, *account);
  work.pending->answer(
      [&] { return reply_logged_in((*account)->address(), work.mail_server.host); });
}

// What a session's seals are bound to.
std::string seal_context(std::string_view what, std::string_view user, std::string_view domain) {
  std::string context(what);
  context += '\0';
  context.append(user);
  context += '\0';
  return context.append(domain);
}

constexpr std::string_view kPassword = "alphamail password v1";
constexpr std::string_view kAccountKey = "alphamail account key v1";

// What a session has kept out of its seal; the key came as the call's secret.
Result<Secret> unseal(const Secret& key_bytes, const wire::Resume& resume, std::string_view what,
                      const flatbuffers::Vector<std::uint8_t>* sealed) {
  Key key;
  if (key_bytes.size() != key.size() || !sealed) return Error{Code::kInvalid, "no key", 0};
  std::memcpy(key.data(), key_bytes.bytes().data(), key.size());
  auto opened =
      open_seal(key, std::as_bytes(std::span(sealed->data(), sealed->size())),
                seal_context(what, resume.user()->string_view(), resume.domain()->string_view()));
  wipe(key);
  return opened;
}

struct ResumeWork {
  std::shared_ptr<Pending> pending;
  Handle handle;
  std::shared_ptr<Account> account;
  Secret password;
  Secret account_key;  // empty where the session kept none, or one that does not open
};

// A session's own key opens at once what it had open. One that is stale, or missing, since it was
// kept by a version before, is made good by the password.
void open_files(Server& server, Account& account, const ResumeWork& work) {
  if (account.files()) return;
  account.set_files(server.cache().open_account(account.cache_name(), work.account_key));
  if (!account.files()) open_files(server, account, work.password, work.account_key);
}

// Runs on the account's log-in strand: of several questions that resume one session at once, the
// first logs in and the others find that done.
void work_on_resume(Server& server, ResumeWork& work) {
  if (!work.pending->wanted()) return;
  Account& account = *work.account;
  const bool known = server.accounts().leads_to(work.handle, account);
  if (known && account.connected()) {
    work.pending->answer([] { return reply_done(); });
    return;
  }
  // Counts by account only: the web child does not say from where, and a session had its log-in.
  auto attempt =
      server.throttle().begin(throttle_name(account.user(), account.server().domain), "");
  if (attempt.wait() > 0) {
    server.counters().add(Count::logins_throttled);
    work.pending->fail(Error{Code::kThrottled, "", attempt.wait()});
    return;
  }
  auto connection = connect_and_log_in(server.services(), account.gate(), account.server(),
                                       account.user(), work.password);
  attempt.end(outcome_of(connection));
  count_login(server, connection);
  if (!connection) {
    const Error& error = connection.error();
    log(Severity::kWarning, 204,
        "session of " + account.address() + " not resumed: " + error.detail);
    // A session that logged in here may go on reading what is in memory while its server is away;
    // what needs the server says why.
    const bool away = error.code == Code::kUnreachable || error.code == Code::kTimeout;
    if (known && away) {
      work.pending->answer([] { return reply_done(); });
    } else {
      work.pending->fail(error);
    }
    return;
  }
  server.counters().add(Count::resumes);
  open_files(server, account, work);
  work.password.clear();
  account.offer(std::move(*connection));
  if (!known) {
    server.accounts().add(work.handle, work.account, server.config().session_idle_minutes * 60);
  }
  account.touch();
  follow_later(server, work.account);
  work.pending->answer([] { return reply_done(); });
}

}  // namespace

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
  const auto strand =
      server.workers().strand(mail_server->host + ":" + std::to_string(mail_server->port));
  LoginWork work{pending, asked.handle, *mail_server,        user,
                 network, idle,         std::move(password), std::move(attempt)};
  const bool posted =
      server.workers().post(strand, Workers::When::kNow,
                            [&server, w = std::move(work)]() mutable { work_on_login(server, w); });
  if (!posted) pending->fail(Error{Code::kBusy, "too many log-ins at once", 5});
}

void answer_resume(Server& server, Asked asked, const wire::Resume& resume) {
  const Secret key = asked.question.take_secret();
  const std::string user(resume.user()->string_view());
  const MailServer* mail_server = server.config().imap_server(resume.domain()->string_view());
  if (!mail_server) {
    return answer_failure(server, std::move(asked), Error{Code::kUnknownDomain, "", 0});
  }
  auto password = unseal(key, resume, kPassword, resume.sealed());
  if (!password || user.empty() || user.size() > kLongestUser || !printable(user)) {
    return answer_failure(server, std::move(asked), Error{Code::kBadCredentials, "", 0});
  }
  auto account = server.accounts().get(*mail_server, user);
  if (!account) return answer_failure(server, std::move(asked), account.error());
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  auto account_key = unseal(key, resume, kAccountKey, resume.account_key());
  ResumeWork work{pending, asked.handle, *account, std::move(*password),
                  account_key ? std::move(*account_key) : Secret()};
  const bool posted = server.workers().post(
      (*account)->login_strand(), Workers::When::kNow,
      [&server, w = std::move(work)]() mutable { work_on_resume(server, w); });
  if (!posted) pending->fail(Error{Code::kBusy, "too many log-ins at once", 5});
}

void answer_keep_key(Server& server, Asked asked) {
  const Secret session_key = asked.question.take_secret();
  const auto account = account_of(server, asked);
  if (!account) return;
  const auto files = account->files();
  Bytes sealed;
  if (files && session_key.size() == sizeof(Key)) {
    Key key;
    std::memcpy(key.data(), session_key.bytes().data(), key.size());
    sealed = seal(key, files->key().bytes(),
                  seal_context(kAccountKey, account->user(), account->server().domain));
    wipe(key);
  }
  server.deliver(std::move(asked.question), reply_kept_key(sealed), asked.deadline);
}

void answer_logout(Server& server, Asked asked) {
  if (const auto account = server.accounts().remove(asked.handle)) {
    log(Severity::kInfo, 207, "log-out: " + account->story());
    server.close(account);
  }
  server.deliver(std::move(asked.question), reply_done(), asked.deadline);
}

}  // namespace alphamail
