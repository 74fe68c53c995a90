#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message's HTML version, through the whole stack: its frame and the links beside it, its document and the policy that
that runs under, its pictures; without script, and in a text browser."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFUlEQVR4nGP4z8CAFWEXHbQSDHQAKdsf4f5d2z4AAAAASUVORK5C"
                       "YII=")


def parts(*many, kind="mixed", boundary="xyz", more=""):
    return "\n".join(["--%s\n%s" % (boundary, one) for one in many] + ["--%s--" % boundary, ""]), (
        'MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=%s%s' % (kind, boundary, more))


def html_part(html, more=""):
    return "Content-Type: text/html; charset=utf-8\n%s\n%s\n" % (more, html)


def text_part(text):
    return "Content-Type: text/plain; charset=utf-8\n\n%s\n" % text


def picture_part(content_id, data=PNG, kind="image/png"):
    return "Content-Type: %s\nContent-ID: <%s>\nContent-Transfer-Encoding: base64\n\n%s" % (
        kind, content_id, base64.encodebytes(data).decode())


def letter(subject, text, headers="MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8"):
    return message(subject=subject, text=text, headers=headers)


NEWS = ('<p>Dear <b>reader</b></p><script>alert(1)</script><img src="cid:logo@x" alt="Logo"><img src="cid:page@x" alt="No">'
        '<img src="https://elsewhere.example/a.png" alt="Far"><a href="https://news.example/x">More</a>')
RELATED, RELATED_TYPE = parts(html_part(NEWS), picture_part("logo@x"), picture_part("page@x", b"<html><script>x</script>"),
                              picture_part("svg@x", b"<svg/>", "image/svg+xml"), kind="related", boundary="rel")
BOTH, BOTH_TYPE = parts(text_part("Dear plain reader"), RELATED_TYPE.split("\n")[1] + "\n\n" + RELATED, kind="alternative")
INNER, INNER_TYPE = parts(
    text_part("Look at this"),
    "Content-Type: message/rfc822\n\nSubject: inner\nMIME-Version: 1.0\n" + RELATED_TYPE.split("\n")[1] + "\n\n" + RELATED,
    html_part('<p>outer</p><img src="cid:logo@x">'))


FAR = '<p>News</p><img src="https://elsewhere.example/%s.png" alt="Far">'
HTML = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8"
VOUCHED = "Authentication-Results: mx.example.edu; dmarc=pass header.from=example.org\n"
PASSED_ON, PASSED_ON_TYPE = parts(
    html_part(FAR % "outer"), "Content-Type: message/rfc822\n\nSubject: passed on\nFrom: anna@example.org\n%s%s\n\n%s\n" % (
        VOUCHED, HTML, FAR % "inner"))


class Mail(Stack):
    def __init__(self, **settings):
        super().__init__(cache={"authserv_ids": "mx.example.edu"}, **settings)

    def _start(self):
        super()._start()
        self.dovecot.deliver("demo", "INBOX", [
            letter("Both", BOTH, BOTH_TYPE), letter("Only HTML", "<p>Only <i>words</i></p>"),
            letter("Plain", "words", "MIME-Version: 1.0\nContent-Type: text/plain"),
            letter("Bomb", "<p>first words</p>" + "<p>x</p>" * 60_000),
            letter("Inner", INNER, INNER_TYPE),
            letter("Vouched", FAR % "one", VOUCHED + HTML), letter("Second", FAR % "two", VOUCHED + HTML),
            letter("Anybody", FAR % "three", HTML), letter("Passed on", PASSED_ON, VOUCHED + PASSED_ON_TYPE),
            letter("Koi", "<p>\u00d0\u00d2\u00c9\u00d7\u00c5\u00d4</p>", HTML),
            letter("Latin", "<meta charset=iso-8859-1><p>Gr\u00fc\u00dfe</p>".encode("latin-1").decode("latin-1"),
                   "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8")])
        self.reader = self.browser()
        self.first = self.reader.log_in()


def opened(stack, subject, query=""):
    address = stack.first.link(subject)
    return stack.reader.get(address + (("&" if "?" in address else "?") + query if query else ""))


def frame_of(page):
    found = re.search(r'<iframe class="frame" title="[^"]+" src="([^"]+)" sandbox="([^"]+)"', page.text)
    ok(found, why=page.text[-3000:])
    return found.group(1).replace("&amp;", "&"), found.group(2)


