// SPDX-License-Identifier: GPL-3.0-or-later
// The small process above the daemon: starts it, starts it again when it dies or hangs, passes
// signals on, tells the service manager, and has another one take over (supervised.h). It holds the
// listening socket, so that web children who come between two daemons wait instead of being refused.
// SECURITY: one thread, no secret, no mail; it reads nothing but its own children's packets.
#ifndef WEBCACHE_SUPERVISOR_H
#define WEBCACHE_SUPERVISOR_H

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/deadline.h"
#include "common/unique_fd.h"
#include "webcache/supervised.h"

namespace alphamail {

/// How long to wait before a daemon that died is started again: not at all, unless it dies again and
/// again.
class RestartPause {
 public:
  using Time = Deadline::Clock::time_point;
  static constexpr int kAtOnce = 20;  ///< restarts without a pause; one more each second, up to these
  static constexpr Millis kFirst{100}, kLongest{5000};
  /// @param now  when it died; never goes back
  Millis next(Time now);

 private:
  double left_ = kAtOnce;
  std::optional<Time> last_;
  Millis pause_{0};
};

class Supervisor {
 public:
  struct Options {
    std::string program;                 ///< path; opened anew for each daemon, so also a newer one
    std::vector<std::string> arguments;  ///< of the daemon, without argv[0]
    int listening = -1;                  ///< the control socket
    Millis silence{60000};               ///< a daemon that tells nothing for so long is killed
    std::function<void()> ready;         ///< the first daemon serves
    std::function<void()> reopen_log;    ///< at SIGHUP
  };
  explicit Supervisor(Options options);
  /// Until told to end by SIGTERM or SIGINT, which ends the daemon too. SIGHUP is passed on; SIGUSR2
  /// has a new daemon take over. The caller has these and SIGCHLD blocked.
  /// @return 0, or the status of a first daemon that did not come to serve
  int run();

 private:
  struct Child {
    pid_t pid = -1;
    link::Link link;
    Deadline::Clock::time_point born, heard;
    bool ready = false;
    bool ending = false;             // it was told to end
    std::string stuck;               // kStuck: why it is killed
    std::optional<Deadline> kill_at;
  };

  bool spawn(bool successor);
  void born_again();
  void take_signals();
  void take_words(Child& child);
  void take_word(Child& child, const link::Packet& packet);
  void reap();
  void buried(Child child, int status);
  void take_over();
  void hand_over();
  void look_after(Child& child);
  void end_all();
  void wait();
  Child* find(pid_t pid);

  const Options options_;
  UniqueFd signals_;
  std::unique_ptr<Child> current_, successor_;
  std::list<std::unique_ptr<Child>> retired_;
  std::optional<Deadline> hand_over_at_;  // the old daemon was told to retire
  std::optional<Deadline> restart_at_;
  RestartPause pause_;
  link::Birth history_;
  Deadline::Clock::time_point looked_ = Deadline::Clock::now();
  bool served_ = false, ending_ = false;
  int status_ = 0;
};

}  // namespace alphamail

#endif
