// SPDX-License-Identifier: GPL-3.0-or-later
// The webcache, both processes of it: start-up in order, signals, the end. The one that is started
// becomes the supervisor (supervisor.h); it starts the daemon, which is this program again.
// SECURITY: the daemon holds every user's connection and mail index. It trusts its configuration and
// nobody else: web children (whose requests it verifies), mail servers (whose replies it bounds) and
// their users are strangers. Started as root it gives that up before it opens a socket. Whoever gets
// inside reads the mail of those who are logged in; passwords are there only for the instant of a
// log-in.
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/lane_server.h"
#include "common/log.h"
#include "config.h"
#include "webcache/notify.h"
#include "webcache/pid_file.h"
#include "webcache/server.h"
#include "webcache/start_up.h"
#include "webcache/supervised.h"
#include "webcache/supervisor.h"
#include "webcache/watchdog.h"
#include "webcache/tls_memory.h"

namespace alphamail {
namespace {

using link::Word;

// How long a daemon that was retired lives on for downloads that go on in it.
constexpr Millis kRetirement{60 * 1000};
constexpr Millis kLookAtRetired{20};

struct Options {
  std::string config = ALPHAMAIL_SYSCONFDIR "/alphamail_config";
  std::string pidfile;
  bool foreground = false;
  bool daemon = false;  // started by the supervisor, never by hand
};

void print_help() {
  std::printf(
      "webcache holds the mail connections and indexes behind AlphaMail's pages.\n"
      "\n"
      "  --config FILE    the configuration (" ALPHAMAIL_SYSCONFDIR
      "/alphamail_config)\n"
      "  --pidfile FILE   write the process id there once ready\n"
      "  --foreground     stay attached to the terminal or service manager\n"
      "  --version        print the version and end\n"
      "  --help           print this and end\n"
      "\n"
      "SIGTERM and SIGINT end it, SIGHUP makes it reopen its log and read its configuration "
      "again,\nSIGUSR2 has a new one, of a newer version perhaps, take over.\n");
}

Options parse_options(int argc, char** argv) {
  static const option kOptions[] = {
      {"config", required_argument, nullptr, 'c'}, {"pidfile", required_argument, nullptr, 'p'},
      {"foreground", no_argument, nullptr, 'f'},   {"version", no_argument, nullptr, 'v'},
      {"help", no_argument, nullptr, 'h'},         {"daemon", no_argument, nullptr, 'd'},
      {nullptr, 0, nullptr, 0}};
  Options options;
  for (int c; (c = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (c) {
      case 'c':
        options.config = optarg;
        break;
      case 'p':
        options.pidfile = optarg;
        break;
      case 'f':
        options.foreground = true;
        break;
      case 'd':
        options.daemon = true;
        break;
      case 'v':
        std::printf("webcache (AlphaMail) %s\n", PACKAGE_VERSION);
        std::exit(0);
      case 'h':
        print_help();
        std::exit(0);
      default:
        std::exit(static_cast<int>(Exit::kUsage));
    }
  }
  if (optind < argc) die(Exit::kUsage, std::string("what is \"") + argv[optind] + "\"? (--help)");
  return options;
}

// Before any thread is made, so that all of them leave these to the main loop.
void block(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : signals) sigaddset(&set, s);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

// Leaves the terminal: what it was started with is closed, standard error only where the log is
// elsewhere.
void leave_terminal(bool log_elsewhere) {
  if (chdir("/") != 0) die_errno(Exit::kSystem, "chdir /");
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  dup2(null.get(), STDIN_FILENO);
  dup2(null.get(), STDOUT_FILENO);
  if (log_elsewhere) dup2(null.get(), STDERR_FILENO);
}

// The parent of a daemon waits for the first byte: "ready", or else why not, and ends accordingly.
class Detached {
 public:
  // Forks; returns in the child only.
  static Detached begin() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) die_errno(Exit::kSystem, "pipe");
    const pid_t child = fork();
    if (child < 0) die_errno(Exit::kSystem, "fork");
    if (child > 0) {
      ::close(ends[1]);
      char ready = 0;
      const bool told = ::read(ends[0], &ready, 1) == 1;
      if (told) std::_Exit(0);
      // The child has said why on standard error, which it still shares.
      int status = 0;
      const bool ended = waitpid(child, &status, 0) == child && WIFEXITED(status);
      std::_Exit(ended ? WEXITSTATUS(status) : static_cast<int>(Exit::kSystem));
    }
    ::close(ends[0]);
    if (setsid() < 0) die_errno(Exit::kSystem, "setsid");
    Detached detached;
    detached.fd_ = UniqueFd(ends[1]);
    return detached;
  }

