// SPDX-License-Identifier: GPL-3.0-or-later
// Resuming a session whose connection went, with the password that it kept sealed.
#include <cstring>
#include <utility>

#include "common/log.h"
#include "common/seal.h"
#include "webcache/commands.h"
#include "webcache/login_steps.h"

namespace alphamail {
namespace {

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
Result<Secret> unseal(const Secret& key_bytes, std::string_view user, std::string_view domain,
                      std::string_view what, const flatbuffers::Vector<std::uint8_t>* sealed) {
  Key key;
  if (key_bytes.size() != key.size() || !sealed) return Error{Code::kInvalid, "no key", 0};
  std::memcpy(key.data(), key_bytes.bytes().data(), key.size());
  auto opened =
      open_seal(key, std::as_bytes(std::span(sealed->data(), sealed->size())),
                seal_context(what, user, domain));
  wipe(key);
  return opened;
}

struct ResumeWork {
  std::shared_ptr<Pending> pending;
  Handle handle;
  std::shared_ptr<Account> account;
  Account::Resuming resuming;
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

void work_on_resume(Server& server, const std::shared_ptr<ResumeWork>& work,
                    Result<ServerGate::Place>* place);

// Runs `resumer` on the account's log-in strand once there is a place for a connection, or none to
// be had. Of several that wait for one account's connection one stands in the queue.
void wait_for_place(Server& server, const std::shared_ptr<ResumeWork>& work) {
  const auto account = work->account;
  const bool first = account->park(
      [&server, work](Result<ServerGate::Place>& place) { work_on_resume(server, work, &place); });
  if (!first) return;
  wait_at_gate(server, account->gate(), work->pending->deadline(),
               [&server, account](Result<ServerGate::Place> got) {
                 const bool posted =
                     server.workers().post(account->login_strand(), Workers::When::kNow,
                                           [account, place = std::move(got)]() mutable {
                                             for (const auto& resumer : account->unpark())
                                               resumer(place);
                                           });
                 if (posted) return;
                 Result<ServerGate::Place> none = Error{Code::kBusy, "too many log-ins at once", 5};
                 for (const auto& resumer : account->unpark()) resumer(none);
               });
}

// Of a session whose server is away and that the daemon does not know: it was restarted meanwhile.
// The key that opens what lies on disk was given only to sessions that the server had let in, and
// cannot be guessed; so whoever brings it reads that, and logs in as soon as there is a server.
bool has_key_of_disk(Server& server, const ResumeWork& work) {
  Account& account = *work.account;
  const auto files = server.cache().open_account(account.cache_name(), work.account_key);
  if (!files) return false;
  account.set_files(files);
  return account.load_folders();
}

// Whether a session that could not be resumed may go on all the same: one that logged in before reads
// what is in memory or on disk while its server is away; what needs the server says why.
bool may_go_on(Server& server, const ResumeWork& work, bool known, const Error& error) {
  const bool away = error.code == Code::kUnreachable || error.code == Code::kTimeout ||
                    work.account->gate().away().has_value();
  if (!away) return false;
  if (known) return true;
  if (!has_key_of_disk(server, work)) return false;
  server.accounts().add(work.handle, work.account, server.config().session_idle_minutes * 60);
  return true;
}

Result<void> log_in_again(Server& server, ResumeWork& work, ServerGate::Place place) {
  Account& account = *work.account;
  // Counts by account only: the web child does not say from where, and a session had its log-in.
  auto attempt =
      server.throttle().begin(throttle_name(account.user(), account.server().domain), "");
  if (attempt.wait() > 0) {
    server.counters().add(Count::logins_throttled);
    return Error{Code::kThrottled, "", attempt.wait()};
  }
  auto connection = connect_and_log_in(server.services(), account.gate(), std::move(place),
                                       account.server(), account.user(), work.password);
  attempt.end(outcome_of(connection));
  count_login(server, connection);
  if (!connection) return connection.error();
  server.counters().add(Count::resumes);
  open_files(server, account, work);
  account.offer(std::move(*connection));
  take_up_outbox(server, work.account, work.password);
  return {};
}

// Runs on the account's log-in strand: of several questions that resume one session at once, the
// first logs in and the others find that done.
// @param place  null: it was not asked for yet; what is left of it is for others who wait
void work_on_resume(Server& server, const std::shared_ptr<ResumeWork>& work,
                    Result<ServerGate::Place>* place) {
  if (!work->pending->wanted()) return;
  Account& account = *work->account;
  const bool known = server.accounts().leads_to(work->handle, account);
  if (known && account.connected()) {
    work->pending->answer([] { return reply_done(); });
    open_second(server, work->account, std::move(work->password));
    return;
  }
  if (!place || (*place && !**place)) return wait_for_place(server, work);
  const auto done =
      *place ? log_in_again(server, *work, std::move(**place)) : Result<void>(place->error());
  work->password.clear();
  if (!done) {
    if (done.error().code != Code::kThrottled) {
      log(Severity::kWarning, 204,
          "session of " + account.address() + " not resumed: " + done.error().detail);
    }
    if (may_go_on(server, *work, known, done.error())) {
      account.note_refusal(done.error());
      work->pending->answer([] { return reply_done(); });
    } else {
      work->pending->fail(done.error());
    }
    return;
  }
  if (!known) {
    server.accounts().add(work->handle, work->account, server.config().session_idle_minutes * 60);
  }
  account.touch();
  follow_later(server, work->account);
  work->pending->answer([] { return reply_done(); });
}

}  // namespace

Result<Secret> unseal_password(const Secret& session_key, std::string_view user,
                               std::string_view domain,
                               const flatbuffers::Vector<std::uint8_t>* sealed) {
  auto password = unseal(session_key, user, domain, kPassword, sealed);
  if (!password) return Error{Code::kBadCredentials, "", 0};
  return password;
}

void answer_resume(Server& server, Asked asked, const wire::Resume& resume) {
  const Secret key = asked.question.take_secret();
  const std::string user(resume.user()->string_view());
  const MailServer* mail_server = server.config().imap_server(resume.domain()->string_view());
  if (!mail_server) {
    return answer_failure(server, std::move(asked), Error{Code::kUnknownDomain, "", 0});
  }
  const std::string_view domain = resume.domain()->string_view();
  auto password = unseal(key, user, domain, kPassword, resume.sealed());
  if (!password || user.empty() || user.size() > kLongestUser || !printable(user)) {
    return answer_failure(server, std::move(asked), Error{Code::kBadCredentials, "", 0});
  }
  auto account = server.accounts().get(*mail_server, user);
  if (!account) return answer_failure(server, std::move(asked), account.error());
  take_roles(server, *account, role_choices(resume.roles()));
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  auto account_key = unseal(key, user, domain, kAccountKey, resume.account_key());
  auto work =
      std::shared_ptr<ResumeWork>(new ResumeWork{pending, asked.handle, *account,
                                                 Account::Resuming(*account), std::move(*password),
                                                 account_key ? std::move(*account_key) : Secret()});
  server.timers().at(Deadline::in(kWaitsInSilence), [&server, pending, handle = asked.handle,
                                                     who = *account] {
    pending->answer_meanwhile([&] {
      // Whoever is known reads what is known meanwhile.
      if (server.accounts().leads_to(handle, *who)) return reply_done();
      return reply_failure(Error{Code::kUnderWay, "the mail server has not let this session in yet", 1});
    });
  });
  const bool posted =
      server.workers().post((*account)->login_strand(), Workers::When::kNow,
                            [&server, work] { work_on_resume(server, work, nullptr); });
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

}  // namespace alphamail
