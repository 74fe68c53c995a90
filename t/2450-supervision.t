#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor and its daemon: crashes, threads that hang, signals, the service manager, another one
that takes over."""
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import DOMAIN, NETWORK  # noqa: E402
from imapd import message  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok, skip  # noqa: E402
from webcache import sanitized  # noqa: E402
from world import World  # noqa: E402

HANG = 2     # seconds: hang_timeout


class Supervised(World):
    def __init__(self):
        super().__init__(hang_timeout="%ds" % HANG, command_timeout="1s")

    def before_start(self):
        if sanitized():
            return       # a sanitizer wants to be the first library
        self.trigger = os.path.join(self.webcache.sockets, "hang")
        library = os.path.join(paths.top_builddir, "t", "lib", ".libs", "hanging.so")
        self.webcache.environment.update(
            LD_PRELOAD=paths.reachable(library, str(self.folder)), HANGING=self.trigger)

    def hang(self, how):
        """The next thread that waits for a mail server hangs."""
        if sanitized():
            skip("a sanitizer wants to be the first library")
        with open(self.trigger + ".new", "w", encoding="ascii") as out:
            out.write(how)
        paths.identity.give(self.trigger + ".new")
        os.rename(self.trigger + ".new", self.trigger)

    def __enter__(self):
        super().__enter__()
        self.dovecot.deliver("demo", "INBOX", [message(subject="n %d" % n) for n in range(1, 21)])
        self.ask.until(lambda answer: "address" in answer, "login", "h1", "demo", DOMAIN, NETWORK, "demo")
        self.key = self.ask.keep_key("h1", self.ask.seal("demo", "demo"))
        self.complete("h1")
        return self

    def log(self):
        with open(self.webcache.log, encoding="utf-8", errors="replace") as source:
            return source.read()

    def wait_for(self, good, what, seconds=20):
        self.webcache.server.wait_until(good, what, seconds)

    def page(self):
        """As a web child asks: again where the daemon died over it, and after bringing the password."""
        end = time.monotonic() + 20
        while True:
            answer = self.ask.page("h1")
            if answer.get("error") == "kNeedCredentials":
                self.ask.resume("h1", "demo", self.key)
            elif "rows" in answer:
                return answer
            if time.monotonic() > end:
                raise AssertionError("no page: %r" % answer)
            time.sleep(0.005)

    def connected(self):
        """A page is there, and a connection. @return the daemon's process id"""
        self.ask.until(lambda answer: answer == {"done": True}, "resume", "h1", "demo", DOMAIN, *self.key)
        self.page()
        # A connection that was dropped a moment ago may fail the first who comes.
        self.ask.until(lambda answer: "rows" in answer, "folder", "h1", "INBOX", 1, 50, "refresh")
        return self.webcache.pid

    def counter(self, name):
        return self.ask.until(lambda told: name in told, "status")[name]


@case("a daemon that is killed is started again at once, by the same supervisor, and pages go on")
def _(w):
    first = w.webcache.supervisor_pid
    took = []
    for n in range(1, 6):
        began = time.monotonic()
        old = w.webcache.crash()
        w.wait_for(lambda: w.webcache.daemons() not in ([], [old]), "start another daemon")
        took.append(time.monotonic() - began)
        equal(len(w.page()["rows"]), 20)
        note("killed: another process after %.0f ms, a page after %.0f ms" % (
            1000 * took[-1], 1000 * (time.monotonic() - began)))
        equal(w.counter("restarts"), n)
    ok(min(took) < 2, why="%r" % took)
    equal(w.webcache.supervisor_pid, first)
    contains(w.log(), "AM0273 the webcache died: killed by signal 9 (Killed) after ")


@case("webcache-status tells how often it died, and of what")
def _(w):
    program = paths.reachable(os.path.join(paths.top_builddir, "tools", "webcache-status"), str(w.folder))
    shown = subprocess.run([program, "--config", w.webcache.config_file], capture_output=True, text=True,
                           timeout=20, check=True, cwd="/", **paths.identity.popen_args()).stdout
    contains(shown, "started again (gauge), the last of them killed by signal 9 (Killed) after ")


@case("a daemon that cannot come up again is tried ever more slowly, which is said, and comes when it can")
def _(w):
    w.webcache.write_config(nonsense="yes")
    w.webcache.crash()
    w.wait_for(lambda: "since it dies again and again" in w.log(), "slow down")
    ok(w.webcache.server.alive())
    refused = w.log().count("AM0273")
    time.sleep(0.5)
    ok(w.log().count("AM0273") <= refused + 5, why="it goes on as fast")
    w.webcache.write_config(nonsense=None)
    w.page()
    contains(w.log(), "ended with status 3")


