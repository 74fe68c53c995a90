# SPDX-License-Identifier: GPL-3.0-or-later
"""The webcache between a Dovecot and a submission server that takes nothing but what RFC 5321 says (strictsmtp.py); anna is
logged in. Tests of sending say in a class of their own what is different there."""
import paths
from hideproxy import HideProxy
from imapd import Dovecot
from servers.process import tail
from strictsmtp import StrictSmtp
from webcache import Webcache
from writing import Writing


class SendingWorld:
    users = ("anna",)

    def __enter__(self):
        self.folder = paths.TestFolder()
        self.dovecot = self.mail_server()
        for user in self.users:
            self.dovecot.add_user(user, "demo")
        self.dovecot.start()
        self.smtp = self.submission().__enter__()
        self.webcache = Webcache(self.folder, imap_servers="example.edu=127.0.0.1:%d%s" % (
            self.imap_port(), self.dovecot.brackets), **self.settings()).start()
        self.anna = Writing(self.webcache, self.folder)
        self.anna.log_in("anna")
        return self

    def mail_server(self):
        return Dovecot(self.folder, ssl="no", failure_delay="0 secs")

    def imap_port(self):
        return self.dovecot.imap_port

    def submission(self):
        return StrictSmtp()

    def settings(self):
        """Of alphamail_config, beside the mail server."""
        return {"smtp_servers": "example.edu=plain://127.0.0.1:%d" % self.smtp.port,
                "sends_per_hour": 100_000, "recipients_per_hour": 100_000}

    def __exit__(self, *_):
        self.anna.close()
        self.webcache.close()
        self.smtp.__exit__()
        self.dovecot.stop()
        self.folder.close()

    def describe(self):
        return tail(self.webcache.log, 30)


class ProxiedSendingWorld(SendingWorld):
    """The same with a HideProxy before the mail server."""

    def imap_port(self):
        self.proxy = HideProxy(self.dovecot.imap_port)
        return self.proxy.port

    def __exit__(self, *_):
        self.proxy.close()
        super().__exit__()
