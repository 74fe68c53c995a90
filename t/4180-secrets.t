#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A password is looked for where it may not be: in the memory of webcache and httpd, in all files, in logs,
command lines and environments; after a log-in and ten seconds, while somebody logs in or resumes, and after.
While it is needed it may lie in pages that are locked and kept out of dumps, and nowhere else."""
import base64
import os
import signal
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from asker import Asker  # noqa: E402
from meanwhile import until  # noqa: E402
from servers.process import children, halt  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, equal, main, ok, skip_all  # noqa: E402
from webcache import sanitized  # noqa: E402

if os.getuid() != 0:
    skip_all("only root may read the memory of others")
if sanitized():
    skip_all("a sanitizer keeps what was let go of")

USER, PASSWORD = "canary", "QcAnArY-pw+7f3a/Zz"
SECRETS = {
    "the password": PASSWORD.encode(),
    "the form's": urllib.parse.quote_plus(PASSWORD).encode(),
    "what AUTHENTICATE PLAIN sends": base64.b64encode(b"\0%s\0%s" % (
        USER.encode(), PASSWORD.encode())).rstrip(b"=")[:-1],
}
NEEDED = {"lo", "dd"}       # of VmFlags: locked, not dumped


class Canary(Stack):
    def _start(self):
        super()._start()
        self.dovecot.add_user(USER, PASSWORD)

    def processes(self):
        """{name: [pid]}"""
        return {"webcache": self.webcache.daemons(), "its supervisor": [self.webcache.supervisor_pid],
                "httpd": [self.httpd.pid], "an httpd child": self.httpd.children()}

    def in_memory(self, kept=None):
        """[(process, what, where)] outside of pages that are locked and not dumped; those in them go to `kept`."""
        found = []
        for name, pids in self.processes().items():
            for pid in pids:
                for begin, data, line, flags in areas(pid):
                    for what, secret in SECRETS.items():
                        at = data.find(secret)
                        if at >= 0 and not NEEDED <= flags:
                            found.append((name, what, hex(begin + at), line))
                        elif at >= 0 and kept is not None:
                            kept.append((name, what))
        return found

    def in_files(self):
        found = []
        for top in (str(self.folder), self.webcache.sockets, self.httpd.sockets):
            for base, _, names in os.walk(top):
                if base.startswith(self.dovecot.folder):
                    continue       # the mail server's own
                for name in names:
                    path = os.path.join(base, name)
                    if not os.path.isfile(path):
                        continue
                    try:
                        with open(path, "rb") as source:
                            data = source.read()
                    except FileNotFoundError:    # it had another's name by then
                        continue
                    found += [(path, what) for what, secret in SECRETS.items() if secret in data]
        for pids in self.processes().values():
            for pid in pids:
                for name in ("cmdline", "environ"):
                    with open("/proc/%d/%s" % (pid, name), "rb") as source:
                        data = source.read()
                    found += [(pid, name, what) for what, secret in SECRETS.items() if secret in data]
        return found


def areas(pid):
    """(begin, bytes, line of maps, flags) of all memory of a process that can be read."""
    line, flags = None, set()
    listed = []
    with open("/proc/%d/smaps" % pid, encoding="ascii", errors="replace") as smaps:
        for text in smaps:
            if text[0] in "0123456789abcdef" and "-" in text.split()[0]:
                line = text.rstrip()
            elif text.startswith("VmFlags:"):
                listed.append((line, set(text.split()[1:])))
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line, flags in listed:
            bounds, modes = line.split()[:2]
            if "r" not in modes or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            begin, end = (int(bound, 16) for bound in bounds.split("-"))
            if end - begin > 1 << 30:
                continue
            try:
                memory.seek(begin)
                yield begin, memory.read(end - begin), line, flags
            except OSError:
                continue


def freeze(pid):
    """Stops a process and all below it; a parent first, so that it has no more children."""
    try:
        halt(pid)
        for child in children(pid):
            freeze(child)
    except (ProcessLookupError, FileNotFoundError):
        pass


def thaw(pid):
    try:
        os.kill(pid, signal.SIGCONT)
        for child in children(pid):
            thaw(child)
    except (ProcessLookupError, FileNotFoundError):
        pass


def forgotten(stack):
    """Until no memory has it any more."""
    until(lambda: not stack.in_memory(), seconds=20, why=lambda: repr(stack.in_memory()))


@case("the search finds what is there: the user's name in the webcache")
def _(stack):
    browser, page = stack.log_in(USER, PASSWORD)
    equal(page.status, 200, page.words[:300])
    stack.reader = browser
    found = [1 for _, data, _, _ in areas(stack.webcache.pid) if b"canary@example.edu" in data]
    ok(found)


@case("ten seconds after a log-in no process has the password, nor has any file, log or command line")
def _(stack):
    _, wrong = stack.log_in(USER, PASSWORD[::-1])
    equal(wrong.status, 401)
    time.sleep(10)
    forgotten(stack)
    equal(stack.in_files(), [])


def while_waiting(stack, ask):
    """What is found while a question waits for a mail server that does not answer."""
    found = []
    freeze(stack.dovecot.server.pid)
    try:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        kept, end = [], time.monotonic() + 18
        while ("webcache", "the password") not in kept and time.monotonic() < end:    # the web child has it before
            found += stack.in_memory(kept)
        ok(("webcache", "the password") in kept, why="the webcache does not have it while it logs in: %r" % kept)
    finally:
        thaw(stack.dovecot.server.pid)
    thread.join()
    return found


@case("while somebody logs in the password lies in locked pages alone")
def _(stack):
    pages = []
    equal(while_waiting(stack, lambda: pages.append(stack.log_in(USER, PASSWORD)[1])), [])
    ok(pages[0].status in (200, 503, 504), why=pages[0].words[:300])
    forgotten(stack)


@case("a session that resumes after a crash: in locked pages meanwhile, and nowhere afterwards")
def _(stack):
    old = stack.webcache.crash()
    until(lambda: old not in stack.webcache.daemons() and stack.webcache.daemons(), why="no new daemon")
    with Asker(stack.webcache, stack.folder) as ask:    # it may still be beginning
        ask.until(lambda status: "connections" in status, "status", seconds=30)
    pages = []
    equal(while_waiting(stack, lambda: pages.append(stack.reader.get("mail/INBOX/"))), [])
    page = stack.reader.get("mail/INBOX/")
    equal(page.status, 200, page.words[:300])
    forgotten(stack)
    equal(stack.in_files(), [])


# Patient, so that a password waits long enough to be found.
main(lambda: Canary(cache={"connect_timeout": "20s"}))
