#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which the webcache follows a mail server: Dovecot on Maildir, sdbox and mbox, with all its
extensions and with each of them hidden, one by one and all together (hideproxy.py). Log-in, folders,
pages, messages; then another client appends, flags and expunges, and each page is what the server says.
And what each way costs: the commands that were sent are counted.

ALPHAMAIL_SOAK=1 runs the whole matrix, with random changes; else each store and each hiding once."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import FLAGGED, shown  # noqa: E402
from imapd import message  # noqa: E402
from rounds import SOAK, World, fill, round_of, same, truth  # noqa: E402
from tap import case, equal, main, ok  # noqa: E402

STORES = ("maildir", "sdbox", "mbox")
HIDDEN = ("CONDSTORE", "QRESYNC", "SORT", "IDLE", "LIST-STATUS", "SPECIAL-USE", "PREVIEW")
ALL = HIDDEN + ("ENABLE",)
MANY = 1300


def paths_of(store):
    if SOAK:
        return [()] + [(name,) for name in ALL] + [ALL]
    return {"maildir": [(), ALL, ("CONDSTORE",)], "sdbox": [("QRESYNC",), ("IDLE",), ("SORT", "PREVIEW")],
            "mbox": [(), ("LIST-STATUS",), ("SPECIAL-USE",)]}[store]


for one_store in STORES:
    for nth, one_hide in enumerate(paths_of(one_store)):
        @case("%s without %s: every page is what the server says, before and after each change"
              % (one_store, ", ".join(one_hide) if len(one_hide) < 5 else "any of its extensions" if one_hide else "nothing hidden"))
        def _(world, store=one_store, user="u%d" % nth, hide=one_hide):
            round_of(world, store, user, hide)


def commands_of(world, store, question, quiet=0.8):
    """What the server was asked for by a question, and behind it until all is quiet."""
    proxy = world.proxies[store]
    proxy.forget()
    answer = question()
    time.sleep(quiet)
    return answer, proxy.commands()


def idles(proxy):
    """Until the server is told of nothing more, and tells by itself."""
    end = time.monotonic() + 20
    while proxy.commands()[-1:] != ["IDLE"]:
        ok(time.monotonic() < end, why="no IDLE: %r" % proxy.commands()[-3:])
        time.sleep(0.05)


@case("another client's change is on the next page, without any question of ours but to fetch what is new")
def _(w):
    store, user = "sdbox", "live"
    dovecot = w.servers[store]
    fill(dovecot, user, "INBOX", 60)
    handle = w.log_in(store, user)
    page = w.ask.until(shown(60), "folder", handle, "INBOX", 1, 50)
    idles(w.proxies[store])
    uids = [row["uid"] for row in page["rows"]]

    def flagged():
        dovecot.flag(user, "INBOX", [uids[3]], "+FLAGS", "\\Flagged")
        return w.ask.until(lambda page: page["rows"][3]["flags"] & FLAGGED, "folder", handle, "INBOX", 1, 50)
    equal([words for words in commands_of(w, store, flagged)[1] if words != "IDLE"], [])

    def expunged():
        dovecot.expunge(user, "INBOX", str(uids[5]))
        return w.ask.until(lambda page: page["total"] == 59, "folder", handle, "INBOX", 1, 50)
    # The row that moves up to the page may lack its snippet.
    equal([words for words in commands_of(w, store, expunged)[1] if words != "IDLE" and "PREVIEW" not in words], [])

    def arrived():
        dovecot.deliver(user, "INBOX", [message(subject="Fresh")])
        return w.ask.until(lambda page: page["rows"][0]["subject"] == "Fresh", "folder", handle, "INBOX", 1, 50)
    sent = [words for words in commands_of(w, store, arrived)[1] if words != "IDLE"]
    equal([" ".join(words.split()[:2]) for words in sent if "PREVIEW" not in words], ["UID FETCH"], sent)


@case("a command is one write, and one that ends IDLE leaves with its DONE in one")
def _(w):
    proxy, handle = w.proxies["sdbox"], "h%d" % w.handles
    proxy.forget()
    for _ in range(4):
        uid = w.ask.page(handle, "INBOX", 1, 50, "refresh")["rows"][7]["uid"]
        w.ask("message", handle, "INBOX", uid, 50, "peek")
        w.ask("part", handle, "INBOX", uid, 0, "1", 0)
        idles(proxy)
    reads, commands = proxy.pieces()
    ok(commands > 10)
    ok(reads <= commands, why="%d writes for %d commands" % (reads, commands))


@case("IDLE is begun anew in time, and a page that is followed costs no command")
def _(w):
    handle = "h%d" % w.handles
    proxy = w.proxies["sdbox"]
    w.ask.until(shown(), "folder", handle, "INBOX", 1, 50)
    idles(proxy)
    _, sent = commands_of(w, "sdbox", lambda: [w.ask.page(handle) for _ in range(50)])
    equal(set(sent) - {"IDLE"}, set())
    idles(proxy)     # idle_renew is 2 s
    equal(set(proxy.commands()), {"IDLE"})


