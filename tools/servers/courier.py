# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Courier: imap with STARTTLS and imaps on free loopback ports; mail arrives as in every Maildir.

The interface is that of dovecot.py. Folders are INBOX.Name, without any extension but UIDPLUS, SORT,
IDLE (answered by looking once a second), NAMESPACE, CHILDREN, QUOTA and ACL. Not one program of it but
several: the daemon that knows users, and one that accepts for each port.
"""
import os
import shutil
import subprocess

from servers import ca
from servers.process import Failed, Server, free_port, short_folder, wait_free

AUTHDAEMON = """\
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=5
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
"""

IMAP = {
    "IMAP_CAPABILITY": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE",
    "IMAP_KEYWORDS": "1", "IMAP_ACL": "1", "IMAP_PROXY": "0", "IMAP_PROXY_FOREIGN": "0", "IMAP_IDLE_TIMEOUT": "1",
    "IMAP_MAILBOX_SANITY_CHECK": "1", "IMAP_DISABLETHREADSORT": "0", "IMAP_CHECK_ALL_FOLDERS": "0",
    "IMAP_OBSOLETE_CLIENT": "0", "IMAP_UMASK": "022", "IMAP_USELOCKS": "1", "IMAP_ENHANCEDIDLE": "0",
    "IMAP_TRASHFOLDERNAME": "Trash", "IMAP_EMPTYTRASH": "Trash:7", "IMAP_MOVE_EXPUNGE_TO_TRASH": "0",
    "TLS_VERIFYPEER": "NONE", "MAILDIRPATH": "Maildir", "IMAP_STARTTLS": "NO", "IMAP_TLS_REQUIRED": "0"}

SPECIAL = ("Drafts", "Sent", "Junk", "Trash", "Archive")


class Courier:
    """One instance below `folder`; start() may be called again after stop()."""

    prefix, separator = "INBOX.", "."

    def __init__(self, folder, peers, identity, ssl="yes", processes=100, extra=None):
        self.folder, self.peers, self.identity = os.path.abspath(folder), peers, identity
        self.processes, self.extra, self.ssl = processes, extra or {}, ssl
        ports = {}
        for name in ("imap", "imaps"):
            ports[name] = free_port(avoid=ports.values())
        self.imap_port, self.imaps_port = ports["imap"], ports["imaps"]
        self.ca_file = os.path.join(self.folder, "tls", ca.CA_FILE)
        self.log = self._path("courier.log")
        self.servers, self.home = [], None
        self.users, self.hashes = {}, {}  # by user, by password: crypt(3)
        os.makedirs(self._path("mail"), exist_ok=True)

    @staticmethod
    def runs_here(peers):
        return peers.has("/usr/bin/imapd") and peers.has("/usr/lib/courier/courier-authlib/authdaemond")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _environment(self):
        return self.peers.environment(home=self.home, log=self.log)

    def _run(self, program, *arguments, given=b""):
        done = subprocess.run([self.peers.program(program), *arguments], input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin", **self._environment()},
                              cwd="/", check=False, **self.identity.popen_args())
        if done.returncode != 0:
            raise Failed("%s: %s" % (program, done.stdout.decode("utf-8", "replace")))

    def maildir(self, user):
        return self._path("mail/%s/Maildir" % user)

    def add_user(self, user, password):
        """A user that may log in, known at once, with the usual folders."""
        if not os.path.isdir(self.maildir(user)):
            shutil.copytree(self._empty_maildir(), self.maildir(user))
            self.identity.give(os.path.dirname(self.maildir(user)))
        if password not in self.hashes:
            self.hashes[password] = subprocess.run(
                ["openssl", "passwd", "-5", "-stdin"], input=password.encode(), stdout=subprocess.PIPE, check=True
            ).stdout.decode().strip()
        self.users[user] = self.hashes[password]
        if self.home is not None:
            self._write_users()

    def _empty_maildir(self):
        """One that every user's is a copy of."""
        empty = self._path("mail/empty")
        if not os.path.isdir(empty):
            self.identity.give(self._path("mail"))
            self._run("/usr/bin/maildirmake.courier", empty)
            for name in SPECIAL:
                self._run("/usr/bin/maildirmake.courier", "-f", name, empty)
            with open(os.path.join(empty, "courierimapsubscribed"), "w", encoding="ascii") as out:
                out.write("".join("INBOX%s\n" % name for name in [""] + ["." + name for name in SPECIAL]))
        return empty

    def _write_users(self):
        """userdb(8): what may be read, and what may not, each a GDBM file."""
        who = "uid=%d|gid=%d" % (self.identity.uid, self.identity.gid)
        tables = {
            "userdb": "".join("%s\t%s|home=%s|mail=%s\n" % (
                user, who, self._path("mail/" + user), self.maildir(user)) for user in self.users),
            "userdbshadow": "".join("%s\tsystempw=%s\n" % item for item in self.users.items())}
        for name, text in tables.items():
            path = os.path.join(self.home, "etc/courier", name)
            self._run("/usr/lib/courier/courier-authlib/makedatprog", "-", path + ".tmp", path + ".dat",
                      given=text.encode() + b".\n")

    def deliver_to_maildir(self, user, message):
        """As a delivery agent does: one more file in new/ (bytes, with line feeds only)."""
        self._run("/usr/bin/deliverquota.courier", self.maildir(user), given=message)

    def start(self):
        ca.make_certificate(self._path("tls"), "imap")
        with open(self._path("tls/both.pem"), "w", encoding="ascii") as out:
            for name in ("imap.key", "imap.pem"):
                with open(self._path("tls/" + name), encoding="ascii") as source:
                    out.write(source.read())
        self.home = short_folder(self.identity, "am-courier-")
        for name in ("etc/courier", "run/courier/authdaemon"):
            os.makedirs(os.path.join(self.home, name))
        with open(os.path.join(self.home, "etc/courier/authdaemonrc"), "w", encoding="ascii") as out:
            out.write(AUTHDAEMON)
        self.identity.give(self.home)
        self.identity.give(self.folder)
        self._write_users()
        wait_free((self.imap_port, self.imaps_port))
        self._serve("authdaemond", ["/usr/lib/courier/courier-authlib/authdaemond"], {}).wait_until(
            lambda: os.path.exists(os.path.join(self.home, "run/courier/authdaemon/socket")), "make its socket")
        settings = {**IMAP, **self.extra}
        if self.ssl != "no":
            settings.update(TLS_CERTFILE=self._path("tls/both.pem"), IMAP_STARTTLS="YES",
                            COURIERTLS=self.peers.program("/usr/bin/couriertls"))
        imap = ["/usr/lib/courier/courier/imaplogin", "/usr/bin/imapd", "Maildir"]
        self._accept(self.imap_port, imap, settings)
        if self.ssl != "no":
            self._accept(self.imaps_port, ["/usr/bin/couriertls", "-server", "-tcpd"] + imap,
                         {**settings, "IMAP_TLS": "1"})
        return self

    def _accept(self, port, argv, settings):
        argv = [self.peers.program(word) if word.startswith("/") else word for word in argv]
        self._serve("couriertcpd", ["/usr/sbin/couriertcpd", "-address=127.0.0.1", "-maxprocs=%d" % self.processes,
                                    "-maxperip=%d" % self.processes, "-nodnslookup", "-noidentlookup",
                                    str(port)] + argv, settings).wait_port(port)

    def _serve(self, name, argv, settings):
        server = Server(name, self.log, self.identity)
        self.servers.append(server)
        return server.start([self.peers.program(argv[0])] + argv[1:], {**self._environment(), **settings}, cwd=self.folder)

    def stop(self):
        for server in reversed(self.servers):
            server.stop(seconds=1, everybody=True)
        self.servers = []
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)
            self.home = None

    def restart(self):
        self.stop()
        return self.start()
