# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes and ports: who runs what, on which free port, and how it is ended again.

A server started here leads a session of its own, is told to end when its starter dies, and is ended
by its own process id; nothing is ever looked for by name.
"""
import ctypes
import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
# Settings for what was built with a sanitizer; all else of our environment is kept from the servers.
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
_libc = ctypes.CDLL(None, use_errno=True)
_claims = []    # of ports


class Failed(Exception):
    """A server did not come up, or not in time; the text is for people."""


class Identity:
    """Who the servers run as: nobody (or who is named) when we are root, else ourselves."""

    def __init__(self, user="nobody"):
        self.drops = os.getuid() == 0
        entry = pwd.getpwnam(user) if self.drops else pwd.getpwuid(os.getuid())
        self.uid, self.gid, self.user = entry.pw_uid, entry.pw_gid, entry.pw_name
        self.group = grp.getgrgid(entry.pw_gid).gr_name

    def popen_args(self):
        if not self.drops:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path):
        """Makes a file, or a folder with all that is in it, theirs."""
        if not self.drops:
            return
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        if os.path.islink(path):
            return
        for folder, folders, files in os.walk(path):
            for name in folders + files:
                os.chown(os.path.join(folder, name), self.uid, self.gid, follow_symlinks=False)

    def can_pass(self, path):
        """Whether every folder on the way to `path` lets them through."""
        path = os.path.realpath(path)
        if not self.drops:
            return os.access(path, os.X_OK)
        while True:
            st = os.stat(path)
            mode = st.st_mode
            passes = mode & (0o100 if st.st_uid == self.uid else
                             0o010 if st.st_gid == self.gid else 0o001)
            if not passes:
                return False
            if path == "/":
                return True
            path = os.path.dirname(path)


def free_port(avoid=()):
    """A port of 127.0.0.1 that nobody listens on, chosen at random below the range that the kernel hands out for
    outgoing connections. Ours as long as we live: its server begins later, and another run may be looking, too."""
    for _ in range(200):
        port = random.SystemRandom().randrange(18000, 32000)
        if port not in avoid and _claim(port) and port_is_free("127.0.0.1", port):
            return port
    raise Failed("no free port between 18000 and 32000")


def _claim(port):
    """Takes a name that only one process of the machine can have, and that ends with it."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind("\0alphamail-port-%d" % port)
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def port_is_free(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def wait_free(ports, address="127.0.0.1", seconds=20):
    """Until a server that was stopped can be started again: meanwhile somebody's outgoing connection may have
    one of its ports, where the kernel hands out those, too."""
    end = time.monotonic() + seconds
    for port in ports:
        while not port_is_free(address, port):
            if time.monotonic() > end:
                raise Failed("port %d is in use" % port)
            time.sleep(0.05)


def short_folder(identity, prefix="am-"):
    """A private folder (mode 0700) with a short name, for sockets, whose paths end at 107 bytes."""
    base = "/run" if os.getuid() == 0 and os.access("/run", os.W_OK) else "/tmp"
    folder = tempfile.mkdtemp(prefix=prefix, dir=base)
    identity.give(folder)
    return folder


def tail(path, lines=15):
    try:
        with open(path, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 8000))
            return b"\n".join(log.read().splitlines()[-lines:]).decode("utf-8", "replace")
    except OSError:
        return ""


def state(pid):
    """The letter of /proc/PID/stat; "" where there is no such process."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as source:
            return source.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def lives(pid):
    """Also while its first thread has ended and others, which hold its sockets, have not."""
    try:
        return state(pid) not in ("", "Z", "X") or len(os.listdir("/proc/%d/task" % pid)) > 1
    except OSError:
        return False


def children(pid):
    """The process ids of the children that live, the one that was started last at the end."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as source:
        return [child for child in map(int, source.read().split()) if lives(child)]


def group_of(leader):
    """The members of a process group."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.getpgid(int(name)) == leader:
                found.append(int(name))
        except ProcessLookupError:
            pass
    return found


def halt(pid):
    """Stops a process (SIGSTOP); returns once it is, or has ended."""
    os.kill(pid, signal.SIGSTOP)
    while state(pid) not in ("T", "Z", "X", ""):
        time.sleep(0.001)


class Server:
    """One server process in the foreground, with a log."""

    def __init__(self, name, log, identity):
        self.name, self.log, self.identity = name, log, identity
        self.process = None

    def start(self, argv, env=None, cwd="/"):
        starter = os.getpid()

        def before_exec():
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != starter:
                os._exit(1)
        with open(self.log, "ab") as out:
            if self.identity.drops:
                os.chown(self.log, self.identity.uid, self.identity.gid)
            clean = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8",
                     "TZ": os.environ.get("TZ", "")}
            if not clean["TZ"]:
                del clean["TZ"]
            clean.update((name, os.environ[name]) for name in SANITIZERS if name in os.environ)
            clean.update(env or {})
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=clean, cwd=cwd,
                close_fds=True, start_new_session=True, preexec_fn=before_exec,
                **self.identity.popen_args())
        return self

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait_port(self, port, address="127.0.0.1", seconds=30):
        """Returns once something accepts on the port."""
        def accepts():
            try:
                socket.create_connection((address, port), 1).close()
                return True
            except OSError:
                return False
        self.wait_until(accepts, "listen on port %d" % port, seconds)

    def wait_until(self, condition, doing, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if not self.alive():
                raise Failed("%s ended instead of starting; the end of %s:\n%s"
                             % (self.name, self.log, tail(self.log)))
            if time.monotonic() > end:
                raise Failed("%s did not %s within %d s; the end of %s:\n%s"
                             % (self.name, doing, seconds, self.log, tail(self.log)))
            time.sleep(0.02)

    def stop(self, sig=signal.SIGTERM, seconds=10, everybody=False):
        """Ends the server; its session's stragglers too, since they are its own children, and may hold its ports.
        `everybody` asks those in the same moment as the server itself."""
        if self.process is None:
            return
        if self.process.poll() is None:
            if everybody:
                os.killpg(self.process.pid, sig)
            else:
                self.process.send_signal(sig)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process.wait()
        end = time.monotonic() + 10
        while any(map(lives, group_of(self.process.pid))) and time.monotonic() < end:
            time.sleep(0.005)
        self.process = None


def copy_tree(source, target):
    """A fresh copy, of a file or of a folder with all in it, that everybody may read and pass."""
    if not os.path.isdir(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target, follow_symlinks=False)
        return
    if os.path.isdir(target):
        shutil.rmtree(target)
    shutil.copytree(source, target, symlinks=True)
    for folder, _, files in os.walk(target):
        os.chmod(folder, 0o755)
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)
