# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that attacks, mail that carries it in every place a sender has, and what of a page it may change: nothing. Another
parser (html5lib) reads the pages; a message of harmless words tells what stands on them by itself."""
import base64
import os
import re
import struct
import urllib.parse

import html5lib

import html_rules as rules
import paths
from stack import Stack
from tap import ok

SOAK = os.environ.get("ALPHAMAIL_SOAK") == "1"
ALL = [html.decode().replace("alert(", "canary(") for _, html, _ in rules.documents(os.path.join(paths.top_srcdir, "t", "fixtures", "html"))]
PAYLOADS = ['"><img src=x onerror=canary()>', "'><svg onload=canary()>", "</textarea><script>canary()</script>",
            "https://a.example/\"onmouseover=\"canary()", "javascript:canary()", "mailto:a@b.example?x='onfocus='canary()",
            "www.a.example/<b>x</b>'\"`onclick=canary()", "{{SUBJECT}}{{#X}}${{1}}</title><base href=//leak.invalid>",
            ] + ALL[::1 if SOAK else 90]
HARMLESS = "harmless words"
PATIENCE = 4 * 3600 if SOAK else 400  # seconds, with Chromium
# What shows a message, below its address.
ROADS = ("", "?show=text", "?show=raw&headers=all", "?headers=all", "/print", "/body")


def line_of(text):
    """On one line, as a header, a name or a property of a card has it."""
    return re.sub(r"[\r\n\0]+", " ", text)


def encoded(text):
    """Encoded words of a header, on lines of their own."""
    text = line_of(text)[:600]
    return "\n ".join("=?utf-8?B?%s?=" % base64.b64encode(text[i:i + 30].encode("utf-8", "replace")).decode()
                      for i in range(0, len(text), 30))


def quoted(text):
    return '"%s"' % line_of(text)[:300].replace("\\", "\\\\").replace('"', '\\"')


def part(kind, content, more=""):
    content = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    return "--b\nContent-Type: %s\nContent-Transfer-Encoding: base64\n%s\n%s" % (kind, more, base64.encodebytes(content).decode())


def calendar(payload):
    line = line_of(payload)
    return ("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:%s\nDESCRIPTION:%s\nLOCATION:%s\nX-ALT-DESC;FMTTYPE=text/html:%s\n"
            "ORGANIZER;CN=%s:mailto:a@b.example\nEND:VEVENT\nEND:VCALENDAR\n" % ((line,) * 4 + (quoted(payload),)))


def vcard(payload, number=0):
    """A card (RFC 6350) of somebody whose every property is the payload."""
    line = re.sub(r"([\\,;])", r"\\\1", line_of(payload))[:400]
    return ("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:%s\r\nN:%s;;;;\r\nNICKNAME:%s\r\nORG:%s\r\nTITLE:%s\r\nEMAIL:card%d@b.example\r\n"
            "TEL:%s\r\nURL:%s\r\nNOTE:%s\r\nEND:VCARD\r\n" % ((line,) * 5 + (number,) + (line,) * 3))


def tnef(payload):
    """A winmail.dat ([MS-OXTNEF]): subject, text, HTML and the name of a file within are the payload."""
    text = payload.encode("utf-8", "replace") + b"\0"

    def attribute(level, number, data):
        return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)

    # One property, PR_HTML (0x10130102): a count, its type and number, how many values, length, bytes, padding.
    html = struct.pack("<IIII", 1, 0x10130102, 1, len(text)) + text + bytes(-len(text) % 4)
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join((
        attribute(1, 0x00089006, struct.pack("<I", 0x10000)), attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0"),
        attribute(1, 0x00018004, text), attribute(1, 0x0002800C, text), attribute(1, 0x00069003, html),
        attribute(2, 0x00069002, bytes(14)), attribute(2, 0x00018010, text), attribute(2, 0x0006800F, text)))


def report(payload):
    """Of delivery (RFC 3464)."""
    line = line_of(payload)[:300]
    return ("Reporting-MTA: dns; %s\n\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; %s\n"
            "Diagnostic-Code: smtp; 550 %s\n" % ((line,) * 4))


def letter(payload, number):
    """A message that holds the payload in every field, name, type and text that a sender may choose."""
    line = line_of(payload)
    bare = line.replace(">", "")[:200]
    text = "> %s\n>> %s\n%s\nhttps://a.example/%s mailto:a@b.example?subject=%s www.a.example\n-- \n%s\n" % ((line,) * 6)
    inner = "Subject: %s\nFrom: %s <a@b.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n" % (
        encoded(payload), encoded(payload), payload)
    head = ("From: %s <sender@b.example>\nTo: %s <demo@example.edu>, %s <c@b.example>\nReply-To: %s <r@b.example>\n"
            "Subject: number %d %s\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <%d@b.example>\n"
            "List-Id: %s <list.b.example>\nList-Unsubscribe: <javascript:canary()>, <https://a.example/%s>, <mailto:l@b.example?subject=%s>\n"
            "List-Archive: <%s>\nList-Post: <mailto:%s@b.example>\nList-Help: <https://a.example/%s>\nList-Owner: <mailto:o@b.example?body=%s>\n"
            "List-Subscribe: <data:text/html,%s>\nX-AlphaMail-to: %s\nX-Odd: %s\nX-Mailer: %s\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n" % (
                encoded(payload), encoded(payload), quoted(payload), encoded(payload), number, encoded(payload), number,
                quoted(payload), bare, bare, bare, bare, bare, bare, bare, urllib.parse.quote(line[:300], safe=""), line[:500], encoded(payload)))
    name = 'Content-Disposition: attachment; filename=%s\nContent-Description: %s\n' % (quoted(payload), encoded(payload))
    return (head + part("text/plain; charset=utf-8", text) + part("text/html; charset=utf-8", "<p>words</p>" + payload) +
            part("text/enriched; charset=utf-8", "<bold>words</bold>" + payload + "<param>" + payload + "</param>") +
            part("text/calendar; charset=utf-8; method=REQUEST", calendar(payload)) +
            part("text/calendar; charset=utf-8", calendar(payload), name) + part("text/vcard; charset=utf-8", vcard(payload), name) +
            part("application/ms-tnef", tnef(payload), "Content-Disposition: attachment; filename=winmail.dat\n") +
            part("application/rtf", payload, name) + part("text/plain; charset=utf-8", payload, name) +
            part("application/octet-stream; name=%s" % quoted(payload), payload, name) +
            part("text/html; charset=utf-8", payload, name) + part("image/svg+xml", payload, name) +
            part("%s/%s" % (re.sub(r"[\s/]", "", bare)[:40] or "x", "x"), payload, name) +
            "--b\nContent-Type: message/delivery-status\n\n" + report(payload) +
            "--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n").replace("\n", "\r\n").encode("utf-8", "replace")


def found_in(html):
    """({(element, attribute)}, [(attribute, address)]) of a page."""
    pairs, addresses = set(), []
    for element in html5lib.parse(html, transport_encoding="utf-8").iter():
        name = element.tag.split("}")[-1] if isinstance(element.tag, str) else "comment"
        pairs.add((name, ""))
        for key, value in element.attrib.items():
            key = key[1] if isinstance(key, tuple) else key.split("}")[-1]
            pairs.add((name, key))
            if key in ("href", "src", "action", "formaction", "data", "poster", "srcset", "style", "background"):
                addresses.append((key, value))
    return pairs, addresses


def bad_address(key, value):
    small = re.sub(r"[\0-\x20]", "", value).lower()
    if key == "src":
        return not (small.startswith("/alphamail/") or small.startswith("data:image/"))
    if key in ("href", "action", "formaction"):
        return re.match(r"[^/?#]*:", small) is not None and not re.match(r"(https?|mailto|tel):", small)
    return key != "style"


def on_a_list(pairs):
    """What of these no list of messages, people or settings has by itself."""
    return sorted({(name, key) for name, key in pairs if key.startswith("on") or name in (
        "base", "object", "embed", "iframe", "math", "frame", "b", "style") or (
            name in ("script", "svg", "img") and key not in ("", "src", "defer", "type", "class", "aria-hidden", "alt", "width", "height", "viewBox"))})


class Reading(Stack):
    """With mail, and somebody who is logged in."""

    def _start(self):
        super()._start()
        self.deliver_all()
        self.reader = self.browser()
        self.reader.log_in()

    def deliver_all(self):
        """What is there before anybody looks."""

    def look(self, path):
        page = self.reader.get(path)
        ok(page.status == 200, why="%s: %d" % (path, page.status))
        ok(page.headers["content-type"].startswith("text/html"), why=path)
        return found_in(page.raw)

    def compared(self, usual_paths, paths_of):
        """(pages looked at, what is wrong with them): with the usual pages, of harmless words, as the measure.

        @param paths_of  [(payload, paths)]
        """
        usual = {}
        for path in usual_paths:
            usual.setdefault(re.sub(r"\d+", "N", path), set()).update(self.look(path)[0])
        everywhere = set().union(*usual.values())
        tried, wrong = 0, []
        for payload, some in paths_of:
            for path in some:
                pairs, addresses = self.look(path)
                # How much there is of something that pages know, and where, is the message's own.
                more = pairs - usual.get(re.sub(r"\d+", "N", path), set()) - everywhere
                if path.endswith("/body"):  # what the cleaner lets through
                    more = {(name, key) for name, key in more if name not in rules.ELEMENTS or (key and key not in rules.ATTRIBUTES)}
                tried += 1
                if more or any(bad_address(*one) for one in addresses):
                    wrong.append((path, payload[:120], sorted(more)[:4], [one for one in addresses if bad_address(*one)][:3]))
        return tried, wrong
