#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the webcache starts and refuses to: options, mistakes, a second one, root's rights given up."""
import os
import pwd
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from tap import case, contains, equal, main, ok, skip  # noqa: E402
from webcache import Webcache  # noqa: E402

USAGE, CONFIG, RUNS, CANNOT_LISTEN = 2, 3, 7, 8


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.webcache = Webcache(self.folder, imap_servers="example.edu=127.0.0.1:1[/]")
        return self

    def __exit__(self, *_):
        self.webcache.close()
        self.folder.close()

    def run(self, *arguments, seconds=20, **popen):
        who = paths.identity.popen_args()
        who.update(popen)
        return subprocess.run([self.webcache.program, *arguments], capture_output=True, text=True,
                              timeout=seconds, cwd="/", check=False, **who)

    def config(self, name="config", **changes):
        path = os.path.join(str(self.folder), name)
        settings = {**self.webcache.settings, **changes}
        with open(path, "w", encoding="utf-8") as out:
            for key, value in settings.items():
                if value is not None:
                    out.write("%s: %s\n" % (key, value))
        os.chmod(path, 0o600)
        paths.identity.give(path)
        return path


@case("--version and --help say what they should and end well")
def _(w):
    version = w.run("--version")
    equal(version.returncode, 0)
    contains(version.stdout, "AlphaMail")
    text = w.run("--help")
    equal(text.returncode, 0)
    for word in ("--config", "--pidfile", "--foreground", "--version", "SIGHUP"):
        contains(text.stdout, word)


@case("unknown options and arguments are refused")
def _(w):
    equal(w.run("--nonsense").returncode, USAGE)
    equal(w.run("nonsense").returncode, USAGE)


@case("a configuration with a mistake, or that is not there, is refused with file and line")
def _(w):
    path = w.config(nonsense="yes")
    ran = w.run("--config", path, "--foreground")
    equal(ran.returncode, CONFIG)
    contains(ran.stderr, path + ":")
    equal(w.run("--config", "/nowhere/at/all", "--foreground").returncode, CONFIG)


@case("a certificate file or a web user that does not exist, and a socket that cannot be made, are said")
def _(w):
    for changes, word in (({"tls_ca_file": "/nowhere.pem"}, "nowhere.pem"),
                          ({"web_user": "no-such-user"}, "no-such-user"),
                          ({"webcache_socket": "/nowhere/s"}, "nowhere")):
        ran = w.run("--config", w.config(**changes), "--foreground")
        ok(ran.returncode in (CONFIG, CANNOT_LISTEN), why="%r" % ran)
        contains(ran.stderr, word)


@case("a second one on the same socket or pid file is refused, the first goes on")
def _(w):
    w.webcache.start()
    pid_file = os.path.join(w.webcache.folder, "second.pid")
    ran = w.run("--config", w.webcache.config_file, "--foreground", "--pidfile", pid_file)
    equal(ran.returncode, RUNS)
    ran = w.run("--config", w.webcache.config_file, "--foreground", "--pidfile", w.webcache.pid_file)
    equal(ran.returncode, RUNS)
    with open(w.webcache.pid_file, encoding="ascii") as source:
        equal(int(source.read()), w.webcache.supervisor_pid)
    ok(w.webcache.server.alive())


@case("its memory is closed: no core file, no debugger of its own user, no new rights")
def _(w):
    with open("/proc/%d/status" % w.webcache.pid, encoding="ascii") as status:
        contains(status.read(), "NoNewPrivs:\t1")
    with open("/proc/%d/limits" % w.webcache.pid, encoding="ascii") as limits:
        core = [line for line in limits if line.startswith("Max core file size")][0].split()
    equal(core[4:6], ["0", "0"])
    # A process that may not be dumped belongs to root in /proc.
    equal(os.stat("/proc/%d/mem" % w.webcache.pid).st_uid, 0)


@case("what a killed one left behind stops nobody")
def _(w):
    w.webcache.kill(signal.SIGKILL)
    w.webcache.start()
    ok(w.webcache.server.alive())
    w.webcache.stop()


