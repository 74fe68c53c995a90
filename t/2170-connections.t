#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that takes few connections: its users go round, and nobody is locked out."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from hideproxy import HideProxy  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, equal, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

USERS = ["ann", "bob", "cat", "dan", "eve"]


class World:
    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for user in USERS:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        for user in USERS:
            self.dovecot.deliver(user, "INBOX", [message(subject="%s %d" % (user, n)) for n in range(3)])
        self.proxy = HideProxy(self.dovecot.imap_port)
        return self

    def __exit__(self, *_):
        self.proxy.close()
        self.dovecot.stop()
        self.folder.close()

    def webcache(self, limit, **settings):
        return Webcache(self.folder, name="limit%d" % limit, connections_per_server=limit,
                        imap_servers="example.edu=127.0.0.1:%d[/]" % self.proxy.port, **settings)

    def connections(self, most):
        """How many the server has: one that was just closed may be counted for a moment longer."""
        end = time.monotonic() + 5
        while self.proxy.connections() > most and time.monotonic() < end:
            time.sleep(0.02)
        return self.proxy.connections()

    def describe(self):
        return "\n".join(tail(os.path.join(str(self.folder), name, "webcache.log"), 20)
                         for name in ("limit1", "limit2"))


def part_of(ask, user, uid, sealed):
    """A message that has to be fetched, resuming where that is wanted: who waits long for others' connections is told
    that all is well before there is one."""
    def there(answer):
        if answer.get("error") == "kNeedCredentials":
            equal(ask.resume(user, user, sealed), {"done": True})
        return "begins" in answer
    return ask.until(there, "part", user, "INBOX", uid, 0, "1", 0)


def one_after_the_other(world, ask, rounds, limit):
    """Every user in turn opens a message that has to be fetched. Gives how many connections the server had at most."""
    sealed = {user: ask.seal(user, "demo") for user in USERS}
    most = 0
    for turn in range(rounds):
        for user in USERS:
            if turn == 0:
                equal(ask.log_in(user, user)["address"], user + "@example.edu")
            page = ask.page(user)
            part_of(ask, user, page["rows"][turn]["uid"], sealed[user])
            most = max(most, world.connections(limit))
    return most


@case("two connections for five users: all are served in turn, and there are never more than two")
def _(w):
    with w.webcache(2) as cache, Asker(cache, w.folder) as ask:
        ok(one_after_the_other(w, ask, 3, 2) <= 2)
        status = ask("status")
        ok(status["connections_waited"] >= 10 and status["connections_yielded"] >= 10, why=status)
        equal((status["connections_wanted"], status["questions_refused"]), (0, 0))
        ok(status["connections"] <= 2)


@case("five users who come at the same moment are served, too")
def _(w):
    with w.webcache(2) as cache:
        askers = [Asker(cache, w.folder) for _ in USERS]
        try:
            for ask, user in zip(askers, USERS):
                ask.send("login", "h" + user, user, "example.edu", "192.0.2.1", "demo")
            equal([ask.receive().get("address") for ask in askers], [user + "@example.edu" for user in USERS])
            for ask, user in zip(askers, USERS):
                ask.until(lambda page: len(page.get("rows", ())) == 3 or page.get("error") == "kNeedCredentials",
                          "folder", "h" + user, "INBOX", 1, 50)
            ok(w.connections(2) <= 2)
        finally:
            for ask in askers:
                ask.close()


@case("one connection: several questions that resume one session make one log-in, and others still get their turn")
def _(w):
    with w.webcache(1) as cache, Asker(cache, w.folder) as ask:
        equal(one_after_the_other(w, ask, 1, 1), 1)
        sealed = ask.seal("ann", "demo")
        before = ask("status")["resumes"]
        ask.send("parallel", 6, "resume", "ann", "ann", "example.edu", *sealed)
        equal(ask.receive(), [{"done": True}] * 6)
        ask.until(lambda status: status["resumes"] - before == 1, "status")
        part_of(ask, "ann", ask.page("ann")["rows"][2]["uid"], sealed)
        equal(ask("status")["resumes"] - before, 1)


@case("a second log-in of the one user who has the only connection is checked at the server all the same")
def _(w):
    with w.webcache(1) as cache, Asker(cache, w.folder) as ask:
        equal(ask.log_in("a1", "ann")["address"], "ann@example.edu")
        equal(ask.log_in("a2", "ann", "wrong")["error"], "kBadCredentials")
        equal(ask.log_in("a3", "ann")["address"], "ann@example.edu")
        equal(w.connections(1), 1)


@case("whoever waits for a connection that is in use is told in time, with the seconds to wait; and holds no worker")
def _(w):
    with w.webcache(1, workers=4) as cache, Asker(cache, w.folder) as ask, Asker(cache, w.folder) as busy:
        equal(ask.log_in("ann", "ann")["address"], "ann@example.edu")
        uid = ask.page("ann")["rows"][1]["uid"]  # which is not on disk yet
        w.proxy.hold("BODY.PEEK")
        busy("deadline", 30000)
        busy.send("part", "ann", "INBOX", uid, 0, "1", 0)
        end = time.monotonic() + 10
        while not w.proxy.held():
            ok(time.monotonic() < end, why="nothing is fetched")
            time.sleep(0.02)
        others = [Asker(cache, w.folder) for _ in range(8)]
        try:
            for other in others:
                other("deadline", 4000)
            for other, user in zip(others, (USERS[1:] * 2)):
                other.send("login", "h" + user, user, "example.edu", "192.0.2.1", "demo")
            status = ask.until(lambda status: status["connections_wanted"] == len(others), "status")
            # The download has one that fetches and one that writes.
            ok(status["jobs_running"] <= 2, why="a worker waits: %r" % status)
            equal(len(ask.page("ann")["rows"]), 3)
            for other in others:
                answer = other.receive()
                equal((answer["error"], answer["retry_after"] > 0), ("kBusy", True), answer)
            ask.until(lambda status: status["connections_wanted"] == 0, "status")
            w.proxy.release()
            ok("begins" in busy.receive())
            equal(ask.log_in("bob", "bob")["address"], "bob@example.edu")
        finally:
            w.proxy.release()
            for other in others:
                other.close()


main(World)
