#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What webcache-status tells, and what the log says of sessions."""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker, shown  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from tap import case, contains, equal, main, ok, skip  # noqa: E402
from webcache import Webcache  # noqa: E402

USAGE, CONFIG, NO_ANSWER = 2, 3, 4


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.program = paths.reachable(os.path.join(paths.top_builddir, "tools", "webcache-status"),
                                       str(self.folder))
        self.dovecot = Dovecot(self.folder)
        self.dovecot.add_user("demo", "demo")
        self.dovecot.start()
        self.dovecot.deliver("demo", "INBOX", [message(subject="n %d" % n) for n in range(120)])
        self.webcache = Webcache(self.folder, self.dovecot)
        return self

    def __exit__(self, *_):
        self.webcache.close()
        self.dovecot.stop()
        self.folder.close()

    def run(self, *arguments, **who):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=20,
                              check=False, cwd="/", **(who or paths.identity.popen_args()))

    def status(self):
        ran = self.run("--config", self.webcache.config_file, "--json")
        equal(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def log(self):
        with open(self.webcache.log, encoding="utf-8") as source:
            return source.read()


@case("where nothing runs, or the configuration is wrong, it says so and ends accordingly")
def _(w):
    ran = w.run("--config", w.webcache.config_file)
    equal(ran.returncode, NO_ANSWER)
    contains(ran.stderr, w.webcache.socket)
    equal(w.run("--config", "/nowhere").returncode, CONFIG)
    equal(w.run("--nonsense").returncode, USAGE)
    equal(w.run("--help").returncode, 0)
    w.webcache.start()


@case("counters have values and units; questions are told by kind, memory and folder size")
def _(w):
    with Asker(w.webcache, w.folder) as ask:
        ask.log_in("h1")
        ask.page("h1")
        ask.until(shown(120), "folder", "h1", "INBOX", 1, 50)
        before = w.status()
        for _ in range(10):
            ask.page("h1")
        after = w.status()
    equal(after["counters"]["logins"], {"value": 1, "unit": "log-ins"})
    pages = "pages_from_memory"
    equal(after["counters"][pages]["value"] - before["counters"][pages]["value"], 10)
    told = {(q["question"], q["cached"], q["messages_up_to"]): q for q in after["questions"]}
    known = {(q["question"], q["cached"], q["messages_up_to"]): q for q in before["questions"]}
    cached = told["ShowFolder", True, 1000]
    equal(cached["count"] - known.get(("ShowFolder", True, 1000), {"count": 0})["count"], 10)
    equal(cached["server_us"], 0)
    ok(0 < cached["p50_us"] <= cached["p99_us"], why=repr(cached))
    ok(cached["total_us"] <= cached["count"] * (cached["longest_us"] + 1), why=repr(cached))
    login = told["Login", False, 100]
    equal(login["count"], 1)
    ok(login["server_us"] <= login["total_us"], why=repr(login))
    # A server that is quick on a busy machine may never be waited for in one question.
    ok(sum(q["server_us"] for q in told.values() if not q["cached"]) > 0, why=repr(told))


@case("people get the same in a table, each counter with its meaning, nobody by name")
def _(w):
    shown = w.run("--config", w.webcache.config_file).stdout
    contains(shown, "log-ins that a mail server accepted")
    ok(re.search(r"^ShowFolder +memory +1000 +\d+", shown, re.M), why=shown)
    ok("demo" not in shown, why=shown)


@case("root gets an answer whoever the daemon is")
def _(w):
    if os.getuid() != 0:
        skip("only root can try")
    # Of a configuration that root owns, as in /etc, which says whose the socket is.
    path = os.path.join(str(w.folder), "of-root")
    with open(path, "w", encoding="utf-8") as out:
        out.write("imap_servers: example.edu=127.0.0.1:1[/]\nwebcache_user: %s\nwebcache_socket: %s\n"
                  % (paths.identity.user, w.webcache.socket))
    ran = w.run("--config", path, "--json", user=0, group=0)
    equal(ran.returncode, 0, ran.stderr)


@case("the log says who came from where, how long that took, and what the session cost")
def _(w):
    with Asker(w.webcache, w.folder) as ask:
        ask.log_in("h2")
        ask("logout", "h1")
        ask("logout", "h2")
    for line in (r"AM0200 log-in: user demo@example\.edu from 192\.0\.2\.1 host localhost connect_ms \d+$",
                 r"AM0207 log-out: user demo@example\.edu host localhost seconds \d+ cpu_ms \d+$"):
        end = time.monotonic() + 10
        while not re.search(line, w.log(), re.M):
            ok(time.monotonic() < end, why=w.log())
            time.sleep(0.05)


main(World)
