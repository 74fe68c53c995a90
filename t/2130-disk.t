#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the webcache keeps on disk: keys, sealed files; what happens when they are deleted, damaged,
swapped, cut short, when the disk is full, and when the daemon is killed while it writes."""
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
import world  # noqa: E402
from asker import SEEN, deliver_many, shown  # noqa: E402
from imapd import message  # noqa: E402
from tap import case, equal, lacks, main, note, ok  # noqa: E402


SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
CANARY = "sInGiNgCaNaRy"


def text(subject, words="Words of it.", sender="Anna Example <anna@example.org>"):
    return message(subject=subject, text=words, sender=sender)


class World(world.World):
    def __enter__(self):
        super().__enter__()
        self.cache = self.webcache.settings["cache_dir"]
        return self

    def saved(self):
        """Waits until all that changed is on disk."""
        # Every second it writes what has changed; what was late here, or with an answer, may be late with that, too.
        end = time.monotonic() + 60
        looks, before, last = 0, None, time.monotonic()
        while looks < 13:
            ok(time.monotonic() < end, why="it never ends")
            told, now = self.status(), time.monotonic()
            still = told["indexes_saved"] == before and told["jobs_running"] + told["jobs_waiting"] == 0
            looks = looks + 1 if still and now - last < 0.5 else 0
            before, last = told["indexes_saved"], now
            time.sleep(0.1)

    def truth(self, user, folder="INBOX"):
        """What the server itself says: {UID: (seen, subject)}."""
        return {mail.uid: ("\\Seen" in mail.flags, mail.subject)
                for mail in world.truth(self.dovecot, user, folder)}

    def shown(self, handle, folder="INBOX"):
        """The same as the webcache shows it, on all pages."""
        return {row["uid"]: (row["flags"] & SEEN != 0, row["subject"]) for row in self.rows(handle, folder)}

    def indexes(self):
        return sorted(path for path in self.files() if "/i-" in path)

    def files(self):
        """Paths and bytes of all that is on disk."""
        found = {}
        for folder, _, names in os.walk(self.cache):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[path] = file.read()
        return found

    def keys(self):
        return {path: data for path, data in self.files().items() if path.endswith("/key")}


@case("a log-in makes the account's key, which lies on disk wrapped, under a name that tells nothing")
def _(w):
    ok("address" in w.ask.log_in("h1"))
    keys = w.keys()
    equal(len(keys), 1)
    path = next(iter(keys))
    equal((os.stat(path).st_mode & 0o777, os.stat(os.path.dirname(path)).st_mode & 0o777), (0o600, 0o700))
    lacks(path[len(w.cache):], "demo")
    lacks(path[len(w.cache):], "example")


@case("the session keeps the key, sealed; with it a resume finds the cache, and without it, too")
def _(w):
    sealed = w.ask.seal("demo", "demo")
    kept = w.ask.keep_key("h1", sealed)
    equal(len(kept[2]), 2 * (1 + 12 + 32 + 16))
    ok(w.ask.keep_key("h1", sealed)[2] != kept[2])
    equal(w.ask("keep_key", "h1", "00")["sealed"], "", "a key of another length")
    equal(w.ask("keep_key", "nobody", sealed[0])["error"], "kNeedCredentials")
    before = w.keys()
    foreign = w.ask.seal("demo", "x" * 32)[1]
    for session in (kept, sealed, (*sealed, foreign), (*sealed, "00")):
        w.restart()
        equal(w.ask.resume("h1", "demo", session), {"done": True})
        ok(w.ask.page("h1")["rows"] is not None)
        equal(w.keys(), before)


@case("after a restart a page comes from disk: no header, no flag is fetched")
def _(w):
    w.dovecot.deliver("demo", "INBOX", [text("Subject %d" % i) for i in range(1, 121)])
    ok("error" not in w.ask.page("h1", "INBOX", 1, 50, "refresh"))
    w.complete("h1")
    page = w.ask.until(shown(120), "folder", "h1", "INBOX", 2, 50)
    w.saved()
    w.kept = w.ask.keep_key("h1", w.ask.seal("demo", "demo"))
    for kill in (False, True):
        w.restart(kill)
        before = len(w.counted.commands())
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        again = w.ask.page("h1", "INBOX", 2)
        equal(again["rows"], page["rows"])
        equal(again["total"], 120)
        sent = w.counted.commands()[before:]
        equal([line for line in sent if "FETCH" in line], [], kill)
        equal(w.status("indexes_loaded"), 1)
        equal(w.status("rows_indexed"), 0)


@case("what came, changed and went while the daemon was away is caught up with")
def _(w):
    w.webcache.stop()
    w.dovecot.deliver("demo", "INBOX", [text("Came meanwhile")])
    w.dovecot.flag("demo", "INBOX", [7, 8], "+FLAGS", "\\Flagged \\Seen")
    w.dovecot.expunge("demo", "INBOX", "3,5")
    w.webcache.start()
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    w.complete("h1")
    equal(w.shown("h1"), w.truth("demo"))
    equal(w.status("rows_indexed"), 1)


@case("a folder made anew has nothing of the old one's file")
def _(w):
    w.dovecot.create("demo", "Renewed", "Secret " + CANARY, "Busy")
    w.dovecot.deliver("demo", "Renewed", [text("Old %d" % i) for i in range(5)])
    w.ask.until(lambda page: len(page.get("rows", ())) == 5, "folder", "h1", "Renewed", 1, 50)
    w.saved()
    w.webcache.stop()
    w.dovecot.recreate("demo", "Renewed")
    w.dovecot.deliver("demo", "Renewed", [text("New")])
    w.webcache.start()
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    equal([row["subject"] for row in w.ask.page("h1", "Renewed")["rows"]], ["New"])
    equal(w.shown("h1", "Renewed"), w.truth("demo", "Renewed"))


@case("nothing of a message or a user can be read in any file")
def _(w):
    w.dovecot.deliver("demo", "Secret " + CANARY, [text("Subject " + CANARY, "Body " + CANARY,
                                                        CANARY + " <%s@example.org>" % CANARY)])
    page = w.ask.page("h1", "Secret " + CANARY, 1, 50, "refresh")
    ok(CANARY in page["rows"][0]["subject"])
    uid = page["rows"][0]["uid"]
    ok(CANARY in w.ask("message", "h1", "Secret " + CANARY, uid, 50)["header"])
    ok(w.ask("part", "h1", "Secret " + CANARY, uid, page["uid_validity"], "1", 0)["bytes"] > 0)
    w.saved()
    w.restart()
    found = w.files()
    ok(len(found) > 3)
    for path, data in found.items():
        for word in (CANARY.encode(), b"example", b"Subject"):
            ok(word not in data)
            ok(word.decode() not in path[len(w.cache):])


@case("a part that was read once costs the server nothing again, also after a restart")
def _(w):
    data = bytes(random.Random(5).randrange(256) for _ in range(700_000))
    mail = ("From: a@example.org\nSubject: with a file\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nWords.\n"
            "--b\nContent-Type: application/pdf; name=\"a b.pdf\"\nContent-Disposition: attachment\n"
            "Content-Transfer-Encoding: base64\n\n%s\n--b--\n" % base64.encodebytes(data).decode())
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    uids = w.dovecot.deliver("demo", "INBOX", [mail, text("Beside it")])
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    asks = [("part", "h1", "INBOX", uids[0], 0, section, 0) for section in ("1", "2", "-")]
    first = [w.ask(*ask) for ask in asks]
    ok(first[1].get("bytes", 0) > 900_000, why=first)
    w.saved()
    for restart in (False, True):
        if restart:
            w.restart()
            w.ask.resume("h1", "demo", w.kept)
            w.ask.page("h1", "INBOX")
            w.saved()
        before = len(w.counted.asked())
        equal([w.ask(*ask) for ask in asks], first)
        equal(w.counted.asked()[before:], [])
        equal(w.ask("part", "h1", "INBOX", uids[0], 0, "2", 1000)["bytes"], 1000)
    # Another message's part is not taken for it, nor another folder's.
    ok(w.ask("part", "h1", "INBOX", uids[1], 0, "1", 0)["sha256"] != first[0]["sha256"])
    equal(w.ask("part", "h1", "INBOX", uids[0], 1, "1", 0)["error"], "kChanged")
    # Damaged, it is fetched again; cut in the middle, what was begun is cut and the next one is whole.
    for place in (90, 200_000, 700_000):
        for path in [path for path in w.files() if "/p-" in path]:
            with open(path, "r+b") as out:
                out.seek(place)
                out.write(b"damaged")
        answers = [w.ask(*ask) for ask in asks]
        ok(all("error" in got or got == good for got, good in zip(answers, first)))
        equal([w.ask(*ask) for ask in asks], first)
    # Gone at the server: gone.
    w.dovecot.expunge("demo", "INBOX", str(uids[0]))
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    equal(w.ask(*asks[1])["error"], "kNotFound")


@case("a message that was opened comes from disk after a restart, with its text; damaged, it is fetched again")
def _(w):
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    uids = w.dovecot.deliver("demo", "INBOX", [text("Kept %d" % i) for i in range(2)])
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.complete("h1", "INBOX")

    def kept():
        return [path for path in w.files() if "/m-" in path]

    def opened():
        shown = [w.ask("message", "h1", "INBOX", uid, 50) for uid in uids]
        ok(all(len(s["texts"]) == 1 and "Kept" in s["header"] for s in shown), why=shown)
        return [{key: s[key] for key in ("uid", "header", "parts", "texts", "uid_validity", "newer", "older")}
                for s in shown]
    def kept_bytes():
        return sum(os.path.getsize(path) for path in kept())
    had = kept_bytes()
    first = opened()
    one = len(json.dumps(first[0]["header"])) + 200
    end = time.monotonic() + 20
    while kept_bytes() < had + 2 * one:
        ok(time.monotonic() < end, why="the messages never went to disk")
        time.sleep(0.1)
    for damage in (False, True):
        w.saved()
        if damage:
            for path in kept():
                for place in range(100, os.path.getsize(path), 150):
                    with open(path, "r+b") as out:
                        out.seek(place)
                        out.write(b"damaged")
        w.restart()
        w.ask.resume("h1", "demo", w.kept)
        w.ask.page("h1", "INBOX")
        w.complete("h1", "INBOX")
        before = len(w.counted.commands())
        equal(opened(), first)
        headers = [c for c in w.counted.commands()[before:] if "HEADER" in c]
        equal(len(headers), 2 if damage else 0, headers)
    # Gone at the server: gone.
    w.dovecot.expunge("demo", "INBOX", str(uids[0]))
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    equal(w.ask("message", "h1", "INBOX", uids[0], 50)["error"], "kNotFound")


@case("damaged, shortened, swapped and foreign files are found and made anew")
def _(w):
    chance = random.Random(11)
    ok("address" in w.ask.log_in("o1", "demo2"))
    w.dovecot.deliver("demo2", "INBOX", [text("Of another %d" % i) for i in range(30)])
    w.ask.page("o1", "INBOX", 1, 50, "refresh")

    def spoil(change, everything=False):
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        for folder in ("INBOX", "Renewed"):
            w.complete("h1", folder)
        w.saved()
        w.webcache.stop()
        files = w.files()
        change({path: data for path, data in files.items() if data} if everything else
               {path: files[path] for path in w.indexes()})
        w.webcache.start()
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        for folder in ("INBOX", "Renewed"):
            w.complete("h1", folder)
            equal(w.shown("h1", folder), w.truth("demo", folder))

    def write(path, data):
        if os.path.lexists(path):   # never through a link that an earlier change left
            os.unlink(path)
        with open(path, "xb") as out:
            out.write(data)
        os.chmod(path, 0o600)
        paths.identity.give(path)

    def flip(files):
        for path, data in files.items():
            at = chance.randrange(len(data))
            write(path, data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:])

    def cut(files):
        for path, data in files.items():
            write(path, data[:chance.randrange(len(data))])

    def swap(files):
        for path, other in zip(files, reversed(files)):
            write(path, files[other])

    victim = os.path.join(str(w.folder), "somebody-elses-file")
    with open(victim, "w", encoding="ascii") as out:
        out.write("not a cache\n")

    def link(files):
        for path in files:
            os.unlink(path)
            os.symlink(victim, path)

    def noise(files):
        for path, data in files.items():
            write(path, bytes(chance.randrange(256) for _ in data))

    for change in (flip, cut, swap, link, noise, flip, cut):
        spoil(change)
    for change in (flip, cut, swap, noise):
        spoil(change, everything=True)     # the accounts' keys, too
        equal(w.ask.page("o1").get("error"), "kNeedCredentials")
        ok("address" in w.ask.log_in("o1", "demo2"))
        w.complete("o1")
        equal(w.shown("o1"), w.truth("demo2"))


@case("an older version of a file is an older state, which the server makes good")
def _(w):
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    w.saved()
    w.webcache.stop()
    older = {path: data for path, data in w.files().items() if "/i-" in path}
    w.webcache.start()
    w.ask.resume("h1", "demo", w.kept)
    w.dovecot.deliver("demo", "INBOX", [text("Later")])
    w.dovecot.expunge("demo", "INBOX", "10")
    w.dovecot.flag("demo", "INBOX", [11], "+FLAGS", "\\Seen")
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.saved()
    w.webcache.stop()
    for path, data in older.items():
        with open(path, "wb") as out:
            out.write(data)
    w.webcache.start()
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    w.complete("h1")
    equal(w.shown("h1"), w.truth("demo"))


@case("the cache may be deleted while the daemon runs")
def _(w):
    w.complete("h1")
    shutil.rmtree(w.cache)
    equal(w.shown("h1"), w.truth("demo"))
    w.dovecot.deliver("demo", "INBOX", [text("After the cache was deleted")])
    w.ask.page("h1", "INBOX", 1, 50, "refresh")
    w.saved()
    w.webcache.server.wait_until(lambda: len(w.keys()) == 1, "have the key back, as it was")
    w.restart()
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    equal(w.shown("h1"), w.truth("demo"))
    equal(w.status("indexes_loaded"), 1)


@case("a disk that refuses to be written costs nothing but the cache")
def _(w):
    def refuse_folders():
        for folder, _, _ in os.walk(w.cache):
            os.chmod(folder, 0o500)

    def refuse_files():
        for path in w.files():
            os.chmod(path, 0o400)

    def a_file_instead():
        shutil.rmtree(w.cache)
        with open(w.cache, "w"):
            pass

    for number, refuse in enumerate((refuse_folders, refuse_files, a_file_instead)):
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        w.complete("h1")
        w.saved()
        refuse()
        w.dovecot.deliver("demo", "INBOX", [text("Refused %d" % number)])
        w.dovecot.flag("demo", "INBOX", [20 + number], "+FLAGS", "\\Seen")
        w.ask.page("h1", "INBOX", 1, 50, "refresh")
        time.sleep(1.5)
        equal(w.shown("h1"), w.truth("demo"))
        w.webcache.kill()
        if os.path.isfile(w.cache):
            os.unlink(w.cache)  # with it the daemon would refuse to start, and say why
        w.restart()
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        w.complete("h1")
        equal(w.shown("h1"), w.truth("demo"))
        w.webcache.stop()
        shutil.rmtree(w.cache, ignore_errors=True)
        w.webcache.start()


@case("a disk that is full at any byte of any file costs nothing but the cache")
def _(w):
    chance = random.Random(17)
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    for limit in [0, 1, 60] + [chance.randrange(100, 70000) for _ in range(30 if SOAK else 5)]:
        w.complete("h1")
        w.saved()
        if chance.randrange(2):     # all of it is to be written anew
            for path in w.indexes():
                os.unlink(path)
        # No file of the daemon's may grow beyond that: each write behind it fails as on a full disk.
        subprocess.run(["prlimit", "--pid", str(w.webcache.pid), "--fsize=%d:" % limit], check=True,
                       **paths.identity.popen_args())
        w.dovecot.deliver("demo", "INBOX", [text("Full at %d" % limit), text("x" * 400)])
        w.dovecot.flag("demo", "INBOX", chance.sample(sorted(w.truth("demo")), 5), "+FLAGS", "\\Seen")
        page = w.ask.page("h1", "INBOX", 1, 50, "refresh")
        ok(w.ask("part", "h1", "INBOX", page["rows"][0]["uid"], page["uid_validity"], "1", 0)["bytes"] > 0)
        time.sleep(1.5)
        equal(w.shown("h1"), w.truth("demo"), limit)
        w.restart(kill=chance.randrange(2) == 1)
        equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
        w.complete("h1")
        equal(w.shown("h1"), w.truth("demo"), limit)
    w.saved()
    w.restart()
    equal(w.ask.resume("h1", "demo", w.kept), {"done": True})
    equal(w.shown("h1"), w.truth("demo"))
    equal(w.status("indexes_loaded"), 1, "with room again it is kept again")


@case("a crash at any instant of writing leaves no wrong row")
def _(w):
    chance = random.Random(os.getpid())
    deliver_many(w.dovecot, "demo", "Busy", [text("Busy %d" % i) for i in range(600)])
    ok("address" in w.ask.log_in("k0"))
    w.complete("k0", "Busy")
    kept = w.ask.keep_key("k0", w.ask.seal("demo", "demo"))
    loaded, round_number = 0, 0
    rounds, wanted = (200, 50) if SOAK else (10, 3)
    # Chance decides whether there is a file, and a busy machine writes it later: some rounds more, until some were read.
    while round_number < rounds or (loaded < wanted and round_number < 4 * rounds):
        # Something changes, the daemon sees it, and is killed about when it writes that down.
        uids = sorted(w.truth("demo", "Busy"))
        what = chance.randrange(4)
        if what == 0:
            deliver_many(w.dovecot, "demo", "Busy", [text("Round %d, %d" % (round_number, i))
                                                     for i in range(chance.choice((1, 5, 300)))])
        elif what == 1:
            w.dovecot.expunge("demo", "Busy", ",".join(map(str, chance.sample(uids, 3))))
        else:
            w.dovecot.flag("demo", "Busy", chance.sample(uids, chance.choice((1, 50))),
                           chance.choice(("+FLAGS", "-FLAGS")), "\\Seen")
        w.ask.page("k0", "Busy", 1, 50, "refresh")
        if chance.randrange(3) == 0:  # all of it is written anew
            for path in w.indexes():
                os.unlink(path)
        time.sleep(chance.random() * 1.2)
        w.restart(kill=True)
        equal(w.ask.resume("k0", "demo", kept), {"done": True})
        w.complete("k0", "Busy")
        equal(w.shown("k0", "Busy"), w.truth("demo", "Busy"), round_number)
        loaded += w.status("indexes_loaded") > 0
        round_number += 1
    note("%d times of %d the index came from disk" % (loaded, round_number))
    ok(loaded >= wanted, why="%d of %d" % (loaded, round_number))


main(lambda: World(session_idle_minutes=30))
