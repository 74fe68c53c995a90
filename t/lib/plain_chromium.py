# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium without script, used by what its pages show. It understands what text_browser.TextBrowser understands, so
that one journey serves both:

    with PlainChromium(folder) as browser:
        browser.log_in(origin, "Inbox")
        browser.tick_row("A question")
        browser.press("Archive", behind="Check mail")
        browser.text()                  # all that the page shows
"""
import json
import os
import subprocess

import chromium
import paths

missing = chromium.missing


class PlainChromium:
    def __init__(self, folder):
        self.folder = str(folder)
        self.number, self.origin, self.shown = 0, "", {}
        self.driver = None

    def __enter__(self):
        self.errors = open(os.path.join(self.folder, "plain_chromium.log"), "w+", encoding="utf-8")
        self.driver = subprocess.Popen(
            ["node", os.path.join(paths.top_srcdir, "t", "lib", "plain_chromium.js"), chromium.CHROMIUM], text=True,
            encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=chromium.ENVIRONMENT)
        return self

    def __exit__(self, *_):
        self.driver.stdin.close()
        try:
            self.driver.wait(15)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.driver.stdout.close()
        self.errors.close()

    def _do(self, what, **how):
        self.driver.stdin.write(json.dumps({"do": what, **how}) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise AssertionError("Chromium's driver ended: " + self.errors.read()[-2000:])
        answer = json.loads(line)
        self.shown = answer or self.shown
        if "error" in answer:
            raise AssertionError("%s %r: %s; the page is:\n%s" % (what, how, answer["error"], answer["text"][:3000]))

    def log_in(self, origin, until, user="demo", password="demo"):
        self.origin = origin
        self._do("begin")
        self.go("/alphamail/")
        self.fill("User name", user)
        self.fill("Password", password)
        self.press("Log in")
        if until not in self.text():
            raise AssertionError("%r is not on the page:\n%s" % (until, self.shown["text"][:3000]))

    def text(self):
        return " ".join(self.shown["text"].split())

    def title(self):
        return self.shown["title"]

    def go(self, path):
        self._do("go", address=self.origin + path)

    def press(self, name, behind=""):
        self._do("press", name=name, behind=behind)

    def fill(self, label, text, behind=""):
        self._do("fill", label=label, text=text, behind=behind)

    def choose(self, label, option, behind=""):
        self._do("choose", label=label, option=option, behind=behind)

    def mark(self, label, behind=""):
        self._do("mark", label=label, behind=behind)

    def tick_row(self, subject):
        self._do("tick_row", subject=subject)

    def star_row(self, subject):
        self._do("star_row", subject=subject)

    def open_row(self, subject):
        self._do("open_row", subject=subject)

    def save(self, name):
        """The bytes of the file that a link leads to."""
        self.number += 1
        path = os.path.join(self.folder, "saved%d" % self.number)
        self._do("save", name=name, path=path)
        with open(path, "rb") as saved:
            return saved.read()
