#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IMAP engine (t/imap_probe.cc) against a real Dovecot: over TLS and STARTTLS, with certificates of
every kind, with odd names and passwords, and through badimap.py in each of its modes, where it may
give up in words and in time, but never crash, hang, or take one message for another."""
import concurrent.futures
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from badproxy import BadImap, MODES, CERTIFICATES  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok  # noqa: E402

PROBE = os.environ.get("IMAP_PROBE", os.path.join(paths.top_builddir, "t", "imap_probe"))
DEADLINE = 800     # milliseconds that each step of the probe may take when the server is bad
SLACK = 5000       # what a busy machine may add to that
ODD_PASSWORD = "p\u00e4ss \"{5}\\w*%"
# What the guards of these modes never see: we send no SEARCH.
UNTOUCHED = {"pass", "search-huge"}


class Ran:
    def __init__(self, output, seconds):
        self.output, self.seconds = output, seconds
        self.lines = output.splitlines()

    def step(self, name, nth=0):
        """(code, words) of the nth line of that step."""
        found = [line for line in self.lines if line.startswith(name + ": ")]
        if len(found) <= nth:
            raise AssertionError("no step %s in\n%s" % (name, self.output))
        code, _, words = found[nth][len(name) + 2:].partition(" ")
        return code, words


def probe(*arguments, password="secret", limit=60):
    started = time.monotonic()
    ran = subprocess.run([PROBE, *map(str, arguments)], input=password.encode(), timeout=limit,
                         capture_output=True)
    output = ran.stdout.decode("utf-8", "replace")
    if ran.returncode != 0 or not output.endswith("done\n") or ran.stderr:
        raise AssertionError("the probe ended with %d:\n%s\n%s" % (
            ran.returncode, output[-2000:], ran.stderr.decode("utf-8", "replace")[-6000:]))
    return Ran(output, time.monotonic() - started)


def mixed():
    return ("From: Bea Example <bea@example.org>\nSubject: mixed\nMIME-Version: 1.0\nMessage-ID: <mixed@example.org>\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext here\n--b\nContent-Type: message/rfc822\n\n"
            "Subject: inner\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nplain\n--c\n"
            "Content-Type: text/html\n\n<b>x</b>\n--c--\n\n--b\nContent-Type: application/pdf; name=a.pdf\n"
            "Content-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n")


class World:
    """One Dovecot for all cases."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, failure_delay="0 secs").__enter__()
        self.dovecot.add_user("anna", "secret")
        self.dovecot.add_user("odd", ODD_PASSWORD)
        self.dovecot.create("anna", "Work", "Work/Deep", "&ZeVnLIqe-", "od\"d \\ (n) {5} %")
        self.dovecot.deliver("anna", "INBOX", [message(subject="Hello %d" % i, text="Line %d.\n" % i * 50)
                                               for i in range(12)] + [mixed()])
        return self

    def __exit__(self, *what):
        self.dovecot.__exit__(*what)
        self.folder.close()

    def tls(self, *steps, **options):
        return probe("--tls", "--ca", self.dovecot.ca_file, "localhost", self.dovecot.imaps_port, "anna", *steps, **options)

    def bad(self, *options, **more):
        return BadImap(self.dovecot.imap_port, str(self.folder), *options, **more)


@case("over TLS: folders, rows, flags, previews, parts and messages are what was delivered")
def _(world):
    ran = world.tls("list", "select=INBOX", "rows=1:13", "uids=13:4294967295", "flags=1:4294967295:0", "previews=3",
                    "beginnings=13:1:4", "message=13", "piece=13:2:0:14", "piece=13:3:0:100", "piece=13:3:8:100",
                    "piece=99:1:0:5", "seen=13", "flags=13:13:0", "noop")
    contains(ran.output, "folder Work/Deep separator=/ role=0 selectable=1 children=0 counted=1 messages=0 unseen=0")
    contains(ran.output, "folder INBOX separator=/ role=1 selectable=1 children=0 counted=1 messages=13 unseen=13")
    contains(ran.output, "folder Sent separator=/ role=3")
    contains(ran.output, 'folder od"d \\x5c (n) {5} % separator=/')
    contains(ran.step("select")[1], "exists=13 uidvalidity=1 uidnext=14 modseq=1 read_only=0")
    equal(ran.step("rows")[1].split()[0], "13")
    contains(ran.output, "from=Anna Example|anna@example.org subject=Hello 0")
    equal(ran.step("uids")[1].split()[0], "1")
    contains(ran.step("flags")[1], "13 exists=13")
    contains(ran.step("previews")[1], "Line 2.")
    contains(ran.step("beginnings")[1], "text (")
    contains(ran.output, "[ multipart/mixed  0][1 text/plain 7bit 9][2 message/rfc822 7bit 130]"
             "[2.TEXT multipart/alternative  0][2.1 text/plain 7bit 5][2.2 text/html 7bit 8]"
             "[3 application/pdf base64 8]")
    contains(ran.step("piece")[1], "14 Subject: inner (")
    contains(ran.step("piece", 1)[1], "8 aGVsbG8= (")
    contains(ran.step("piece", 2)[1], "0  (")
    equal(ran.step("piece", 3)[0], "NotFound")
    ok(re.search(r"flags uid=13 (1|513)\n", ran.output), why=ran.output)  # 512: new since the last session
    contains(ran.step("logout")[1], "commands=")