  void ready(bool log_elsewhere) {
    if (!fd_) return;
    leave_terminal(log_elsewhere);
    (void)!::write(fd_.get(), "r", 1);
    fd_.reset();
  }

 private:
  UniqueFd fd_;
};

// The log is opened anew whatever the configuration says by now: it may have been rotated.
Result<Config> open_log_again(const std::string& path) {
  auto config = read_config(path);
  const auto opened = config ? open_log(config->log_file) : reopen_log();
  if (!opened) log(Severity::kError, 214, "log not reopened: " + opened.error().detail);
  return config;
}

// ---- the daemon ----

class Daemon {
 public:
  Daemon(const Options& options, const Config& config)
      : options_(options), config_(config), link_(UniqueFd(link::kLinkFd)),
        listening_(link::kListeningFd) {
    // They are nobody else's.
    fcntl(link::kLinkFd, F_SETFD, FD_CLOEXEC);
    fcntl(link::kListeningFd, F_SETFD, FD_CLOEXEC);
  }

  int run() {
    const auto birth = link_.hear_birth();
    if (!birth) die(Exit::kUsage, "--daemon is for the webcache's own use");
    auto server = Server::make(config_);
    if (!server) return cannot_start(server.error());
    server_ = std::move(*server);
    server_->set_birth(*birth);
    watchdog_.emplace(Watchdog::Options{config_.hang_timeout, Millis(1000),
                                        [this] { link_.tell(Word::kBeat); },
                                        [this](const std::string& where) {
                                          link_.tell(Word::kStuck, where);
                                        }},
                      server_->counters());
    if (birth->successor) {
      link_.tell(Word::kWaits);
    } else if (const int status = start()) {
      return status;
    }
    if (!options_.foreground) leave_terminal(!config_.log_file.empty());
    serve();
    log(Severity::kInfo, 213, retired_ ? "webcache stops; another one has taken over" : "webcache stops");
    watchdog_.reset();
    server_.reset();
    return 0;
  }

 private:
  int cannot_start(const Error& error) {
    log(Severity::kError, 211, "cannot start: " + error.detail);
    std::fprintf(stderr, "webcache: cannot start: %s\n", error.detail.c_str());
    return static_cast<int>(Exit::kCannotListen);
  }

  int start() {
    if (const auto started = server_->start(std::move(listening_)); !started) {
      return cannot_start(started.error());
    }
    serves_ = true;
    log(Severity::kInfo, 212,
        std::string("webcache " PACKAGE_VERSION " listens on ") + config_.webcache_socket);
    link_.tell(Word::kReady);
    return 0;
  }

  void serve() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
    const UniqueFd signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    std::optional<Deadline> until;
    while (!ends_) {
      pollfd polled[2] = {{signals.get(), POLLIN, 0}, {link_.fd(), POLLIN, 0}};
      ::poll(polled, 2, retired_ ? static_cast<int>(kLookAtRetired.count()) : -1);
      signalfd_siginfo info;
      while (::read(signals.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        info.ssi_signo == SIGHUP ? read_again() : end();
      }
      bool closed = false;
      while (const auto packet = link_.hear(closed)) obey(packet->word);
      if (closed) end();  // nobody would start another one, or end this one
      if (!retired_) continue;
      if (!until) until = Deadline::in(kRetirement);
      if (server_->retired() || until->passed()) end();
    }
  }