@case("a message with an HTML version shows it in a frame, with two links beside it")
def _(stack):
    page = opened(stack, "Both")
    address, sandbox = frame_of(page)
    equal(sandbox, "allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    equal(page.link("Open this message alone"), address)
    contains(page.link("Show as text"), "show=text")
    lacks(page.words, "Dear plain reader")


@case("its document holds what the message says, cleaned")
def _(stack):
    body = stack.reader.get(frame_of(opened(stack, "Both"))[0])
    equal(body.status, 200)
    contains(body.text, "<p>Dear <b>reader</b></p>")
    lacks(body.text, "<script")
    lacks(body.text, "elsewhere.example")
    contains(body.text, '<img alt="Far">')
    contains(body.text, "<title>Both</title>")


@case("the document runs under a policy of its own, and holds nothing of the session")
def _(stack):
    page = opened(stack, "Both")
    body = stack.reader.get(frame_of(page)[0])
    policy = body.headers["content-security-policy"]
    equal(policy, "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
                  "style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
                  "frame-ancestors 'self'")
    equal(body.headers["referrer-policy"], "no-referrer")
    equal(body.headers["cross-origin-embedder-policy"], "credentialless", "other sites' cookies stay in the browser")
    equal(body.headers["x-frame-options"], "SAMEORIGIN")
    equal(body.headers["cache-control"], "no-store")
    lacks(body.text, page.token)
    lacks(body.text, "demo@")
    equal(page.headers["x-frame-options"], "DENY")
    contains(page.headers["content-security-policy"], "frame-ancestors 'none'")


@case("a picture of the message is shown in its place; what only claims to be one is not")
def _(stack):
    body = stack.reader.get(frame_of(opened(stack, "Both"))[0])
    sources = re.findall(r'<img alt="(\w+)" src="([^"]+)"', body.text)
    equal([alt for alt, _ in sources], ["Logo", "No"])
    picture = stack.reader.get(sources[0][1])
    equal((picture.status, picture.headers["content-type"], picture.raw), (200, "image/png", PNG))
    ok(picture.headers["content-disposition"].startswith("inline"), why=picture.headers["content-disposition"])
    contains(picture.headers["content-security-policy"], "sandbox")
    equal(picture.headers["x-content-type-options"], "nosniff")
    # The other only says so, and is handed out as what no browser draws.
    section = re.search(r"/part/([\d.]+)/view", sources[0][1]).group(1)
    above = section.rsplit(".", 1)[0]
    for other in (sources[1][1], sources[0][1].replace("/part/%s/" % section, "/part/%s.4/" % above)):
        claimed = stack.reader.get(other)
        equal((claimed.status, claimed.headers["content-type"]), (200, "application/octet-stream"), other)
        ok(claimed.headers["content-disposition"].startswith("attachment"), why=other)


@case("a picture within an attached message is none of the message around it, nor the other way round")
def _(stack):
    page = opened(stack, "Inner")
    frames = re.findall(r'src="([^"]+/body\?section=3)"', page.text)
    ok(frames, why=page.words)
    lacks(stack.reader.get(frames[0]).text, "src=")
    inner = stack.reader.get(frames[0].replace("section=3", "section=2.1"))
    equal(inner.text.count("/part/2.2/view"), 1)


@case("as text and back again")
def _(stack):
    page = stack.reader.get(opened(stack, "Both").link("Show as text"))
    contains(page.words, "Dear plain reader")
    lacks(page.text, "<iframe")
    page = stack.reader.get(page.link("Show as written"))
    frame_of(page)
    page = opened(stack, "Only HTML", "show=text")
    contains(page.words, "Only words")
    page = opened(stack, "Plain")
    lacks(page.text, "<iframe")
    lacks(page.words, "Show as")


@case("what is too long is cut, which the page says, and can be saved")
def _(stack):
    page = opened(stack, "Bomb")
    contains(page.words, "The text goes on.")
    ok(stack.reader.get(page.link("Save all of it")).raw.count(b"<p>x</p>") == 60_000)
    contains(stack.reader.get(frame_of(page)[0]).text, "<p>first words</p>")


@case("a document that was looked at is not read again for its message's page; what is known of it is one user's alone")
def _(stack):
    status = paths.reachable(os.path.join(paths.top_builddir, "tools", "webcache-status"), str(stack.folder))

    def read():
        ran = subprocess.run([status, "--config", stack.webcache.config_file, "--json"], stdout=subprocess.PIPE, check=True, cwd="/",
                             **paths.identity.popen_args())
        return json.loads(ran.stdout)["counters"]["parts_streamed"]["value"]

    usual = opened(stack, "Bomb")  # its document does not come with the head
    before = read()
    again = opened(stack, "Bomb")
    equal(read(), before)
    contains(again.words, "The text goes on.")
    equal(again.words, usual.words)
    stack.reader.get(frame_of(again)[0])
    equal(read(), before + 1)
    # Another charset is another look.
    opened(stack, "Bomb", "charset=koi8-r")
    equal(read(), before + 2)
    contains(opened(stack, "Anybody").words, "1 picture from elsewhere was not loaded.")
    uids = stack.dovecot.deliver("demo2", "INBOX", [letter("Filler", "<p>none</p>")] * 11)
    other = stack.browser()
    other.log_in("demo2")
    for uid in uids:
        lacks(other.get("mail/INBOX/%d" % uid).words, "from elsewhere")


@case("parts that are no HTML, or are not there, have no document")
def _(stack):
    address = stack.first.link("Both").split("?")[0] + "/body"
    for section, status in (("1", 404), ("2.2", 404), ("9", 404), ("x", 404), ("2.1", 200), ("", 200)):
        equal(stack.reader.get(address + "?section=" + section).status, status, section)
    equal(stack.reader.get(stack.first.link("Plain").split("?")[0] + "/body").status, 404)
    equal(stack.browser().get(address).status, 200)  # the log-in page
    lacks(stack.browser().get(address).text, "Dear")


def loaded(stack, page):
    """The pictures from elsewhere in the page's documents, each of which must be allowed by its policy."""
    found = []
    for address in re.findall(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text):
        body = stack.reader.get(address.replace("&amp;", "&"))
        inside = re.findall(r'src="https://elsewhere.example/(\w+).png"', body.text)
        equal(" https:;" in body.headers["content-security-policy"], "remote=1" in address)
        found += inside
    return found


@case("pictures from elsewhere stay out, counted, until they are asked for once; that changes nothing")
def _(stack):
    page = opened(stack, "Anybody")
    contains(page.words, "1 picture from elsewhere was not loaded.")
    equal(loaded(stack, page), [])
    lacks(page.text, "pictures-always")  # nobody vouched for the sender
    once = stack.reader.get(page.link("Show once"))
    equal(loaded(stack, once), ["three"])
    lacks(once.words, "not loaded")
    equal(loaded(stack, opened(stack, "Anybody")), [])
    lacks(opened(stack, "Both", "show=text").words, "from elsewhere")


@case("always for this sender: only where the receiving server vouched, also for the next message, until taken back")
def _(stack):
    page = opened(stack, "Vouched")
    equal(loaded(stack, page), [])
    page = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "pictures-always"))
    equal(page.status, 200)
    equal(loaded(stack, page), ["one"])
    contains(page.words, "Pictures from elsewhere are loaded for this sender.")
    equal(loaded(stack, opened(stack, "Second")), ["two"])
    page = opened(stack, "Anybody")  # the same From, but anybody can write that
    equal(loaded(stack, page), [])
    asked = stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "pictures-always"))
    equal(asked.status, 403)
    page = opened(stack, "Passed on")  # nobody vouches for what is inside
    equal(loaded(stack, page), ["outer"])
    contains(page.words, "1 picture from elsewhere was not loaded.")
    equal(loaded(stack, stack.reader.get(page.link("Show once"))), ["outer", "inner"])
    page = opened(stack, "Vouched")
    stack.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "pictures-never"))
    equal(loaded(stack, opened(stack, "Second")), [])


