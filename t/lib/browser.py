# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without script: keeps cookies, follows redirects, fills in forms."""
import html.parser
import http.client
import re
import ssl
import time
import urllib.parse


class Page:
    """An answer: status, headers (names in lower case; several values joined by a line end), raw."""

    def __init__(self, url, status, headers, raw):
        self.url, self.status, self.headers, self.raw = url, status, headers, raw
        self.history = []
        self.posted = False    # whether it is the answer to something else than a GET
        self._parsed = None

    @property
    def text(self):
        return self.raw.decode("utf-8", "replace")

    @property
    def parsed(self):
        if self._parsed is None:
            self._parsed = _Parser()
            self._parsed.feed(self.text)
            self._parsed.close()
        return self._parsed

    @property
    def words(self):
        """All text that is shown, in order, white space made single."""
        return " ".join("".join(self.parsed.shown).split())

    @property
    def links(self):
        """[(address, text)]"""
        return [(href, " ".join("".join(text).split())) for href, text in self.parsed.links]

    def link(self, text):
        """The address of the first link with this text in it."""
        for href, shown in self.links:
            if text in shown:
                return href
        raise AssertionError("no link says %r; there are %r" % (text, self.links))

    @property
    def forms(self):
        return self.parsed.forms

    def form(self, having=None, method=None):
        """The first form (with a field or button of this name, or with this in its address)."""
        for form in self.forms:
            if method and form.method != method:
                continue
            if having is None or having in form.fields or having in form.buttons or (
                    having in form.action):
                return form
        raise AssertionError("no form has %r; there are %r" % (having, self.forms))

    @property
    def later(self):
        """Where to look in a moment, if this says that the mail server has not answered yet, or is still at work."""
        if self.posted and not self.history or "html" not in self.headers.get("content-type", ""):
            return None    # a form's own answer has no address
        text = self.text
        if self.status == 503:
            return self.url if 'role="status"' in text else None    # other trouble is an alert
        if "See how far it is" in text:
            return urllib.parse.urljoin(self.url, self.link("See how far it is"))
        if "has not answered yet; this is what" in text or "sent=" in self.url and "Being sent." in text:
            return self.url
        return None

    @property
    def token(self):
        """The form token, whatever form it is in."""
        for form in self.forms:
            if "token" in form.fields:
                return form.fields["token"]
        raise AssertionError("no form of %s carries a token" % self.url)


class Form:
    def __init__(self, action, method):
        self.action, self.method = action, method
        self.fields = {}    # name: value as it would be sent
        self.buttons = {}   # name: [values]
        self.options = {}   # select's name: [values]

    def __repr__(self):
        return "<form %s %s %r %r>" % (self.method, self.action, self.fields, self.buttons)


