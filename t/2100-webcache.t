#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webcache against a real Dovecot, asked over lanes: log-in, pages, messages, parts, new mail,
sessions that outlive the daemon, and what it keeps of a password (nothing)."""
import base64
import hashlib
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import ATTACHMENT, FLAGGED, SEEN, deliver_many, shown  # noqa: E402
from imapd import message  # noqa: E402
from resident import memory_kb  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, contains, equal, lacks, main, note, ok, skip  # noqa: E402
from webcache import found_in_memory, sanitized  # noqa: E402
from world import World  # noqa: E402

BIG = 20000
CANARY = "cAnArY-7f3a-pAsSwOrD"
ODD = "<b>&\"'\u202e</b>"


def mixed(attachment):
    return ("From: =?utf-8?B?QsOpYQ==?= <bea@example.org>\nTo: demo@example.edu\nSubject: with a file\n"
            "Date: Tue, 03 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nMessage-ID: <mixed@example.org>\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"
            "<p>Words of <b>HTML</b></p>\n--b\nContent-Type: application/pdf\n"
            "Content-Disposition: attachment; filename*=utf-8''pl%%C3%%A4ne.pdf\n"
            "Content-Transfer-Encoding: base64\n\n%s\n--b--\n"
            % base64.encodebytes(attachment).decode())


@case("before log-in every question is answered with a wish for credentials")
def _(w):
    for words in (("folder", "h0", "INBOX", 1, 50), ("message", "h0", "INBOX", 1, 50), ("folders", "h0"),
                  ("part", "h0", "INBOX", 1, 0, "1", 0)):
        equal(w.ask(*words)["error"], "kNeedCredentials")


@case("log-in leads to the first page of INBOX, decoded, newest first")
def _(w):
    w.dovecot.deliver("demo", "INBOX", [message(subject="Number %d" % i, text="First words %d of it." % i)
                                        for i in range(1, 121)], date=1_790_000_000)
    w.dovecot.deliver("demo", "INBOX", [mixed(b"%PDF" * 5000)], flags="\\Seen \\Flagged")
    equal(w.ask.log_in("h1"), {"address": "demo@example.edu", "host": "127.0.0.1"})
    page = w.ask.page("h1")
    equal((page["total"], page["pages"], page["page"], len(page["rows"])), (121, 3, 1, 50))
    equal(page["unread"], 120)
    page = w.ask.until(shown(121), "folder", "h1", "INBOX", 1, 50)
    top = page["rows"][0]
    equal((top["subject"], top["from"], top["from_address"]), ("with a file", "B\u00e9a", "bea@example.org"))
    equal(top["flags"] & (SEEN | FLAGGED | ATTACHMENT), SEEN | FLAGGED | ATTACHMENT)
    equal(top["attachment"], "pl\u00e4ne.pdf")
    equal(top["snippet"], "Words of HTML")
    equal(top["sent"], 1793700000)
    equal(page["rows"][1]["subject"], "Number 120")
    equal(page["rows"][1]["snippet"], "First words 120 of it.")
    equal([row["subject"] for row in w.ask.page("h1", page=3)["rows"]],
          ["Number %d" % i for i in range(21, 0, -1)])


@case("a page past the end is the last one")
def _(w):
    equal(w.ask.page("h1", page=4_000_000_000)["page"], 3)
    equal(w.ask.page("h1", page=0)["page"], 1)


@case("a page that was seen costs no IMAP command, and no byte on the control socket")
def _(w):
    for page in (1, 2, 3):
        w.ask.until(shown(121), "folder", "h1", "INBOX", page, 50)
    w.quiet()
    before, commands = w.status(), len(w.counted.commands())
    for page in (1, 2, 3) * 10:
        equal(w.ask.page("h1", page=page)["page"], page)
    after = w.status()
    equal(len(w.counted.commands()), commands)
    equal(after["imap_commands"], before["imap_commands"])
    equal(after["control_bytes"], before["control_bytes"])
    equal(after["pages_from_memory"] - before["pages_from_memory"], 30)


@case("folders stand in a tree, with roles and counts")
def _(w):
    w.dovecot.create("demo", "Work", "Work/Plans")
    w.dovecot.deliver("demo", "Work/Plans", [message(), message()])
    folders = w.ask.page("h1", "INBOX", 1, 50, "refresh")["folders"]
    equal([f["address"] for f in folders],
          ["INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash", "Work", "Work/Plans"])
    equal(folders[-1]["depth"], 1)
    equal((folders[-1]["unread"], folders[-1]["total"]), (2, 2))
    equal(folders[2]["role"], "Sent")
    equal(w.ask("folders", "h1")["folders"], folders)


@case("a message comes with header, parts and neighbours, and is seen from then on")
def _(w):
    page = w.ask.page("h1")
    uid = page["rows"][3]["uid"]
    peeked = w.ask("message", "h1", "INBOX", uid, 50, "peek")
    equal(peeked["flags"] & SEEN, 0)
    shown = w.ask("message", "h1", "INBOX", uid, 50)
    equal((shown["newer"], shown["older"]), (page["rows"][2]["uid"], page["rows"][4]["uid"]))
    equal((shown["position"], shown["page"], shown["total"]), (4, 1, 121))
    contains(shown["header"], "Subject: Number 118\r\n")
    equal(shown["flags"] & SEEN, SEEN)
    after = w.ask.page("h1")
    equal(after["rows"][3]["flags"] & SEEN, SEEN)
    equal(after["unread"], page["unread"] - 1)
    equal(after["folders"][0]["unread"], page["unread"] - 1)
    end = time.monotonic() + 20
    while "\\Seen" not in w.dovecot.flags("demo", "INBOX")[uid]:
        ok(time.monotonic() < end, why="the server was never told")
        time.sleep(0.1)
    commands = w.counted.asked()
    equal(w.ask("message", "h1", "INBOX", uid, 50)["uid"], uid)
    equal(w.counted.asked(), commands, "opening it again")
    last = w.ask.page("h1", page=3)["rows"][-1]["uid"]
    oldest = w.ask("message", "h1", "INBOX", last, 50, "peek")
    equal((oldest["older"], oldest["position"], oldest["page"]), (0, 121, 3))


@case("opened, marked as unread, and opened again from another folder it is seen again, in the list too")
def _(w):
    def told(uid):
        end = time.monotonic() + 20
        while "\\Seen" not in w.dovecot.flags("demo", "INBOX")[uid]:
            ok(time.monotonic() < end, why="the server was never told")
            time.sleep(0.02)
    page = w.ask.page("h1")
    row = page["rows"][7]
    w.ask("message", "h1", "INBOX", row["uid"], 50)
    told(row["uid"])
    equal(w.ask.ended("h1", w.ask("act", "h1", "INBOX", page["uid_validity"], "Unread", "-", 0,
                                  "%d:%d" % (row["uid"], row["identity"])))["done"], 1)
    equal(w.ask.page("h1")["rows"][7]["flags"] & SEEN, 0)
    w.ask.page("h1", "Work", 1, 50, "refresh")  # the connection has another folder selected
    equal(w.ask("message", "h1", "INBOX", row["uid"], 50)["flags"] & SEEN, SEEN)
    told(row["uid"])
    # What the server told when it selected the folder, and is taken in before it is looked at by IDLE, is older than that.
    end = time.monotonic() + 20
    while "IDLE" not in w.counted.commands()[-1]:
        w.ask.page("h1")
        ok(time.monotonic() < end, why="%r" % w.counted.commands()[-3:])
        time.sleep(0.02)
    equal(w.ask.page("h1")["rows"][7]["flags"] & SEEN, SEEN)


@case("a short message comes with its text, in one command where the index knows which part that is")
def _(w):
    def with_footer(words, footer):
        return ("From: a@example.org\nSubject: list\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
                "boundary=b\n\n--b\nContent-Type: text/plain\n\n%s\n--b\nContent-Type: text/plain\n\n%s\n"
                "--b--\n" % (words, footer))
    uids = w.dovecot.deliver("demo", "INBOX", [
        message(text="Short words."), with_footer("Two parts.", "The list's footer."),
        with_footer("Long words. " * 7000, "Its footer.")])
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.ask.until(shown(), "folder", "h1", "INBOX", 1, 50)    # nothing is fetched for the list any more
    peek = [lambda uid=uid: w.ask("message", "h1", "INBOX", uid, 50, "peek") for uid in uids]
    before = len(w.counted.commands())
    equal([(t["section"], t["bytes"].strip()) for t in peek[0]()["texts"]], [("1", "Short words.")])
    equal(len([c for c in w.counted.commands()[before:] if "FETCH" in c]), 1)
    equal([(t["section"], t["bytes"].strip()) for t in peek[1]()["texts"]],
          [("1", "Two parts."), ("2", "The list's footer.")])
    equal(peek[2]()["texts"], [], "more than 64 KB is not put beside the head")
    before = len(w.counted.commands())
    equal(len(peek[1]()["texts"]), 2, "from memory")
    equal([c for c in w.counted.commands()[before:] if "FETCH" in c], [])
    w.dovecot.expunge("demo", "INBOX", ",".join(map(str, uids)))
    w.ask.page("h1", "INBOX", 1, 50, "refresh")


@case("a part is streamed as the server has it, and so is the whole message")
def _(w):
    uid = w.ask.page("h1")["rows"][0]["uid"]
    shown = w.ask("message", "h1", "INBOX", uid, 50)
    equal([p["type"] for p in shown["parts"]], ["multipart/mixed", "text/html", "application/pdf"])
    part = w.ask("part", "h1", "INBOX", uid, shown["uid_validity"], "2", 0)
    sent = base64.encodebytes(b"%PDF" * 5000).replace(b"\n", b"\r\n")
    equal(part["bytes"], part["size"])
    ok(part["size"] in (len(sent), len(sent) - 2))
    equal(part["sha256"], hashlib.sha256(sent[:part["bytes"]]).hexdigest())
    limited = w.ask("part", "h1", "INBOX", uid, 0, "2", 100)
    equal((limited["bytes"], bytes.fromhex(limited["begins"])), (100, sent[:100]))
    whole = w.ask("part", "h1", "INBOX", uid, 0, "-", 0)
    equal(whole["bytes"], whole["size"])
    contains(bytes.fromhex(whole["begins"]), b"Subject: with a file")
    equal(w.ask("part", "h1", "INBOX", uid, 0, "7.9", 0)["error"], "kNotFound")
    equal(w.ask("part", "h1", "INBOX", uid, 12345, "2", 0)["error"], "kChanged")


@case("a large part passes through a small memory, and other questions come in between")
def _(w):
    uid = w.dovecot.deliver("demo", "Work", [mixed(os.urandom(3_000_000))])[0]
    w.ask.page("h1", "Work")
    w.ask("part", "h1", "Work", uid, 0, "2", 0)
    data = os.urandom(12_000_000)
    uid = w.dovecot.deliver("demo", "Work", [mixed(data)])[0]
    w.ask.page("h1", "Work")
    w.ask.page("h1", "Work", 1, 50, "refresh")
    before = memory_kb(w.webcache.pid)
    part = w.ask("part", "h1", "Work", uid, 0, "2", 0)
    sent = base64.encodebytes(data).replace(b"\n", b"\r\n")[:part["bytes"]]
    equal(part["sha256"], hashlib.sha256(sent).hexdigest())
    ok(part["bytes"] > 16_000_000)
    grown = memory_kb(w.webcache.pid) - before
    ok(grown < 4_000 or sanitized(), why="%d KB more" % grown)


@case("what does not exist is not found: folders, messages, addresses of no folder")
def _(w):
    for folder in ("Nowhere", "../etc", "a//b", "INBOX/..", "~zz", "x" * 5000, "A~00"):
        equal(w.ask.page("h1", folder)["error"], "kNotFound", folder[:20])
    equal(w.ask("message", "h1", "INBOX", 4_000_000_000, 50)["error"], "kNotFound")
    equal(w.ask("message", "h1", "INBOX", 0, 50)["error"], "kNotFound")


@case("new mail, changed flags and vanished messages are there after 'Check mail'")
def _(w):
    before = w.ask.page("h1")
    uids = [row["uid"] for row in before["rows"]]
    w.dovecot.flag("demo", "INBOX", [uids[5]], "+FLAGS", "\\Flagged")
    w.dovecot.flag("demo", "INBOX", [uids[0]], "-FLAGS", "\\Seen")
    w.dovecot.expunge("demo", "INBOX", "%d,%d" % (uids[7], uids[9]))
    w.dovecot.deliver("demo", "INBOX", [message(subject="Fresh")])
    equal(w.ask.page("h1")["total"], 121, "nobody asked the server")
    after = w.ask.page("h1", "INBOX", 1, 50, "refresh")
    equal(after["total"], 120)
    equal(after["rows"][0]["subject"], "Fresh")
    equal(after["rows"][1]["uid"], uids[0])
    equal(after["rows"][1]["flags"] & SEEN, 0)
    got = [row["uid"] for row in after["rows"]]
    ok(uids[7] not in got and uids[9] not in got)
    equal(after["rows"][6]["flags"] & FLAGGED, FLAGGED)
    equal(w.ask("message", "h1", "INBOX", uids[7], 50)["error"], "kNotFound")


@case("a message that another client removed leaves the list once the server mentions it")
def _(w):
    page = w.ask.page("h1")
    uid = page["rows"][10]["uid"]
    w.dovecot.expunge("demo", "INBOX", str(uid))
    w.ask("message", "h1", "INBOX", page["rows"][12]["uid"], 50)
    after = w.ask.until(lambda now: now["total"] == page["total"] - 1, "folder", "h1", "INBOX", 1, 50)
    ok(uid not in [row["uid"] for row in after["rows"]])
    equal(w.ask("message", "h1", "INBOX", uid, 50)["error"], "kNotFound")


@case("a folder emptied by another client is empty after a check, and filled again works")
def _(w):
    w.dovecot.deliver("demo", "Work/Plans", [message(subject="P%d" % i) for i in range(70)])
    ok(w.ask.page("h1", "Work/Plans")["total"] >= 70)
    w.dovecot.expunge("demo", "Work/Plans")
    page = w.ask.page("h1", "Work/Plans", 1, 50, "refresh")
    equal((page["total"], page["rows"], page["pages"], page["unread"]), (0, [], 1, 0))
    w.dovecot.deliver("demo", "Work/Plans", [message(subject="again")])
    equal(w.ask.page("h1", "Work/Plans", 1, 50, "refresh")["rows"][0]["subject"], "again")


@case("UIDVALIDITY changed: nothing of the old folder is shown")
def _(w):
    w.dovecot.deliver("demo", "Work/Plans", [message(subject="old %d" % i) for i in range(3)])
    old = w.ask.page("h1", "Work/Plans", 1, 50, "refresh")
    uid = old["rows"][0]["uid"]
    equal(w.ask("message", "h1", "Work/Plans", uid, 50)["uid"], uid)
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.dovecot.recreate("demo", "Work/Plans")
    w.dovecot.deliver("demo", "Work/Plans", [message(subject="new")])
    new = w.ask.page("h1", "Work/Plans", 1, 50, "refresh")
    equal([row["subject"] for row in new["rows"]], ["new"])
    ok(new["uid_validity"] != old["uid_validity"])
    equal(w.ask("part", "h1", "Work/Plans", 1, old["uid_validity"], "1", 0)["error"], "kChanged")
    if uid != 1:
        equal(w.ask("message", "h1", "Work/Plans", uid, 50)["error"], "kNotFound")


@case("a folder deleted by another client is not found any more")
def _(w):
    w.dovecot.create("demo", "Gone")
    w.ask.until(lambda page: "rows" in page, "folder", "h1", "Gone", 1, 50)
    client = w.dovecot.client("demo")
    client.delete("Gone")
    client.logout()
    equal(w.ask.page("h1", "Gone", 1, 50, "refresh")["error"], "kNotFound")
    w.ask.until(lambda page: page.get("error") == "kNotFound", "folder", "h1", "Gone", 1, 50)


@case("in Sent the rows say whom a message went to")
def _(w):
    w.dovecot.deliver("demo", "Sent", [message(to="Carl Recipient <carl@example.net>, x@example.net")])
    row = w.ask.page("h1", "Sent")["rows"][0]
    equal((row["from"], row["from_address"]), ("Carl Recipient", "carl@example.net"))


@case("markup, odd characters and controls pass as text everywhere")
def _(w):
    name = "Odd &- <i>x"
    w.dovecot.create("demo", name)
    w.dovecot.deliver("demo", name, [message(
        subject=ODD + " =?utf-8?Q?=01=1b[31m=C2=85?=", sender='"%s" <a<b>@example.org>' % ODD.replace('"', ""),
        text="<script>alert(1)</script>\x1b[2J and\tmore")])
    page = w.ask.until(shown(), "folder", "h1", "Odd & <i>x", 1, 50)
    row = page["rows"][0]
    contains(row["subject"], "<b>&\"'")
    for text in (row["subject"], row["from"], row["from_address"], row["snippet"], page["folder"]["name"]):
        equal(re.findall("[\x00-\x1f\x7f-\x9f]", text), [], repr(text))
    contains(row["snippet"], "<script>alert(1)</script>")
    equal(page["folder"]["name"], "Odd & <i>x")


@case("a folder of %d messages: its first page at once, a deep one soon, all of it in seconds" % BIG)
def _(w):
    deliver_many(w.dovecot, "demo2", "Lists", (
        message(subject="List message %d" % i, sender="Writer %d <w%d@example.org>" % (i % 500, i % 500),
                message_id="<%d@lists>" % i) for i in range(1, BIG + 1)))
    equal(w.ask.log_in("b1", "demo2")["address"], "demo2@example.edu")
    started = time.monotonic()
    first = w.ask.page("b1", "Lists")
    first_ms = (time.monotonic() - started) * 1000
    equal([row["subject"] for row in first["rows"]],
          ["List message %d" % i for i in range(BIG, BIG - 50, -1)])
    equal((first["total"], first["pages"]), (BIG, BIG // 50))
    started = time.monotonic()
    deep = w.ask.page("b1", "Lists", BIG // 100)
    deep_ms = (time.monotonic() - started) * 1000
    top = BIG - (BIG // 100 - 1) * 50
    equal([row["subject"] for row in deep["rows"]],
          ["List message %d" % i for i in range(top, top - 50, -1)])
    indexed = deep["indexed"]
    deep_message = w.ask("message", "b1", "Lists", deep["rows"][10]["uid"], 50, "peek")
    equal((deep_message["newer"], deep_message["older"]), (deep["rows"][9]["uid"], deep["rows"][11]["uid"]))
    started = time.monotonic()
    whole = w.ask.until(lambda page: page.get("indexed") == BIG, "folder", "b1", "Lists", 1, 50, seconds=60)
    equal(whole["unread"], (BIG + 2) // 3)
    last = w.ask.until(shown(BIG), "folder", "b1", "Lists", BIG // 50, 50)
    equal(last["rows"][-1]["subject"], "List message 1")
    commands = w.counted.asked()
    w.ask.page("b1", "Lists", BIG // 50)
    equal(w.counted.asked(), commands)
    quick = w.ask("repeat", 2000, "folder", "b1", "Lists", BIG // 50, 50)
    lacks(quick, "trouble")
    note("first page %.0f ms, page %d %.0f ms with %d indexed, all %.1f s; from memory p50 %.0f us"
         % (first_ms, BIG // 100, deep_ms, indexed, time.monotonic() - started, quick["p50_us"]))


@case("two sessions of one user share the account; each needs the right password")
def _(w):
    before = w.status()
    equal(w.ask.log_in("h2", "demo", "wrong")["error"], "kBadCredentials")
    equal(w.ask.page("h2")["error"], "kNeedCredentials")
    ok("address" in w.ask.log_in("h2", "demo", "demo"))
    # When the server was asked last may be another moment for each.
    equal(*({**w.ask.page(handle), "checked": 0} for handle in ("h2", "h1")))
    after = w.status()
    equal(after["accounts"], before["accounts"])
    equal(after["sessions"] - before["sessions"], 1)
    equal(after["logins"] - before["logins"], 1)
    equal(w.ask("logout", "h2"), {"done": True})
    equal(w.ask.page("h2")["error"], "kNeedCredentials")
    ok("rows" in w.ask.page("h1"))


@case("a handle of one user never shows another's mail")
def _(w):
    equal(w.ask.page("b1")["total"], 0)
    ok(w.ask.page("h1")["total"] > 100)
    equal(w.ask.page("b1", "Work")["error"], "kNotFound")


@case("an unknown domain, and users and passwords with controls, are refused without a word to the server")
def _(w):
    commands = w.counted.asked()
    equal(w.ask.log_in("x", "demo", "demo", domain="example.net")["error"], "kUnknownDomain")
    for user, password in (("demo\r", "x"), ("de\rmo", "demo"), ("demo", "demo\ra NOOP"), ("", "demo"),
                           ("demo", ""), ("u" * 300, "x"), ("demo", "p" * 1100)):
        equal(w.ask.log_in("x", user, password)["error"], "kBadCredentials")
    equal(w.counted.asked(), commands)


@case("guessing is slowed down, by account and with the seconds to wait; another account is not")
def _(w):
    w.dovecot.add_user("victim", "right")
    # The wait is told in whole seconds, and the first one may be over at any moment: then all is forgiven.
    for _turn in range(10):
        for _guess in range(5):
            equal(w.ask.log_in("x", "victim", "wrong")["error"], "kBadCredentials")
        started = time.monotonic()
        answer = w.ask.log_in("x", "victim", "right")
        ok(time.monotonic() - started < 5, why="answered late")
        other = w.ask.log_in("y", "Victim@example.edu", "right")
        if answer.get("error") == other.get("error") == "kThrottled":
            break
        w.ask("logout", "x")
        w.ask("logout", "y")
    equal((answer["error"], other["error"]), ("kThrottled", "kThrottled"))
    ok(1 <= answer["retry_after"] <= 60)
    ok("address" in w.ask.log_in("z", "demo", "demo"))
    time.sleep(answer["retry_after"] + 0.1)
    ok("address" in w.ask.log_in("x", "victim", "right"), why="locked out")
    w.ask("logout", "x")
    w.ask("logout", "z")


@case("malformed requests are refused and harm nobody")
def _(w):
    for bad in ("00", "ff" * 64, "1000000000000a00" * 4, "0c00000008000c0004000800" * 30, "00" * 16000):
        equal(w.ask("raw", bad)["error"], "kInvalid")
    ok("rows" in w.ask.page("h1"))


@case("the password of a user is nowhere in the daemon's memory or log after log-in")
def _(w):
    if sanitized():
        skip("a sanitizer keeps what was let go of")
    ok("address" in w.ask.log_in("c1", "canary", CANARY))
    ok("rows" in w.ask.page("c1"))
    wrong = CANARY[::-1]
    equal(w.ask.log_in("c2", "canary", wrong)["error"], "kBadCredentials")
    w.webcache.server.wait_until(lambda: w.status()["jobs_running"] == 0, "come to rest")
    time.sleep(1)
    for secret in (CANARY, wrong, base64.b64encode(b"\0canary\0" + CANARY.encode()).decode().rstrip("=")):
        w.webcache.server.wait_until(lambda: found_in_memory(w.webcache.pid, secret.encode()) == [], "forget " + secret)
        with open(w.webcache.log, encoding="utf-8") as log:
            lacks(log.read(), secret)
    equal(found_in_memory(w.webcache.pid, b"canary@example.edu") != [], True, "the search itself works")


@case("a killed daemon logs nobody out: sessions resume with their sealed password")
def _(w):
    sealed = w.ask.seal("demo", "demo")
    before = w.ask.page("h1")
    w.webcache.kill(signal.SIGKILL)
    equal(w.ask.page("h1")["error"] in ("kUnreachable", "kNoWebcache"), True)
    w.webcache.start()
    w.ask.until(lambda page: page["error"] == "kNeedCredentials", "folder", "h1", "INBOX", 1, 50)
    answers = w.ask("parallel", 6, "resume", "h1", "demo", "example.edu", *sealed)
    equal(len(answers), 6)
    for answer in answers:
        ok(answer == {"done": True} or answer.get("error") == "kUnderWay", why="%r" % answers)
    equal(w.ask.resume("h1", "demo", sealed), {"done": True})
    status = w.status()
    equal((status["resumes"], status["logins"], status["connections"]), (1, 1, 1))
    after = w.ask.page("h1")
    equal([row["uid"] for row in after["rows"]], [row["uid"] for row in before["rows"]])


@case("a seal under another key, for another user, or with a wrong password resumes nothing")
def _(w):
    key, sealed = w.ask.seal("demo2", "demo")
    other_key, _ = w.ask.seal("demo2", "demo")
    equal(w.ask.resume("b9", "demo2", (other_key, sealed))["error"], "kBadCredentials")
    equal(w.ask.resume("b9", "demo", (key, sealed))["error"], "kBadCredentials")
    equal(w.ask.resume("b9", "demo2", (key[:-2], sealed))["error"], "kBadCredentials")
    equal(w.ask.resume("b9", "demo2", w.ask.seal("demo2", "old password"))["error"], "kBadCredentials")
    equal(w.ask.page("b9")["error"], "kNeedCredentials")
    equal(w.ask.resume("b9", "demo2", (key, sealed)), {"done": True})
    equal(w.ask.page("b9")["total"], 0)


@case("a handle that resumes an account it does not know must log in, whoever is connected already")
def _(w):
    ok("rows" in w.ask.page("h1"))
    equal(w.ask.resume("h7", "demo", w.ask.seal("demo", "guessed"))["error"], "kBadCredentials")
    equal(w.ask.page("h7")["error"], "kNeedCredentials")


@case("log-out closes the connection of the last session")
def _(w):
    ok("address" in w.ask.log_in("l1", "canary", CANARY))
    w.ask.page("l1")
    before = w.status()["connections"]
    w.ask("logout", "l1")
    w.ask.until(lambda status: status["connections"] == before - 1, "status")
    equal(w.ask.page("l1")["error"], "kNeedCredentials")


@case("SIGHUP reopens the log and reads the configuration; a mistake in it changes nothing")
def _(w):
    os.rename(w.webcache.log, w.webcache.log + ".1")
    w.webcache.write_config(memory_limit_mb=100, workers=32)
    os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
    if w.webcache.settings.get("log_file"):
        w.webcache.server.wait_until(lambda: os.path.exists(w.webcache.log), "reopen its log")
    name = w.webcache.log if os.path.exists(w.webcache.log) else w.webcache.log + ".1"
    w.webcache.server.wait_until(lambda: "after a restart: workers" in tail(name, 5), "read it")
    w.webcache.write_config(nonsense="yes")
    os.kill(w.webcache.supervisor_pid, signal.SIGHUP)
    w.webcache.server.wait_until(lambda: "AM0209" in tail(name, 5), "refuse the mistake")
    ok("rows" in w.ask.page("h1"))
    w.webcache.write_config(nonsense=None)
    w.webcache.log = name


@case("SIGTERM ends it cleanly, at once, and removes its pid file and socket")
def _(w):
    with open(w.webcache.pid_file, encoding="ascii") as source:
        equal(int(source.read()), w.webcache.supervisor_pid)
    started = time.monotonic()
    process = w.webcache.server.process
    os.kill(w.webcache.supervisor_pid, signal.SIGTERM)
    equal(process.wait(10), 0)
    ok(time.monotonic() - started < 7)      # after 8 the daemon would be killed
    equal(os.path.exists(w.webcache.pid_file), False)


main(lambda: World(("demo", "demo2", "canary"), {"canary": CANARY}, session_idle_minutes=30))