@case("a stretch of every order is what SORT says, forwards and backwards, at the ends and behind them")
def _(world):
    world.dovecot.create("anna", "Sorted")
    for n, letter in enumerate("dacbe"):
        world.dovecot.deliver("anna", "Sorted", [message(
            subject=letter, sender="%s <%s@example.org>" % (letter, letter), to="%s@example.edu" % letter,
            text=letter * 100 * (1 + "edcba".index(letter)), date="Mon, 0%d Nov 2026 10:00:00 +0000" % (5 - n))],
            date=1_790_000_000 + 86400 * n)
    by = {"arrival": "1,2,3,4,5,", "date": "5,4,3,2,1,", "from": "2,4,3,1,5,", "to": "2,4,3,1,5,",
          "subject": "2,4,3,1,5,", "size": "5,1,3,4,2,"}
    steps = ["select=Sorted"] + ["sort=%s%s:1:1000" % (sign, name) for name in by for sign in ("", "-")]
    ran = world.tls(*steps, "sort=subject:2:3", "sort=subject:5:9", "sort=subject:9:20", "noop")
    for n, uids in enumerate(by.values()):
        contains(ran.step("sort", 2 * n)[1], "total=5 uids=%s (" % uids)
        contains(ran.step("sort", 2 * n + 1)[1], "total=5 uids=%s, (" % ",".join(reversed(uids.strip(",").split(","))))
    contains(ran.step("sort", 12)[1], "uids=4,3, (")
    contains(ran.step("sort", 13)[1], "total=5 uids=5, (")
    contains(ran.step("sort", 14)[1], "total=5 uids= (")
    equal(ran.step("noop")[0], "ok")
    empty = world.tls("select=Junk", "sort=arrival:1:50")
    contains(empty.step("sort")[1], "total=0 uids= (")