class _Parser(html.parser.HTMLParser):
    HIDDEN = ("script", "style", "title", "template")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms, self.links, self.shown, self.by_id = [], [], [], {}
        self.form = self.select = self.area = self.anchor = None
        self.area_begins = False
        self.hidden = 0
        self.title = ""
        self.in_title = False
        self.language = ""
        self.elements = []   # (tag, attributes), in order

    def handle_starttag(self, tag, attrs):
        a = {name: value if value is not None else "" for name, value in attrs}
        self.elements.append((tag, a))
        if "id" in a:
            self.by_id[a["id"]] = (tag, a)
        if tag == "html":
            self.language = a.get("lang", "")
        elif tag == "title":
            self.in_title = True
        elif tag == "form":
            self.form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self.form)
        elif tag == "a" and "href" in a:
            self.anchor = (a["href"], [])
            self.links.append(self.anchor)
        form = self.form
        if "form" in a:
            for one in self.forms:
                if getattr(one, "id", None) == a["form"]:
                    form = one
        if tag == "form":
            self.form.id = a.get("id")
        if form is not None:
            self._control(tag, a, form)
        if tag in self.HIDDEN:
            self.hidden += 1
        elif tag in ("p", "div", "tr", "li", "h1", "h2", "h3", "br", "td", "th", "option", "label"):
            self.shown.append(" ")

    def _control(self, tag, a, form):
        name = a.get("name")
        if tag == "input" and name:
            kind = a.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in a:
                    form.fields[name] = a.get("value", "on")
                form.options.setdefault(name, []).append(a.get("value", "on"))
            elif kind in ("submit", "image"):
                form.buttons.setdefault(name, []).append(a.get("value", ""))
            elif kind == "hidden" and name in form.fields:
                before = form.fields[name]   # several of one name are all sent
                form.fields[name] = (before if isinstance(before, list) else [before]) + [
                    a.get("value", "")]
            elif kind != "file":
                form.fields[name] = a.get("value", "")
        elif tag == "button" and name and a.get("type", "submit") == "submit":
            form.buttons.setdefault(name, []).append(a.get("value", ""))
        elif tag == "select" and name:
            self.select = name
            form.options[name] = []
        elif tag == "option" and self.select:
            value = a.get("value", "")
            form.options[self.select].append(value)
            if "selected" in a or self.select not in form.fields:
                form.fields[self.select] = value
        elif tag == "textarea" and name:
            self.area = name
            self.area_begins = True
            form.fields[name] = ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None
        elif tag == "a":
            self.anchor = None
        elif tag == "title":
            self.in_title = False
        if tag in self.HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("p", "div", "tr", "li", "h1", "h2", "h3", "td", "th", "option"):
            self.shown.append(" ")

    def handle_data(self, data):
        if self.in_title:
            self.title += data
        if self.area and self.form is not None:
            # The line end right behind the tag is none of the text's.
            if self.area_begins and data.startswith("\n"):
                data = data[1:]
            self.area_begins = False
            self.form.fields[self.area] += data
        if self.hidden:
            return
        self.shown.append(data)
        if self.anchor is not None:
            self.anchor[1].append(data)


