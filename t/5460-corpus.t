#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real and torture mail through the whole stack: every message opens in bounded time, attachments are byte
for byte what Python's email package makes of them, and where a corpus says what the parse must be, ours
equals it. t/fixtures/mail; with ALPHAMAIL_CORPUS all of that folder's mail."""
import email
import email.policy
import glob
import html
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from mail_files import CORPUS, ROOT, crlf, mail_files  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, main, note, ok  # noqa: E402

SECONDS = 15.0     # for one page, on a machine that does much else
FILES = mail_files()


# Where the server, which takes messages apart for us, reads a broken one otherwise.
OTHERWISE = {
    # A header that ends in a line without a colon goes on behind it there (RFC 5322 has no such line), or is all that there
    # is; here the body begins with it.
    "malformedHeaderStartsBody-nocrlfcrlf.msg", "malformedHeaderStartsBody-noheader.msg",
    # Of a boundary longer than RFC 2046 allows it compares the beginning.
    "very-long-boundary.msg", "very-very-long-boundary.msg",
}


def name_of(path):
    return os.path.basename(path)


# RFC 3501 section 6.4.5: the number of a part within a multipart, those around it before.
def inner(part, section):
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for number, child in enumerate(part.get_payload(), 1):
            yield from inner(child, "%s.%d" % (section, number))
    elif not part.is_multipart():
        yield section, part


def leaves(message):
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for number, child in enumerate(message.get_payload(), 1):
            yield from inner(child, str(number))
    elif not message.is_multipart():
        yield "1", message


class Corpus(Stack):
    def _start(self):
        super()._start()
        self.reader = self.browser()
        raws = []
        for path in FILES:
            with open(path, "rb") as source:
                raws.append(crlf(source.read()))
        self.raws = raws
        self.uids = self.dovecot.deliver("demo", "INBOX", raws)
        self.reader.log_in()
        self.reader.get("mail/INBOX/")
        self.pages = {}
        for uid, path in zip(self.uids, FILES):
            began = time.monotonic()
            page = self.reader.get("mail/INBOX/%d" % uid)
            self.pages[path] = (uid, page, time.monotonic() - began)


@case("every message opens, in bounded time")
def _(stack):
    bad = [(path, page.status) for path, (_, page, _) in stack.pages.items() if page.status != 200]
    slow = [(path, took) for path, (_, _, took) in stack.pages.items() if took > SECONDS]
    longest = max((took, path) for path, (_, _, took) in stack.pages.items())
    note("%d messages, the slowest took %.0f ms (%s)" % (len(FILES), longest[0] * 1000, os.path.basename(longest[1])))
    ok(not bad, why=repr(bad[:10]))
    ok(not slow, why=repr(slow[:10]))
    ok(len(FILES) > 60)


@case("each opens in every other view, too")
def _(stack):
    bad = []
    some = list(stack.pages.items())[::1 if CORPUS else 6]
    for path, (uid, _, _) in some:
        for query in ("?show=raw&headers=all", "?charset=koi8-r", "/print", "/source"):
            got = stack.reader.get("mail/INBOX/%d%s" % (uid, query))
            if got.status != 200:
                bad.append((path, query, got.status))
    ok(not bad, why=repr(bad[:10]))


