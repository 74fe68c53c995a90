# SPDX-License-Identifier: GPL-3.0-or-later
"""w3m at a terminal, by its keys, as somebody uses it who hears pages or has no other screen:

    with TextBrowser(folder) as w3m:
        w3m.open(address)
        w3m.fill("Password", "demo")
        w3m.press("Log in")
        w3m.until("Inbox")              # all that the page says
"""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import termios
import time

COLUMNS, LINES = 110, 60


def missing():
    return "" if shutil.which("w3m") else "no w3m"


class TextBrowser:
    def __init__(self, folder):
        self.home = os.path.join(str(folder), "w3m-" + os.urandom(4).hex())
        os.makedirs(os.path.join(self.home, ".w3m"))
        self.editor = os.path.join(self.home, "editor")
        self.typed = os.path.join(self.home, "typed")
        with open(self.editor, "w", encoding="ascii") as out:
            out.write('#!/bin/sh\nfor file; do :; done\ncat "%s" > "$file"\n' % self.typed)
        os.chmod(self.editor, 0o755)
        self.pid = self.terminal = None
        self.number, self.origin = 0, ""
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def open(self, address):
        self.origin = "/".join(address.split("/", 3)[:3])
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=self.home, TERM="vt100", EDITOR=self.editor, LANG="C.UTF-8", LC_ALL="C.UTF-8")
            os.execvp("w3m", ["w3m", "-cookie", "-o", "confirm_qq=0", "-o", "use_mouse=0", "-o", "editor=" + self.editor,
                              "-o", "wrap_search=1", "-o", "ignorecase_search=0", "-o", "accept_language=en",
                              "-o", "cookie_avoid_wrong_number_of_dots=localhost", address])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def log_in(self, origin, until, user="demo", password="demo"):
        """To the site's first page, until it says that."""
        self.open(origin + "/alphamail/")
        self.until("Password")
        self.fill("User", user)
        self.fill("Password", password)
        self.press("Log in$")
        self.until(until)

    def close(self):
        if self.pid is None:
            return
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)
        self.pid = None

    def keys(self, text):
        """Types, and waits until the screen rests."""
        os.write(self.terminal, text.encode())
        self.rest()

    def rest(self, quiet=0.06, most=5):
        end = time.monotonic() + most
        while time.monotonic() < end and select.select([self.terminal], [], [], quiet)[0]:
            try:
                self.heard = (self.heard + os.read(self.terminal, 65536))[-20000:]
            except OSError as error:
                ended = os.waitpid(self.pid, 0)[1]
                self.pid = None
                raise AssertionError("w3m ended (%s); last it said %r" % (
                    os.waitstatus_to_exitcode(ended), self.heard[-600:])) from error

    def screen(self):
        """All of the page's text, as w3m saves it; "" where it is not ready for that."""
        self.number += 1
        path = os.path.join(self.home, "page%d" % self.number)
        self.keys("S\x15" + path + "\r")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8", errors="replace") as page:
                    return page.read()
            self.rest(0.05)
        return ""

    def until(self, words, seconds=40):
        end = time.monotonic() + seconds
        while True:
            page = self.screen()
            if words in " ".join(page.split()):
                return page
            if time.monotonic() > end:
                raise AssertionError("%r is not on the page:\n%s\n%r" % (words, page[:3000], self.heard[-600:]))
            time.sleep(0.1)

    @staticmethod
    def _find(words):
        """The keys that lead the cursor to these words, from the top on."""
        return "g/\x15" + words + "\r"

    def fill(self, label, text):
        """Into the field behind its label."""
        self.keys(self._find("^ *" + re.escape(label).replace("\\ ", " ")) + "\t\r\x15" + text + "\r")

    def write(self, text, before):
        """A text of several lines, by the editor; `before` is what stands in front of its field."""
        with open(self.typed, "w", encoding="utf-8") as out:
            out.write(text)
        self.keys(self._find(before) + "\t\r")
        self.rest(0.5)

    def tick(self, words):
        """The first box behind these words."""
        self.keys(self._find(words) + "\t\r")

    def press(self, name):
        """A button or a link."""
        self.keys(self._find(name) + "\r")

    def press_before(self, words, links):
        """The link, button or box that stands so many before the one with these words."""
        self.keys(self._find(words) + "\x1b\t" * links + "\r")

    def go(self, path):
        """To another address of this site."""
        self.keys("U\x15" + self.origin + path + "\r")
