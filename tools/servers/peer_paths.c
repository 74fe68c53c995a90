/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded into mail servers that were unpacked below a folder of our own instead of being
 * installed. Their packages have fixed paths and one fixed account name compiled in; this moves the
 * paths below $PEER_ROOT and gives the account's name to whoever runs the server. What a server keeps
 * below a fixed folder, of which each instance has its own, moves below $PEER_HOME. And what a server
 * tells syslog is appended to the file $PEER_LOG. Nothing else.
 *
 * Paths that move to the root: /usr/lib/dovecot, /usr/bin/dove*, /usr/lib/exim4, /usr/lib/postgresql,
 * /usr/share/postgresql, /usr/lib/cyrus, /usr/lib/courier*; to the home: /etc/courier, /run/courier,
 * sockets too. The accounts: Debian-exim, courier.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct moved { char path[4096]; };

static const struct {
  const char *begin, *below;
} kMoved[] = {
    {"/usr/lib/dovecot", "PEER_ROOT"},      {"/usr/bin/dove", "PEER_ROOT"},
    {"/usr/lib/exim4", "PEER_ROOT"},        {"/usr/lib/postgresql", "PEER_ROOT"},
    {"/usr/share/postgresql", "PEER_ROOT"}, {"/usr/lib/cyrus", "PEER_ROOT"},
    {"/usr/lib/courier", "PEER_ROOT"},      {"/etc/courier", "PEER_HOME"},
    {"/run/courier", "PEER_HOME"},
};

/* The path to use instead of `path`; `room` holds it if it is another one. */
static const char* moved(const char* path, struct moved* room) {
  if (path == NULL) return path;
  for (size_t i = 0; i < sizeof kMoved / sizeof *kMoved; ++i) {
    if (strncmp(path, kMoved[i].begin, strlen(kMoved[i].begin)) != 0) continue;
    const char* const below = getenv(kMoved[i].below);
    if (below == NULL) return path;
    const int n = snprintf(room->path, sizeof room->path, "%s%s", below, path);
    return n > 0 && (size_t)n < sizeof room->path ? room->path : path;
  }
  return path;
}

EXPORT DIR* opendir(const char* path) {
  struct moved room;
  return REAL(opendir)(moved(path, &room));
}

EXPORT void* dlopen(const char* path, int flags) {
  struct moved room;
  return REAL(dlopen)(moved(path, &room), flags);
}

EXPORT int execv(const char* path, char* const argv[]) {
  struct moved room;
  return REAL(execv)(moved(path, &room), argv);
}

EXPORT int execve(const char* path, char* const argv[], char* const envp[]) {
  struct moved room;
  return REAL(execve)(moved(path, &room), argv, envp);
}

EXPORT int access(const char* path, int mode) {
  struct moved room;
  return REAL(access)(moved(path, &room), mode);
}

EXPORT int stat(const char* path, struct stat* st) {
  struct moved room;
  return REAL(stat)(moved(path, &room), st);
}

static int opened(const char* path, int flags, mode_t mode) {
  struct moved room;
  return REAL(openat)(AT_FDCWD, moved(path, &room), flags, mode);
}

EXPORT int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}

EXPORT int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags | O_LARGEFILE, mode);
}

EXPORT FILE* fopen(const char* path, const char* mode) {
  struct moved room;
  return REAL(fopen)(moved(path, &room), mode);
}

EXPORT int unlink(const char* path) {
  struct moved room;
  return REAL(unlink)(moved(path, &room));
}

EXPORT int chmod(const char* path, mode_t mode) {
  struct moved room;
  return REAL(chmod)(moved(path, &room), mode);
}

EXPORT int rename(const char* from, const char* to) {
  struct moved room, other;
  return REAL(rename)(moved(from, &room), moved(to, &other));
}

typedef int on_address(int, const struct sockaddr*, socklen_t);

/* bind() or connect(), with a socket's path that may have moved; one too long is as it was. */
static int socket_moved(on_address* real, int fd, const struct sockaddr* address, socklen_t size) {
  if (address == NULL || size < sizeof(sa_family_t) || address->sa_family != AF_UNIX)
    return real(fd, address, size);
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  char path[sizeof to.sun_path + 1] = "";
  memcpy(path, ((const struct sockaddr_un*)address)->sun_path, size - sizeof(sa_family_t));
  struct moved room;
  const char* const moved_path = moved(path, &room);
  if (moved_path == path || strlen(moved_path) >= sizeof to.sun_path) return real(fd, address, size);
  strcpy(to.sun_path, moved_path);
  return real(fd, (const struct sockaddr*)&to, sizeof to);
}

EXPORT int bind(int fd, const struct sockaddr* address, socklen_t size) {
  return socket_moved((on_address*)dlsym(RTLD_NEXT, "bind"), fd, address, size);
}

EXPORT int connect(int fd, const struct sockaddr* address, socklen_t size) {
  return socket_moved((on_address*)dlsym(RTLD_NEXT, "connect"), fd, address, size);
}

/* One line of $PEER_LOG, in one write, since many processes append to it. */
static void logged(int priority, const char* format, va_list values) {
  if (LOG_PRI(priority) == LOG_DEBUG) return;
  const char* const name = getenv("PEER_LOG");
  const int kept = errno;
  const int fd = name != NULL ? REAL(openat)(AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd < 0) return;
  char line[2000];
  const int head = snprintf(line, sizeof line, "%s[%d]: ", program_invocation_short_name, (int)getpid());
  errno = kept; /* for %m */
  vsnprintf(line + head, sizeof line - (size_t)head - 1, format, values);
  const size_t size = strlen(line);
  line[size] = '\n';
  if (write(fd, line, size + 1) < 0) errno = kept;
  close(fd);
  errno = kept;
}

EXPORT void vsyslog(int priority, const char* format, va_list values) {
  logged(priority, format, values);
}

EXPORT void syslog(int priority, const char* format, ...) {
  va_list values;
  va_start(values, format);
  logged(priority, format, values);
  va_end(values);
}

/* What a program that was compiled with _FORTIFY_SOURCE calls instead. */
EXPORT void __syslog_chk(int priority, int flag, const char* format, ...) {
  (void)flag;
  va_list values;
  va_start(values, format);
  logged(priority, format, values);
  va_end(values);
}

EXPORT void __vsyslog_chk(int priority, int flag, const char* format, va_list values) {
  (void)flag;
  logged(priority, format, values);
}

static int is_account(const char* name) {
  return strcmp(name, "Debian-exim") == 0 || strcmp(name, "courier") == 0;
}

EXPORT struct passwd* getpwnam(const char* name) {
  struct passwd* const us = is_account(name) ? getpwuid(geteuid()) : NULL;
  return us != NULL ? us : REAL(getpwnam)(name);
}

EXPORT struct group* getgrnam(const char* name) {
  struct group* const us = is_account(name) ? getgrgid(getegid()) : NULL;
  return us != NULL ? us : REAL(getgrnam)(name);
}
