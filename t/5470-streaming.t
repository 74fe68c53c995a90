#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hundred megabytes pass through both processes without staying there, saved alone or in an archive;
and a message of forty megabytes is opened by what of it is shown."""
import base64
import hashlib
import http.client
import os
import re
import sys
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, main, note, ok  # noqa: E402

SIZE = (100 if os.environ.get("ALPHAMAIL_SOAK") else 24) << 20
GROWTH = 3 << 10    # KB, either process; what is there once for all does not depend on the size


def with_file(subject, block, count):
    """A message with one attachment of `count` times the block, encoded as mailers do."""
    encoded = base64.encodebytes(block).decode() * count
    body = ("--xyz\nContent-Type: text/plain\n\nA short text.\n--xyz\nContent-Type: application/x-odd\n"
            "Content-Disposition: attachment; filename=large.bin\nContent-Transfer-Encoding: base64\n\n%s--xyz--\n" % encoded)
    return message(subject=subject, text=body, headers="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xyz")


def memory_of(pids):
    """Private resident KB: what was read of files that others map, too, is nobody's growth."""
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as source:
                text = source.read()
            total += sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty): +(\d+)", text, re.M))
        except OSError:
            pass  # a child that has ended
    return total


class Streaming(Stack):
    def __init__(self):
        super().__init__(cache={"command_timeout": "60s"})

    def _start(self):
        super()._start()
        self.block = os.urandom(57 * 1024)
        self.count = SIZE // len(self.block)
        self.uid = self.dovecot.deliver("demo", "INBOX", [with_file("Large", self.block, self.count)])[0]
        self.small = self.dovecot.deliver("demo", "INBOX", [with_file("Small", self.block, 20)])[0]
        self.reader = self.browser()
        self.reader.log_in()
        self.reader.get("mail/INBOX/")

    def measure(self, path, take):
        """Streams an answer into take(piece), and gives the growth of webcache and httpd in KB meanwhile."""
        groups = {"webcache": [self.webcache.pid], "httpd": [self.httpd.pid] + self.httpd.children()}
        before = {name: memory_of(pids) for name, pids in groups.items()}
        most = dict(before)
        host = self.httpd.origin.split("//")[1]
        connection = http.client.HTTPConnection(host, timeout=120)
        connection.request("GET", self.reader.whole(path), headers={
            **self.reader.headers, "Cookie": "; ".join("%s=%s" % item for item in self.reader.cookies.items())})
        answer = connection.getresponse()
        ok(answer.status == 200, why=str(answer.status))
        total = 0
        looked = 0.0
        while True:
            piece = answer.read(1 << 18)
            if not piece:
                break
            total += len(piece)
            take(piece)
            if time.monotonic() - looked > 0.1:
                looked = time.monotonic()
                for name, pids in groups.items():
                    most[name] = max(most[name], memory_of(pids))
        connection.close()
        return total, {name: most[name] - before[name] for name in groups}


def hashed(stack, path):
    digest = hashlib.sha256()
    total, growth = stack.measure(path, digest.update)
    return total, digest.hexdigest(), growth


@case("an attachment streams through without staying in either process")
def _(stack):
    for _ in range(3):    # what is made once is made now: pools, threads, the way over the disk
        hashed(stack, "mail/INBOX/%d/part/2" % stack.small)
    for way in ("from the server", "from disk"):
        for _ in range(3):    # another child of httpd may have its first request here
            total, digest, growth = hashed(stack, "mail/INBOX/%d/part/2" % stack.uid)
            if max(growth.values()) <= GROWTH:
                break
        ok(total == len(stack.block) * stack.count, why="%d bytes" % total)
        wanted = hashlib.sha256()
        for _ in range(stack.count):
            wanted.update(stack.block)
        ok(digest == wanted.hexdigest())
        note("%d MB %s: webcache grew by %d KB, httpd by %d KB" % (total >> 20, way, growth["webcache"], growth["httpd"]))
        ok(growth["webcache"] <= GROWTH and growth["httpd"] <= GROWTH, why="%s: %r" % (way, growth))


@case("so does an archive of it")
def _(stack):
    for _ in range(3):
        hashed(stack, "mail/INBOX/%d/all.zip" % stack.small)
    name = os.path.join(str(stack.folder), "all.zip")
    for _ in range(3):    # another child of httpd may have its first request here
        with open(name, "wb") as out:
            total, growth = stack.measure("mail/INBOX/%d/all.zip" % stack.uid, out.write)
        if max(growth.values()) <= GROWTH:
            break
    note("archive of %d MB: webcache grew by %d KB, httpd by %d KB" % (total >> 20, growth["webcache"], growth["httpd"]))
    with zipfile.ZipFile(name) as packed:
        ok(packed.testzip() is None)
        ok(packed.infolist()[0].file_size == len(stack.block) * stack.count)
    ok(growth["webcache"] <= GROWTH and growth["httpd"] <= GROWTH, why=repr(growth))


@case("a large message is opened by what is shown of it")
def _(stack):
    began = time.monotonic()
    page = stack.reader.get("mail/INBOX/%d" % stack.uid)
    contains(page.words, "A short text.")
    took = time.monotonic() - began
    note("opened in %.0f ms" % (took * 1000))
    ok(took < 5, why="%.1f s" % took)
    contains(page.words, "large.bin")


main(Streaming)
