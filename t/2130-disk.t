#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the webcache keeps on disk: keys, sealed files; what happens when they are deleted, damaged,
swapped, cut short, when the disk is full, and when the daemon is killed while it writes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker, Counted  # noqa: E402
from imapd import Dovecot  # noqa: E402
from servers.process import tail  # noqa: E402
from tap import case, equal, lacks, main, ok  # noqa: E402
from webcache import Webcache  # noqa: E402


class World:
    """One Dovecot without TLS behind a counting proxy, one webcache, one lane."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = Dovecot(self.folder, ssl="no", failure_delay="0 secs")
        for user in ("demo", "demo2"):
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.counted = Counted(self.dovecot.imap_port, self.folder)
        self.webcache = Webcache(
            self.folder, imap_servers="example.edu=127.0.0.1:%d[/]" % self.counted.port,
            session_idle_minutes=30).start()
        self.cache = self.webcache.settings["cache_dir"]
        self.ask = Asker(self.webcache, self.folder)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.counted.close()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 30)

    def restart(self, kill=False):
        if kill:
            self.webcache.kill()
        self.webcache.stop()
        self.webcache.start()

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


main(World)
