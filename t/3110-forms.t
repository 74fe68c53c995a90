#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No form of another site, another session or an older one has any effect: all POST routes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from tap import case, equal, main, ok  # noqa: E402

ROUTES = (("logout", {"do": "logout"}), ("settings/", {"density": "compact", "rows": "25"}),
          ("mail/INBOX/", {"do": "check"}), ("mail/", {"do": "check"}))


def attacks(token, foreign, stale):
    yield "no token", None, {}
    yield "an empty token", "", {}
    yield "another session's token", foreign, {}
    yield "the token of a session before", stale, {}
    yield "a token cut short", token[:-1], {}
    yield "a token with one character changed", ("A" if token[20] != "A" else "B").join(
        (token[:20], token[21:])), {}
    yield "another site", token, {"Sec-Fetch-Site": "cross-site"}
    yield "a sister site", token, {"Sec-Fetch-Site": "same-site"}
    yield "an odd Sec-Fetch-Site", token, {"Sec-Fetch-Site": "SAME-ORIGIN, x"}
    yield "another origin", token, {"Sec-Fetch-Site": None, "Origin": "https://evil.example"}
    yield "origin null", token, {"Sec-Fetch-Site": None, "Origin": "null"}
    yield "our host at another port", token, {"Sec-Fetch-Site": None, "Origin": "http://localhost:1"}


@case("every attack on every route is a 403 without effect; the honest form works")
def _(stack):
    browser, _ = stack.log_in()
    other, _ = stack.log_in("demo2")
    old, page = stack.log_in()
    stale = old.get("settings/").token
    page = old.get("settings/")
    old.submit(page, page.form("logout"))
    old.log_in()
    foreign = other.get("settings/").token
    before = browser.get("settings/").form("density").fields["density"]
    for path, fields in ROUTES:
        for what, token, headers in attacks(browser.get("settings/").token, foreign, stale):
            sent = dict(fields) if token is None else dict(fields, token=token)
            page = browser.post(path, sent, headers=headers, follow=False)
            equal(page.status, 403, "%s, %s" % (path, what))
            page = browser.get("settings/", follow=False)
            equal(page.status, 200, "still logged in after %s, %s" % (path, what))
            equal(page.form("density").fields["density"], before, "%s, %s" % (path, what))
    for headers in ({}, {"Sec-Fetch-Site": None}, {"Origin": None},
                    {"Origin": None, "Sec-Fetch-Site": None}):
        page = browser.get("settings/")
        page = browser.post("settings/", dict(page.form("density").fields, density="compact"),
                            headers=headers, follow=False)
        equal(page.status, 303, str(headers))
    equal(browser.get("settings/").form("density").fields["density"], "compact")


@case("a form without a session leads to the log-in page, whatever it says")
def _(stack):
    for path, fields in ROUTES:
        page = stack.browser().post(path, fields, follow=False)
        equal(page.status, 303, path)
        ok("/login" in page.headers["location"], why=path)


@case("a token is spelled anew on each page, and each spelling works")
def _(stack):
    browser, _ = stack.log_in()
    tokens = [browser.get("settings/").token for _ in range(5)]
    equal(len(set(tokens)), 5)
    for token in tokens:
        equal(browser.post("mail/INBOX/", {"do": "check", "token": token}, follow=False).status, 303)


main(Stack)
