# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Cyrus: imap with STARTTLS, imaps and lmtp on free loopback ports.

The interface is that of dovecot.py. `alternate` gives folders beside INBOX with slashes (altnamespace and
unixhierarchysep, as most sites have it); else they are INBOX.Name, as Debian's package is set up.
"""
import os
import shutil
import subprocess

from servers import ca
from servers.process import Failed, Server, free_port, short_folder, wait_free

IMAPD = """\
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/mail
cyrus_user: {user}
cyrus_group: {group}
servername: localhost
syslog_prefix: cyrus
admins: cyrus
altnamespace: {alternate}
delete_mode: immediate
unixhierarchysep: {alternate}
allowplaintext: {plaintext}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN LOGIN
{tls}
imapidlepoll: 1
idlesocket: {sockets}/idle
lmtpsocket: {sockets}/lmtp
notifysocket: {sockets}/notify
autocreate_quota: 0
autocreate_inbox_folders: {special_names}
autocreate_subscribe_folders: {special_names}
{special}
lmtp_downcase_rcpt: yes
duplicatesuppression: no
specialusealways: yes
expunge_mode: immediate
skiplist_unsafe: yes
{extra}
"""

SERVICES = """\
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {config} -r"
  idled cmd="{programs}/idled -C {config}"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {config} -U 50" listen="127.0.0.1:{imap}" prefork=1 maxchild={processes}
{imaps_service}
  lmtp cmd="{programs}/lmtpd -C {config} -a" listen="127.0.0.1:{lmtp}" prefork=0 maxchild=20
}}
EVENTS {{
  checkpoint cmd="{programs}/ctl_cyrusdb -C {config} -c" period=30
}}
"""

TLS = """\
tls_server_cert: {folder}/tls/imap.pem
tls_server_key: {folder}/tls/imap.key"""

IMAPS = '  imaps cmd="{programs}/imapd -C {config} -s -U 50" listen="127.0.0.1:{port}" prefork=0 maxchild={processes}'

SPECIAL = ("Drafts", "Sent", "Junk", "Trash", "Archive")


class Cyrus:
    """One instance below `folder`; start() may be called again after stop()."""

    def __init__(self, folder, peers, identity, alternate=True, ssl="yes", processes=100, extra=""):
        self.folder, self.peers, self.identity = os.path.abspath(folder), peers, identity
        self.prefix, self.separator = ("", "/") if alternate else ("INBOX.", ".")
        self.settings = {"alternate": "yes" if alternate else "no", "plaintext": "yes", "extra": extra,
                         "processes": processes}
        ports = {}
        for name in ("imap", "imaps", "lmtp"):
            ports[name] = free_port(avoid=ports.values())
        self.imap_port, self.imaps_port, self.lmtp_port = ports["imap"], ports["imaps"], ports["lmtp"]
        self.ssl = ssl
        self.ca_file = os.path.join(self.folder, "tls", ca.CA_FILE)
        self.log = self._path("cyrus.log")
        self.server = self.sockets = None
        for name in ["mail"] + ["conf/" + name for name in (
                "db", "socket", "log", "msg", "ptclient", "proc", "lock", "quota", "user")]:
            os.makedirs(self._path(name), exist_ok=True)

    @staticmethod
    def runs_here(peers):
        return peers.has("/usr/lib/cyrus/bin/master") and peers.has("/usr/sbin/saslpasswd2")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def add_user(self, user, password):
        """A user that may log in, known at once; the folders are made at the first log-in."""
        done = subprocess.run(
            [self.peers.program("/usr/sbin/saslpasswd2"), "-p", "-c", "-u", "localhost", "-f", self._path("sasldb2"),
             user], input=password.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", **self.peers.environment(log=self.log)}, check=False)
        if done.returncode != 0:
            raise Failed("saslpasswd2: " + done.stdout.decode("utf-8", "replace"))
        self.identity.give(self._path("sasldb2"))

    def start(self):
        ca.make_certificate(self._path("tls"), "imap")
        if self.sockets is None:
            self.sockets = short_folder(self.identity, "am-cyrus-")
        config = self._path("imapd.conf")
        self._write("imapd.conf", IMAPD.format(
            folder=self.folder, sockets=self.sockets, user=self.identity.user, group=self.identity.group,
            special_names="|".join(SPECIAL), tls=TLS.format(folder=self.folder) if self.ssl != "no" else "",
            special="\n".join("xlist-%s: %s" % (name.lower(), name) for name in SPECIAL), **self.settings))
        names = {"programs": self.peers.program("/usr/lib/cyrus/bin"), "config": config, **self.settings}
        self._write("cyrus.conf", SERVICES.format(
            imap=self.imap_port, lmtp=self.lmtp_port, **names,
            imaps_service=IMAPS.format(port=self.imaps_port, **names) if self.ssl != "no" else ""))
        self.identity.give(self.folder)
        wait_free((self.imap_port, self.imaps_port, self.lmtp_port))
        self.server = Server("Cyrus", self.log, self.identity)
        self.server.start(
            [self.peers.program("/usr/lib/cyrus/bin/master"), "-D", "-C", config, "-M", self._path("cyrus.conf"),
             "-p", self._path("master.pid")],
            self.peers.environment(log=self.log), cwd=self.folder)
        for port in (self.imap_port, self.lmtp_port):
            self.server.wait_port(port)
        return self

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=5)
            self.server = None
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def restart(self):
        self.stop()
        return self.start()
