#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""memory_limit_mb: what the daemon says that users and mail take is what they take, and what it lets go
of comes back."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from asker import Asker  # noqa: E402
from imapd import Dovecot  # noqa: E402
from servers.process import free_port, tail  # noqa: E402
from tap import case, equal, main, ok, skip  # noqa: E402
from webcache import Webcache, sanitized  # noqa: E402

MEGA = 1 << 20
USERS, FOLDERS, MESSAGES, OPENED = 24, 3, 300, 24
SUBJECT = 4  # wire::SortKey
LINE_SERVER = os.path.join(paths.top_srcdir, "t", "bench", "line_server.py")


class World:
    """Very many messages over TLS, which a server in one process makes up."""

    def __enter__(self):
        if sanitized():
            skip("a sanitizer has memory of its own")
        self.folder = paths.TestFolder()
        dovecot = Dovecot(self.folder)  # its certificates; it is not started
        dovecot.configure()
        tls = os.path.join(dovecot.folder, "tls")
        port = free_port()
        self.server = subprocess.Popen(
            [sys.executable, "-B", LINE_SERVER, str(port), os.path.join(tls, "imap.pem"),
             os.path.join(tls, "imap.key"), "--messages", str(MESSAGES), "--folders", str(FOLDERS),
             "--text", "8000"], stdout=subprocess.PIPE)
        self.server.stdout.readline()
        self.webcache = Webcache(
            self.folder, None, imap_servers="example.edu=imaps://localhost:%d[/]" % port,
            tls_ca_file=dovecot.ca_file, connections_per_server=1000, workers=8).start()
        self.ask = Asker(self.webcache, self.folder)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.webcache.close()
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 20)

    def status(self):
        return self.ask("status")

    def folders(self):
        return ["INBOX"] + ["F%d" % n for n in range(1, FOLDERS + 1)]

    def log_in(self, user):
        ok("address" in self.ask.log_in(user, user), why=user)

    def page(self, user, folder, *more):
        """Page 1 with its snippets, of a folder that is all known."""
        return self.ask.until(
            lambda page: page.get("indexed") == MESSAGES and all(row["snippet"] for row in page["rows"]),
            "folder", user, folder, 1, 50, *more)

    def use(self, user):
        """A user who looks at all folders, sorts one, and reads."""
        self.log_in(user)
        for folder in self.folders():
            self.page(user, folder)
        self.page(user, "INBOX", "-", SUBJECT)
        for n in range(OPENED):
            answer = self.ask("message", user, "INBOX", MESSAGES - n, 50)
            equal(answer.get("uid"), MESSAGES - n, answer)

    def limit(self, mega):
        self.webcache.write_config(memory_limit_mb=mega)
        os.kill(self.webcache.pid, signal.SIGHUP)

    def settled(self, good, seconds=40):
        """Until what was let go of is enough."""
        end = time.monotonic() + seconds
        while True:
            status = self.status()
            if good(status):
                return status
            ok(time.monotonic() < end, why="still %r" % {
                name: value for name, value in status.items() if name.startswith(("memory", "shed"))})
            time.sleep(0.2)


SHED = ["shed_messages", "shed_orders", "shed_snippets", "shed_indexes", "shed_accounts"]


