# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the demo's servers until it is told to end: Dovecot, Exim, webcache and httpd. A webcache
that dies is started again, as systemd would; any other that dies ends the demo with the end of its
log. It ends what it started, by process id, and nothing else.

    supervise.py FOLDER
"""
import glob
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from demo import running  # noqa: E402
from demo.options import SERVER  # noqa: E402
from demo_mail import fill  # noqa: E402
from servers.dovecot import Dovecot  # noqa: E402
from servers.exim import Exim  # noqa: E402
from servers.httpd import Httpd  # noqa: E402
from servers.peers import Peers  # noqa: E402
from servers.process import Failed, Identity, free_port, port_is_free, short_folder, tail  # noqa: E402
from servers.webcache import Webcache  # noqa: E402

USERS = (("demo", "demo"), ("demo2", "demo"))
MOUNT = "/alphamail"


def say(text):
    print("demo: " + text, flush=True)


def split_server(text):
    """(scheme with ://, host, port, brackets) of [SCHEME://]HOST:PORT[PREFIX SEPARATOR]; HOST may be
    an [address]; scheme and brackets may be ""."""
    return tuple(part or "" for part in SERVER.match(text).groups())


class Told(Exception):
    """A signal asked us to end."""


class Demo:
    def __init__(self, folder):
        self.folder, self.identity = folder, Identity()
        with open(self.path("options.json"), encoding="utf-8") as source:
            self.options = json.load(source)
        self.parts = []          # in the order they were started
        self.webcache = self.httpd = None
        self.deaths = []
        self.imaps = self.submission = None

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def installed(self, pattern):
        found = sorted(glob.glob(self.path("installed") + pattern, recursive=True))
        if not found:
            raise Failed("make install gave no %s" % pattern)
        return found[0]

    # -- the parts ---------------------------------------------------------------------------

    def remembered_ports(self, names):
        """The ports of the last start where they are still free: other clients' settings last."""
        try:
            with open(self.path("state", "ports.json"), encoding="utf-8") as source:
                ports = json.load(source)
        except (OSError, ValueError):
            ports = {}
        for name in names:
            if not port_is_free("127.0.0.1", ports.get(name) or 1):
                ports[name] = free_port(avoid=ports.values())
        with open(self.path("state", "ports.json"), "w", encoding="utf-8") as out:
            json.dump(ports, out)
        return ports

    def start_mail(self):
        ports = self.remembered_ports(("imap", "imaps", "lmtp", "starttls", "tls"))
        peers = Peers(self.path("peers"))
        say("starting Dovecot")
        dovecot = Dovecot(self.path("imapd"), peers, self.identity, ports=ports,
                          sockets=self.sockets_of("imapd"))
        exim = Exim(self.path("mta"), peers, self.identity, dovecot.lmtp_port, ports=ports)
        for user, password in USERS:
            dovecot.add_user(user, password)
            exim.add_user(user, password)
        self.parts.append(dovecot)
        dovecot.start()
        self.fill(dovecot)
        say("starting Exim")
        self.parts.append(exim)
        exim.start()
        self.imaps, self.submission = ("127.0.0.1:%d" % dovecot.imaps_port,
                                       "127.0.0.1:%d" % exim.port)
        return {"imap_servers": "example.edu=imaps://localhost:%d[/]" % dovecot.imaps_port,
                "smtp_servers": "example.edu=localhost:%d" % exim.port,
                "tls_ca_file": self.one_ca_file(dovecot, exim)}

    def one_ca_file(self, *servers):
        target = self.path("webcache", "ca.pem")
        with open(target, "w", encoding="ascii") as out:
            for server in servers:
                out.write(running.read(server.ca_file))
        return target

    def fill(self, dovecot):
        stamp = self.path("imapd", "filled")
        if os.path.exists(stamp):
            return
        shutil.rmtree(self.path("imapd", "mail"), ignore_errors=True)   # half filled by a start
        os.makedirs(self.path("imapd", "mail"))                         # that was ended
        say("filling the mailboxes")
        began = time.monotonic()
        count = fill.fill_demo(dovecot.imap_port, USERS[0][1], self.options["messages"], say)
        say("filled with %d messages in %.1f s" % (count, time.monotonic() - began))
        with open(stamp, "w", encoding="ascii") as out:
            out.write("%d\n" % count)

    def real_mail(self):
        """The lines for a server that people named: its mail domain is its name without the first
        label, so that imap.example.edu serves example.edu."""
        imap, smtp = self.options["imap"], self.options["smtp"]
        scheme, host, port, brackets = split_server(imap)
        labels = host.split(".")
        domain = ("localhost" if host[0] == "[" or labels[-1].isdigit() else
                  ".".join(labels[1:]) if len(labels) > 2 else host)
        self.imaps, self.submission = "%s:%s" % (host, port), (
            ":".join(split_server(smtp)[1:3]) if smtp else "none")
        return {"imap_servers": "%s=%s%s:%s%s" % (domain, scheme, host, port,
                                                brackets or "[/]"),
                "smtp_servers": "%s=%s" % (domain, smtp) if smtp else None}

    def sockets_of(self, name):
        folder = os.path.join(self.sockets, name)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        return folder

    def start_web(self, mail):
        options = self.options
        self.webcache = Webcache(
            self.path("webcache"), self.installed("/**/sbin/webcache"), self.identity,
            {**mail, "site_name": "AlphaMail demo",
             "site_notice": "A private site to try AlphaMail on: user demo, password demo."
             if not options["imap"] else None,
             "insecure_loopback_cookies": None if options["tls"] else "on"},
            sockets=self.sockets_of("webcache"))
        self.parts.append(self.webcache)
        say("starting webcache")
        self.webcache.start()
        tls = None
        if options["tls"]:
            tls = (self.path("tls", "web.pem"), self.path("tls", "web.key"))
        self.httpd = Httpd(
            self.path("httpd"), self.installed("/**/mod_alphamail.so"), self.identity,
            {"AlphaMailDomain": options["host"]},
            includes=[self.site_file()], port=options["port"], address=options["listen"],
            host=options["host"], tls=tls, extra='RedirectMatch 302 "^/$" "%s/"' % MOUNT,
            sockets=self.sockets_of("httpd"))
        self.parts.append(self.httpd)
        say("starting httpd")
        self.httpd.start()

    def site_file(self):
        """The sample alphamail.conf as it is installed, with the demo's own paths in it."""
        text = running.read(self.installed("/**/conf/alphamail.conf"))
        for pattern, path in (
                (r'"[^"]*/alphamail_config"', self.webcache.config_file),
                (r'"[^"]*/templates"', self.installed("/**/alphamail/templates")),
                (r'"[^"]*/alphamail\.db"', self.path("httpd", "alphamail.db")),
                (r'"[^"]*/alphamail_ui\.log"', self.path("httpd", "alphamail_ui.log")),
                (r'"[^"]*/access\.log"', self.path("httpd", "access.log"))):
            text = re.sub(pattern, lambda _, path=path: '"%s"' % path, text)
        target = self.path("httpd", "alphamail.conf")
        with open(target, "w", encoding="utf-8") as out:
            out.write(text)
        return target

    def login_page(self):
        """The status of a real GET of the log-in page."""
        options = self.options
        where = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options["listen"], options["listen"])
        if options["tls"]:
            context = ssl.create_default_context(cafile=self.path("tls", "ca.pem"))
            context.check_hostname = False     # the name need not lead here yet
            connection = http.client.HTTPSConnection(where, options["port"], timeout=10,
                                                     context=context)
        else:
            connection = http.client.HTTPConnection(where, options["port"], timeout=10)
        try:
            connection.request("GET", MOUNT + "/", headers={
                "Host": "%s:%d" % (options["host"], options["port"])})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            return str(failure)
        finally:
            connection.close()

    def ready(self):
        end, status = time.monotonic() + 20, None
        while time.monotonic() < end:
            status = self.login_page()
            if status == 200:
                break
            time.sleep(0.2)
        else:
            raise Failed("the log-in page answers %s instead of 200; the end of %s:\n%s\n"
                         "the end of %s:\n%s" % (status, self.httpd.error_log, tail(
                             self.httpd.error_log), self.webcache.log, tail(self.webcache.log)))
        options = self.options
        if options["tls"]:
            say("the certificate's authority is %s" % self.path("tls", "ca.pem"))
        who = "user=demo password=demo" if not options["imap"] else "user=yours password=yours"
        print("ready %s://%s:%d%s/ %s imaps=%s submission=%s" % (
            "https" if options["tls"] else "http",
            "[%s]" % options["host"] if ":" in options["host"] else options["host"],
            options["port"], MOUNT, who, self.imaps, self.submission), flush=True)

    # -- life --------------------------------------------------------------------------------

    def watch(self):
        while True:
            time.sleep(0.1)
            if not self.webcache.server.alive():
                self.revive()
            for part in self.parts:
                if part is not self.webcache and not part.server.alive():
                    raise Failed("%s has ended by itself; the end of %s:\n%s" % (
                        part.server.name, part.server.log, tail(part.server.log)))

    def revive(self):
        """A webcache that died begins again at once; one that dies ten times a minute is broken."""
        now = time.monotonic()
        self.deaths = [when for when in self.deaths if now - when < 60] + [now]
        if len(self.deaths) > 10:
            raise Failed("webcache has died %d times within a minute; the end of %s:\n%s" % (
                len(self.deaths), self.webcache.log, tail(self.webcache.log)))
        say("webcache has died (status %s); starting it again"
            % self.webcache.server.process.returncode)
        self.webcache.stop()
        self.webcache.start(wait=False)

    def run(self):
        self.sockets = short_folder(self.identity, "am-")
        with open(self.path("state", "sockets"), "w", encoding="utf-8") as out:
            out.write(self.sockets)
        mail = self.real_mail() if self.options["imap"] else self.start_mail()
        self.start_web(mail)
        self.ready()
        self.watch()

    def end(self):
        for part in reversed(self.parts):
            try:
                part.stop()
            except Exception as failure:  # pylint: disable=broad-except
                say("stopping: %s" % failure)
        shutil.rmtree(self.sockets, ignore_errors=True)


def main(folder):
    os.umask(0o022)
    running.remember(folder)
    running.remove_stale_sockets(folder)

    def told(number, _):
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, signal.SIG_IGN)
        raise Told(number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, told)
    demo = Demo(folder)
    status = 0
    try:
        demo.run()
    except Told:
        say("stopping")
    except (Failed, OSError, RuntimeError) as failure:
        say("failed: %s" % failure)
        status = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        demo.end()
        running.forget(folder)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