  void obey(Word word) {
    if (word == Word::kTakeOver && !serves_) {
      if (start() != 0) end();
    } else if (word == Word::kRetire && serves_ && !retired_) {
      retired_ = true;
      server_->retire();
      link_.tell(Word::kFreed);
    }
  }

  void read_again() {
    const auto config = open_log_again(options_.config);
    if (config) {
      server_->reload(*config);
    } else {
      log(Severity::kError, 209, "configuration not taken over: " + config.error().detail);
    }
    link_.tell(Word::kReloaded);
  }

  void end() { ends_ = true; }

  const Options& options_;
  const Config& config_;
  link::Link link_;
  UniqueFd listening_;
  std::unique_ptr<Server> server_;
  std::optional<Watchdog> watchdog_;  // tells link_, looks at the threads of server_
  bool serves_ = false, retired_ = false, ends_ = false;
};

int run_daemon(const Options& options) {
  if (!count_tls_memory()) die(Exit::kSystem, "OpenSSL was in use before it could be counted");
  const auto config = read_config(options.config);
  if (!config) die(Exit::kConfig, config.error().detail);
  raise_descriptor_limit(*config);
  give_up_root(*config);
  close_memory();
  tame_malloc();
  if (const auto opened = open_log(config->log_file); !opened)
    die(Exit::kLog, opened.error().detail);
  tell_of_descriptors(*config);
  block({SIGTERM, SIGINT, SIGHUP});
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file over a limit is an error like a full disk, not the end
  return Daemon(options, *config).run();
}

// ---- the supervisor ----

std::string own_path() {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) die_errno(Exit::kSystem, "/proc/self/exe");
  return std::string(path, static_cast<std::size_t>(length));
}

int supervise(const Options& options) {
  const auto config = read_config(options.config);
  if (!config) die(Exit::kConfig, config.error().detail);
  const std::string program = own_path();
  Detached detached;
  if (!options.foreground) detached = Detached::begin();
  raise_descriptor_limit(*config);
  give_up_root(*config);
  close_memory();
  if (const auto opened = open_log(config->log_file); !opened)
    die(Exit::kLog, opened.error().detail);
  PidFile pid_file;
  if (!options.pidfile.empty()) {
    auto locked = PidFile::lock(options.pidfile);
    if (!locked) die(Exit::kAlreadyRuns, locked.error().detail);
    pid_file = std::move(*locked);
  }
  block({SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD});
  signal(SIGPIPE, SIG_IGN);
  const auto clients = Server::client_uids(*config);
  auto socket = clients ? ControlSocket::listen(config->webcache_socket, *clients)
                        : Result<ControlSocket>(clients.error());
  if (!socket) {
    log(Severity::kError, 211, "cannot start: " + socket.error().detail);
    die(socket.error().code == Code::kBusy ? Exit::kAlreadyRuns : Exit::kCannotListen,
        "cannot start: " + socket.error().detail);
  }
  Supervisor::Options what;
  what.program = program;
  what.arguments = {"--daemon", "--config", options.config};
  if (options.foreground) what.arguments.push_back("--foreground");
  what.listening = socket->fd();
  // A thread that hangs is reported first, and all of it ended only when that did not help.
  what.silence = 3 * config->hang_timeout;
  what.reopen_log = [&options] { (void)open_log_again(options.config); };
  what.ready = [&] {
    if (!options.pidfile.empty()) {
      if (const auto written = pid_file.write(); !written) {
        die(Exit::kSystem, written.error().detail);
      }
    }
    notify("READY=1");
    detached.ready(!config->log_file.empty());
  };
  return Supervisor(std::move(what)).run();
}

int run(const Options& options) {
  umask(0027);
  return options.daemon ? run_daemon(options) : supervise(options);
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  return alphamail::run(alphamail::parse_options(argc, argv));
}
