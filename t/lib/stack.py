# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of it for tests: Dovecot, webcache and httpd from the build tree, below one temporary
folder, on free ports, unprivileged; and browsers to look at it.

    with Stack() as stack:
        stack.deliver("INBOX", [message(subject="Hello")])
        browser = stack.browser()
        page = browser.log_in()               # demo, password demo
        contains(page.words, "Hello")

Parts by name: stack.dovecot, stack.webcache, stack.httpd, stack.mta (with mta=True).
"""
import os

import paths
from browser import Browser
from httpd import Httpd
from imapd import Dovecot, server_of
from mta import Mta
from servers.process import tail
from webcache import Webcache


class Stack:
    """Arguments for the parts: imap={...}, cache={...} (lines of alphamail_config), web={...};
    site={...} for httpd's directives. `start` may leave parts out, to be started by the test. `kind` takes another
    server than Dovecot with mdbox (imapd.KINDS). Its browsers have its patience (browser.Browser)."""
    patience = 30

    def __init__(self, folder=None, users=("demo", "demo2"), mta=False, imap=None, cache=None,
                 web=None, site=None, start=("dovecot", "webcache", "httpd"), security="imaps", kind=None):
        self.folder = paths.TestFolder() if folder is None else folder
        self.own_folder = folder is None
        self.users, self.start_names = users, start
        self.dovecot = self.mta = self.webcache = self.httpd = None
        self.settings = (dict(imap or {}), dict(cache or {}), dict(web or {}), dict(site or {}))
        self.with_mta, self.security, self.kind = mta, security, kind

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self):
        imap, cache, web, site = self.settings
        if self.kind:
            self.dovecot = server_of(self.kind, self.folder, ssl="yes")
        else:
            self.dovecot = Dovecot(self.folder, **{"failure_delay": "0 secs", **imap})
        for user in self.users:
            self.dovecot.add_user(user, "demo")
        if "dovecot" in self.start_names:
            self.dovecot.start()
        if self.with_mta:
            self.mta = Mta(self.folder, self.dovecot).start()
            cache.setdefault("tls_ca_file", self._authorities())
        cache.setdefault("insecure_loopback_cookies", None if web.get("tls") else "on")
        self.webcache = Webcache(self.folder, self.dovecot, mta=self.mta, security=self.security,
                                 **cache)
        if "webcache" in self.start_names:
            self.webcache.start()
        self.httpd = Httpd(self.folder, self.webcache, site=site, **web)
        if "httpd" in self.start_names:
            self.httpd.start()

    def _authorities(self):
        """One file with the certificate authorities of both mail servers."""
        name = os.path.join(str(self.folder), "authorities.pem")
        with open(name, "w", encoding="ascii") as out:
            for ca_file in (self.dovecot.ca_file, self.mta.ca_file):
                with open(ca_file, encoding="ascii") as one:
                    out.write(one.read())
        os.chmod(name, 0o644)
        return name

    def close(self):
        for part in (self.httpd, self.webcache):
            if part is not None:
                part.close()
        for part in (self.mta, self.dovecot):
            if part is not None:
                part.stop()
        if self.own_folder:
            self.folder.close()

    def __exit__(self, *_):
        self.close()

    def browser(self, **settings):
        return Browser(self.httpd.origin, self.httpd.site.get("AlphaMailMount") or "/alphamail",
                       **{"patience": self.patience, **settings})

    def log_in(self, user="demo", password="demo"):
        """(browser, first page)"""
        browser = self.browser()
        return browser, browser.log_in(user, password)

    def deliver(self, folder, messages, user="demo", **how):
        return self.dovecot.deliver(user, folder, messages, **how)

    def logs(self):
        """Everything that webcache and httpd wrote: where a secret must not be found."""
        files = (self.webcache.log, self.httpd.error_log,
                 os.path.join(self.httpd.folder, "httpd.log"))
        text = ""
        for name in files:
            if os.path.exists(name):
                with open(name, encoding="utf-8", errors="replace") as source:
                    text += source.read()
        return text

    def describe(self):
        """For the end of a test that failed."""
        return "\n".join("== the end of %s\n%s" % (os.path.basename(name), tail(name, 25))
                         for name in (self.webcache.log, self.httpd.error_log,
                                      os.path.join(self.dovecot.folder, "dovecot.log")))