@case("without --foreground it returns once it listens, and its child goes on")
def _(w):
    pid_file = os.path.join(w.webcache.folder, "detached.pid")
    path = w.config("detached", log_file=os.path.join(w.webcache.folder, "detached.log"))
    ran = w.run("--config", path, "--pidfile", pid_file)
    equal(ran.returncode, 0, ran.stderr)
    with open(pid_file, encoding="ascii") as source:
        pid = int(source.read())
    ok(os.path.exists(w.webcache.socket))
    equal(os.readlink("/proc/%d/cwd" % pid), "/")
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 10
    while os.path.exists(pid_file):
        ok(time.monotonic() < end, why="still there")
        time.sleep(0.05)
    ran = w.run("--config", w.config("wrong", webcache_socket="/nowhere/s"), "--pidfile", pid_file)
    equal(ran.returncode, CANNOT_LISTEN, "the reason reaches who started it")


@case("SIGHUP takes over a new log file, goes on after a mistake, and names what needs a restart")
def _(w):
    def wait_for(path, word):
        end = time.monotonic() + 10
        while not (os.path.exists(path) and word in open(path, encoding="utf-8").read()):
            ok(time.monotonic() < end, why="%s is not in %s" % (word, path))
            time.sleep(0.05)

    first, second = (os.path.join(w.webcache.folder, name) for name in ("first.log", "second.log"))
    w.webcache.write_config(log_file=first)
    w.webcache.start()
    wait_for(first, "AM0212")
    w.webcache.write_config(log_file=second, session_idle_minutes="77", memory_limit_mb="77")
    os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
    wait_for(second, "AM0203")
    with open(second, encoding="utf-8") as source:
        said = source.read()
    contains(said, "session_idle_minutes")
    ok("memory_limit_mb" not in said, why=said)
    w.webcache.write_config(log_file="/nowhere/at/all", session_idle_minutes=None)
    os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
    wait_for(second, "AM0214")
    w.webcache.write_config(log_file=second, nonsense="yes")
    os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
    wait_for(second, "AM0209")
    ok(w.webcache.server.alive())
    w.webcache.stop()
    w.webcache.write_config(log_file=None, nonsense=None, memory_limit_mb=None)


@case("given fewer descriptors than connections_per_server may take it starts, and says so")
def _(w):
    path = w.config("few", connections_per_server="500", log_file=None)
    pid_file = os.path.join(w.webcache.folder, "few.pid")
    few = subprocess.Popen(["/bin/sh", "-c", 'ulimit -n 300 && exec "$@"', "few", w.webcache.program, "--config", path,
                            "--foreground", "--pidfile", pid_file],
                           stderr=subprocess.PIPE, text=True, cwd="/", **paths.identity.popen_args())
    try:
        said = ""
        while "AM0212" not in said:
            line = few.stderr.readline()
            ok(line, why=said)
            said += line
        ok(re.search(r"AM0215 no more than 300 descriptors, .* 2524", said), why=said)
    finally:
        few.terminate()
        few.wait()
        few.stderr.close()


@case("started by root it becomes webcache_user for good, and refuses to stay root")
def _(w):
    if os.getuid() != 0:
        skip("only root can try")
    path = w.config("asroot", webcache_user=None)
    os.chown(path, 0, 0)
    equal(w.run("--config", path, "--foreground", user=0, group=0).returncode, CONFIG)
    path = w.config("asroot", webcache_user=paths.identity.user)
    os.chown(path, 0, 0)
    os.chmod(path, 0o644)
    pid_file = os.path.join(w.webcache.folder, "asroot.pid")
    process = subprocess.Popen([w.webcache.program, "--config", path, "--foreground", "--pidfile", pid_file],
                               cwd="/", stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 15
        while not (os.path.exists(pid_file) and os.path.getsize(pid_file)):
            ok(time.monotonic() < end and process.poll() is None, why="not ready")
            time.sleep(0.05)
        with open("/proc/%d/task/%d/children" % (process.pid, process.pid), encoding="ascii") as source:
            both = [process.pid, *map(int, source.read().split())]
        equal(len(both), 2, "supervisor and daemon")
        for pid in both:
            with open("/proc/%d/status" % pid, encoding="ascii") as status:
                lines = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
            uid, gid = str(paths.identity.uid), str(paths.identity.gid)
            equal(lines["Uid"].split(), [uid] * 4)
            equal(lines["Gid"].split(), [gid] * 4)
            equal(lines["CapEff"], "0" * 16)
            equal(lines["CapPrm"], "0" * 16)
            member_of = os.getgrouplist(pwd.getpwuid(int(uid)).pw_name, int(gid))
            ok({int(g) for g in lines["Groups"].split()} <= set(member_of), why=lines["Groups"])
    finally:
        process.terminate()
        equal(process.wait(10), 0)


main(World)