@case("a charset that the reader chooses holds for the document, too")
def _(stack):
    page = opened(stack, "Koi", "charset=koi8-r")
    address, _ = frame_of(page)
    contains(address, "charset=koi8-r")
    usual = stack.reader.get(frame_of(opened(stack, "Koi"))[0]).text
    contains(usual, "\u00d0\u00d2\u00c9")
    lacks(stack.reader.get(address).text, "\u00d0\u00d2\u00c9")


@case("unformatted and in print it is words")
def _(stack):
    for query in ("show=raw",):
        page = opened(stack, "Only HTML", query)
        lacks(page.text, "<iframe")
        contains(page.words, "Only")
    printed = stack.reader.get(stack.first.link("Only HTML").split("?")[0] + "/print")
    lacks(printed.text, "<iframe")
    lacks(printed.words, "Show as written")
    contains(printed.words, "Only words")


@case("settings: the text first, and messages on white where pages are dark")
def _(stack):
    def choose(**fields):
        page = stack.reader.get("settings/")
        return stack.reader.submit(page, page.form("rows", "post"), **fields)
    choose(reading="plain", theme="dark")
    page = opened(stack, "Both")
    lacks(page.text, "<iframe")
    contains(page.words, "Dear plain reader")
    body = stack.reader.get(stack.reader.get(page.link("Show as written")).link("Open this message alone"))
    contains(body.text, 'data-look="dark"')
    choose(reading="html", mail_colours="paper")
    contains(stack.reader.get(frame_of(opened(stack, "Both"))[0]).text, 'data-look="light"')
    equal(choose(reading="neither").status, 400)
    choose(mail_colours="recolour", theme="auto")
    contains(stack.reader.get(frame_of(opened(stack, "Both"))[0]).text, 'data-look="auto"')


if shutil.which("w3m"):
    @case("a text browser reads the message within one link")
    def _(stack):
        body = stack.reader.get(opened(stack, "Both").link("Open this message alone"))
        shown = subprocess.run(["w3m", "-dump", "-T", "text/html", "-cols", "80"], input=body.raw, stdout=subprocess.PIPE,
                               check=True).stdout.decode()
        contains(shown, "Dear reader")
        contains(shown, "More")


main(Mail)
