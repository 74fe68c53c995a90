// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/junk_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/unique_fd.h"

namespace alphamail {
namespace {

constexpr std::size_t kComplaint = 200;  // bytes of standard error that are told

Error failed(const char* doing) { return {Code::kStorage, std::string(doing) + ": " + std::strerror(errno), 0}; }

// A file in memory: whatever the command reads of it, and when, it hangs nobody.
Result<UniqueFd> memory_file(const char* name, std::string_view text) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd) return failed("making room for the message");
  while (!text.empty()) {
    const ssize_t n = ::write(fd.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("making room for the message");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return failed("making room for the message");
  return fd;
}

struct Actions {
  posix_spawn_file_actions_t all;
  Actions() { ::posix_spawn_file_actions_init(&all); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&all); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
};

struct Attributes {
  posix_spawnattr_t all;
  Attributes() { ::posix_spawnattr_init(&all); }
  ~Attributes() { ::posix_spawnattr_destroy(&all); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
};

// In a process group of its own, so that its children end with it, and with no signal blocked.
Result<pid_t> start(const std::vector<std::string>& command, const std::string& user, int in, int complaints) {
  Actions actions;
  ::posix_spawn_file_actions_adddup2(&actions.all, in, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&actions.all, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions.all, complaints, STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions.all, STDERR_FILENO + 1);
  ::posix_spawn_file_actions_addchdir_np(&actions.all, "/");
  Attributes attributes;
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) sigaddset(&usual, signal);
  ::posix_spawnattr_setsigmask(&attributes.all, &none);
  ::posix_spawnattr_setsigdefault(&attributes.all, &usual);
  ::posix_spawnattr_setpgroup(&attributes.all, 0);
  ::posix_spawnattr_setflags(&attributes.all,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = command;
  std::vector<std::string> surroundings{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "ALPHAMAIL_USER=" + user};
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, words.front().c_str(), &actions.all, &attributes.all,
                                  pointers(words).data(), pointers(surroundings).data());
  if (error == 0) return pid;
  errno = error;
  return failed("starting it");
}

// @return false where the time was over before
bool ends_in_time(pid_t pid, Deadline until) {
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) return true;  // it has ended already, or waitpid() has to do
  pollfd wait{fd.get(), POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&wait, 1, until.left_ms());
  } while (ready < 0 && errno == EINTR);
  return ready != 0;
}

std::string first_line(int fd) {
  char text[kComplaint];
  const ssize_t n = ::pread(fd, text, sizeof text, 0);
  std::string line(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  return line.substr(0, line.find('\n'));
}

}  // namespace

Result<void> run_junk_command(const std::vector<std::string>& command, std::string_view message,
                              const std::string& user, Deadline until) {
  const auto in = memory_file("message", message);
  if (!in) return in.error();
  const auto complaints = memory_file("complaints", {});
  if (!complaints) return complaints.error();
  const auto pid = start(command, user, in->get(), complaints->get());
  if (!pid) return pid.error();
  const bool ended = ends_in_time(*pid, until);
  if (!ended) ::kill(-*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!ended) return Error{Code::kTimeout, "it took too long and was killed", 0};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return Error{Code::kInvalid, how + ": " + first_line(complaints->get()), 0};
}

}  // namespace alphamail