class Live:
    """A probe that is followed line by line, for what happens while it idles."""

    def __init__(self, world, *steps):
        self.process = subprocess.Popen(
            [PROBE, "--tls", "--ca", world.dovecot.ca_file, "localhost", str(world.dovecot.imaps_port), "anna", *steps],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("secret")
        self.process.stdin.close()

    def until(self, step):
        for line in self.process.stdout:
            if line.startswith(step + ": "):
                return line
        raise AssertionError("no step " + step)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdout.close()
        self.process.wait(20)


@case("while it idles the server says at once what another client does; the next command ends it")
def _(world):
    world.dovecot.create("anna", "Live")
    uids = world.dovecot.deliver("anna", "Live", [message(subject=str(n)) for n in range(5)])
    with Live(world, "select=Live", "idle", "news=9000", "news=9000", "rest", "seen=%d" % uids[0], "idle", "noop",
              "places=1:4", "news") as live:
        contains(live.until("idle"), "ok")
        world.dovecot.flag("anna", "Live", [uids[1]], "+FLAGS", "\\Flagged")
        contains(live.until("news"), "exists=5 flags=2/%d/" % uids[1])
        world.dovecot.expunge("anna", "Live", str(uids[2]))
        line = live.until("news")
        contains(line, "vanished=%d:%d" % (uids[2], uids[2]) if "vanished" in line else "flags=3/")
        for step in ("rest", "seen", "idle", "noop"):
            contains(live.until(step), step + ": ok")
        contains(live.until("places"), "ok 1=%d,4=%d," % (uids[0], uids[4]))


@case("what changed while away comes with SELECT, in one round trip (QRESYNC)")
def _(world):
    world.dovecot.create("anna", "Away")
    uids = world.dovecot.deliver("anna", "Away", [message(subject=str(n)) for n in range(6)])
    before = world.tls("resync=Away:0:0").step("resync")[1]
    contains(before, "caught_up=0")
    validity, modseq = re.search(r"uidvalidity=(\d+) modseq=(\d+)", before).groups()
    world.dovecot.flag("anna", "Away", [uids[4]], "+FLAGS", "\\Answered")
    world.dovecot.expunge("anna", "Away", "%d,%d" % (uids[0], uids[3]))
    ran = world.tls("resync=Away:%s:%s" % (validity, modseq), "news", "resync=Away:%d:%s" % (int(validity) + 1, modseq), "noop")
    contains(ran.step("resync")[1], "caught_up=1")
    news = ran.step("news")[1]
    contains(news, "exists=4 ")
    contains(news, "/%d/2" % uids[4])
    for gone in (uids[0], uids[3]):
        ok(any(int(a) <= gone <= int(b) for a, b in re.findall(r"vanished=(\d+):(\d+)", news)), why=news)
    contains(ran.step("resync", 1)[1], "caught_up=0")
    equal(ran.step("noop")[0], "ok")


@case("a mail with a megabyte of recipients hides neither its folder nor itself")
def _(world):
    world.dovecot.create("anna", "Crowd")
    many = ",\n ".join("a%d@b.example" % n for n in range(60000))
    world.dovecot.deliver("anna", "Crowd", [message(subject="one"), message(subject="crowd", to=many), message(subject="two")])
    ran = world.tls("select=Crowd", "rows=1:3", "uids=2:2", "message=2", "piece=2:1:0:3", "noop")
    equal(ran.step("rows")[1].split()[0], "3")
    contains(ran.output, "subject=one")
    contains(ran.output, "subject=two")
    equal(len(re.findall(r"row seq=2 uid=2 .*from=\|@ subject= ", ran.output)), 3)
    contains(ran.step("message")[1], "header=262144 cut=1")
    contains(ran.step("piece")[1], "3 One")
    equal(ran.step("noop")[0], "ok")


@case("STARTTLS secures the link before the password; one round trip each is all that logging in costs")
def _(world):
    ran = probe("--starttls", "--ca", world.dovecot.ca_file, "127.0.0.1", world.dovecot.imap_port, "anna", "select=INBOX")
    equal(ran.step("select")[0], "ok")
    contains(ran.step("open")[1], "commands=2")   # STARTTLS, CAPABILITY
    contains(ran.step("login")[1], "commands=4")  # and AUTHENTICATE, which names the capabilities; ENABLE with the next


@case("a second connection resumes the TLS session")
def _(world):
    ran = world.tls("resume")
    contains(ran.step("resume", 1)[1], ", resumed")
    contains(ran.step("resume", 1)[1], "TLSv1.")


@case("a wrong password is told from a wrong server")
def _(world):
    equal(world.tls(password="wrong").step("login")[0], "BadCredentials")
    equal(probe("--tls", "--ca", world.dovecot.ca_file, "localhost", 1, "anna").step("open")[0], "Unreachable")
    equal(probe("--tls", "no-such-host.invalid", 993, "anna").step("open")[0], "Unreachable")
    equal(probe("--tls", "localhost", world.dovecot.imaps_port, "anna").step("open")[0], "Tls")


@case("folder names with quotes, backslashes and braces are selected as they are; others are not there")
def _(world):
    ran = world.tls("select=od\"d \\ (n) {5} %", "select=&ZeVnLIqe-", "select=INBOX\r\nA9 LOGOUT", "select=caf\u00e9",
                    "select=No such", "select=INBOX", "noop")
    equal([ran.step("select", n)[0] for n in range(6)], ["ok", "ok", "NotFound", "NotFound", "NotFound", "ok"])
    equal(ran.step("noop")[0], "ok")


@case("a password with quotes, braces and 8-bit characters logs in by LOGIN and by AUTHENTICATE")
def _(world):
    with world.bad() as bad:
        for mode in ("pass", "capability-min"):
            bad.mode(mode)
            ran = probe("--plain", "127.0.0.1", bad.port, "odd", "noop", password=ODD_PASSWORD)
            equal(ran.step("login")[0], "ok", mode)
            equal(ran.step("noop")[0], "ok", mode)


@case("CR, LF and NUL in user or password reach no server")
def _(world):
    with world.bad() as bad:
        for user, password in (("anna\r\nA2 NOOP", "secret"), ("anna", "se\ncret"), ("anna", "se\0cret"), ("anna", "\r")):
            equal(probe("--plain", "127.0.0.1", bad.port, user, password=password).step("login")[0], "BadCredentials")
        equal(bad.stats()["logins"], 0)


@case("after log-in no copy of the password is left in memory")
def _(world):
    canary = "canary-%s-Zq7" % os.urandom(8).hex()
    world.dovecot.add_user("bird", canary)
    with world.bad() as bad:
        for mode in ("pass", "capability-min"):
            bad.mode(mode)
            ran = probe("--plain", "127.0.0.1", bad.port, "bird", "noop", "canary", password=canary)
            contains(ran.step("canary")[1], "plain=0 base64=0", mode)
    ran = probe("--tls", "--ca", world.dovecot.ca_file, "localhost", world.dovecot.imaps_port, "bird", "canary", password=canary)
    contains(ran.step("canary")[1], "plain=0 base64=0")


@case("of all certificates only the good one passes, and no password goes to the others")
def _(world):
    def try_one(kind):
        with world.bad("--tls", "--cert", kind) as bad:
            ran = probe("--tls", "--ca", bad.ca_file, "--deadline", 5000, "localhost", bad.port, "anna", "select=INBOX")
            return kind, ran.step("open"), bad.stats()["logins"]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(try_one, CERTIFICATES))
    equal(len(results), 10)
    for kind, (code, words), logins in results:
        note("%-12s %s %s" % (kind, code, words))
        equal(code, "ok" if kind == "good" else "Tls", kind)
        equal(logins, 1 if kind == "good" else 0, kind)


