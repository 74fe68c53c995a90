// SPDX-License-Identifier: GPL-3.0-or-later
// Kills and stops either end of lanes at random instants under load, and lets a hostile child
// scribble over its lane, while every answer is checked by content. Writes TAP.
//
//     lane_torture [--rounds N] [--seed N]    N kills or stops an act; 30 takes some 10 seconds
//
// Every process it signals is its own child, known by pid.
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "t/lane_torture.h"

namespace alphamail::torture {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kChildren = 3;
constexpr int kThreads = 4;
constexpr int kStopMs = 150;   // a stopped child sleeps at most so long
constexpr int kSlackMs = 400;  // what scheduling may add on a busy machine
constexpr long kRssGrowthKb = 8 * 1024;

int failures = 0, results = 0;

void result(bool good, const char* title) {
  std::printf("%sok %d - %s\n", good ? "" : "not ", ++results, title);
  std::fflush(stdout);
  if (!good) ++failures;
}

pid_t start(const std::function<int()>& body) {
  std::fflush(stdout);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(2);
  _exit(body());
}

void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

template <typename Condition>
bool eventually(Condition condition, int ms = 5000) {
  for (const auto until = Clock::now() + std::chrono::milliseconds(ms); Clock::now() < until;
       usleep(2000))
    if (condition()) return true;
  return condition();
}

class Theatre {
 public:
  Theatre(Stage stage, std::uint32_t seed) : stage_(std::move(stage)), random_(seed) {}
  ~Theatre() {
    for (const pid_t pid : children_) end(pid);
    if (daemon_ != 0) end(daemon_);
  }

  Tally& tally() { return *stage_.tally; }
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  void a_moment(int ms) { usleep(static_cast<useconds_t>(below(ms * 1000))); }

  void start_daemon() {
    daemon_ = start([this] { return daemon(stage_); });
  }
  void restart_daemon() {
    end(daemon_);
    a_moment(10);
    start_daemon();
  }
  void end_daemon() { end(std::exchange(daemon_, 0)); }
  void add_child() {
    const std::uint32_t seed = ++seed_;
    children_.push_back(start([this, seed] { return child(stage_, kThreads, seed); }));
  }
  void replace_child() {
    pid_t& victim = children_[static_cast<std::size_t>(below(static_cast<int>(children_.size())))];
    end(victim);
    const std::uint32_t seed = ++seed_;
    victim = start([this, seed] { return child(stage_, kThreads, seed); });
  }
  pid_t a_child() {
    return children_[static_cast<std::size_t>(below(static_cast<int>(children_.size())))];
  }
  pid_t add_scribbler() {
    const std::uint32_t seed = ++seed_;
    return start([this, seed] { return scribbler(stage_, seed); });
  }
  void stop_a_child() { stop(a_child(), below(kStopMs)); }
  /// Now and then for longer than any call waits.
  void stop_daemon() {
    stop(daemon_, below(5) == 0 ? kDeadlineMs + below(kDeadlineMs) : below(kStopMs));
  }

  /// All children leave by themselves within the time that no call may exceed.
  bool children_leave() {
    tally().stop = true;
    bool all = true;
    for (const pid_t pid : children_) {
      int status = -1;
      const bool left = eventually([&] { return waitpid(pid, &status, WNOHANG) == pid; },
                                   2 * (kDeadlineMs + kStopMs + kSlackMs));
      if (!left) end(pid);
      all = all && left && status == 0;
    }
    children_.clear();
    return all;
  }

  std::size_t daemon_descriptors() const {
    std::size_t n = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator i("/proc/" + std::to_string(daemon_) + "/fd", error),
         last;
         i != last; ++i)
      ++n;
    return n;
  }
  long daemon_rss_kb() const {
    std::ifstream status("/proc/" + std::to_string(daemon_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6));
    return 0;
  }
  bool daemon_lives() const {
    return kill(daemon_, 0) == 0 && waitpid(daemon_, nullptr, WNOHANG) == 0;
  }
  bool answers_come() {
    const std::uint64_t before = tally().right;
    return eventually([&] { return tally().right > before + 50; });
  }

 private:
  static void stop(pid_t pid, int ms) {
    kill(pid, SIGSTOP);
    usleep(static_cast<useconds_t>(ms) * 1000);
    kill(pid, SIGCONT);
  }

  const Stage stage_;
  std::mt19937 random_;
  std::uint32_t seed_ = 0;
  pid_t daemon_ = 0;
  std::vector<pid_t> children_;
};

void note(const Tally& t, const char* act) {
  std::printf("# %s: %" PRIu64 " right, %" PRIu64 " wrong, %" PRIu64 " unreachable, %" PRIu64
              " timeout, %" PRIu64 " busy, %" PRIu64 " cut, %" PRIu64
              " other; longest call %.1f ms\n",
              act, t.right.load(), t.wrong.load(), t.unreachable.load(), t.timeout.load(),
              t.busy.load(), t.cut.load(), t.other.load(), double(t.longest_us) / 1000);
}

bool bounded(const Tally& t, int may_sleep_ms) {
  return t.longest_us < static_cast<std::uint64_t>(kDeadlineMs + may_sleep_ms + kSlackMs) * 1000;
}

void begin(Theatre& theatre) {
  theatre.tally().clear();
  for (int i = 0; i < kChildren; ++i) theatre.add_child();
}

// ---- the acts ----

