#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A submission server with STARTTLS (RFC 3207): no password and no letter before there is TLS with a certificate that
can be trusted, whatever stands between; and nothing that was said before TLS counts behind it."""
import os
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import badimap  # noqa: E402
from badproxy import CERTIFICATES  # noqa: E402
from sending_world import SendingWorld  # noqa: E402
from strictsmtp import CLOSE, HANG, StrictSmtp  # noqa: E402
from tap import case, contains, equal, main, ok  # noqa: E402
from writing import mail  # noqa: E402

FAR = "127.0.0.0x1"     # of loopback, and no name that says so
OFFERS = ("PIPELINING", "SIZE 1000000", "8BITMIME", "AUTH PLAIN")


class World(SendingWorld):
    def submission(self):
        certificates = os.path.join(str(self.folder), "certificates")
        os.mkdir(certificates, 0o755)
        self.contexts = {}
        for kind in CERTIFICATES:
            certificate, key, _ = badimap.make_certs(certificates, kind)
            self.contexts[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if kind == "weak-key":
                self.contexts[kind].set_ciphers("DEFAULT:@SECLEVEL=0")
            self.contexts[kind].load_cert_chain(certificate, key)
        self.ca_file = os.path.join(certificates, "ca.pem")
        os.chmod(self.ca_file, 0o644)
        smtp = StrictSmtp(OFFERS)
        smtp.starttls, smtp.context = True, self.contexts["good"]
        self.name = "localhost"
        return smtp

    def settings(self):
        return {"imap_plain_allowed": "example.edu", "smtp_servers": "example.edu=localhost:%d" % self.smtp.port,
                "tls_ca_file": self.ca_file, "smtp_timeout": "3s"}

    def host(self, name):
        """The server is called so from now on; passwords go to loopback, by a name that says so, without TLS, too."""
        self.name = name
        self.webcache.stop()
        self.webcache.write_config(smtp_servers="example.edu=%s:%d" % (name, self.smtp.port))
        self.webcache.start()

    def refused(self, words):
        """A letter is not sent, for a reason with these words, and nothing of it was said; with all well again it goes."""
        self.smtp.drop()
        said, taken, data = len(self.smtp.commands), len(self.smtp.messages), mail()
        told = self.anna.send(data, ["bob@example.edu"])
        equal(told["state"], "Failed", repr(told))
        contains(told["detail"], words)
        equal({line.split()[0] for line in self.smtp.commands[said:]} - {b"EHLO", b"STARTTLS", b"QUIT"}, set())
        equal(len(self.smtp.messages), taken)
        self.smtp.heal()
        self.smtp.starttls, self.smtp.context, self.smtp.behind = True, self.contexts["good"], b""
        self.host("localhost")
        if self.name != "localhost":
            self.host("localhost")
        done = self.anna.act(told["id"], "retry")
        ok(done.get("state") in ("Sent", "NotFiled", "Done"), why=repr(done))
        equal(self.smtp.messages[-1][2], data)
        self.anna.until(told["id"], "Done")


@case("TLS comes first, then the password, then the letter")
def _(w):
    sent = w.anna.send(mail(), ["bob@example.edu"])
    ok(sent.get("state") in ("Sent", "Done"), why=repr(sent))
    equal([line.split()[0] for line in w.smtp.commands][:5], [b"EHLO", b"STARTTLS", b"EHLO", b"AUTH", b"MAIL"])


@case("a server that offers no STARTTLS, and one that refuses it: no password for it")
def _(w):
    w.host(FAR)
    w.smtp.context = None
    w.refused("offers no STARTTLS")
    for reply in ("454 4.7.0 TLS not available", "554 5.7.3 no"):
        w.host(FAR)
        w.smtp.fail("starttls", reply)
        w.refused(reply)


@case("text in the clear behind the answer to STARTTLS ends it")
def _(w):
    w.smtp.behind = b"250-strict.example.edu\r\n250 AUTH PLAIN\r\n"
    w.refused("plain text behind STARTTLS")


@case("it hangs, or hangs up, at STARTTLS")
def _(w):
    for how in (HANG, CLOSE):
        w.smtp.fail("starttls", how)
        w.refused("")


@case("what was offered before TLS does not count behind it")
def _(w):
    w.smtp.drop()
    w.smtp.offers_in_tls = ["PIPELINING", "SIZE 500", "8BITMIME", "AUTH PLAIN"]
    told = w.anna.send(mail(text=b"x\r\n" * 1000), ["bob@example.edu"])
    w.smtp.offers_in_tls = None
    w.smtp.drop()
    equal(told["state"], "Failed", repr(told))
    contains(told["detail"], "the mail server takes 500")
    w.anna.act(told["id"], "discard")


for kind in CERTIFICATES:
    if kind != "good":
        @case("a certificate that is not to be trusted (%s): no password and no letter for it" % kind)
        def _(w, kind=kind):
            w.smtp.context = w.contexts[kind]
            w.refused("ertificate")


@case("and nothing that was said to the server was out of order")
def _(w):
    equal(w.smtp.wrong, [])


main(World)
