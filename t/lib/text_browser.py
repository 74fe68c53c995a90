# SPDX-License-Identifier: GPL-3.0-or-later
"""w3m at a terminal, by its keys, as somebody uses it who hears pages or has no other screen:

    with TextBrowser(folder) as w3m:
        w3m.open(address)
        w3m.fill("Password", "demo")
        w3m.press("Log in")
        w3m.until("Inbox")              # all that the page says

Words are looked for as w3m does, by its regular expressions; `behind` are others that stand before them. What
plain_chromium.PlainChromium can do as well is for journeys that either of them makes.
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
            out.write('#!/bin/sh\nfor file; do :; done\n'
                      'cat "%s" > "$file" && : > "%s.done"\n' % (self.typed, self.typed))
        os.chmod(self.editor, 0o755)
        self.pid = self.terminal = None
        self.number, self.origin = 0, ""
        self.heard = self.answer = b""    # all so far, and since the last keys

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
        self.arrive()
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
        self.answer = b""
        os.write(self.terminal, text.encode())
        self.rest()

    def rest(self, quiet=0.03, most=5):
        end = time.monotonic() + most
        while time.monotonic() < end and select.select([self.terminal], [], [], quiet)[0]:
            try:
                more = os.read(self.terminal, 65536)
                self.heard, self.answer = (self.heard + more)[-20000:], self.answer + more
            except OSError as error:
                ended = os.waitpid(self.pid, 0)[1]
                self.pid = None
                raise AssertionError("w3m ended (%s); last it said %r" % (
                    os.waitstatus_to_exitcode(ended), self.heard[-600:])) from error

    def screen(self):
        """All of the page's text, as w3m saves it; "" where it is not ready for that."""
        self.number += 1
        path = os.path.join(self.home, "page%d" % self.number)
        self.keys("S\x15|cat>%s.part&&mv %s.part %s\r" % (path, path, path))    # there once all of it is
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
            line = " ".join(page.split())
            if "is taking its time" in line or "has not answered yet; this is what" in line:    # the mail server
                self.keys("R")
                self.arrive()
            elif line and words in line:
                return page
            if time.monotonic() > end:
                raise AssertionError("%r is not on the page:\n%s\n%r" % (words, page[:3000], self.heard[-600:]))
            time.sleep(0.1)

    def text(self):
        """All that the page says, on one line."""
        return " ".join(self.until("").split())

    def title(self):
        """Without its spaces."""
        self.arrive()
        return re.findall(r"Viewing(?:\[SSL\])?<(.*?)>", self._plain(self.answer))[-1]

    def arrive(self, seconds=40):
        """Until a page is there that was asked for: w3m forgets keys that come before it. It is told to draw the screen
        anew until it does."""
        end = time.monotonic() + seconds
        while True:
            self.keys("\x0c")
            again = time.monotonic() + 0.15
            while "Viewing" not in self._plain(self.answer):
                if time.monotonic() > end:
                    raise AssertionError("no page comes: %r" % self.heard[-600:])
                if time.monotonic() > again:
                    break
                self.rest()
            else:
                return

    @staticmethod
    def _plain(heard):
        """What was written, without where."""
        return re.sub(rb"\x1b\[[\d;]*[A-Za-z]|[\0 ]", b"", heard).decode("utf-8", "replace")

    def _find(self, words, behind=""):
        """Leads the cursor to these words, from the top on."""
        self.keys("g" + ("/\x15" + behind + "\r" if behind else "") + "/\x15" + words + "\r")
        # Each search is asked for and then answered; what is drawn later would be taken for what the next keys bring.
        self.heard_of(r"Forward:|Notfound:|Searchwrapped:", 4 if behind else 2)
        if "Notfound:" in self._plain(self.answer):
            raise AssertionError("w3m finds no %r%s in\n%s" % (words, " behind " + repr(behind) if behind else "", self.text()))

    def heard_of(self, pattern, times=1, seconds=40):
        """Waits until this was written so often since the last keys; spaces are not."""
        end = time.monotonic() + seconds
        while len(re.findall(pattern, self._plain(self.answer))) < times:
            if time.monotonic() > end:
                raise AssertionError("no %r: %r" % (pattern, self.heard[-600:]))
            self.rest(0.1, 1)

    def fill(self, label, text, behind=""):
        """Into the field behind its label."""
        self._find("^ *" + re.escape(label).replace("\\ ", " "), behind)
        self.keys("\t\r\x15" + text + "\r")

    def choose(self, label, option, behind=""):
        """Of the list behind its label, which opens as a menu that can be searched."""
        self._find(label + " *\\[", behind)
        self.keys("\t\r")
        self.keys("/" + option + "\r")
        self.keys("\r")

    def mark(self, label, behind=""):
        """The box or the round button before its label."""
        self._find(label, behind)
        self.keys("\x1b\t\r")

    def tick_row(self, subject):
        """The box at the beginning of a message's row."""
        self._find(subject)
        self.keys("\x01\t\r")

    def star_row(self, subject):
        """The button with the star, which stands behind the box."""
        self._find(subject)
        self.keys("\x01\t\t\r")
        self.arrive()

    def open_row(self, subject):
        self.press(subject)

    def save(self, name, seconds=20):
        """The bytes of the file that a link leads to."""
        self.number += 1
        path = os.path.join(self.home, "saved%d" % self.number)
        self._find(name)
        self.keys("a")
        self.heard_of("Savefileto")    # once the answer has begun
        self.keys("\x15" + path + "\r")
        end = time.monotonic() + seconds
        while "Download complete" not in self.text():
            if time.monotonic() > end:
                raise AssertionError("%s is not saved: %s" % (name, self.text()[:1000]))
            self.keys("R")    # the page that tells how far it is
        self.keys("B")
        with open(path, "rb") as saved:
            return saved.read()

    def write(self, text, before):
        """A text of several lines, by the editor; `before` is what stands in front of its field."""
        with open(self.typed, "w", encoding="utf-8") as out:
            out.write(text)
        done = self.typed + ".done"
        if os.path.exists(done):
            os.remove(done)
        self._find(before)
        self.keys("\t\r")
        end = time.monotonic() + 40
        while not os.path.exists(done):
            if time.monotonic() > end:
                raise AssertionError("no editor is begun: %r" % self.heard[-600:])
            self.rest(0.05, 1)
        self.arrive()

    def tick(self, words):
        """The first box behind these words."""
        self._find(words)
        self.keys("\t\r")

    def press(self, name, behind=""):
        """A button or a link."""
        self._find(name, behind)
        self.keys("\r")
        self.arrive()

    def press_before(self, words, links):
        """The link, button or box that stands so many before the one with these words."""
        self._find(words)
        self.keys("\x1b\t" * links + "\r")
        self.arrive()

    def go(self, path):
        """To another address of this site."""
        self.keys("U\x15" + self.origin + path + "\r")
        self.arrive()
