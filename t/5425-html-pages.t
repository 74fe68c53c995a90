#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of HTML on AlphaMail's own pages, in Chromium: they can be read on dark pages, fit narrow screens, stand as high as
they are; what lies elsewhere is asked for only once the reader says so, over TLS, without a referrer, without the cookies
that the browser has of that place, and never what only counts readers."""
import http.server
import os
import ssl
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from imapd import message  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, note, ok, skip_all  # noqa: E402
from servers import ca  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())

PNG = bytes.fromhex("89504e470d0a1a0a0000000d494844520000000100000001080600000 01f15c4890000000d49444154789c63f8ffff3f0005fe02fea7"
                    "9a8ba0000000 0049454e44ae426082".replace(" ", ""))
PARAGRAPH = "<p>Words that go on for a line or two, so that there is something to read in every message.</p>"
MAILS = {
    "plain": PARAGRAPH,
    "grey": '<body bgcolor="#ffffff"><p style="color:#555">Grey on white</p><p style="color:#003399"><a href="https://a.example/">A link</a></p>' + PARAGRAPH,
    "night": '<div style="background:#101010;color:#eee;padding:8px">White on black<p><font color="#ffcc00">and yellow</font></p></div>',
    "black": '<p style="color:black">Black words</p><p style="color:#000080">navy words</p><td><font color=black>more</font>',
    "panels": '<table bgcolor="#f4f4f4" width="100%"><tr><td style="background-color:#1155aa;color:#ffffff">on blue</td>'
              '<td style="background:yellow">on yellow</td><td style="background:#fff"><span style="color:#333">on white</span></td></tr></table>',
    "wide": '<table width="1600"><tr><td style="width:800px">left</td><td width="800"><img src="data:image/png;base64,iVBORw0KGgo=" width="1500">'
            '</td></tr></table><div style="width:2000px">a wide block</div><pre>%s</pre><p>%s</p>' % ("x " * 400, "y" * 900),
    "tall": PARAGRAPH * 150,
    "short": "<p>One line.</p>",
    "pictures": '<p>News</p><img src="https://elsewhere.example/a.png" alt="A"><img src="http://elsewhere.example/b.png?x=1&amp;y=2" alt="B">'
                '<img src="//elsewhere.example/c.png" alt="C"><img src="https://elsewhere.example/count.gif" width=1 height=1>'
                '<img src="https://u.list-manage.com/track/open.php?u=1" width=200 height=9>'
                '<div style="background:url(https://elsewhere.example/d.png)">no background</div>',
}
ENOUGH = 4.5  # WCAG 2.2, 1.4.3


class Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PNG)))
        self.send_header("Set-Cookie", "seen=1; Secure; SameSite=None")
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_):
        pass


class Seen(Stack):
    def _start(self):
        super()._start()
        self.uids = dict(zip(MAILS, self.dovecot.deliver("demo", "INBOX", [
            message(subject=name, text=html + "\n", headers="MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8")
            for name, html in MAILS.items()])))
        self.reader = self.browser()
        self.reader.log_in()
        self.far = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        self.far.asked = []
        where = os.path.join(str(self.folder), "elsewhere")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*ca.make_certificate(where, "elsewhere", ("DNS:elsewhere.example",)))
        self.far.socket = context.wrap_socket(self.far.socket, server_side=True)
        threading.Thread(target=self.far.serve_forever, daemon=True).start()
        once = self.reader.get(self.path("pictures")).link("Show once")
        self.views = {}
        wanted = []
        for name in MAILS:
            for scheme in ("light", "dark"):
                wanted.append(((name, scheme, 1280), {"path": self.path(name), "scheme": scheme}))
            wanted.append(((name, "light", 360), {"path": self.path(name), "width": 360, "height": 740}))
        self.show(wanted)
        self.asked_before = list(self.far.asked)
        self.show([(("once", "light", 1280), {"path": once})])
        page = self.reader.get("settings/")
        self.reader.submit(page, page.form("rows", "post"), mail_colours="paper")
        self.show([((name, "paper", 1280), {"path": self.path(name), "scheme": "dark"}) for name in ("plain", "grey", "night")])

    def path(self, name):
        return "/alphamail/mail/INBOX/%d" % self.uids[name]

    def show(self, wanted):
        shown = chromium.drive("mail_in_browser.js", {
            "arguments": ["--host-resolver-rules=MAP * 127.0.0.1:%d, EXCLUDE localhost" % self.far.server_address[1]],
            "pages": {"origin": self.httpd.origin, "cookies": self.reader.cookies, "pages": [page for _, page in wanted], "foreign": [
                {"name": "known", "value": "before", "domain": "elsewhere.example", "path": "/", "secure": True, "sameSite": "None"}]}})["pages"]
        self.views.update(zip((key for key, _ in wanted), shown))

    def close(self):
        if hasattr(self, "far"):
            self.far.shutdown()
            self.far.server_close()
        super().close()


@case("on light pages and on dark ones every word has contrast, in the sender's colours or their counterparts")
def _(stack):
    least = {key: (round(view["least"], 2), view["where"][:120]) for key, view in stack.views.items()}
    note("the least contrast: %.2f" % min(ratio for ratio, _ in least.values()))
    equal({key: told for key, told in least.items() if told[0] < ENOUGH}, {})
    equal({view["ground"] for (_, scheme, _), view in stack.views.items() if scheme == "dark"}, {"rgb(26, 27, 28)"})
    equal({view["ground"] for (_, scheme, _), view in stack.views.items() if scheme != "dark"}, {"rgb(255, 255, 255)"})


@case("a frame is as high as what is in it, and scrolls neither way; nor does the page sideways")
def _(stack):
    wrong = [(key, view["height"], view["inside"], view["sideways"], view["page_sideways"]) for key, view in stack.views.items()
             if key[0] != "wide" and not (max(40, view["inside"]) - 1 <= view["height"] <= max(40, view["inside"]) + 2 and view["sideways"] <= 0) or
             view["page_sideways"] > 0]
    equal(wrong, [])
    ok(stack.views["tall", "light", 1280]["height"] > 5000 > 200 > stack.views["short", "light", 1280]["height"])


@case("a wide message fits a narrow screen; on a wide one it scrolls in its frame")
def _(stack):
    equal(stack.views["wide", "light", 360]["sideways"], 0)
    view = stack.views["wide", "light", 1280]
    ok(view["sideways"] > 0 and view["height"] >= view["inside"], why=repr(view))


@case("nothing is asked of elsewhere until the reader says so, and the browser has nothing to complain of")
def _(stack):
    usual = {key: view for key, view in stack.views.items() if key[0] != "once"}
    equal([(key, view["outside"][:3]) for key, view in usual.items() if view["outside"]], [])
    equal(stack.asked_before, [])
    equal([(key, view["complaints"][:3]) for key, view in usual.items() if view["complaints"]], [])


@case("then pictures come over TLS, without a referrer and without cookies, and what counts readers does not")
def _(stack):
    view = stack.views["once", "light", 1280]
    asked = stack.far.asked[len(stack.asked_before):]
    equal(sorted(path for path, _ in asked), ["/a.png", "/b.png?x=1&y=2", "/c.png"])
    ok(all(address.startswith("https://elsewhere.example/") for address in view["outside"]), why=repr(view["outside"]))
    for path, headers in asked:
        told = {name.lower(): value for name, value in headers.items()}
        equal((told.get("referer"), told.get("cookie")), (None, None), path)
    equal(view["pictures"], [1, 1, 1])
    contains(stack.reader.get(stack.path("pictures")).words, "pictures from elsewhere were not loaded.")


main(Seen)
