// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/log.h"
#include "webcache/notify.h"

namespace alphamail {
namespace {

using Clock = Deadline::Clock;

constexpr Millis kTick{1000};
constexpr Millis kForTheEnd{8000};       // a daemon that was told to end
constexpr Millis kForTheFlush{3000};     // one that was told to retire, before the next one serves
constexpr Millis kForTheRest{75000};     // and until its last downloads are through
constexpr int kCannotStart = 9;          // as the manual says
constexpr int kAside = 10;               // descriptors from here on are in nobody's way

std::string end_of(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

// In the new process: what it is born with takes its place, all else closes by itself.
[[noreturn]] void become_daemon(const std::string& program, char* const* argv, int link,
                                int listening) {
  const int link_aside = ::fcntl(link, F_DUPFD_CLOEXEC, kAside);
  const int listening_aside = ::fcntl(listening, F_DUPFD_CLOEXEC, kAside);
  ::dup2(link_aside, link::kLinkFd);
  ::dup2(listening_aside, link::kListeningFd);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(program.c_str(), argv);
  // Its folder may be closed to whom we have become; the running program's file is not.
  ::execv("/proc/self/exe", argv);
  std::fprintf(stderr, "webcache: %s: %s\n", program.c_str(), std::strerror(errno));
  ::_exit(kCannotStart);
}

}  // namespace

// ---- how long to wait ----

Millis RestartPause::next(Time now) {
  if (last_) {
    const double seconds = std::chrono::duration<double>(now - *last_).count();
    left_ = std::min<double>(kAtOnce, left_ + seconds);
  }
  last_ = now;
  if (left_ >= 1) {
    left_ -= 1;
    pause_ = Millis(0);
    return pause_;
  }
  pause_ = pause_ == Millis(0) ? kFirst : std::min(pause_ * 2, kLongest);
  return pause_;
}

// ---- children ----

Supervisor::Supervisor(Options options) : options_(std::move(options)) {}

bool Supervisor::spawn(bool successor) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
  auto child = std::make_unique<Child>();
  child->link = link::Link(UniqueFd(ends[0]));
  const UniqueFd theirs(ends[1]);
  std::vector<char*> argv{const_cast<char*>(options_.program.c_str())};
  for (const std::string& word : options_.arguments) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  child->pid = ::fork();
  if (child->pid < 0) return false;
  if (child->pid == 0) {
    become_daemon(options_.program, argv.data(), theirs.get(), options_.listening);
  }
  child->born = child->heard = Clock::now();
  link::Birth birth = history_;
  birth.successor = successor ? 1 : 0;
  child->link.tell(birth);
  (successor ? successor_ : current_) = std::move(child);
  return true;
}

void Supervisor::born_again() {
  restart_at_.reset();
  if (spawn(false)) return;
  log(Severity::kError, 271, std::string("the webcache cannot be started: ") + std::strerror(errno));
  restart_at_ = Deadline::in(RestartPause::kLongest);
}

Supervisor::Child* Supervisor::find(pid_t pid) {
  if (current_ && current_->pid == pid) return current_.get();
  if (successor_ && successor_->pid == pid) return successor_.get();
  for (const auto& one : retired_)
    if (one->pid == pid) return one.get();
  return nullptr;
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    Child* const child = find(pid);
    if (!child) continue;
    // What it said last may not have been heard.
    take_words(*child);
    if (child == current_.get()) {
      buried(std::move(*std::exchange(current_, nullptr)), status);
    } else if (child == successor_.get()) {
      successor_.reset();
      if (!ending_)
        log(Severity::kError, 272, "the new webcache did not come to serve (" + end_of(status) +
                                       "); the old one goes on");
    } else {
      retired_.remove_if([child](const auto& one) { return one.get() == child; });
    }
  }
}

// The one that served, or should have.
void Supervisor::buried(Child child, int status) {
  if (ending_) return;
  if (!served_) {
    ending_ = true;
    status_ = WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : kCannotStart;
    if (WIFSIGNALED(status))
      log(Severity::kError, 271, "the webcache cannot be started: it was " + end_of(status));
    return;
  }
  if (child.ready && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    ending_ = true;  // somebody told it, and not us
    return;
  }
  const auto now = Clock::now();
  const auto lived = std::chrono::duration_cast<std::chrono::seconds>(now - child.born).count();
  std::string why = child.stuck.empty() ? end_of(status) : child.stuck;
  why += " after " + std::to_string(lived) + " s";
  ++history_.restarts;
  std::snprintf(history_.last_end, sizeof history_.last_end, "%s", why.c_str());
  if (successor_) {  // which is about to serve anyway
    hand_over();
    if (current_) return;
  }
  const Millis pause = pause_.next(now);
  log(Severity::kError, 273,
      "the webcache died: " + why + "; starting it again" +
          (pause == Millis(0) ? std::string()
                              : " in " + std::to_string(pause.count()) +
                                    " ms, since it dies again and again"));
  restart_at_ = Deadline::in(pause);
}

// ---- taking over ----