@case("catching up behind another folder costs one command with QRESYNC; else what is gone is found by places")
def _(w):
    store, user = "sdbox", "cost"
    dovecot = w.servers[store]
    fill(dovecot, user, "INBOX", MANY)
    fill(dovecot, user, "Other", 5)
    for hide, wanted in (
            ((), ["SELECT INBOX (QRESYNC"]),
            (("QRESYNC",), ["SELECT INBOX (CONDSTORE)", "UID FETCH 1:4294967295 (UID FLAGS) (CHANGEDSINCE ",
                            "FETCH 100,200,", "UID FETCH ", "UID FETCH "]),
            (("CONDSTORE",), ["SELECT INBOX", "FETCH 100,200,", "UID FETCH ", "UID FETCH ", "UID FETCH "])):
        handle = w.log_in(store, user, hide)
        same(w, store, user, handle)
        w.ask.page(handle, "Other")
        uid = w.ask.page(handle, "Other")["rows"][0]["uid"]
        w.ask("message", handle, "Other", uid, 50, "peek")
        idles(w.proxies[store])
        uids = [row[0] for row in truth(dovecot, user)]
        dovecot.flag(user, "INBOX", uids[10:12], "+FLAGS", "\\Answered")
        dovecot.expunge(user, "INBOX", "%d,%d" % (uids[20], uids[900]))
        w.proxies[store].forget()
        same(w, store, user, handle)
        sent = [words for words in w.proxies[store].commands() if words != "IDLE" and "PREVIEW" not in words]
        if "CONDSTORE" in hide:  # the flags of old messages are compared behind
            sent = sent[:len(wanted)]
        ok(len(sent) == len(wanted) and all(words.startswith(head) for words, head in zip(sent, wanted)),
           why="%r: %r" % (hide, sent))
        equal(w.proxies[store].used(), [])
        w.ask("logout", handle)


@case("without CONDSTORE what is gone from a large folder is found by a few places of it, not by all")
def _(w):
    store, user = "sdbox", "cost"
    dovecot, hide = w.servers[store], ALL
    handle = w.log_in(store, user, hide)
    same(w, store, user, handle)
    w.ask("message", handle, "Other", w.ask.page(handle, "Other")["rows"][0]["uid"], 50, "peek")
    uids = [row[0] for row in truth(dovecot, user)]
    dovecot.expunge(user, "INBOX", str(uids[700]))
    proxy = w.proxies[store]
    proxy.forget()
    w.ask("message", handle, "INBOX", uids[3], 50, "peek")   # which tells that there is one less
    same(w, store, user, handle)
    sent = proxy.commands()
    if "SELECT Other" in sent:   # a small folder that is compared behind
        sent = sent[:sent.index("SELECT Other")]
    ok(not any(words.startswith("UID FETCH 1:4294967295") for words in sent), why="%r" % sent)
    ok(any(words.startswith("FETCH ") and words.endswith("(UID)") for words in sent), why="%r" % sent)
    equal(proxy.used(), [])
    w.ask("logout", handle)


@case("an old message whose flags alone changed is found on a server that tells nothing")
def _(w):
    store, user = "maildir", "plain"
    dovecot = w.servers[store]
    fill(dovecot, user, "INBOX", MANY)
    fill(dovecot, user, "Other", 3)
    handle = w.log_in(store, user, ALL)
    same(w, store, user, handle)
    uids = [row[0] for row in truth(dovecot, user)]
    dovecot.flag(user, "INBOX", [uids[-1], uids[600]], "+FLAGS", "\\Flagged")
    same(w, store, user, handle, refresh=True)
    equal(w.proxies[store].used(), [])
    w.ask("logout", handle)


@case("folders are shown before they are counted, and counted behind, where the list has no counts")
def _(w):
    store, user = "maildir", "idle"
    dovecot = w.servers[store]
    dovecot.create(user, *("F%02d" % n for n in range(30)))
    dovecot.deliver(user, "F29", [message(), message()])
    handle = w.log_in(store, user, ("LIST-STATUS",))
    w.ask.until(lambda answer: {f["address"]: f["total"] for f in answer.get("folders", ())}.get("F29") == 2,
                "folders", handle)
    end = time.monotonic() + 30
    while len([words for words in w.proxies[store].commands() if words.startswith("STATUS")]) < 30:
        ok(time.monotonic() < end, why="%r" % w.proxies[store].commands())
        time.sleep(0.1)
    sent = w.proxies[store].commands()
    first = next(n for n, words in enumerate(sent) if words.startswith("STATUS"))
    ok(any(words.startswith("FETCH") or words.startswith("UID FETCH") or words.startswith("SELECT") for words in sent[:first]),
       why="the page came behind the counts: %r" % sent[:8])
    equal(w.proxies[store].used(), [])


@case("a connection that nobody uses is closed, and opened again unnoticed")
def _(w):
    store, user = "maildir", "idle"
    handle = "h%d" % w.handles
    proxy = w.proxies[store]
    key, sealed = w.ask.seal(user, "demo", domain="maildir.example")
    w.ask.page(handle)
    end = time.monotonic() + 40
    while proxy.connections():
        ok(time.monotonic() < end, why="still connected")
        time.sleep(0.2)
    equal(w.ask.page(handle)["total"], 0, "what is known needs no connection")
    equal(w.ask.page(handle, "F29")["error"], "kNeedCredentials")
    equal(w.ask.resume(handle, user, (key, sealed), domain="maildir.example"), {"done": True})
    equal(w.ask.page(handle, "F29")["total"], 2)


main(lambda: World(STORES, idle_renew="2s", connection_idle="8s"))