class Browser:
    """One user agent at one site. `origin` like http://localhost:8080. Pages that it follows are looked at again for so
    many seconds of `patience` while they say that the mail server has not answered yet: the end is what tests are
    about, and how soon it comes depends on the machine. 0 is for tests about these pages."""

    def __init__(self, origin, mount="/alphamail", ca_file=None, agent="Mozilla/5.0 (X11; test)", patience=0):
        self.origin, self.mount, self.ca_file, self.patience = origin, mount, ca_file, patience
        self.cookies = {}            # name: value
        self.set_cookies = []        # the Set-Cookie lines seen, in order
        self.headers = {"User-Agent": agent, "Accept-Language": "en"}
        self.connection = None

    def twin(self):
        """Another window of it: the same cookies, a connection of its own."""
        other = Browser(self.origin, self.mount, self.ca_file, patience=self.patience)
        other.cookies, other.headers = dict(self.cookies), dict(self.headers)
        return other

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _connect(self):
        parts = urllib.parse.urlsplit(self.origin)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca_file)
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=40,
                                               context=context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=40)

    def request(self, method, path, body=None, headers=None):
        """One request, one answer; nothing is followed. `path` from the root, or a whole address."""
        if path.startswith(self.origin):
            path = path[len(self.origin):]
        sent = dict(self.headers)
        if self.cookies:
            sent["Cookie"] = "; ".join("%s=%s" % item for item in self.cookies.items())
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = self._connect()
            try:
                self.connection.request(method, path, body, sent)
                answer = self.connection.getresponse()
                raw = answer.read()
                break
            except (http.client.HTTPException, ConnectionError, OSError):
                self.close()
                if fresh or attempt == 2:
                    raise
        found = {}
        for name, value in answer.getheaders():
            name = name.lower()
            found[name] = found[name] + "\n" + value if name in found else value
        for line in found.get("set-cookie", "").split("\n"):
            if line:
                self._keep(line)
        if answer.will_close:
            self.close()
        page = Page(self.origin + path, answer.status, found, raw)
        page.posted = method != "GET"
        return page

    def _keep(self, line):
        self.set_cookies.append(line)
        first, *attributes = [part.strip() for part in line.split(";")]
        name, _, value = first.partition("=")
        wanted = [a.lower() for a in attributes]
        gone = "max-age=0" in wanted or any(
            a.startswith("expires=") and "1970" in a for a in wanted)
        if "secure" in wanted and not self.origin.startswith("https:"):
            return
        if gone:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def follow(self, page, limit=5):
        history = []
        while page.status in (301, 302, 303, 307, 308) and len(history) < limit:
            history.append(page)
            page = self.request("GET", urllib.parse.urljoin(page.url, page.headers["location"]))
        page.history = history
        return self._settled(page)

    def _settled(self, page):
        """The page that comes once the mail server has answered."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end and (later := page.later):
            time.sleep(0.2)
            history, page = page.history, self.request("GET", later)
            page.history = history
        return page

    def get(self, path, follow=True, headers=None):
        """A page; a path without a leading slash lies below the mount point."""
        page = self.request("GET", self.whole(path), headers=headers)
        return self.follow(page) if follow else page

    def patient(self, path, told=None):
        """get(), from a server that may be out of breath: whoever is told to come again does. `told` is called with
        each page that says so."""
        for _ in range(8):
            page = self.get(path)
            if page.status != 503 or "retry-after" not in page.headers:
                break
            if told:
                told(page)
            time.sleep(int(page.headers["retry-after"]))
        return page

    def post(self, path, fields, follow=True, headers=None):
        body = urllib.parse.urlencode(fields, True, encoding="utf-8", errors="surrogateescape")
        usual = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin,
                 "Sec-Fetch-Site": "same-origin"}
        usual.update(headers or {})
        end = time.monotonic() + self.patience
        while True:
            page = self.request("POST", self.whole(path), body.encode("ascii"), usual)
            if not follow:
                return page
            page = self.follow(page)
            if fields.get("do") != "check" or not self._unchecked(page) or time.monotonic() > end:
                return page
            time.sleep(0.2)

    @staticmethod
    def _unchecked(page):
        """Whether the page behind "Check mail", or "Ask the server", came before the mail server's answer."""
        parts = urllib.parse.urlsplit(page.url)
        notice = urllib.parse.parse_qs(parts.query).get("notice", [""])[0]
        return page.status == 200 and bool(page.history) and (
            notice in ("checking", "underway") or not notice and bool(re.search("/mail/.", parts.path)))

    def post_files(self, path, fields, files=(), follow=True, headers=None, boundary="=_Bound4ry"):
        """A form with files; `files` is [(field, file name, type, bytes)]."""
        body = b""
        for name, value in fields.items():
            for one in value if isinstance(value, list) else [value]:
                one = one.replace("\r\n", "\n").replace("\n", "\r\n")
                body += ('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n' % (
                    boundary, name)).encode() + one.encode("utf-8", "surrogateescape") + b"\r\n"
        for name, file_name, kind, content in files:
            file_name = file_name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            body += ('--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
                     'Content-Type: %s\r\n\r\n' % (boundary, name, file_name, kind)
                     ).encode() + content + b"\r\n"
        body += ("--%s--\r\n" % boundary).encode()
        usual = {"Content-Type": 'multipart/form-data; boundary="%s"' % boundary,
                 "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        usual.update(headers or {})
        page = self.request("POST", self.whole(path), body, usual)
        return self.follow(page) if follow else page

    def whole(self, path):
        if path.startswith(("/", "http")):
            return path
        return self.mount + "/" + path

    def submit(self, page, form, button=None, follow=True, files=None, **fields):
        """Sends a form of the page with some fields filled in; button is (name, value); with files as
        in post_files()."""
        values = {**form.fields, **fields}
        if button:
            values[button[0]] = button[1]
        address = urllib.parse.urljoin(page.url, form.action or page.url)
        values = {name: value for name, value in values.items() if value is not None}
        if form.method == "get":
            return self.get(address + "?" + urllib.parse.urlencode(values), follow)
        if files is not None:
            return self.post_files(address, values, files, follow)
        return self.post(address, values, follow)

    def click(self, page, text, follow=True):
        return self.get(urllib.parse.urljoin(page.url, page.link(text)), follow)

    def log_in(self, user="demo", password="demo", follow=True, **fields):
        """Through the log-in page, as a person would."""
        page = self.get("")
        form = page.form("password")
        return self.submit(page, form, follow=follow, user=user, password=password, **fields)