@case("attachments are byte for byte what Python's email makes of them")
def _(stack):
    tried = right = 0
    wrong = []
    for path, raw in zip(FILES, stack.raws):
        uid, page, _ = stack.pages[path]
        wanted = dict(leaves(email.message_from_bytes(raw)))
        for section in re.findall(r'/part/([0-9.]+)\?v=\d+" download>Save<', page.text):
            part = wanted.get(section)
            encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower() if part is not None else ""
            if part is None or encoding not in ("base64", "quoted-printable"):
                continue
            bytes_wanted = part.get_payload(decode=True)
            got = stack.reader.get("mail/INBOX/%d/part/%s" % (uid, section))
            tried += 1
            # The end of a part is its boundary's, for all but base64; Python decodes lines that end in LF.
            same = got.raw == bytes_wanted or got.raw.replace(b"\r\n", b"\n").rstrip() == \
                bytes_wanted.replace(b"\r\n", b"\n").rstrip()
            right += same
            if not same:
                wrong.append((os.path.relpath(path, ROOT), section, encoding, len(got.raw), len(bytes_wanted)))
    note("%d attachments, %d equal" % (tried, right))
    ok(tried > 10, why="%d" % tried)
    ok(len(wrong) <= (tried // 50 if CORPUS else 0), why=repr(wrong[:20]))


@case("parts of the torture messages decode as their corpus says")
def _(stack):
    tried = 0
    wrong = []
    for path in FILES:
        base = os.path.splitext(path)[0]
        for decoded in sorted(glob.glob(glob.escape(base) + "_decoded_*.*")):
            found = re.fullmatch(r"_decoded_1((?:_\d+)*)\.(?:txt|bin)", decoded[len(base):])
            if not found:
                continue
            numbers = found[1].strip("_").split("_") if found[1] else []
            uid, page, _ = stack.pages[path]
            if "message/rfc822" in open(path, "rb").read().decode("latin-1").lower():
                continue  # the corpus counts a message as a level of its own
            got = stack.reader.get("mail/INBOX/%d/part/%s" % (uid, ".".join(numbers) or "1"))
            with open(decoded, "rb") as source:
                wanted = source.read()
            if not wanted and got.status == 404:
                continue  # an empty part: there is nothing to be had, which the server says so
            if name_of(path) in OTHERWISE:
                continue
            tried += 1
            if got.status != 200 or got.raw.replace(b"\r\n", b"\n").rstrip() != wanted.replace(b"\r\n", b"\n").rstrip():
                wrong.append((os.path.relpath(decoded, ROOT), got.status, got.raw[:60], wanted[:60]))
    note("%d parts, %d equal" % (tried, tried - len(wrong)))
    ok(tried >= 5, why="%d" % tried)
    ok(not wrong, why=repr(wrong[:20]))


def texts_of(parse):
    """(subject, words of the first text) of a parse by mail-parser."""
    subject, words = None, ""
    for header in parse["parts"][0]["headers"]:
        if header["name"] == "subject" and "Text" in header["value"]:
            subject = header["value"]["Text"]
    for number in parse["text_body"][:1]:
        words = parse["parts"][number]["body"].get("Text", "")
    return subject, " ".join(words.split())


@case("subject and text are what another parser's expectations say")
def _(stack):
    tried = 0
    wrong = []
    for path in FILES:
        expectation = os.path.splitext(path)[0] + ".json"
        if not os.path.exists(expectation):
            continue
        with open(expectation, encoding="utf-8") as source:
            parse = json.load(source)
        if "parts" not in parse:
            continue
        subject, words = texts_of(parse)
        page = stack.reader.get("mail/INBOX/%d?show=text" % stack.pages[path][0])
        tried += 1
        shown = html.unescape(re.search(r'<h1 id="subject"[^>]*><bdi>(.*?)</bdi>', page.text, re.S)[1])
        if subject and " ".join(subject.split()) != " ".join(shown.split()):
            wrong.append((os.path.basename(path), "subject", shown, subject))
        bare = " ".join(re.sub(r"^[> ]+", "", line) for line in words.split("\n"))
        bare = re.sub("[\x00-\x08]", "", bare)  # controls are shown to nobody
        if words and " ".join(bare.split())[:60] not in page.words:
            wrong.append((os.path.basename(path), "text", page.words[-300:], words[:60]))
    note("%d messages, %d differences" % (tried, len(wrong)))
    ok(tried >= 3, why="%d" % tried)
    ok(not wrong, why=repr(wrong[:10]))


main(Corpus)
