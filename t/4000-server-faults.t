#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees when the mail server is down, slow, broken or not who it says it is: a page in
words within a bounded time, and everything again once the server is well."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from badproxy import BadImap, CERTIFICATES  # noqa: E402
from imapd import Dovecot, message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


class Behind(Stack):
    """The stack with badimap between webcache and Dovecot; its certificate and mode change as we say."""
    patience = 0    # pages that come before the mail server's answer are the matter here

    def __init__(self, **more):
        super().__init__(cache={"connect_timeout": 2000, "command_timeout": 3000, **more},
                         start=("dovecot", "httpd"))
        self.faulty = None

    def __enter__(self):
        super().__enter__()
        self.deliver("INBOX", [message(subject="Letter number %d" % n) for n in range(1, 4)])
        self.put_before()
        return self

    def put_before(self, *options, scheme="imaps"):
        """A new badimap, and the webcache started again to use it."""
        if self.faulty is not None:
            self.faulty.close()
        self.webcache.stop()
        link = "--tls" if scheme == "imaps" else "--starttls"
        self.faulty = BadImap(self.dovecot.imap_port, self.folder, link, *options)
        self.webcache.write_config(**self.faulty.settings(scheme))
        self.webcache.start()
        return self.faulty

    def close(self):
        if self.faulty is not None:
            self.faulty.close()
        super().close()


def logged_in(page):
    return "/mail/" in page.url and page.status == 200


def refused_in_time(stack, seconds, statuses=(502, 503, 504)):
    """Tries to log in; gives the page, which must be an error in words and soon."""
    started = time.monotonic()
    browser, page = stack.log_in()
    took = time.monotonic() - started
    ok(page.status in statuses, why="status %d: %s" % (page.status, page.words[:300]))
    ok(took < seconds, why="took %.1f s" % took)
    contains(page.text, 'role="alert"')
    equal([name for name in browser.cookies if "session" in name], [])
    return browser, page


def comes_in(stack, *who, **fields):
    """(browser, first page) of somebody who logs in while the server is well."""
    browser = stack.browser()
    browser.patience = 30
    page = browser.log_in(*who, **fields)
    ok(logged_in(page), why=page.words[:300])
    browser.patience = 0
    return browser, page


def well_again(get, good, seconds=30):
    """Until a page is good again, which takes 5 s at most on a machine that is not busy."""
    end = time.monotonic() + seconds
    while True:
        page = get()
        if good(page):
            return page
        ok(time.monotonic() < end, why=page.words[:300])
        time.sleep(0.2)


@case("through a healthy proxy a user logs in and reads")
def _(stack):
    _, page = comes_in(stack)
    contains(page.words, "Letter number 3")


@case("a bad certificate of any kind is refused before any password, and the page says so")
def _(stack):
    for kind in sorted(set(CERTIFICATES) - {"good"}):
        stack.put_before("--cert", kind)
        _, page = refused_in_time(stack, 10)
        lacks(page.words, "Letter number")


@case("STARTTLS refused, with bytes behind it, or after PREAUTH: no log-in")
def _(stack):
    for mode in ("starttls-refuse", "starttls-inject", "preauth"):
        stack.put_before("--mode", mode, scheme="imap")
        refused_in_time(stack, 10)


@case("a server that resets every connection: an error soon, and log-in once it is well")
def _(stack):
    faulty = stack.put_before("--mode", "refuse-all")
    refused_in_time(stack, 10)
    faulty.mode("pass")
    well_again(lambda: stack.log_in()[1], logged_in)


@case("a server that accepts and says nothing: an error in time, then well again")
def _(stack):
    faulty = stack.put_before("--mode", "stall-greeting", "--kth", "1")
    refused_in_time(stack, 15)
    faulty.mode("pass")
    well_again(lambda: stack.log_in()[1], logged_in)


@case("a server that closes or stalls in the middle of a literal: bounded, in words, then well again")
def _(stack):
    for mode in ("close-mid-literal", "stall-mid-literal", "close-mid-line", "rst"):
        faulty = stack.put_before()
        browser, page = comes_in(stack)
        address = page.link("Letter number 2")
        faulty.mode(mode)
        started = time.monotonic()
        broken = browser.get(address)
        took = time.monotonic() - started
        ok(took < 15, why="%s took %.1f s" % (mode, took))
        ok(broken.status in (200, 502, 503, 504), why="%s: %d" % (mode, broken.status))
        faulty.mode("pass")
        well_again(lambda: browser.get(address), lambda page: "One line of text." in page.words)
        ok(stack.webcache.server.alive())


@case("one user's slow server does not delay another user's page")
def _(stack):
    with Dovecot(stack.folder, name="second") as other:
        other.add_user("eve", "demo")
        other.deliver("eve", "INBOX", [message(subject="Elsewhere")])
        faulty = stack.put_before()
        stack.webcache.stop()
        with open(stack.faulty.ca_file, encoding="ascii") as one, open(
                other.ca_file, encoding="ascii") as two:
            both = os.path.join(stack.folder.path, "both.pem")
            with open(both, "w", encoding="ascii") as out:
                out.write(one.read() + two.read())
        os.chmod(both, 0o644)
        stack.webcache.write_config(
            imap_servers="%s, example.net=imaps://localhost:%d[/]" % (
                faulty.settings()["imap_servers"], other.imaps_port), tls_ca_file=both)
        stack.webcache.start()
        stack.httpd.stop()
        stack.httpd.start()
        slow, _ = comes_in(stack)
        quick, _ = comes_in(stack, "eve", "demo", domain="example.net")
        quick.patience = 30
        faulty.mode("stall-after")
        faulty.set("after_bytes", 0)
        waiting = threading.Thread(target=give_up, args=(slow, "mail/INBOX/1"))
        waiting.start()
        started = time.monotonic()
        for _ in range(20):
            page = quick.get("mail/INBOX/")
            equal(page.status, 200)
            contains(page.words, "Elsewhere")
        took = time.monotonic() - started
        waiting.join()
        ok(took < 15, why="20 pages took %.1f s" % took)


def give_up(browser, path):
    """A request whose answer nobody looks at."""
    try:
        browser.get(path)
    except OSError:
        pass


@case("no log holds a password, right or wrong")
def _(stack):
    stack.log_in("demo", "canary-of-a-password")
    lacks(stack.logs(), "canary-of-a-password")


main(Behind)
