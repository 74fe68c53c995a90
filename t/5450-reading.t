#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a message in all its ways: what is inside it, who sent it, its attachments, its other views;
through the whole stack, without script."""
import base64
import binascii
import http.client
import io
import os
import re
import sys
import urllib.parse
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, lacks, main, ok  # noqa: E402


def png(size=1):
    def chunk(name, data):
        return (len(data).to_bytes(4, "big") + name + data +
                binascii.crc32(name + data).to_bytes(4, "big"))
    rows = (b"\0" + b"\x20\x60\xa0" * size) * size
    head = size.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


PNG = png(16)
WAV = b"RIFF" + (36).to_bytes(4, "little") + b"WAVEfmt " + bytes(28)
MP3 = b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\x64" + bytes(413)
EXE = (b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0\x4c\x01\x01\0" + bytes(300))


def part(content, kind, name=None, encoding="base64", disposition="attachment", more=""):
    data = content if isinstance(content, bytes) else content.encode()
    if encoding == "base64":
        body = base64.encodebytes(data).decode()
    else:
        body = data.decode("utf-8", "surrogateescape")
    lines = ["Content-Type: " + kind, "Content-Transfer-Encoding: " + encoding]
    if name is not None:
        lines.append("Content-Disposition: %s; filename*=UTF-8''%s" % (
            disposition, urllib.parse.quote(name)))
    return "\n".join(lines) + "\n" + more + "\n" + body


def mixed(subject, parts, kind="mixed", headers="", boundary="xyz"):
    body = "".join("--%s\n%s\n" % (boundary, one) for one in parts) + "--%s--\n" % boundary
    return message(subject=subject, text=body, headers=headers + (
        "MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=%s" % (kind, boundary)))


class Reading(Stack):
    def __init__(self, **settings):
        super().__init__(cache={"authserv_ids": "mx.example.edu"}, **settings)

    def _start(self):
        super()._start()
        self.reader = self.browser()
        self.reader.log_in()

    def open(self, text, query="", below=""):
        """Delivers a message and opens it."""
        self.uid = self.dovecot.deliver("demo", "INBOX", [text])[0]
        page = self.reader.get("mail/INBOX/")
        self.reader.submit(page, page.form("/mail/INBOX/", "post"), button=("do", "check"))
        return self.again(query, below)

    def again(self, query="", below=""):
        return self.reader.get("mail/INBOX/%d%s%s" % (self.uid, below, query))


@case("a message inside a message is opened in place, and has an address of its own")
def _(stack):
    innermost = message(subject="Innermost", text="Words of the innermost.\n")
    inner = mixed("Inner one", [part("Words inside.\n", "text/plain", encoding="7bit"),
                                part(b"PDF", "application/pdf", "inner.pdf"),
                                "Content-Type: message/rfc822\n\n" + innermost], boundary="in")
    page = stack.open(mixed("Outer one", [part("Words outside.\n", "text/plain", encoding="7bit"),
                                          "Content-Type: message/rfc822\n\n" + inner]))
    equal(page.status, 200)
    for words in ("Words outside.", "Inner one", "Words inside.", "inner.pdf", "Innermost",
                  "Words of the innermost."):
        contains(page.words, words)
    equal(page.text.count("<section"), page.text.count("</section"))
    only = stack.reader.click(page, "Innermost")
    contains(only.words, "Words of the innermost.")
    lacks(only.words, "Words outside.")
    contains(only.url, "inner=2.3")
    contains(stack.reader.click(only, "Back to that").words, "Words outside.")
    middle = stack.reader.click(page, "Inner one")
    contains(middle.words, "Words of the innermost.")
    saved = stack.reader.click(middle, "Save message")
    contains(saved.text, "Subject: Inner one")
    equal(stack.again("?inner=1").status, 404)
    equal(stack.again("?inner=x").status, 400)


@case("a digest is opened, at most twenty messages of it, the rest can be")
def _(stack):
    parts = ["\n" + message(subject="Digest number %d" % n, text="Text %d.\n" % n) for n in range(1, 31)]
    page = stack.open(mixed("A digest", parts, kind="digest"))
    contains(page.words, "Text 19.")
    lacks(page.words, "Text 25.")
    contains(page.words, "30 attachments")
    contains(stack.again("?inner=25").words, "Text 25.")


@case("a message in a message in a message ... is opened to a depth, and no deeper")
def _(stack):
    text = message(subject="Level 0", text="The very bottom.\n")
    for level in range(1, 40):
        text = message(subject="Level %d" % level, text=text, headers="MIME-Version: 1.0\nContent-Type: message/rfc822")
    page = stack.open(text)
    equal(page.status, 200)
    contains(page.words, "Level 36")
    lacks(page.words, "Level 30")
    ok(len(page.raw) < 100000)


@case("what the receiving server established is said, and what others wrote is not believed")
def _(stack):
    good = "Authentication-Results: mx.example.edu; dmarc=pass header.from=example.org; dkim=pass header.d=example.org\n"
    contains(stack.open(message(headers=good)).words, "Really sent by example.org")
    forged = good.replace("mx.example.edu", "mx.evil.example")
    lacks(stack.open(message(headers=forged)).words, "Really sent")
    failed = "Authentication-Results: mx.example.edu; dmarc=fail header.from=example.org\nReceived: from x\n"
    page = stack.open(message(headers=failed + good))
    contains(page.words, "Perhaps not sent by example.org")
    lacks(page.words, "Really sent")
    contains(stack.open(message(headers="Authentication-Results: mx.example.edu; dkim=pass header.d=mailer.example.net\n"))
             .words, "Signed by mailer.example.net, not by example.org")
    lacks(stack.open(message()).words, "sent by")


@case("senders that pass for others are told, and the address stands beside such a name")
def _(stack):
    page = stack.open(message(sender='"rector@example.edu" <x91@evil.example>'))
    contains(page.words, "reads like an address")
    contains(page.words, "x91@evil.example")
    contains(stack.open(message(sender="P\u0430ypal <x@evil.example>")).words, "mixes letters")
    page = stack.open(message(sender="Bank <x@xn--pypal-4ve.com>"))
    contains(page.words, "xn--pypal-4ve.com")
    contains(page.words, "letters that look like others")
    page = stack.open(message(sender="=?utf-8?q?=E2=80=AEmoc?= <x@evil.example>"))
    contains(page.words, "turn the direction")
    lacks(page.text, "\u202e")
    page = stack.open(message(to='"boss@example.edu" <x@evil.example>, b@example.org'))
    contains(page.words.split("Details")[0], "x@evil.example")
    lacks(stack.open(message(sender="Anna M\u00fcller <anna@example.org>")).text, "shield-alert\"/></svg><p>")


@case("a mailing list offers its ways, which open outside or as mail")
def _(stack):
    page = stack.open(message(headers="List-Id: The Choir <choir.example.org>\n"
                              "List-Unsubscribe: <https://list.example/leave?x=1>, <mailto:leave@list.example>\n"
                              "List-Post: <mailto:choir@list.example>\nList-Archive: <javascript:alert(1)>\n"))
    contains(page.words, "The Choir")
    equal(page.link("Leave this list"), "https://list.example/leave?x=1")
    contains(page.text, 'target="_blank" rel="noopener noreferrer nofollow"')
    contains(page.link("Write to the list"), "/compose?to=mailto%3Achoir%40list.example")
    contains(page.link("Leave it by mail"), "/compose?to=mailto%3Aleave%40list.example")
    lacks(page.text, "javascript:")


@case("files that stand uuencoded in a text are attachments")
def _(stack):
    data = bytes(range(256)) * 40
    lines = b"".join(binascii.b2a_uu(data[at:at + 45]) for at in range(0, len(data), 45)).decode("ascii")
    picture = b"".join(binascii.b2a_uu(PNG[at:at + 45]) for at in range(0, len(PNG), 45)).decode("ascii")
    page = stack.open(message(text="Before.\nbegin 644 dat\u00e4.bin\n%s`\nend\nBetween.\nbegin 600 p.png\n%s`\nend\nAfter.\n"
                              % (lines, picture)))
    for words in ("Before.", "Between.", "After.", "dat\u00e4.bin", "2 attachments"):
        contains(page.words, words)
    lacks(page.words, "begin 644")
    got = stack.reader.get(page.link("Save dat"))
    ok(got.raw == data, why="%d bytes" % len(got.raw))
    equal(got.headers["content-type"], "application/octet-stream")
    seen = stack.reader.get(page.link("View p.png"))
    ok(seen.raw == PNG)
    equal(seen.headers["content-type"], "image/png")
    equal(stack.reader.get(page.link("Save dat").replace("uu=1", "uu=3")).status, 404)
    equal(stack.reader.get(page.link("Save dat").replace("uu=1", "uu=0")).status, 400)


@case("a wrong charset can be put right by the reader")
def _(stack):
    text = message(headers="MIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit")
    raw = text.encode() + "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440".encode("koi8-r") + b"\n"
    page = stack.open(raw)
    lacks(page.words, "\u041f\u0440\u0438\u0432\u0435\u0442")
    form = page.form("charset")
    page = stack.reader.submit(page, form, charset="koi8-r")
    contains(page.words, "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440")
    contains(page.text, 'value="koi8-r" selected')
    equal(stack.again("?charset=" + "x" * 3000).status, 200)
    lacks(stack.open(message()).text, 'name="charset"')


@case("the unformatted view keeps every space, the formatted one folds and sets off")
def _(stack):
    text = "One  two   three\n\tindented\n\n> quoted\n> > twice\n\n-- \nAnna   Example\n"
    page = stack.open(message(text=text))
    contains(page.text, 'class="plain sig"')
    equal(page.text.count("<blockquote>"), 3)
    raw = stack.reader.click(page, "Show unformatted")
    contains(raw.text, "<pre")
    contains(raw.text, "One  two   three\n\tindented\n\n&gt; quoted")
    lacks(stack.reader.click(raw, "Show formatted").text, "<pre")


@case("the whole header is shown on demand, each line decoded")
def _(stack):
    page = stack.open(message(headers="X-Odd: =?utf-8?q?gr=C3=BC=C3=9Fe?=\n <b>folded</b>\nX-Empty:\nx-odd: twice"))
    lacks(page.words, "X-Odd")
    page = stack.reader.click(page, "Show all of the header")
    contains(page.text, "gr\u00fc\u00dfe &lt;b&gt;folded&lt;/b&gt;")
    contains(page.text, ">twice<")
    lacks(page.text, "<b>folded")
    lacks(stack.reader.click(page, "Show short header").words, "X-Odd")


@case("links can be switched off, letters be of one width, both in the settings")
def _(stack):
    text = "See www.example.org and https://a.example/x, write mailto:anna@example.org.\n"
    page = stack.open(message(text=text))
    equal(page.link("www.example.org"), "http://www.example.org")
    contains(page.link("mailto:anna"), "/compose?to=mailto%3Aanna%40example.org")
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("links"), links="off", type="fixed")
    page = stack.again()
    lacks(page.text, 'href="https://a.example/x"')
    contains(page.text, 'class="body fixed"')
    settings = stack.reader.get("settings/")
    stack.reader.submit(settings, settings.form("links"), links="on", type="proportional")
    contains(stack.again().text, 'href="https://a.example/x"')


@case("attachments: harmless ones open in the browser by what they are, all others are saved")
def _(stack):
    page = stack.open(mixed("Files", [
        part("Text.\n", "text/plain", encoding="7bit"),
        part(PNG, "image/png", "picture.png"), part("<script>alert(1)</script><p>x</p>", "image/png", "liar.png"),
        part(PNG, "text/html", "liar.html"), part("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "d.svg"),
        part("<html><script>1</script></html>", "text/html", "page.html"), part(EXE, "application/pdf", "bill.pdf"),
        part(b"x", "application/octet-stream", "setup.exe"), part("plain\n", "text/plain; charset=utf-8", "note.txt"),
        part(MP3, "audio/mpeg", "song.mp3")]))
    contains(page.words, "Not what it says: its content is a web page.")
    contains(page.words, "Not what it says: its content is a program.")
    contains(page.words, "Opened, this can act on your computer.")
    contains(page.headers["content-security-policy"], "media-src 'self'")
    contains(page.text, "<audio controls")
    sections = dict(re.findall(r'part/(\d+)\?v=\d+"[^>]*>Save<span class="vh"> <bdi>([^<]*)', page.text))
    number = {name: section for section, name in sections.items()}

    def view(name):
        return stack.again("?v=" + re.search(r"part/\d+\?v=(\d+)", page.text)[1], "/part/%s/view" % number[name])
    seen = view("picture.png")
    ok(seen.raw == PNG)
    equal(seen.headers["content-type"], "image/png")
    contains(seen.headers["content-disposition"], "inline;")
    equal(seen.headers["x-content-type-options"], "nosniff")
    contains(seen.headers["content-security-policy"], "sandbox")
    equal(view("liar.html").headers["content-type"], "image/png")
    contains(view("note.txt").headers["content-type"], "text/plain; charset=utf-8")
    equal(view("song.mp3").headers["content-type"], "audio/mpeg")
    for name in ("liar.png", "d.svg", "page.html", "bill.pdf", "setup.exe"):
        got = view(name)
        contains(got.headers["content-disposition"], "attachment;", name)
        lacks(got.headers["content-type"], "html", name)
        lacks(got.headers["content-type"], "svg", name)
    lacks(page.text, 'src="/alphamail/mail/INBOX/%d/part/%s/view' % (stack.uid, number["liar.png"]))
    lacks(stack.open(message()).headers["content-security-policy"], "media-src")


@case("all attachments are saved as one archive, whatever their names")
def _(stack):
    names = ["a.txt", "a.txt", "A.txt", "\u00fcbung \u4e2d\u6587.bin", "../../etc/passwd", "no extension"]
    bodies = [b"first", b"second", b"third", os.urandom(100000), b"root", b""]
    page = stack.open(mixed("An archive \u00fc", [part("Text.\n", "text/plain", encoding="7bit")] + [
        part(body, "application/octet-stream", name) for name, body in zip(names, bodies)]))
    got = stack.reader.get(page.link("Save all as .zip"))
    equal(got.headers["content-type"], "application/zip")
    contains(got.headers["content-disposition"], "attachment;")
    with zipfile.ZipFile(io.BytesIO(got.raw)) as packed:
        equal(packed.testzip(), None)
        names = [one.filename for one in packed.infolist()]
        equal(names[:4] + names[5:], ["a.txt", "a (2).txt", "A (3).txt", "\u00fcbung \u4e2d\u6587.bin", "no extension"])
        lacks(names[4], "/")
        for one, body in zip(packed.infolist(), bodies):
            ok(packed.read(one) == body, why=one.filename)
    equal(stack.open(message()).status, 200)
    equal(stack.again("", "/all.zip").status, 404)


@case("pieces of what is stored as it is served can be asked for")
def _(stack):
    text = "".join("line %06d\r\n" % n for n in range(20000))
    page = stack.open(mixed("Pieces", [part("x\n", "text/plain", encoding="7bit"),
                                       part(text.replace("\r\n", "\n"), "text/csv", "table.csv", encoding="7bit")]))
    address = page.link("Save table")
    whole = stack.reader.get(address)
    equal(whole.headers["accept-ranges"], "bytes")
    ok(whole.raw.decode().rstrip() == text.rstrip())
    tag = whole.headers["etag"]

    def piece(value, **more):
        return stack.reader.get(address, headers={"Range": value, **more})
    got = piece("bytes=100000-100099")
    equal(got.status, 206)
    ok(got.raw == whole.raw[100000:100100])
    equal(got.headers["content-range"], "bytes 100000-100099/%d" % len(whole.raw))
    equal(got.headers["content-length"], "100")
    ok(piece("bytes=-7").raw == whole.raw[-7:])
    equal(piece("bytes=%d-" % len(whole.raw)).status, 416)
    equal(piece("bytes=0-9", **{"If-Range": tag}).status, 206)
    equal(piece("bytes=0-9", **{"If-Range": '"other"'}).status, 200)
    ok(piece("bytes=0-1,5-6").raw == whole.raw, why="several ranges: the whole")
    encoded = stack.open(mixed("Encoded", [part(b"x" * 10000, "image/x-odd", "x.bin")]))
    got = stack.reader.get(encoded.link("Save x.bin"), headers={"Range": "bytes=0-9"})
    equal((got.status, len(got.raw)), (200, 10000))
    source = stack.reader.get(encoded.link("Show source"))
    got = stack.reader.get(encoded.link("Show source"), headers={"Range": "bytes=10-19"})
    equal((got.status, got.raw), (206, source.raw[10:20]))


@case("the print view shows all of it and nothing to click")
def _(stack):
    quote = "".join("> line %d\n" % n for n in range(30))
    page = stack.open(mixed("To be printed", [part("Text.\n" + quote, "text/plain", encoding="7bit"),
                                              part(b"x", "application/pdf", "paper.pdf")]), "?sort=from")
    printed = stack.reader.click(page, "Print")
    contains(printed.url, "/print")
    for words in ("To be printed", "line 29", "paper.pdf", "Message ID"):
        contains(printed.words, words)
    lacks(printed.text, "<details class=\"fold\"")
    lacks(printed.text, "<nav class=\"side")
    lacks(printed.words, "Save")
    contains(stack.reader.click(printed, "Back to the message").url, "sort=from")


@case("reports of delivery are told in words")
def _(stack):
    page = stack.open(mixed("Undelivered", [
        part("This is the mail system.\n", "text/plain", encoding="7bit"),
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.edu\n\n"
        "Final-Recipient: rfc822; bo@example.org\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 no such <b>user</b>\n",
        "Content-Type: message/rfc822\n\n" + message(subject="What I wrote", text="Dear Bo\n")], kind="report"))
    contains(page.words, "Not delivered to bo@example.org.")
    contains(page.words, "550 no such <b>user</b>")
    contains(page.words, "Dear Bo")


@case("a piece of a message says so")
def _(stack):
    page = stack.open(message(text="middle of something\n", headers="MIME-Version: 1.0\nContent-Type: message/partial; "
                                                                    "id=\"x@y\"; number=2; total=3"))
    contains(page.words, "This is piece 2/3")


@case("neighbours and the way back keep the order in every view")
def _(stack):
    stack.open(message(subject="Keeps its place"))
    page = stack.again("?sort=subject&show=raw")
    contains(page.text, "sort=subject")
    for text in ("Show formatted", "Show all of the header", "Print"):
        contains(page.link(text), "sort=subject", text)


# ---- bad input: each ends in a page that says what is missing and offers the source ----

def opened(stack, text, why):
    page = stack.open(text)
    equal(page.status, 200, why)
    saved = stack.reader.get(page.link("Save message"))
    ok(len(saved.raw) >= len(text) // 2, why="%s: %d bytes" % (why, len(saved.raw)))
    return page


@case("parts within parts, deeper than anybody reads")
def _(stack):
    text = part("bottom\n", "text/plain", encoding="7bit")
    for level in range(200):
        text = "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n" % (level, level, text, level)
    page = opened(stack, message(headers="MIME-Version: 1.0\n" + text.split("\n\n", 1)[0], text=text.split("\n\n", 1)[1]), "depth")
    contains(page.words, "can be shown")


@case("a hundred thousand parts")
def _(stack):
    text = message(text="--x\n\n.\n" * 100000 + "--x--\n", headers="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x")
    page = opened(stack, text, "parts")
    contains(page.words, "can be shown")


@case("a megabyte of parameters")
def _(stack):
    text = message(headers="MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8" + "".join(
        ";\n p%d=%s" % (n, "v" * 50) for n in range(20000)), text="Still here.\n")
    opened(stack, text, "parameters")


@case("header lines of ten megabytes")
def _(stack):
    page = opened(stack, message(headers="X-Long: " + "x" * (10 << 20), text="Still here.\n"), "header")
    contains(page.words, "unusually long")


@case("base64 that is none, charsets of ten thousand characters, names made to be odd")
def _(stack):
    contains(opened(stack, message(text="!!! not base64 \xff @@@\n", headers="MIME-Version: 1.0\nContent-Type: text/plain\n"
                                   "Content-Transfer-Encoding: base64"), "base64").words, "A subject")
    contains(opened(stack, message(text="Text.\n", headers="MIME-Version: 1.0\nContent-Type: text/plain; charset=" +
                                   "x" * 10000), "charset").words, "Text.")
    page = opened(stack, mixed("Names", [part(b"1", "text/csv", name) for name in (
        "../../x.csv", "a\0b.csv", "\u202egpj.exe", "a\r\nSet-Cookie: x=1.csv", '"; filename="x', ".htaccess", "CON")]), "names")
    lacks(page.text, "\u202e")
    for address in re.findall(r'href="(/[^"]*part/\d+\?v=\d+)"', page.text):
        got = stack.reader.get(address.replace("&amp;", "&"))
        equal(got.status, 200)
        lacks(got.headers["content-disposition"], "..")
        ok("set-cookie" not in got.headers)


@case("missing, double and absurd headers")
def _(stack):
    for text in (b"\r\n", b"\r\nno header at all\r\n", b"Subject: only\r\n\r\n", b"From: a@b.example\r\nFrom: c@d.example\r\n"
                 b"Subject: one\r\nSubject: two\r\nDate: yesterday\r\nDate: 99 Foo 99999\r\n\r\nText\r\n",
                 b"Content-Type: /\r\n\r\nText\r\n", b"Content-Type: multipart/mixed\r\n\r\nText\r\n",
                 b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nText\r\n", b"no colon\r\n: empty\r\n\r\nText\r\n"):
        equal(stack.open(text).status, 200, repr(text))


@case("an attachment that is deleted while it is looked at")
def _(stack):
    page = stack.open(mixed("To go", [part("x\n", "text/plain", encoding="7bit"), part(os.urandom(3000), "image/x-odd", "gone.bin")]))
    address = page.link("Save gone")
    client = stack.dovecot.client("demo")
    client.select("INBOX")
    client.uid("STORE", str(stack.uid), "+FLAGS", "(\\Deleted)")
    client.expunge()
    client.logout()
    got = stack.reader.get(address)
    ok(got.status in (200, 404), why=str(got.status))  # from disk where it was read, else gone
    ok(got.status == 404 or len(got.raw) == 3000)


@case("HTML of a hundred thousand elements, of ten megabytes, with styles that never close: its words, cut where that is said")
def _(stack):
    head = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8"
    for why, html in (("nested", "<div>\n" * 100_000 + "words at the bottom"),
                      ("10 MB", "<p>words at the top</p>\n" + "<p>more and more words</p>\n" * 400_000),
                      ("style", "words first<div style='" + "color:red;a:url(\n" * 20_000 + "'>and later</div>")):
        page = opened(stack, message(headers=head, text=html + "\n"), why)
        frame = re.search(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text)
        body = stack.reader.get(frame.group(1).replace("&amp;", "&"))
        equal(body.status, 200, why)
        contains(body.text, "words", why)
        lacks(body.text, "url(", why)
        if why == "10 MB":
            contains(page.words, "The text goes on.", why)
        equal(stack.again("?show=text").status, 200, why)


@case("pictures that are the message itself, or each other")
def _(stack):
    def related(html, content_id):
        return "Content-Type: text/html; charset=utf-8\nContent-ID: <%s>\n\n%s\n" % (content_id, html)
    loop = ["<p>one</p><img src='cid:one@x'><img src='cid:two@x'>", "<p>two</p><img src='cid:one@x'><img src='cid:all@x'>"]
    page = opened(stack, mixed("Round and round", [related(loop[0], "one@x"), related(loop[1], "two@x")], kind="related",
                               headers="Content-ID: <all@x>\n"), "cid loop")
    frames = re.findall(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text)
    ok(frames, why=page.words)
    for frame in frames:
        body = stack.reader.get(frame.replace("&amp;", "&"))
        equal(body.status, 200)
        lacks(body.text, "src=")
    # A picture whose bytes name it again is bytes, and no more than that.
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><image href='cid:pic@x'/></svg>"
    page = opened(stack, mixed("A picture of itself", [related("<img src='cid:pic@x'>", "h@x"),
                               part(svg, "image/png", more="Content-ID: <pic@x>\n")], kind="related"), "cid of itself")
    body = stack.reader.get(re.search(r'<iframe class="frame"[^>]* src="([^"]+)"', page.text).group(1).replace("&amp;", "&"))
    picture = stack.reader.get(re.search(r'src="(/[^"]+/view[^"]*)"', body.text).group(1).replace("&amp;", "&"))
    equal((picture.status, picture.headers["content-type"]), (200, "application/octet-stream"))


@case("an attachment that is deleted while it streams: all of it, or a download that breaks off, never other bytes")
def _(stack):
    data = os.urandom(48 << 10) * 300
    page = stack.open(mixed("To go at once", [part("x\n", "text/plain", encoding="7bit"), part(data, "application/x-odd", "going.bin")]))
    connection = http.client.HTTPConnection(stack.httpd.origin.split("//")[1], timeout=60)
    connection.request("GET", stack.reader.whole(page.link("Save going")), headers={
        **stack.reader.headers, "Cookie": "; ".join("%s=%s" % item for item in stack.reader.cookies.items())})
    answer = connection.getresponse()
    equal(answer.status, 200)
    got = answer.read(100_000)
    client = stack.dovecot.client("demo")
    client.select("INBOX")
    client.uid("STORE", str(stack.uid), "+FLAGS", "(\\Deleted)")
    client.expunge()
    client.logout()
    try:
        got += answer.read()
        ok(got == data, why="%d of %d bytes, and the answer ends as if that were all" % (len(got), len(data)))
    except (http.client.IncompleteRead, ConnectionError) as broken:
        got += getattr(broken, "partial", b"")
        ok(data.startswith(got), why="%d bytes that are others" % len(got))
    connection.close()
    equal(stack.reader.get("mail/INBOX/").status, 200)


main(Reading)
