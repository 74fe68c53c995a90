// SPDX-License-Identifier: GPL-3.0-or-later
// The webcache daemon: start-up in order, signals, the end. SECURITY: it holds every user's
// connection and mail index. It trusts its configuration and nobody else: web children (whose
// requests it verifies), mail servers (whose replies it bounds) and their users are strangers.
// Started as root it gives that up before it opens a socket. Whoever gets inside reads the mail of
// those who are logged in; passwords are there only for the instant of a log-in.
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/config.h"
#include "common/log.h"
#include "config.h"
#include "webcache/notify.h"
#include "webcache/pid_file.h"
#include "webcache/server.h"

namespace alphamail {
namespace {

// What the process ends with; the manual lists them.
enum class Exit : int {
  kUsage = 2,
  kConfig = 3,
  kCannotDrop = 4,
  kStillRoot = 5,
  kLog = 6,
  kAlreadyRuns = 7,
  kCannotListen = 8,
  kSystem = 9,
};

[[noreturn]] void die(Exit code, const std::string& why) {
  std::fprintf(stderr, "webcache: %s\n", why.c_str());
  std::exit(static_cast<int>(code));
}

[[noreturn]] void die_errno(Exit code, const std::string& what) {
  die(code, what + ": " + std::strerror(errno));
}

struct Options {
  std::string config = ALPHAMAIL_SYSCONFDIR "/alphamail_config";
  std::string pidfile;
  bool foreground = false;
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
      "again.\n");
}

Options parse_options(int argc, char** argv) {
  static const option kOptions[] = {
      {"config", required_argument, nullptr, 'c'}, {"pidfile", required_argument, nullptr, 'p'},
      {"foreground", no_argument, nullptr, 'f'},   {"version", no_argument, nullptr, 'v'},
      {"help", no_argument, nullptr, 'h'},         {nullptr, 0, nullptr, 0}};
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

struct Identity {
  uid_t uid;
  gid_t gid;
};

Identity identity_of(const std::string& user) {
  errno = 0;
  const passwd* entry = getpwnam(user.c_str());
  if (!entry) die(Exit::kConfig, "webcache_user: no such user: " + user);
  if (entry->pw_uid == 0) die(Exit::kConfig, "webcache_user must not be root");
  return {entry->pw_uid, entry->pw_gid};
}

// No way back: groups first, then gid, then uid. The user's own supplementary groups stay, since
// the control socket is shared with the web server through one of them.
void become(const std::string& user) {
  const Identity who = identity_of(user);
  if (initgroups(user.c_str(), who.gid) != 0) die_errno(Exit::kCannotDrop, "initgroups");
  if (setresgid(who.gid, who.gid, who.gid) != 0) die_errno(Exit::kCannotDrop, "setresgid");
  if (setresuid(who.uid, who.uid, who.uid) != 0) die_errno(Exit::kCannotDrop, "setresuid");
  if (setuid(0) != -1 || setgid(0) != -1) die(Exit::kStillRoot, "root can be regained");
}

void give_up_root(const Config& config) {
  if (geteuid() != 0) {
    if (getuid() == 0) die(Exit::kStillRoot, "started with root as its real user");
    return;
  }
  if (config.webcache_user.empty()) {
    die(Exit::kConfig, "started as root, and webcache_user does not say whom to become");
  }
  become(config.webcache_user);
}

// Memory holds mail, and passwords for an instant: no core file, no debugger of the same user.
void close_memory() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) die_errno(Exit::kSystem, "setrlimit RLIMIT_CORE");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) die_errno(Exit::kSystem, "prctl PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    die_errno(Exit::kSystem, "prctl PR_SET_NO_NEW_PRIVS");
}

// Every connection and lane is a descriptor: as many as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

// Pieces of downloads and replies go back to the system when they are let go of, instead of staying
// with whichever of the many threads had them.
void tame_malloc() {
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
  return set;
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
    if (chdir("/") != 0) die_errno(Exit::kSystem, "chdir /");
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    dup2(null.get(), STDIN_FILENO);
    dup2(null.get(), STDOUT_FILENO);
    if (log_elsewhere) dup2(null.get(), STDERR_FILENO);
    (void)!::write(fd_.get(), "r", 1);
    fd_.reset();
  }

 private:
  UniqueFd fd_;
};

// The log is opened anew whatever the configuration says by now: it may have been rotated.
void read_again(Server& server, const std::string& path) {
  const auto config = read_config(path);
  const auto opened = config ? open_log(config->log_file) : reopen_log();
  if (!opened) log(Severity::kError, 214, "log not reopened: " + opened.error().detail);
  if (!config) {
    log(Severity::kError, 209, "configuration not taken over: " + config.error().detail);
    return;
  }
  server.reload(*config);
}

void run(Server& server, const Options& options) {
  const sigset_t signals = our_signals();
  for (;;) {
    const int signal = sigwaitinfo(&signals, nullptr);
    if (signal == SIGHUP) {
      notify("RELOADING=1");
      read_again(server, options.config);
      notify("READY=1");
    } else if (signal == SIGTERM || signal == SIGINT) {
      return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

int serve(const Options& options) {
  umask(0027);
  const auto config = read_config(options.config);
  if (!config) die(Exit::kConfig, config.error().detail);
  Detached detached;
  if (!options.foreground) detached = Detached::begin();
  give_up_root(*config);
  close_memory();
  raise_descriptor_limit();
  tame_malloc();
  if (const auto opened = open_log(config->log_file); !opened)
    die(Exit::kLog, opened.error().detail);

  PidFile pid_file;
  if (!options.pidfile.empty()) {
    auto locked = PidFile::lock(options.pidfile);
    if (!locked) die(Exit::kAlreadyRuns, locked.error().detail);
    pid_file = std::move(*locked);
  }
  // Before any thread is made, so that all of them leave these to run().
  const sigset_t signals = our_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file over a limit is an error like a full disk, not the end

  auto server = Server::start(*config);
  if (!server) {
    log(Severity::kError, 211, "cannot start: " + server.error().detail);
    die(server.error().code == Code::kBusy ? Exit::kAlreadyRuns : Exit::kCannotListen,
        "cannot start: " + server.error().detail);
  }
  if (!options.pidfile.empty()) {
    if (const auto written = pid_file.write(); !written) die(Exit::kSystem, written.error().detail);
  }
  log(Severity::kInfo, 212,
      std::string("webcache " PACKAGE_VERSION " listens on ") + config->webcache_socket);
  notify("READY=1");
  detached.ready(!config->log_file.empty());
  run(**server, options);
  notify("STOPPING=1");
  log(Severity::kInfo, 213, "webcache stops");
  server->reset();
  return 0;
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  return alphamail::serve(alphamail::parse_options(argc, argv));
}
