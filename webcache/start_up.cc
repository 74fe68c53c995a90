// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/start_up.h"

#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/log.h"

namespace alphamail {

void die(Exit code, const std::string& why) {
  std::fprintf(stderr, "webcache: %s\n", why.c_str());
  std::exit(static_cast<int>(code));
}

void die_errno(Exit code, const std::string& what) {
  die(code, what + ": " + std::strerror(errno));
}

namespace {

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

rlim_t descriptors_wanted(const Config& config) {
  constexpr std::size_t kEach = 3, kOthers = 1024;
  return config.imap_servers.size() * config.connections_per_server * kEach + kOthers;
}

}  // namespace

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

void close_memory() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) die_errno(Exit::kSystem, "setrlimit RLIMIT_CORE");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) die_errno(Exit::kSystem, "prctl PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    die_errno(Exit::kSystem, "prctl PR_SET_NO_NEW_PRIVS");
}

void raise_descriptor_limit(const Config& config) {
  const rlim_t wanted = descriptors_wanted(config);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_max < wanted) {
    const rlimit more{wanted, wanted};
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) return;
  }
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

void tell_of_descriptors(const Config& config) {
  const rlim_t wanted = descriptors_wanted(config);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  log(Severity::kWarning, 215,
      "no more than " + std::to_string(limit.rlim_cur) +
          " descriptors, and connections_per_server may take " + std::to_string(wanted) +
          ": raise LimitNOFILE, or the last users find no connection");
}

void tame_malloc() {
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

}  // namespace alphamail
