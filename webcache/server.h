// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon as a whole: what all questions share, the lanes they come from, the sweeps.
//
//   lane thread ──▶ commands.cc ──▶ answer from memory
//                        └──▶ strand of the account ──▶ a worker ──▶ answer
#ifndef WEBCACHE_SERVER_H
#define WEBCACHE_SERVER_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/lane_server.h"
#include "common/result.h"
#include "webcache/accounts.h"
#include "webcache/cache_dir.h"
#include "webcache/counters.h"
#include "webcache/idle_watch.h"
#include "webcache/login_throttle.h"
#include "webcache/memory_limit.h"
#include "webcache/outbox.h"
#include "webcache/pending.h"
#include "webcache/question_times.h"
#include "webcache/supervised.h"
#include "webcache/send_limits.h"
#include "webcache/smtp_pool.h"
#include "webcache/timers.h"
#include "webcache/tls_stream.h"
#include "webcache/workers.h"

namespace alphamail {

class Server {
 public:
  /// Ready to serve; nothing of the disk is touched yet. @return what TlsContext::make says
  static Result<std::unique_ptr<Server>> make(const Config& config);
  /// Serves from now on, on a control socket that somebody else listens on. @return what
  /// LaneServer::open says, kInvalid for a user that does not exist
  Result<void> start(UniqueFd listening);
  /// Who may ask: ourselves, root, and web_user, where kInvalid says that there is none.
  static Result<std::vector<uid_t>> client_uids(const Config& config);
  /// Ends all lanes, lets running jobs end within their deadlines, closes all connections.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Another daemon takes over: no more lanes, and those there are end as soon as what was asked in
  /// them is answered. Waits a moment for that, then brings the disk up to date and leaves it.
  void retire();
  /// After retire(): nothing is under way any more, neither questions nor what goes on behind their answers.
  bool retired();

  /// Takes over what can change while running; logs what needs a restart.
  void reload(const Config& config);

  // What commands work with.

  const Config& config() const {
    return config_;
  }  ///< as at start, but for what reload() took over
  Accounts& accounts() { return accounts_; }
  CacheDir& cache() { return cache_; }
  Counters& counters() { return counters_; }
  Outboxes& outboxes() { return outboxes_; }
  const SendLimits& send_limits() const { return send_limits_; }
  Services& services() { return services_; }
  SmtpPool& smtp_pool() { return smtp_pool_; }
  LoginThrottle& throttle() { return throttle_; }
  Timers& timers() { return timers_; }
  Workers& workers() { return workers_; }
  Workers& streams() {
    return streams_;
  }  ///< threads that wait for slow readers, never for a server
  /// For commands of the admin's, one at a time; they wait for no mail server.
  const std::shared_ptr<Workers::Strand>& command_strand() const { return command_strand_; }
  std::int64_t started() const { return started_; }
  /// What became of the daemons before this one, for ShowStatus.
  const link::Birth& birth() const { return birth_; }
  void set_birth(const link::Birth& birth);

  /// Puts a reply on the lane at once where it fits the ring, else from a thread that may wait.
  void deliver(LaneQuestion question, ReplyBytes reply, Deadline deadline);
  /// A question that is answered with kTimeout where nobody did in time.
  std::shared_ptr<Pending> pend(LaneQuestion question, Deadline deadline);
  /// Logs out and forgets what an account holds, on its strand.
  void close(const std::shared_ptr<Account>& account);
  void refresh_gauges();
  /// Enters a question that is being answered into times().
  void count_time(LaneQuestion& question);
  const QuestionTimes& times() const { return times_; }

 private:
  Server(const Config& config, std::unique_ptr<TlsContext> tls);
  void handle(LaneQuestion question);
  void sweep();
  void save();
  bool acts();
  void end_acts();
  void rest_accounts();
  void make_room();
  void probe(const std::shared_ptr<ServerGate>& gate, const MailServer& server, Millis after);

  const Config config_;
  std::atomic<Millis> connection_idle_;
  const std::unique_ptr<TlsContext> tls_;
  Counters counters_;
  QuestionTimes times_;
  CacheDir cache_;
  LoginThrottle throttle_;
  IdleWatch idle_watch_;
  Services services_;  // refers to workers_
  Accounts accounts_;
  Outboxes outboxes_;
  const SendLimits send_limits_;
  SmtpPool smtp_pool_;
  // Their jobs use each other and all above: ~Server ends all threads before any of it goes.
  Workers workers_, streams_;
  Timers timers_;
  MemoryLimit memory_;
  std::shared_ptr<Workers::Strand> room_strand_, command_strand_;
  std::atomic<bool> room_timer_{false};
  std::unique_ptr<LaneServer> lanes_;
  // The same for lane threads, which run before start() has it and until ~LaneServer has joined
  // them.
  std::atomic<LaneServer*> lanes_now_{nullptr};
  const std::int64_t started_;
  link::Birth birth_;
};

}  // namespace alphamail

#endif