@case("TLS older than 1.2 is refused; an address is looked for among the addresses of a certificate")
def _(world):
    with world.bad("--tls", "--tls-version", "1.1") as bad:
        equal(probe("--tls", "--ca", bad.ca_file, "localhost", bad.port, "anna").step("open")[0], "Tls")
    with world.bad("--tls") as bad:
        for host in ("127.0.0.1", "localhost"):
            equal(probe("--tls", "--ca", bad.ca_file, host, bad.port, "anna").step("open")[0], "ok", host)
    with world.bad("--tls", "--cert", "wrong-name") as bad:
        equal(probe("--tls", "--ca", bad.ca_file, "127.0.0.1", bad.port, "anna").step("open")[0], "Tls")


@case("STARTTLS stripped, refused, or with plain text behind its OK ends before any password; so does PREAUTH")
def _(world):
    with world.bad("--starttls") as bad:
        for mode in ("pass", "starttls-strip", "starttls-refuse", "starttls-inject", "preauth"):
            bad.mode(mode)
            before = bad.stats()["logins"]
            ran = probe("--starttls", "--ca", bad.ca_file, "localhost", bad.port, "anna")
            equal(ran.step("open")[0], "ok" if mode == "pass" else "Tls", mode)
            equal(bad.stats()["logins"] - before, 1 if mode == "pass" else 0, mode)
    with world.bad("--tls", "--mode", "preauth") as bad:
        equal(probe("--tls", "--ca", bad.ca_file, "localhost", bad.port, "anna").step("open")[0], "Protocol")


@case("a connection cut without close_notify is an error")
def _(world):
    with world.bad("--tls", "--mode", "tls-truncate") as bad:
        ran = probe("--tls", "--ca", bad.ca_file, "localhost", bad.port, "anna", "select=INBOX")
        equal(ran.step("select")[0], "Unreachable")
        contains(ran.step("select")[1], "without close_notify")


@case("what a server says of a failed log-in decides whose fault it is")
def _(world):
    with world.bad("--kth", "1") as bad:
        for mode, code in (("auth-reject-kth", "BadCredentials"), ("auth-unavailable", "ServerSaid")):
            bad.mode(mode)
            equal(probe("--plain", "127.0.0.1", bad.port, "anna").step("login")[0], code, mode)