void Supervisor::take_over() {
  if (!current_ || !current_->ready || successor_) {
    log(Severity::kWarning, 274, "no other webcache is started: one is being started already");
    return;
  }
  log(Severity::kInfo, 275, "another webcache is started, to take over");
  if (!spawn(true)) {
    log(Severity::kError, 271, std::string("the webcache cannot be started: ") + std::strerror(errno));
  }
}

void Supervisor::hand_over() {
  hand_over_at_.reset();
  if (!successor_) return;
  if (current_) {
    current_->kill_at = Deadline::in(kForTheRest);
    retired_.push_back(std::move(current_));
  }
  successor_->link.tell(link::Word::kTakeOver);
  current_ = std::move(successor_);
}

// ---- what is heard ----

void Supervisor::take_words(Child& child) {
  bool closed = false;
  while (const auto packet = child.link.hear(closed)) take_word(child, *packet);
  // The end is the matter of SIGCHLD; a link that says nothing but its end would keep poll() awake.
  if (closed) child.link = link::Link();
}

void Supervisor::take_word(Child& child, const link::Packet& packet) {
  child.heard = Clock::now();
  switch (packet.word) {
    case link::Word::kReady:
      child.ready = true;
      if (!std::exchange(served_, true)) options_.ready();
      return;
    case link::Word::kReloaded:
      notify("READY=1");
      return;
    case link::Word::kStuck:
      child.stuck = "hung: " + packet.text;
      log(Severity::kError, 276, "the webcache is killed, since a thread of it hangs: " + packet.text);
      ::kill(child.pid, SIGKILL);
      return;
    case link::Word::kWaits:
      if (&child != successor_.get()) return;
      if (!current_) return hand_over();
      current_->link.tell(link::Word::kRetire);
      hand_over_at_ = Deadline::in(kForTheFlush);
      return;
    case link::Word::kFreed:
      if (&child == current_.get()) hand_over();
      return;
    default:
      return;  // kBeat: it was heard
  }
}

void Supervisor::take_signals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    switch (static_cast<int>(info.ssi_signo)) {
      case SIGCHLD:
        break;  // reap() looks anyway
      case SIGHUP:
        notify("RELOADING=1");
        options_.reopen_log();
        if (current_ && current_->ready) {
          ::kill(current_->pid, SIGHUP);
        } else {
          notify("READY=1");
        }
        break;
      case SIGUSR2:
        take_over();
        break;
      default:
        end_all();
    }
  }
}

// ---- looking after them ----

void Supervisor::look_after(Child& child) {
  const auto now = Clock::now();
  if (child.kill_at && child.kill_at->passed()) {
    ::kill(child.pid, SIGKILL);
  } else if (!child.kill_at && now - child.heard > options_.silence) {
    child.stuck = "silent, with all its threads, for " +
                  std::to_string(options_.silence.count() / 1000) + " s";
    log(Severity::kError, 276, "the webcache is killed: it was " + child.stuck);
    ::kill(child.pid, SIGKILL);
    child.heard = now;
  }
}

void Supervisor::end_all() {
  if (!std::exchange(ending_, true)) notify("STOPPING=1");
  restart_at_.reset();
  const auto end = [](Child* child) {
    if (!child || std::exchange(child->ending, true)) return;
    ::kill(child->pid, SIGTERM);
    child->kill_at = Deadline::in(kForTheEnd);
  };
  end(current_.get());
  end(successor_.get());
  for (const auto& one : retired_) end(one.get());
}

void Supervisor::wait() {
  std::vector<pollfd> polled{{signals_.get(), POLLIN, 0}};
  const auto add = [&](const Child* child) {
    if (child && child->link.open()) polled.push_back({child->link.fd(), POLLIN, 0});
  };
  add(current_.get());
  add(successor_.get());
  for (const auto& one : retired_) add(one.get());
  Deadline until = Deadline::in(kTick);
  if (restart_at_) until = until.sooner(*restart_at_);
  if (hand_over_at_) until = until.sooner(*hand_over_at_);
  ::poll(polled.data(), polled.size(), until.left_ms());
  // A machine that slept, or a supervisor that was stopped, has not listened.
  const auto now = Clock::now();
  if (now - looked_ > 3 * kTick && current_) current_->heard = now;
  looked_ = now;
}

int Supervisor::run() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD}) sigaddset(&set, s);
  signals_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_ || !spawn(false)) return kCannotStart;
  while (!ending_ || current_ || successor_ || !retired_.empty()) {
    wait();
    take_signals();
    for (Child* child : {current_.get(), successor_.get()})
      if (child && (child == current_.get() || child == successor_.get())) take_words(*child);
    for (const auto& one : retired_) take_words(*one);
    reap();
    if (hand_over_at_ && hand_over_at_->passed()) hand_over();
    if (restart_at_ && restart_at_->passed() && !ending_) born_again();
    if (current_) look_after(*current_);
    if (successor_) look_after(*successor_);
    for (const auto& one : retired_) look_after(*one);
    if (ending_) end_all();
    if (std::getenv("WATCHDOG_USEC")) notify("WATCHDOG=1");
  }
  return status_;
}

}  // namespace alphamail