void daemon_killed(Theatre& theatre, int rounds) {
  begin(theatre);  // before any daemon: the order of start is free
  const bool told = eventually([&] { return theatre.tally().unreachable > 0; });
  result(told && theatre.tally().right == 0, "children without a daemon are told at once");
  theatre.start_daemon();
  result(theatre.answers_come(), "answers come once the daemon is there");
  for (int i = 0; i < rounds; ++i) {
    theatre.a_moment(40);
    theatre.restart_daemon();
  }
  result(theatre.answers_come(), "daemon killed under load: answers come again");
  result(theatre.children_leave(), "daemon killed under load: no child hangs");
  note(theatre.tally(), "daemon killed");
  result(theatre.tally().wrong == 0 && theatre.tally().other == 0,
         "daemon killed under load: every answer is right");
  result(bounded(theatre.tally(), 0), "daemon killed under load: no call outlasts its deadline");
}

void children_killed(Theatre& theatre, int rounds) {
  eventually([&] { return theatre.tally().lanes == 0; });
  const std::size_t descriptors = theatre.daemon_descriptors();
  begin(theatre);
  for (int i = 0; i < rounds; ++i) {
    theatre.a_moment(20);
    theatre.replace_child();
  }
  const long rss = theatre.daemon_rss_kb();
  for (int i = 0; i < rounds; ++i) {
    theatre.a_moment(20);
    theatre.replace_child();
  }
  const long rss_after = theatre.daemon_rss_kb();
  result(theatre.children_leave(), "children killed under load: the others do not hang");
  note(theatre.tally(), "children killed");
  result(theatre.tally().wrong == 0 && theatre.tally().other == 0,
         "children killed under load: every answer is right");
  result(theatre.tally().unreachable == 0, "children killed under load: the others notice nothing");
  result(bounded(theatre.tally(), 0), "children killed under load: no call outlasts its deadline");
  result(eventually([&] {
           return theatre.daemon_descriptors() == descriptors && theatre.tally().lanes == 0;
         }),
         "children killed under load: the daemon leaks no descriptor and no lane");
  std::printf(
      "# daemon: %zu descriptors, RSS %ld KB in the middle, %ld KB at the end under load, %ld KB "
      "idle\n",
      descriptors, rss, rss_after, theatre.daemon_rss_kb());
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  result(theatre.daemon_rss_kb() < rss + kRssGrowthKb,
         "children killed under load: the daemon's memory is flat");
#endif
}

void either_stopped(Theatre& theatre, int rounds) {
  begin(theatre);
  for (int i = 0; i < rounds; ++i) {
    theatre.a_moment(20);
    if (theatre.below(2) == 0) {
      theatre.stop_daemon();
    } else {
      theatre.stop_a_child();
    }
  }
  result(theatre.answers_come(), "either side stopped: answers come afterwards");
  result(theatre.children_leave(), "either side stopped: no child hangs");
  note(theatre.tally(), "stopped");
  result(theatre.tally().wrong == 0 && theatre.tally().other == 0,
         "either side stopped: every answer is right");
  result(bounded(theatre.tally(), kStopMs), "either side stopped: no call outlasts its deadline");
}

void everything(Theatre& theatre, int rounds) {
  begin(theatre);
  for (int i = 0; i < rounds; ++i) {
    theatre.a_moment(20);
    switch (theatre.below(4)) {
      case 0:
        theatre.restart_daemon();
        break;
      case 1:
        theatre.replace_child();
        break;
      case 2:
        theatre.stop_daemon();
        break;
      default:
        theatre.stop_a_child();
    }
  }
  result(theatre.answers_come(), "all of it mixed: answers come afterwards");
  result(theatre.children_leave(), "all of it mixed: no child hangs");
  note(theatre.tally(), "mixed");
  result(theatre.tally().wrong == 0 && theatre.tally().other == 0,
         "all of it mixed: every answer is right");
  result(bounded(theatre.tally(), kStopMs), "all of it mixed: no call outlasts its deadline");
}

void scribbled(Theatre& theatre, int rounds) {
  eventually([&] { return theatre.tally().lanes == 0; });
  const std::size_t descriptors = theatre.daemon_descriptors();
  begin(theatre);
  theatre.tally().small_only = true;
  for (int i = 0; i < rounds; ++i) {
    const pid_t hostile = theatre.add_scribbler();
    usleep(50'000 + static_cast<useconds_t>(theatre.below(20'000)));
    end(hostile);
  }
  result(theatre.daemon_lives(), "a child that scribbles over its lane does not harm the daemon");
  result(theatre.answers_come(), "a child that scribbles over its lane does not stop the others");
  result(theatre.children_leave(), "a child that scribbles over its lane hangs no other");
  note(theatre.tally(), "scribbled");
  std::printf("# %" PRIu64 " scribbles in %" PRIu64 " lanes\n", theatre.tally().scribbles.load(),
              theatre.tally().lanes_spoilt.load());
  result(
      theatre.tally().wrong == 0 && theatre.tally().unreachable == 0 && theatre.tally().other == 0,
      "a child that scribbles over its lane spoils nobody else's answers");
  result(eventually([&] {
           return theatre.daemon_descriptors() == descriptors && theatre.tally().lanes == 0;
         }),
         "scribbled lanes are freed");
}

int run(int rounds, std::uint32_t seed) {
  char folder[] = "/tmp/lane-torture-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  void* shared =
      mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  std::printf("# seed %u, %d rounds an act\n", seed, rounds);
  {
    Theatre theatre({std::string(folder) + "/socket", new (shared) Tally{}}, seed);
    daemon_killed(theatre, rounds);
    children_killed(theatre, rounds);
    either_stopped(theatre, rounds);
    everything(theatre, rounds);
    scribbled(theatre, rounds);
  }
  std::filesystem::remove_all(folder);
  std::printf("1..%d\n", results);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace alphamail::torture

int main(int argc, char** argv) {
  int rounds = 30;
  auto seed = static_cast<std::uint32_t>(time(nullptr));
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--seed") == 0)
      seed = static_cast<std::uint32_t>(std::atol(argv[i + 1]));
  }
  return alphamail::torture::run(rounds, seed);
}
