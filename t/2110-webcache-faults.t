#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webcache before servers that are down, hang, lie or break off: each question is answered in
words and in time, other users are served meanwhile, and what is in memory stays readable."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import NETWORK, Asker  # noqa: E402
from badproxy import CERTIFICATES, MODES, BadImap  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, equal, main, note, ok  # noqa: E402
from webcache import Webcache  # noqa: E402

TIMEOUT = 1.5          # seconds a step may take
PATIENCE = 4000        # milliseconds a question waits
SLACK = 3.0            # what a busy machine may add


def hasty(webcache, folder):
    """How soon there is an answer is what this is about."""
    ask = Asker(webcache, folder)
    ask.patient = False
    return ask


class World:
    """One Dovecot reached three ways: straight (good.edu), through a bad proxy (bad.edu), and a port
    where nobody listens (dead.edu)."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, failure_delay="0 secs")
        for user in ("demo", "other"):
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.dovecot.deliver("demo", "INBOX", [message(subject="Number %d" % i, text="x" * 3000)
                                               for i in range(60)])
        self.bad = BadImap(self.dovecot.imap_port, str(self.folder))
        self.tls = {}
        self.webcache = Webcache(
            self.folder, connect_timeout="%dms" % (TIMEOUT * 1000),
            command_timeout="%dms" % (TIMEOUT * 1000), workers=16, tls_ca_file=self.dovecot.ca_file,
            imap_plain_allowed="bad.edu, good.edu, dead.edu",
            imap_servers="good.edu=localhost:%d[/], bad.edu=127.0.0.1:%d[/], dead.edu=127.0.0.1:1[/]"
            % (self.dovecot.imap_port, self.bad.port)).start()
        self.ask = hasty(self.webcache, self.folder)
        equal(self.ask("deadline", PATIENCE), {"done": True})
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.bad.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 30)

    def log_in(self, handle, domain, user="demo", password="demo"):
        return self.ask("login", handle, user, domain, NETWORK, password)

    def healed(self, handle):
        """A session with bad.edu whose server behaves again."""
        self.bad.mode("pass")
        answer = self.ask.until(lambda got: "address" in got, "login", handle, "demo", "bad.edu", NETWORK,
                                "demo")
        ok("address" in answer)

    def timed(self, *words):
        started = time.monotonic()
        answer = self.ask(*words)
        seconds = time.monotonic() - started
        ok(seconds < PATIENCE / 1000 + SLACK, why="%.1f s for %r" % (seconds, words))
        return answer, seconds


@case("a server that is not there is said so at once, and again at once within a second")
def _(w):
    answer, _ = w.timed("login", "d1", "demo", "dead.edu", NETWORK, "demo")
    equal(answer["error"], "kUnreachable")
    answer, seconds = w.timed("login", "d1", "demo", "dead.edu", NETWORK, "demo")
    equal(answer["error"], "kUnreachable")
    ok(1 <= answer["retry_after"] <= 3, why=repr(answer))
    ok(seconds < SLACK)


@case("a server that hangs at its greeting or in log-in gives a time-out; other servers do not wait for it")
def _(w):
    ok("address" in w.log_in("g1", "good.edu"))
    w.ask.page("g1")
    w.bad.ask("set kth 1")
    w.bad.ask("set slow_s 30")
    for mode in ("stall-greeting", "slow-login"):
        w.bad.mode(mode)
        with hasty(w.webcache, w.folder) as others:
            others("deadline", PATIENCE)
            others.send("parallel", 20, "login", "x", "other", "bad.edu", NETWORK, "demo")
            time.sleep(0.3)
            _, seconds = w.timed("folder", "g1", "INBOX", 1, 50, "refresh")
            ok(seconds < 1 + SLACK, why="the good server's user waited %.1f s" % seconds)
            kinds = {answer.get("error", "in") for answer in others.receive()}
            ok("kTimeout" in kinds and kinds <= {"kTimeout", "kUnreachable", "kThrottled"}, why=repr(kinds))
        w.bad.mode("pass")
        time.sleep(1.1)


@case("a server that is unavailable, or refuses without judging the password, throttles nobody")
def _(w):
    w.bad.mode("auth-unavailable")
    for _i in range(8):
        answer = w.log_in("u1", "bad.edu", "other")
        ok(answer["error"] not in ("kThrottled", "kBadCredentials"), why=repr(answer))
    w.healed("u2")
    w.ask("logout", "u2")
    w.bad.ask("set kth 2")
    w.bad.ask("set slow_s 3")


@case("a server that goes away leaves its users what is in memory; 'Check mail' says why not; it comes back")
def _(w):
    w.healed("b1")
    page = w.ask.until(lambda got: got.get("indexed") == 60, "folder", "b1", "INBOX", 1, 50)
    uid = page["rows"][0]["uid"]
    w.ask.until(lambda got: "uid" in got, "message", "b1", "INBOX", uid, 50)
    key = w.ask.seal("demo", "demo", "bad.edu")
    w.bad.mode("refuse-all")
    w.bad.kick()
    w.ask.until(lambda got: "error" in got, "folder", "b1", "INBOX", 1, 50, "refresh")
    equal(w.ask.page("b1")["rows"][0]["uid"], uid)
    equal(w.ask("message", "b1", "INBOX", uid, 50)["uid"], uid, "an opened message")
    answer = w.ask.until(lambda got: "error" in got, "folder", "b1", "INBOX", 1, 50, "refresh")
    ok(answer["error"] in ("kNeedCredentials", "kUnreachable"), why=repr(answer))

    def resumes():
        equal(w.ask.resume("b1", "demo", key, "bad.edu"), {"done": True}, "the session stays known")

    def refused(answer):
        if answer.get("error") == "kNeedCredentials":
            resumes()
        return answer.get("error") in ("kUnreachable", "kTimeout", "kProtocol")
    resumes()
    w.ask.until(refused, "folder", "b1", "INBOX", 1, 50, "refresh")
    equal(w.ask.page("b1")["rows"][0]["uid"], uid)
    w.bad.mode("pass")

    def back(answer):
        if answer.get("error") == "kNeedCredentials":
            w.ask.resume("b1", "demo", key, "bad.edu")
        return "rows" in answer and answer["standing"] != "Waiting"
    w.dovecot.deliver("demo", "INBOX", [message(subject="after the break")])
    after = w.ask.until(back, "folder", "b1", "INBOX", 1, 50, "refresh")
    equal(after["rows"][0]["subject"], "after the break")


@case("a connection that breaks in mid-literal cuts the part, and the reader can tell")
def _(w):
    w.healed("m1")
    w.ask.page("m1")
    big = w.dovecot.deliver("demo", "INBOX", [message(subject="big", text="0123456789abcdef\n" * 200_000)])[0]
    w.ask.until(lambda got: "uid" in got, "message", "m1", "INBOX", big, 50)
    for mode in ("close-mid-literal", "stall-mid-literal"):
        w.bad.mode(mode)
        answer, _ = w.timed("part", "m1", "INBOX", big, 0, "1", 0)
        ok("error" in answer, why=repr(answer)[:200])
        w.healed("m1")


@case("every kind of bad certificate is refused, in words, before a password is sent")
def _(w):
    for kind in CERTIFICATES:
        with BadImap(w.dovecot.imap_port, str(w.folder), "--tls", "--cert", kind) as bad:
            os.chmod(bad.folder, 0o755)
            with Webcache(w.folder, name="tls-" + kind, tls_ca_file=bad.ca_file,
                          imap_servers="bad.edu=imaps://localhost:%d[/]" % bad.port) as webcache, \
                    Asker(webcache, w.folder) as ask:
                answer = ask("login", "t", "demo", "bad.edu", NETWORK, "demo")
            if kind == "good":
                equal(answer.get("address"), "demo@bad.edu", kind)
            else:
                equal(answer["error"], "kTls", kind)
                ok(answer["detail"], why=kind)


@case("whatever a server does, answers come in time, the daemon lives and serves the others")
def _(w):
    outcomes = {}
    w.bad.mode("pass")
    with Webcache(w.folder, name="modes", connect_timeout="700ms", command_timeout="700ms",
                  tls_ca_file=w.dovecot.ca_file, imap_plain_allowed="bad.edu",
                  login_failures_account=1000,
                  imap_servers=w.webcache.settings["imap_servers"]) as webcache, \
            hasty(webcache, w.folder) as ask:
        ask("deadline", PATIENCE)

        def well():
            ask.until(lambda got: "address" in got, "login", "g", "demo", "good.edu", NETWORK, "demo")
            return ask.until(lambda got: "rows" in got, "folder", "g", "INBOX", 1, 50)
        well()

        def timed(*words):
            started = time.monotonic()
            answer = ask(*words)
            seconds = time.monotonic() - started
            ok(seconds < PATIENCE / 1000 + SLACK, why="%s: %.1f s for %r" % (mode, seconds, words))
            kind = answer.get("error", "ok")
            outcomes[kind] = outcomes.get(kind, 0) + 1
            return answer

        for mode in MODES:
            w.bad.mode("pass")
            ask.until(lambda got: "address" in got, "login", "z", "demo", "bad.edu", NETWORK, "demo")
            w.bad.mode(mode)
            for words in (("folder", "z", "INBOX", 2, 25), ("folder", "z", "INBOX", 1, 50, "refresh"),
                          ("message", "z", "INBOX", 5, 50), ("part", "z", "INBOX", 6, 0, "1", 0),
                          ("login", "z2", "other", "bad.edu", NETWORK, "demo"),
                          ("folder", "z2", "INBOX", 1, 50), ("folders", "z2")):
                timed(*words)
            if "rows" not in ask.page("g"):
                well()      # its server has no more time than the others
            ok(webcache.server.alive(), why="died of " + mode)
            ask("logout", "z")
            ask("logout", "z2")
        w.bad.mode("pass")
        ask.until(lambda got: "address" in got, "login", "z", "demo", "bad.edu", NETWORK, "demo")
        page = ask.until(lambda got: "rows" in got, "folder", "z", "INBOX", 1, 50, "refresh")
        ok(page["total"] >= 60)
    note("answers under %d modes: %s" % (len(MODES), ", ".join(
        "%s %d" % item for item in sorted(outcomes.items(), key=lambda item: -item[1]))))


main(World)
