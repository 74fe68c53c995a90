// SPDX-License-Identifier: GPL-3.0-or-later
// How indexes are built behind the answers, one window after the other:
//
//   over the account's own connection    build_on ▸ build_on ▸ build_on ...        (its strand)
//   over the second one                  build_on ▸            ▸ build_on ...      (its strand)
//                                                  build_apart                     (second's
//                                                  strand)
#include <utility>

#include "common/log.h"
#include "webcache/commands.h"
#include "webcache/login_steps.h"

namespace alphamail {
namespace {

// Who was asked for the password brings it within milliseconds, or not at all.
constexpr Millis kForThePassword{500};

constexpr Millis kTryAgain{1000};

void build_on(Server& server, const std::shared_ptr<Account>& account, const std::string& folder);

// What came of one window. Strand.
void go_on(Server& server, const std::shared_ptr<Account>& account, const std::string& folder,
           const Result<bool>& more) {
  const bool posted =
      more && *more &&
      server.workers().post(account->strand(), Workers::When::kLater,
                            [&server, account, folder] { build_on(server, account, folder); });
  if (posted) return;
  account->build_ended(folder);
  follow_later(server, account);
}

struct Apart {
  std::shared_ptr<Account> account;
  std::string folder;
  SecondConnection::Window window;
  Result<std::vector<NewRow>> rows;
};

void take_in(Server& server, const std::shared_ptr<Apart>& apart) {
  const bool posted =
      server.workers().post(apart->account->strand(), Workers::When::kLater, [&server, apart] {
        go_on(server, apart->account, apart->folder,
              apart->account->take_window(apart->folder, apart->window, std::move(apart->rows)));
      });
  // The queue is full: what was read is not lost for that.
  if (!posted)
    server.timers().at(Deadline::in(kTryAgain), [&server, apart] { take_in(server, apart); });
}

bool build_apart(Server& server, const std::shared_ptr<Account>& account, const std::string& folder,
                 const SecondConnection::Window& window) {
  return server.workers().post(
      account->second().strand(), Workers::When::kLater, [&server, account, folder, window] {
        take_in(server, std::make_shared<Apart>(
                            Apart{account, folder, window, account->second().fetch(window)}));
      });
}

void build_on(Server& server, const std::shared_ptr<Account>& account, const std::string& folder) {
  const auto window = account->next_window(folder);
  if (window && build_apart(server, account, folder, *window)) return;
  go_on(server, account, folder, account->build_step(folder));
}

// On the second connection's strand. A refusal says nothing of the password, which let the first
// one in, so it counts nowhere as a failure.
void log_in_second(Server& server, const std::shared_ptr<Account>& account, Secret& password) {
  auto place = account->gate().enter_if_quiet();
  auto connection = place
                        ? connect_and_log_in(server.services(), account->gate(), std::move(*place),
                                             account->server(), account->user(), password, true)
                        : Result<Connection>(Error{Code::kBusy, "the server is full", 0});
  password.clear();
  if (connection) {
    server.counters().add(Count::second_connections);
    account->second().opened(std::move(*connection));
  } else {
    log(Severity::kInfo, 235,
        "no second connection for " + account->address() + ": " + connection.error().detail);
    account->second().refused();
  }
  server.workers().post(account->strand(), Workers::When::kLater, [&server, account] {
    for (const std::string& folder : account->unfinished()) keep_building(server, account, folder);
  });
}

}  // namespace

Error second_wanted(Server& server) {
  server.counters().add(Count::credentials_wanted);
  return {Code::kNeedCredentials, "for a second connection", 0};
}

void open_second(Server& server, const std::shared_ptr<Account>& account, Secret password) {
  if (!account->second().begin()) return;
  const bool posted =
      server.workers().post(account->second().strand(), Workers::When::kLater,
                            [&server, account, secret = std::move(password)]() mutable {
                              log_in_second(server, account, secret);
                            });
  if (!posted) account->second().refused();
}

void build_soon(Server& server, const std::shared_ptr<Account>& account,
                const std::string& folder) {
  server.timers().at(Deadline::in(kForThePassword), [&server, account, folder] {
    server.workers().post(account->strand(), Workers::When::kLater,
                          [&server, account, folder] { keep_building(server, account, folder); });
  });
}

void keep_building(Server& server, const std::shared_ptr<Account>& account,
                   const std::string& folder) {
  // Whoever logs in the second connection goes on here; a window over the first one would only keep
  // the user waiting.
  if (account->second().opening() && account->long_build(folder)) return;
  if (!account->claim_build(folder)) return;
  const bool posted =
      server.workers().post(account->strand(), Workers::When::kLater,
                            [&server, account, folder] { build_on(server, account, folder); });
  if (!posted) account->build_ended(folder);
}

}  // namespace alphamail
