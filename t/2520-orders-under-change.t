#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders that are made while another client appends, flags and expunges: of a folder that is only being read, and of
one that is known. No page shows a message twice; when the other client pauses, every page of every order is what
the server says, worked out independently. On each kind of server, with extensions hidden.

ALPHAMAIL_SOAK=1: on every server with each extension hidden, one by one and all."""
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import KINDS, needs  # noqa: E402
from orders import KEYS, words  # noqa: E402
from rounds import SOAK, World, change, fill, same, same_orders  # noqa: E402
from tap import case, equal, main, ok  # noqa: E402

HIDDEN = ("CONDSTORE", "QRESYNC", "SORT", "IDLE", "LIST-STATUS", "SPECIAL-USE", "PREVIEW", "ENABLE")
WAYS = {"maildir": [()], "sdbox": [HIDDEN], "mbox": [("CONDSTORE",)], "cyrus": [("SORT",)], "courier": [()]}
if SOAK:
    WAYS = {kind: [()] + [(name,) for name in HIDDEN] + [HIDDEN] for kind in KINDS}
COUNT, BURSTS = (1300, 40) if SOAK else (400, 6)


def under_change(w, kind, user, hide):
    server = w.servers[kind]
    generator = random.Random("%s %s" % (kind, hide))
    fill(server, user, "Storm", COUNT)
    handle = w.log_in(kind, user, hide)
    failed = []

    def storm():
        try:
            for _ in range(BURSTS):
                change(server, user, "Storm", generator, 3)
        except Exception as failure:  # pylint: disable=broad-except
            failed.append(failure)
    other = threading.Thread(target=storm)
    other.start()
    asked = 0
    while other.is_alive() or asked < len(KEYS):
        page = w.ask.page(handle, "Storm", 1 + asked % 5, 50, *words(KEYS[asked % len(KEYS)], asked % 2 == 0))
        ok("rows" in page, why=repr(page)[:500])
        uids = [row["uid"] for row in page["rows"]]
        equal(len(uids), len(set(uids)), "a message twice")
        asked += 1
    other.join()
    equal(failed, [])
    same(w, kind, user, handle, "Storm", refresh=True)
    same_orders(w, kind, user, handle, "Storm")
    change(server, user, "Storm", generator, 4)
    same(w, kind, user, handle, "Storm", refresh="IDLE" in hide)
    same_orders(w, kind, user, handle, "Storm")
    equal(w.proxies[kind].used(), [])
    w.ask("logout", handle)


for one_kind, ways in WAYS.items():
    for number, one_hide in enumerate(ways):
        @case("%s%s: orders under change" % (one_kind, " without " + ", ".join(one_hide) if one_hide else ""))
        def _(w, kind=one_kind, user="u%d" % number, hide=one_hide):
            under_change(w, kind, user, hide)

needs(*WAYS)
main(lambda: World(tuple(WAYS), idle_renew="2s"))
