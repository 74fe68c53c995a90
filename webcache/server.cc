// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/server.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/commands.h"

namespace alphamail {
namespace {

// Jobs that may wait in all strands together: more than workers can do before their callers give
// up.
constexpr std::size_t kQueueLimit = 20000;

constexpr Millis kSweepEvery{5000};

// What a crash costs at most: so much of what the servers said is asked for again.
constexpr Millis kSaveEvery{1000};

// While somebody waits for a connection, those who could do without theirs are looked for so often.
constexpr Millis kMakeRoomEvery{100};

// A probe of a mail server holds a thread for no longer.
constexpr Millis kProbeMayTake{5000};

// Seconds after which the files of what a user has opened are closed: they take two descriptors.
constexpr std::int64_t kReads = 60;

// Jobs that may wait in a strand already where it is to rest.
constexpr std::size_t kRests = 4;

// An answer to "it took too long" must itself arrive in time.
constexpr Millis kForAnAnswer{50};

// Before another daemon takes over, what was asked of this one is answered, if it is not slow.
constexpr Millis kForAnswers{1000};

// What users have begun stops at its next command when the daemon ends, and is written down as far as it came.
constexpr Millis kForActs{4000};

}  // namespace

Result<std::vector<uid_t>> Server::client_uids(const Config& config) {
  std::vector<uid_t> uids{geteuid(), 0};  // webcache-status; root could become anybody
  if (config.web_user.empty()) return uids;
  errno = 0;
  const passwd* entry = getpwnam(config.web_user.c_str());
  if (!entry) return Error{Code::kInvalid, "web_user: no such user: " + config.web_user, 0};
  uids.push_back(entry->pw_uid);
  return uids;
}

Server::Server(const Config& config, std::unique_ptr<TlsContext> tls)
    : config_(config),
      connection_idle_(config.connection_idle),
      tls_(std::move(tls)),
      cache_(config.cache_dir, config.spool_dir, config.cache_limit_mb * 1024 * 1024),
      throttle_(LoginThrottle::limits_of(config)),
      services_{*tls_,  workers_, counters_, config.connect_timeout, config.command_timeout,
                config.idle_renew, &idle_watch_, &cache_},
      accounts_(services_, config.connections_per_server),
      outboxes_(*this),
      send_limits_(config.sends_per_hour, config.recipients_per_hour),
      workers_(config.workers, kQueueLimit),
      streams_(std::max<std::size_t>(config.workers / 2, 8), kQueueLimit),
      memory_(accounts_, workers_, counters_, config.memory_limit_mb * 1024 * 1024),
      room_strand_(workers_.strand("room")),
      command_strand_(workers_.strand("commands")),
      started_(wall_seconds()) {
  services_.crowded = [this] { make_room(); };
  services_.probe = [this](const auto& gate, const MailServer& server, Millis after) {
    probe(gate, server, after);
  };
}

Result<std::unique_ptr<Server>> Server::make(const Config& config) {
  auto tls = TlsContext::make(config.tls_ca_file);
  if (!tls) return tls.error();
  return std::unique_ptr<Server>(new Server(config, std::move(*tls)));
}

Result<void> Server::start(UniqueFd listening) {
  auto uids = client_uids(config_);
  if (!uids) return uids.error();
  LaneServer::Options options;
  options.socket_path = config_.webcache_socket;
  options.client_uids = std::move(*uids);
  options.listening = std::move(listening);
  auto lanes = LaneServer::open(std::move(options),
                                [this](LaneQuestion question) { handle(std::move(question)); });
  if (!lanes) return lanes.error();
  lanes_ = std::move(*lanes);
  lanes_now_ = lanes_.get();
  timers_.at(Deadline::in(kSweepEvery), [this] { sweep(); });
  timers_.at(Deadline::in(kSaveEvery), [this] { save(); });
  return {};
}

void Server::set_birth(const link::Birth& birth) {
  birth_ = birth;
  counters_.set(Count::restarts, birth.restarts);
}

void Server::retire() {
  lanes_->retire();
  const Deadline until = Deadline::in(kForAnswers);
  while (lanes_->questions() > 0 && !until.passed()) ::usleep(2000);
  for (const auto& account : accounts_.all()) account->leave_files();
  cache_.leave();
}

bool Server::acts() {
  const auto accounts = accounts_.all();
  return std::any_of(accounts.begin(), accounts.end(),
                     [](const auto& account) { return account->actions().under_way(); });
}

bool Server::retired() { return lanes_->lanes() == 0 && !acts(); }

void Server::end_acts() {
  const Deadline until = Deadline::in(kForActs);
  while (acts() && !until.passed()) ::usleep(2000);
}

Server::~Server() {
  services_.stopping = true;
  lanes_now_ = nullptr;
  lanes_.reset();
  end_acts();
  timers_.stop();
  idle_watch_.stop();
  workers_.stop();
  streams_.stop();
  workers_.join();
  streams_.join();
  accounts_.stop_waiting();
  for (const auto& account : accounts_.all()) account->save_changes();
}

void Server::handle(LaneQuestion question) {
  // The one catch of a request: libraries may throw (memory), nothing of ours does.
  try {
    answer_question(*this, std::move(question));
  } catch (const std::exception& e) {
    log(Severity::kError, 292, std::string("a question ended with an exception: ") + e.what());
  } catch (...) {
    log(Severity::kError, 292, "a question ended with an unknown exception");
  }
}

void Server::count_time(LaneQuestion& question) {
  const LaneQuestion::Note& note = question.note();
  const auto took = std::chrono::nanoseconds(Deadline::Clock::now() - note.began).count();
  times_.add({static_cast<wire::Question>(note.kind), !note.waited, note.messages,
              static_cast<std::uint64_t>(took), note.server_ns});
}

void Server::deliver(LaneQuestion question, ReplyBytes reply, Deadline deadline) {
  count_time(question);
  const auto put = question.answer_at_once(reply);
  if (put || put.error().code != Code::kTooLarge) return;
  const auto strand = streams_.strand("");
  std::vector<std::byte> bytes(reply.begin(), reply.end());
  streams_.post(strand, Workers::When::kNow,
                [q = std::move(question), b = std::move(bytes), deadline]() mutable {
                  if (q.write(b, deadline)) q.finish();
                });
}

std::shared_ptr<Pending> Server::pend(LaneQuestion question, Deadline deadline) {
  question.note().waited = true;
  auto pending = std::make_shared<Pending>(
      std::move(question), deadline,
      [this](LaneQuestion q, ReplyBytes reply, Deadline d) { deliver(std::move(q), reply, d); });
  timers_.at(Deadline::at(deadline.when() - kForAnAnswer), [pending] {
    pending->fail(Error{Code::kTimeout, "the mail server did not answer in time", 0});
  });
  return pending;
}

void Server::close(const std::shared_ptr<Account>& account) {
  workers_.post(account->strand(), Workers::When::kNow, [account] { account->close(); });
}

void Server::refresh_gauges() {
  if (const LaneServer* lanes = lanes_now_) {
    counters_.set(Count::control_bytes, lanes->control_bytes());
    counters_.set(Count::lanes, lanes->lanes());
  }
  counters_.set(Count::cache_bytes, cache_.bytes());
  counters_.set(Count::accounts, accounts_.accounts());
  counters_.set(Count::sessions, accounts_.handles());
  memory_.count();
  memory_.measure();
  counters_.set(Count::jobs_waiting, workers_.waiting() + streams_.waiting());
  counters_.set(Count::jobs_running, workers_.running() + streams_.running());
}

void Server::sweep() {
  for (const auto& account : accounts_.sweep(steady_seconds())) {
    log(Severity::kInfo, 205, "idle: " + account->story());
    close(account);
  }
  rest_accounts();
  memory_.look();
  workers_.post(workers_.strand("cache_dir"), Workers::When::kLater, [this] { cache_.trim(); });
  outboxes_.sweep();
  workers_.post(workers_.strand("spool"), Workers::When::kLater,
                [this] { smtp_pool_.sweep(steady_seconds()); });
  timers_.at(Deadline::in(kSweepEvery), [this] { sweep(); });
}

void Server::save() {
  for (const auto& account : accounts_.all()) {
    if (account->actions().take_sought())
      workers_.post(account->disk_strand(), Workers::When::kLater, [account] { account->load_actions(); }, 2);
    if (!account->wants_saving()) continue;
    workers_.post(account->disk_strand(), Workers::When::kLater,
                  [account] { account->save_changes(); }, 1);
  }
  timers_.at(Deadline::in(kSaveEvery), [this] { save(); });
}

// A connection that nobody used for long is closed; the next question brings the password for a new
// one. Four times as long, and what is known of the account is left to the disk: by then a mail server
// that is away, whose users can still look at their lists, should be back.
void Server::rest_accounts() {
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(connection_idle_.load());
  const std::int64_t before = steady_seconds() - span.count();
  for (const auto& account : accounts_.all()) {
    if (account->asked() < steady_seconds() - kReads) account->rest_messages();
    if (account->asked() >= before) continue;
    if (account->connected()) {
      workers_.post(
          account->strand(), Workers::When::kLater,
          [account, before] {
            if (account->asked() < before) account->rest();
          },
          kRests);
    } else if (account->asked() < before - 3 * span.count() && account->shrinkable()) {
      workers_.post(
          account->strand(), Workers::When::kLater,
          [account, before, this] {
            if (account->asked() >= before || !account->shrinkable()) return;
            account->shrink();
            counters_.add(Count::accounts_shrunk);
          },
          kRests);
    }
  }
}

void Server::make_room() {
  workers_.post(room_strand_, Workers::When::kNow, [this] { accounts_.make_room(); }, 1);
  if (room_timer_.exchange(true)) return;
  timers_.at(Deadline::in(kMakeRoomEvery), [this] {
    room_timer_ = false;
    if (counters_.get(Count::connections_wanted) > 0) make_room();
  });
}

// A connection that logs nobody in, on a thread that the server's users cannot all be waiting on.
void Server::probe(const std::shared_ptr<ServerGate>& gate, const MailServer& server, Millis after) {
  timers_.at(Deadline::in(after), [this, gate, server] {
    const auto strand = workers_.strand("probe of " + server.host + ":" + std::to_string(server.port));
    workers_.post(strand, Workers::When::kNow, [this, gate, server] {
      if (!gate->begin_probe()) return;
      const auto greeted = ImapConnection::open(
          server, *tls_, Deadline::in(std::min(services_.connect_timeout.load(), kProbeMayTake)));
      gate->probed(greeted ? Result<void>() : Result<void>(greeted.error()));
      if (greeted) (*greeted)->log_out(Deadline::in(Millis(300)));
    });
  });
}

void Server::reload(const Config& config) {
  memory_.set(config.memory_limit_mb * 1024 * 1024);
  cache_.set_limit(config.cache_limit_mb * 1024 * 1024);
  connection_idle_ = config.connection_idle;
  services_.idle_renew = config.idle_renew;
  services_.connect_timeout = config.connect_timeout;
  services_.command_timeout = config.command_timeout;
  std::string restart;
  const auto differs = [&](bool same, const char* key) {
    if (!same) restart += std::string(restart.empty() ? "" : ", ") + key;
  };
  const auto servers = [](const std::vector<MailServer>& list) {
    std::string all;
    for (const MailServer& s : list) {
      all += s.domain + '=' + s.host + ':' + std::to_string(s.port) + s.prefix + s.separator +
             (s.plain_allowed ? '+' : '-') + '\n';
    }
    return all;
  };
  differs(servers(config.imap_servers) == servers(config_.imap_servers), "imap_servers");
  differs(servers(config.smtp_servers) == servers(config_.smtp_servers), "smtp_servers");
  differs(config.smtp_trusted_relay == config_.smtp_trusted_relay, "smtp_trusted_relay");
  differs(config.smtp_timeout == config_.smtp_timeout, "smtp_timeout");
  differs(config.upload_limit_mb == config_.upload_limit_mb &&
              config.spool_limit_mb == config_.spool_limit_mb &&
              config.spool_keep_days == config_.spool_keep_days &&
              config.sends_per_hour == config_.sends_per_hour &&
              config.recipients_per_hour == config_.recipients_per_hour,
          "limits of what is sent");
  differs(config.tls_ca_file == config_.tls_ca_file, "tls_ca_file");
  differs(config.webcache_socket == config_.webcache_socket, "webcache_socket");
  differs(config.webcache_user == config_.webcache_user, "webcache_user");
  differs(config.web_user == config_.web_user, "web_user");
  differs(config.cache_dir == config_.cache_dir, "cache_dir");
  differs(config.spool_dir == config_.spool_dir, "spool_dir");
  differs(config.workers == config_.workers, "workers");
  differs(config.connections_per_server == config_.connections_per_server,
          "connections_per_server");
  differs(config.login_failures_account == config_.login_failures_account &&
              config.login_failures_network == config_.login_failures_network &&
              config.login_window_minutes == config_.login_window_minutes &&
              config.login_delay_max_seconds == config_.login_delay_max_seconds,
          "login_...");
  differs(config.session_idle_minutes == config_.session_idle_minutes, "session_idle_minutes");
  log(Severity::kInfo, 203,
      restart.empty() ? "configuration read again"
                      : "configuration read again; takes effect after a restart: " + restart);
}

}  // namespace alphamail
