/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded into mail servers that were unpacked below a folder of our own instead of being
 * installed. Their packages have fixed paths and one fixed account name compiled in; this moves the
 * paths below $PEER_ROOT and gives the account's name to whoever runs the server. Nothing else.
 *
 * Paths that move: /usr/lib/dovecot, /usr/bin/dove*, /usr/lib/exim4, /usr/lib/postgresql,
 * /usr/share/postgresql. The account: Debian-exim.
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
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct moved { char path[4096]; };

static const char* const kMoved[] = {"/usr/lib/dovecot", "/usr/bin/dove", "/usr/lib/exim4",
                                     "/usr/lib/postgresql", "/usr/share/postgresql"};

/* The path to use instead of `path`; `room` holds it if it is another one. */
static const char* moved(const char* path, struct moved* room) {
  const char* const root = getenv("PEER_ROOT");
  if (root == NULL || path == NULL) return path;
  for (size_t i = 0; i < sizeof kMoved / sizeof *kMoved; ++i) {
    if (strncmp(path, kMoved[i], strlen(kMoved[i])) != 0) continue;
    const int n = snprintf(room->path, sizeof room->path, "%s%s", root, path);
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

static const char kAccount[] = "Debian-exim";

EXPORT struct passwd* getpwnam(const char* name) {
  struct passwd* const us = strcmp(name, kAccount) == 0 ? getpwuid(geteuid()) : NULL;
  return us != NULL ? us : REAL(getpwnam)(name);
}

EXPORT struct group* getgrnam(const char* name) {
  struct group* const us = strcmp(name, kAccount) == 0 ? getgrgid(getegid()) : NULL;
  return us != NULL ? us : REAL(getgrnam)(name);
}
