#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which name and scheme the site is used: AlphaMailDomain, TLS, two virtual hosts."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from browser import Browser  # noqa: E402
from raw_http import raw_get, raw_request  # noqa: E402
from servers import ca  # noqa: E402
from servers.process import free_port  # noqa: E402
from stack import Stack  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402


def ask(port, path, host, method=b"GET", extra=b""):
    return raw_request(port, b"%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n" % (
        method, path.encode(), host.encode(), extra))


class Hosts:
    """One stack with TLS and a second, plain virtual host with a configuration of its own."""

    def __enter__(self):
        self.folder = paths.TestFolder()
        tls = os.path.join(str(self.folder), "web-tls")
        os.makedirs(tls)
        self.certificate = ca.make_certificate(tls, "web")
        self.ca_file = os.path.join(tls, ca.CA_FILE)
        paths.identity.give(tls)
        self.plain_port, self.loop_port = free_port(), free_port()
        self.stack = Stack(folder=self.folder, web={"tls": self.certificate},
                           cache={"login_failures_account": 1000},
                           site={"AlphaMailDomain": "localhost"})
        try:
            self.stack.__enter__()
            self._second_host()
        except BaseException:
            self.stack.close()
            self.folder.close()
            raise
        return self

    def _second_host(self):
        httpd = self.stack.httpd
        with open(self.stack.webcache.config_file, encoding="utf-8") as source:
            config = source.read()
        loop_config = self.stack.webcache.config_file + ".loop"
        with open(loop_config, "w", encoding="utf-8") as out:
            out.write(config + "\ninsecure_loopback_cookies: on\nsite_name: Second House\n")
        os.chmod(loop_config, 0o600)
        paths.identity.give(loop_config)
        httpd.extra = """
Listen 127.0.0.1:%d http
Listen 127.0.0.1:%d http
<VirtualHost 127.0.0.1:%d>
  SSLEngine off
</VirtualHost>
<VirtualHost 127.0.0.1:%d>
  SSLEngine off
  AlphaMailConfig "%s"
  AlphaMailMount /post
  AlphaMailDomain localhost
</VirtualHost>
""" % (self.plain_port, self.loop_port, self.plain_port, self.loop_port, loop_config)
        httpd.stop()
        httpd.start()

    def __exit__(self, *_):
        self.stack.close()
        self.folder.close()

    def describe(self):
        return self.stack.describe()


@case("under TLS the cookies are __Host- cookies: Secure, HttpOnly, SameSite=Lax")
def _(hosts):
    browser = Browser(hosts.stack.httpd.origin, ca_file=hosts.ca_file)
    browser.patience = 30
    page = browser.log_in()
    equal(page.status, 200)
    for name in ("__Host-alphamail", "__Host-alphamail-login"):
        line = next(line for line in browser.set_cookies if line.startswith(name + "="))
        equal(sorted(part.strip() for part in line.split(";")[1:]),
              ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"])
    page = browser.get("settings/")
    page = browser.submit(page, page.form("logout"))
    gone = browser.set_cookies[-1]
    contains(gone, "__Host-alphamail=;")
    contains(gone, "Max-Age=0")
    contains(gone, "Secure")


@case("plain http is sent to https, with its path and query, even on loopback")
def _(hosts):
    status, headers, _ = ask(hosts.plain_port, "/alphamail/mail/INBOX/5?x=1", "localhost")
    equal((status, headers["location"]), (302, "https://localhost/alphamail/mail/INBOX/5?x=1"))
    equal(headers.get("set-cookie"), None)
    contains(headers["content-security-policy"], "default-src 'none'")
    status, headers, _ = ask(hosts.plain_port, "/alphamail/login", "localhost", b"POST",
                             b"Content-Length: 0\r\n")
    equal((status, headers["location"]), (303, "https://localhost/alphamail/login"))


@case("another name is sent to the right one, with scheme, port and path")
def _(hosts):
    port = hosts.loop_port
    status, headers, _ = ask(port, "/post/mail/INBOX/5?x=1", "127.0.0.1:%d" % port)
    equal((status, headers["location"]), (302, "http://localhost:%d/post/mail/INBOX/5?x=1" % port))
    status, headers, _ = ask(port, "/post/login", "127.0.0.1:%d" % port, b"POST",
                             b"Content-Length: 0\r\n")
    equal((status, headers["location"]), (303, "http://localhost:%d/post/login" % port))
    equal(ask(port, "/post/login", "LOCALHOST:%d" % port)[0], 200, "case does not matter")
    equal(ask(port, "/post/login", "localhost.:%d" % port)[0], 200, "nor does a dot at the end")


@case("a bad address under another name is still a clear answer")
def _(hosts):
    port = hosts.loop_port
    ok(ask(port, "/post/mail/%00", "127.0.0.1:%d" % port)[0] in (302, 400))


@case("two virtual hosts serve with different configurations, mounts and cookies")
def _(hosts):
    browser = Browser("http://localhost:%d" % hosts.loop_port, mount="/post")
    browser.patience = 30
    page = browser.get("")
    contains(page.text, "Second House")
    page = browser.log_in()
    equal(page.status, 200)
    ok("alphamail-%d" % hosts.loop_port in browser.cookies)
    other = Browser(hosts.stack.httpd.origin, ca_file=hosts.ca_file)
    ok("Second House" not in other.get("").text)
    equal(raw_get(hosts.loop_port, "/alphamail/")[0], 404)


@case("with AlphaMailRequireTls off a proxy in front ends TLS: cookies stay Secure")
def _(hosts):
    httpd = hosts.stack.httpd
    httpd.extra = httpd.extra.replace("SSLEngine off\n</Virtual",
                                      "SSLEngine off\n  AlphaMailRequireTls off\n</Virtual")
    httpd.stop()
    httpd.start()
    status, headers, _ = ask(hosts.plain_port, "/alphamail/login", "localhost")
    equal(status, 200)
    contains(headers["set-cookie"], "__Host-alphamail-login=")
    contains(headers["set-cookie"], "Secure")


main(Hosts)
