# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Dovecot: imap with STARTTLS, imaps and lmtp on free loopback ports."""
import os
import shutil

from servers import ca
from servers.process import Server, free_port, short_folder, wait_free

CONFIG = """\
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {sockets}/d
state_dir = {folder}/state
log_path = {folder}/dovecot.log
log_timestamp = "%Y-%m-%d %H:%M:%S "
libexec_dir = {root}/usr/lib/dovecot
mail_plugin_dir = {root}/usr/lib/dovecot/modules
login_plugin_dir = {root}/usr/lib/dovecot/modules/login
import_environment = TZ LC_ALL LD_LIBRARY_PATH LD_PRELOAD PEER_ROOT

default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
default_process_limit = {processes}
default_client_limit = {clients}
mail_max_userip_connections = {userip}

ssl = {ssl}
ssl_cert = <{folder}/tls/imap.pem
ssl_key = <{folder}/tls/imap.key
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_verbose = yes
auth_failure_delay = {failure_delay}
# Its own penalty counts failures by client address, and all clients here are one.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = username_format=%n {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n
}}

mail_location = {format}:~/{format}
mailbox_list_index = yes
{sync}
mail_always_cache_fields = flags date.received date.sent size.virtual imap.envelope imap.bodystructure mime.parts
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
{special}
}}
postmaster_address = postmaster@example.edu
lmtp_save_to_detail_mailbox = no
{extra}

service auth {{
  client_limit = {clients}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  chroot =
  service_count = 50
  process_min_avail = 1
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
}}
"""

SPECIAL = {"Drafts": "\\Drafts", "Sent": "\\Sent", "Junk": "\\Junk", "Trash": "\\Trash",
           "Archive": "\\Archive"}


class Dovecot:
    """One instance below `folder`; config() and start() may be called again after stop()."""

    def __init__(self, folder, peers, identity, storage="mdbox", prefix="", separator="/",
                 ssl="yes", processes=400, extra="", failure_delay="2 secs", ports=None,
                 fsync=False, sockets=None):
        self.folder, self.peers, self.identity = os.path.abspath(folder), peers, identity
        self.settings = {"format": storage, "prefix": prefix, "separator": separator, "ssl": ssl,
                         "processes": processes, "extra": extra, "failure_delay": failure_delay}
        self.prefix, self.separator, self.fsync = prefix, separator, fsync
        ports = dict(ports or {})
        for name in ("imap", "imaps", "lmtp"):
            ports.setdefault(name, free_port(avoid=ports.values()))
        self.imap_port, self.imaps_port, self.lmtp_port = (
            ports["imap"], ports["imaps"], ports["lmtp"])
        self.ca_file = os.path.join(self.folder, "tls", ca.CA_FILE)
        self.server = None
        self.sockets, self.own_sockets = sockets, sockets is None
        for name in ("mail", "state"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        if not os.path.exists(self._path("users")):
            self._write("users", "")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text, mode=0o600):
        with open(self._path(name), "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(self._path(name), mode)

    def add_user(self, user, password):
        """A user that may log in as `user` and as `user@example.edu`; known to Dovecot at once."""
        with open(self._path("users"), encoding="utf-8") as source:
            lines = [line for line in source if not line.startswith(user + ":")]
        lines.append("%s:{PLAIN}%s::::::\n" % (user, password))
        self._write("users.new", "".join(lines))
        if self.identity.drops:
            os.chown(self._path("users.new"), self.identity.uid, self.identity.gid)
        os.rename(self._path("users.new"), self._path("users"))

    def configure(self):
        ca.make_certificate(self._path("tls"), "imap")
        special = "".join('  mailbox %s {\n    auto = subscribe\n    special_use = %s\n  }\n' % item
                          for item in SPECIAL.items())
        self._write("dovecot.conf", CONFIG.format(
            folder=self.folder, sockets=self.sockets, root=self.peers.root,
            user=self.identity.user, group=self.identity.group, imap=self.imap_port,
            imaps=self.imaps_port, lmtp=self.lmtp_port, special=special,
            clients=2000 + 4 * self.settings["processes"], userip=1000,
            sync="" if self.fsync else "mail_fsync = never", **self.settings))

    def start(self):
        if self.sockets is None:
            self.sockets = short_folder(self.identity, "am-dovecot-")
        self.configure()
        self.identity.give(self.folder)
        wait_free((self.imap_port, self.imaps_port, self.lmtp_port))
        self.server = Server("Dovecot", self._path("dovecot.log"), self.identity)
        self.server.start([self.peers.program("/usr/sbin/dovecot"), "-F", "-c",
                           self._path("dovecot.conf")], self.peers.environment(),
                          cwd=self.folder)
        ports = [self.imap_port, self.lmtp_port]
        if self.settings["ssl"] != "no":
            ports.append(self.imaps_port)
        for port in ports:
            self.server.wait_port(port)
        return self

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=0.7, everybody=True)
            self.server = None
        if self.own_sockets and self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def pause(self, sig):
        """Sends a signal to the master (tests of a server that hangs)."""
        os.kill(self.server.pid, sig)

    def restart(self):
        self.stop()
        return self.start()