@case("accounts, folders, indexes, snippets, orders, opened messages, TLS: counted to 10 % of what they take")
def _(w):
    # What the first users have the process get for itself (stacks, buffers, tables of libraries) is not theirs.
    for n in range(4):
        w.use("early%d" % n)
    before = w.settled(lambda status: status["jobs_waiting"] == 0 and status["jobs_running"] == 0)
    for n in range(USERS):
        w.use("user%d" % n)
    after = w.settled(lambda status: status["jobs_waiting"] == 0 and status["jobs_running"] == 0)
    grown = {name: after[name] - before[name] for name in after if name.startswith("memory_")}
    for kind in ("messages", "orders", "snippets", "indexes", "accounts", "connections"):
        ok(grown["memory_" + kind] > 0, why="%s: %r" % (kind, grown))
    counted = grown["memory_bytes"]
    equal(sum(after["memory_" + kind] for kind in
              ("messages", "orders", "snippets", "indexes", "accounts", "connections")), after["memory_bytes"])
    ok(counted > 8 * MEGA, why=grown)
    ok(0.9 <= counted / grown["memory_heap"] <= 1.1, why="heap: %r" % grown)
    ok(0.9 <= counted / grown["memory_resident"] <= 1.1, why="resident: %r" % grown)
    print("# counted %d, heap %d, resident %d KB" % tuple(
        grown["memory_" + what] // 1024 for what in ("bytes", "heap", "resident")))


@case("over the limit opened messages leave first, of those who asked least recently; and come back")
def _(w):
    status = w.status()
    equal([status[name] for name in SHED], [0] * 5)
    w.limit((status["memory_bytes"] - status["memory_messages"] // 2) // MEGA)
    status = w.settled(lambda status: status["shed_messages"] > 0)
    equal([status[name] for name in SHED[1:]], [0] * 4)
    ok(status["memory_messages"] > 0, why="all of them went: %r" % status)
    fetched, disk = status["messages_fetched"], status["messages_from_disk"]
    equal(w.ask("message", "early0", "INBOX", MESSAGES, 50).get("uid"), MESSAGES)
    equal(w.ask("message", "user%d" % (USERS - 1), "INBOX", MESSAGES, 50).get("uid"), MESSAGES)
    status = w.status()
    equal((status["messages_fetched"], status["messages_from_disk"]), (fetched, disk + 1),
          "one was on disk, one in memory")


@case("then orders and snippets; a page of somebody whose snippets left has them again")
def _(w):
    page = w.page("user0", "F2")
    status = w.status()
    w.limit((status["memory_indexes"] + status["memory_accounts"] + status["memory_connections"]) // MEGA + 1)
    status = w.settled(lambda status: status["shed_orders"] > 0 and status["shed_snippets"] > 0)
    equal((status["shed_indexes"], status["shed_accounts"], status["memory_orders"]), (0, 0, 0))
    fetched = status["snippets_fetched"]
    for user in ("user0", "early1", "user%d" % (USERS - 1)):
        equal(w.page(user, "F2")["rows"], page["rows"])
    ok(w.status()["snippets_fetched"] > fetched, why="nobody had to fetch any")


def comes_back(w, user, folder):
    """The page, whatever is left of the account: as a browser's session does."""
    if w.ask("folder", user, folder, 1, 50).get("error") == "kNeedCredentials":
        equal(w.ask.resume(user, user, w.ask.seal(user, "demo")), {"done": True})
    return w.page(user, folder)


@case("then indexes; each page comes back right, from disk")
def _(w):
    page = w.page("user1", "F3")
    status = w.status()
    rest = status["memory_accounts"] + status["memory_connections"]
    w.limit((rest + status["memory_indexes"] // 3) // MEGA + 1)
    before = w.settled(lambda status: status["shed_indexes"] > 0)
    w.limit(4096)
    for user in ("early0", "user1", "user%d" % (USERS - 1)):
        equal(comes_back(w, user, "F3")["rows"], page["rows"], user)
    status = w.status()
    ok(status["indexes_loaded"] > before["indexes_loaded"], why="nothing came from disk")
    ok(status["rows_indexed"] - before["rows_indexed"] < MESSAGES, why="the server was asked for it all")


@case("then whole accounts that nobody uses, with their connections; their sessions resume unnoticed")
def _(w):
    page = w.page("user2", "F1")
    for n in range(40):
        w.log_in("late%d" % n)
    before = w.status()
    ok(before["memory_accounts"] + before["memory_connections"] > MEGA, why=before)
    w.limit(1)
    status = w.settled(lambda status: status["shed_accounts"] > 0 and status["memory_bytes"] <= MEGA)
    ok(status["connections"] < before["connections"], why=status)
    equal(status["sessions"], before["sessions"], "nobody is logged out")
    # Who asked least recently has nothing left to give now: the next ones do.
    for n in range(12):
        w.log_in("last%d" % n)
    ok(w.status()["memory_bytes"] > MEGA)
    w.settled(lambda status: status["memory_bytes"] <= MEGA)
    w.limit(4096)
    equal(w.ask("folder", "user2", "F1", 1, 50).get("error"), "kNeedCredentials")
    equal(comes_back(w, "user2", "F1")["rows"], page["rows"])


@case("an account that nobody has used for long shrinks to a few KB, and its pages come back")
def _(w):
    page = comes_back(w, "user3", "F1")
    w.webcache.write_config(connection_idle="1s")
    w.limit(4096)
    status = w.settled(lambda status: status["accounts_shrunk"] > 0 and status["connections"] == 0 and
                       status["memory_indexes"] == 0)
    ok(status["memory_bytes"] / status["accounts"] < 8 * 1024, why=status)
    w.webcache.write_config(connection_idle=None)
    w.limit(4096)
    equal(comes_back(w, "user3", "F1")["rows"], page["rows"])


main(World)