@case("a thread that hangs is reported with its stack, its connection is dropped, and the daemon goes on")
def _(w):
    pid = w.connected()
    said = len(w.log())
    w.hang("connection")
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.wait_for(lambda: "AM0270" in w.log()[said:], "report it")
    line = [line for line in w.log()[said:].splitlines() if "AM0270" in line][0]
    contains(line, "worker ")
    contains(line, "the connection it waits for is dropped")
    offsets = re.findall(r"webcache\+(0x[0-9a-f]+)", line)
    names = subprocess.run(["addr2line", "-Cfe", w.webcache.program, *offsets], capture_output=True, text=True,
                           check=True).stdout
    contains(names, "alphamail::TlsStream::wait")
    contains(names, "alphamail::Workers::serve")
    w.page()
    equal(w.webcache.pid, pid)
    equal(w.counter("hangs"), 1)


@case("one that hangs on has the daemon started anew, which says why")
def _(w):
    pid = w.connected()
    said = len(w.log())
    w.hang("for ever")
    w.ask.send("folder", "h1", "INBOX", 1, 50, "refresh")
    w.wait_for(lambda: "AM0276" in w.log()[said:], "kill it", 10 * HANG)
    w.wait_for(lambda: w.webcache.daemons() not in ([], [pid]), "start another daemon")
    w.ask.receive()
    w.page()
    contains(w.log()[said:], "AM0273 the webcache died: hung: worker ")


@case("a daemon that is silent with all its threads is killed and started anew; a short stop is none")
def _(w):
    pid = w.webcache.pid
    said = len(w.log())
    w.webcache.kill(signal.SIGSTOP)
    time.sleep(HANG)
    w.webcache.kill(signal.SIGCONT)
    time.sleep(1.5)
    equal(w.webcache.pid, pid)
    w.webcache.kill(signal.SIGSTOP)
    w.wait_for(lambda: w.webcache.daemons() not in ([], [pid]), "kill it", 10 * HANG)
    w.page()
    contains(w.log()[said:], "silent, with all its threads")
    lacks(w.log()[said:], "AM0270")


@case("another daemon takes over: the same answers, the index from disk, no log-in but by the kept password")
def _(w):
    said = len(w.log())
    loaded = w.counter("indexes_loaded")
    old, new = w.webcache.take_over()
    ok(old != new)
    equal(len(w.page()["rows"]), 20)
    w.wait_for(lambda: w.webcache.daemons() == [new], "end the old one")
    contains(w.log()[said:], "AM0275")
    contains(w.log()[said:], "another one has taken over")
    ok(w.counter("indexes_loaded") >= 1, why="%r" % loaded)
    lacks(w.log()[said:], "AM0230")
    lacks(w.log()[said:], "AM0273")


@case("one that cannot take over leaves all as it was")
def _(w):
    said = len(w.log())
    old = w.webcache.pid
    w.webcache.write_config(nonsense="yes")
    os.kill(w.webcache.supervisor_pid, signal.SIGUSR2)
    w.wait_for(lambda: "AM0272" in w.log()[said:], "say so")
    w.webcache.write_config(nonsense=None)
    equal(w.webcache.daemons(), [old])
    equal(len(w.page()["rows"]), 20)


@case("the service manager hears from the supervisor alone: ready, reloading, alive, stopping")
def _(w):
    w.webcache.stop()
    heard = []
    address = os.path.join(w.webcache.sockets, "manager")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        os.chmod(address, 0o666)
        manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        manager.settimeout(15)

        def hear(wanted):
            while True:
                data, more, _, _ = manager.recvmsg(4096, 1024)
                pid = struct.unpack("3i", more[0][2])[0]
                heard.append((data, pid))
                equal(pid, w.webcache.supervisor_pid, "%r" % data)
                lacks(data, b"MAINPID")
                if data == wanted:
                    return
        before = dict(w.webcache.environment)
        lacks(before, "NOTIFY_SOCKET")
        w.webcache.environment.update(WATCHDOG_USEC="5000000", NOTIFY_SOCKET=address)
        try:
            w.webcache.start(wait=False)
        finally:    # what comes after this is to be heard elsewhere
            w.webcache.environment = before
        hear(b"READY=1")
        hear(b"WATCHDOG=1")
        w.webcache.crash()
        hear(b"WATCHDOG=1")
        w.page()
        os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
        hear(b"RELOADING=1")
        hear(b"READY=1")
        os.kill(w.webcache.supervisor_pid, signal.SIGTERM)
        hear(b"STOPPING=1")
    equal(w.webcache.server.process.wait(10), 0)
    w.webcache.stop()
    equal([data for data, _ in heard].count(b"READY=1"), 2, "not again after a crash: %r" % heard)


@case("SIGTERM to either ends both; a supervisor that is killed takes its daemon along")
def _(w):
    for whom in ("pid", "supervisor_pid"):
        w.webcache.start()
        daemon = w.webcache.pid
        os.kill(getattr(w.webcache, whom), signal.SIGTERM)
        equal(w.webcache.server.process.wait(10), 0)
        ok(not os.path.exists("/proc/%d" % daemon), why=whom)
        ok(not os.path.exists(w.webcache.socket), why=whom)
    w.webcache.start()
    daemon = w.webcache.pid
    os.kill(w.webcache.supervisor_pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while os.path.exists("/proc/%d/exe" % daemon):
        ok(time.monotonic() < end, why="it lives on")
        time.sleep(0.02)
    w.webcache.stop()


main(Supervised)
