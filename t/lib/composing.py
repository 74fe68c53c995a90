# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of Chromium in which somebody writes: t/lib/compose_in_browser.js at the end of a pipe.

    with Composing(stack) as composing:
        window = composing.open("compose", browser)     # with the session of that browser without script
        window("type", field="body", text="words")
"""
import json
import os
import subprocess

import chromium
import paths


class Window:
    def __init__(self, composing, number):
        self.composing, self.number = composing, number

    def __call__(self, do, **what):
        return self.composing.ask({"do": do, "window": self.number, **what})

    @property
    def told(self):
        return self("tell")

    @property
    def values(self):
        return self.told["values"]


class Composing:
    def __init__(self, stack):
        self.stack = stack
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            ["node", os.path.join(paths.top_srcdir, "t", "lib", "compose_in_browser.js"), chromium.CHROMIUM],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=chromium.ENVIRONMENT)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def ask(self, what):
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or b'{"error": "the driver has ended"}')
        if "error" in answer:
            raise AssertionError("%r: %s" % (what, answer["error"]))
        return answer

    def address(self, path):
        return "%s/alphamail/%s" % (self.stack.httpd.origin, path)

    def open(self, path, browser):
        cookie = "; ".join("%s=%s" % one for one in browser.cookies.items())
        return Window(self, self.ask({"do": "open", "url": self.address(path), "cookie": cookie})["window"])
