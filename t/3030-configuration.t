#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mistake in the directives or in alphamail_config stops httpd's start and is named in words."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from stack import Stack  # noqa: E402
from servers.process import Failed  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402


def refused(stack, *words, **directives):
    before = dict(stack.httpd.site)
    try:
        stack.httpd.write_config(**directives)
        good, text = stack.httpd.check()
    finally:
        stack.httpd.site = before
    ok(not good, why="accepted: %r" % (directives,))
    for word in words:
        contains(text, word, repr(directives))


@case("the configuration of the tests is right")
def _(stack):
    good, text = stack.httpd.check()
    ok(good, why=text)


@case("each directive refuses what it cannot mean, with file and line")
def _(stack):
    where = os.path.basename(stack.httpd.config_file)
    for name, value, word in (
            ("AlphaMailMount", "alphamail", "AlphaMailMount"), ("AlphaMailMount", "/a/", "AlphaMailMount"),
            ("AlphaMailMount", '"/a b"', "AlphaMailMount"), ("AlphaMailMount", "/../a", "AlphaMailMount"),
            ("AlphaMailDomain", "http://a.example/", "AlphaMailDomain"),
            ("AlphaMailDomain", "a.example:port", "AlphaMailDomain"),
            ("AlphaMailDeadline", "soon", "AlphaMailDeadline"), ("AlphaMailDeadline", "1", "AlphaMailDeadline"),
            ("AlphaMailMaxBody", "-1", "AlphaMailMaxBody"), ("AlphaMailMaxBody", "12kB", "AlphaMailMaxBody"),
            ("AlphaMailRequireTls", "maybe", "AlphaMailRequireTls"),
            ("AlphaMailDatabase", "sqlite3", "AlphaMailDatabase"),
            ("AlphaMailSessionCache", ":x", "AlphaMailSessionCache")):
        refused(stack, word, where, "line", **{name: value})


@case("files that are not there are named")
def _(stack):
    refused(stack, "/nowhere/alphamail_config", AlphaMailConfig="/nowhere/alphamail_config")
    refused(stack, "/nowhere", AlphaMailTemplates="/nowhere")


@case("every mistake in alphamail_config is named with file, line and reason")
def _(stack):
    good = stack.webcache.config_file
    with open(good, encoding="utf-8") as source:
        text = source.read()
    bad = good + ".bad"
    with open(bad, "w", encoding="utf-8") as out:
        out.write(text + "\nno_such_key: 1\nsession_idle_minutes: soon\n")
    os.chmod(bad, 0o600)
    os.chown(bad, os.stat(good).st_uid, os.stat(good).st_gid)
    lines = text.count("\n") + 2
    refused(stack, "%s:%d: " % (bad, lines), "%s:%d: " % (bad, lines + 1), "no_such_key", "AM0142",
            AlphaMailConfig='"%s"' % bad)


@case("a session cache that is not loaded is named, and httpd does not start")
def _(stack):
    stack.httpd.write_config(AlphaMailSessionCache="nosuch")
    try:
        stack.httpd.start()
    except Failed:
        pass    # it ended before its port answered; httpd opens that before it asks the module
    try:
        ok(stack.httpd.server.process.wait(30) != 0, why="httpd ended as if all were well")
        contains(stack.logs(), "nosuch")
    finally:
        stack.httpd.write_config(AlphaMailSessionCache=None)
        stack.httpd.stop()


@case("a secret file that others may read is refused in words")
def _(stack):
    secret = os.path.join(str(stack.folder), "open-secret")
    with open(secret, "wb") as out:
        out.write(b"x" * 32)
    os.chmod(secret, 0o644)
    config = stack.webcache.config_file + ".secret"
    with open(stack.webcache.config_file, encoding="utf-8") as source:
        lines = [line for line in source if not line.startswith("secret_file")]
    with open(config, "w", encoding="utf-8") as out:
        out.writelines(lines + ["secret_file: %s\n" % secret])
    for name in (secret, config):
        os.chown(name, os.stat(stack.webcache.config_file).st_uid, -1)
    os.chmod(config, 0o600)
    before = stack.httpd.site["AlphaMailConfig"]
    stack.httpd.write_config(AlphaMailConfig='"%s"' % config)
    try:
        stack.httpd.start()
    except Failed:
        pass    # as above
    try:
        ok(stack.httpd.server.process.wait(30) != 0, why="httpd ended as if all were well")
        contains(stack.logs(), "open-secret")
    finally:
        stack.httpd.write_config(AlphaMailConfig=before)
        stack.httpd.stop()


@case("without AlphaMailConfig the module does nothing")
def _(stack):
    site = stack.httpd.site
    stack.httpd.site = {name: None for name in site}
    stack.httpd.start()
    try:
        page = stack.browser().request("GET", "/alphamail/")
        equal(page.status, 404)
        ok("content-security-policy" not in page.headers)
    finally:
        stack.httpd.stop()
        stack.httpd.site = site


main(lambda: Stack(start=("dovecot",)))