@case("a message that imitates IMAP stays a message; UIDs that do not fit are not believed")
def _(world):
    with world.bad("--mode", "literal-smuggle") as bad:
        ran = probe("--plain", "127.0.0.1", bad.port, "anna", "select=INBOX", "piece=5:1:0:300", "noop", "message=6", "noop")
        equal([ran.step("piece")[0], ran.step("noop")[0], ran.step("message")[0], ran.step("noop", 1)[0]], ["ok"] * 4)
        contains(ran.step("piece")[1], "OK Fetch completed.\\x0d\\x0a* BYE")
        bad.mode("uid-shift")
        ran = probe("--plain", "127.0.0.1", bad.port, "anna", "select=INBOX", "message=5", "piece=5:1:0:300", "noop")
        equal([ran.step("message")[0], ran.step("piece")[0], ran.step("noop")[0]], ["NotFound", "NotFound", "ok"])


def drive(bad, mode):
    """driven(), once more where the proxy had no turn: it acts by the clock in some modes."""
    found = driven(bad, mode)
    for _ in range(3):
        if found[2] != "no fault was injected":
            break
        found = driven(bad, mode)
    return found


def driven(bad, mode):
    """Two tours under one mode. Gives (mode, faults, what went wrong)."""
    # Where nothing is spoiled every step has to come to its end.
    deadline = 10000 if mode in UNTOUCHED else DEADLINE
    bad.mode(mode)
    bad.ask("set prob %s" % (0.3 if mode in ("chaos", "bye-random") else 1.0))
    before = bad.faults()
    secured = mode.startswith("starttls")
    where = ["--starttls", "--ca", bad.ca_file] if secured else ["--plain"]
    try:
        ran = probe(*where, "--deadline", deadline, "localhost" if secured else "127.0.0.1", bad.port, "anna", "tour",
                    "again", "tour")
    except (AssertionError, subprocess.TimeoutExpired) as why:
        return mode, 0, str(why)
    bad.kick()
    if mode == "flap":
        time.sleep(0.5)  # its listener may be closed just now
    faults = bad.faults() - before
    wrong = []
    for line in ran.lines:
        took = re.search(r" \((\d+) ms\)", line)
        if took and not line.startswith("  ") and int(took.group(1)) > deadline + SLACK:
            wrong.append("late: " + line[:200])
        if not line.startswith("  ") and len(line) > 2000:
            wrong.append("long: " + line[:100])
    if faults == 0 and mode not in UNTOUCHED:
        wrong.append("no fault was injected")
    if mode in UNTOUCHED and not all(": ok " in line for line in ran.lines if re.match(r"\w+: ", line)):
        wrong.append("an error where there is no fault:\n" + ran.output)
    codes = sorted({line.split(": ")[1].split(" ")[0] for line in ran.lines if re.match(r"\w+: \w+ ", line)})
    return mode, faults, wrong and "; ".join(wrong) or None, codes, ran.seconds


@case("each of the modes of badimap.py ends in data or in words, in time, without a crash")
def _(world):
    equal(len(MODES), 75)
    options = ("--stall-s", "4", "--slow-s", "0.3", "--delay-ms", "5", "--chunk", "256", "--size", "1000000", "--storm",
               "2000", "--kth", "2", "--after-bytes", "1500", "--down-ms", "300", "--up-ms", "300")

    def some(modes, *more):
        with world.bad(*options, *more) as bad:
            return [drive(bad, mode) for mode in modes]
    plain = [mode for mode in MODES if not mode.startswith("starttls")]
    secured = [mode for mode in MODES if mode.startswith("starttls")]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(some, plain[n::3]) for n in range(3)] + [pool.submit(some, secured, "--starttls")]
        results = [result for job in jobs for result in job.result()]
    failed = [result for result in results if result[2]]
    for result in sorted(results, key=lambda one: one[0]):
        if not result[2]:
            note("%-20s %6d faults %5.1f s  %s" % (result[0], result[1], result[4], " ".join(result[3])))
    ok(not failed, why="\n".join("%s: %s" % (result[0], result[2]) for result in failed))
    equal(len(results), 75)


@case("a folder prefix shows INBOX too, and what lies below it")
def _(world):
    with Dovecot(world.folder, name="prefixed", prefix="INBOX.", separator=".") as dovecot:
        dovecot.add_user("anna", "secret")
        dovecot.create("anna", "Work")
        ran = probe("--tls", "--ca", dovecot.ca_file, "--prefix", "INBOX.", "localhost", dovecot.imaps_port, "anna", "list")
        contains(ran.output, "folder INBOX separator=. role=1")
        contains(ran.output, "folder INBOX.Work separator=. role=0 selectable=1 children=0 counted=1")
        equal(ran.output.count("folder INBOX "), 1)


main(World)
