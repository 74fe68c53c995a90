# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Exim: submission on a free loopback port, mail for example.edu goes to Dovecot by LMTP.

Run by an ordinary user. It refuses every other domain when it is named, so nothing ever leaves the
machine, and it asks no DNS.
"""
import os

from servers import ca
from servers.process import Server, free_port, wait_free

CONFIG = r"""
exim_path = {program}
keep_environment = LD_PRELOAD : LD_LIBRARY_PATH : PEER_ROOT
spool_directory = {folder}/spool
log_file_path = {folder}/exim_%slog
pid_file_path = {folder}/exim.pid
primary_hostname = localhost
qualify_domain = example.edu
domainlist ours = example.edu
local_interfaces = 127.0.0.1
daemon_smtp_ports = {starttls} : {tls}
tls_on_connect_ports = {tls}
tls_advertise_hosts = *
tls_certificate = {folder}/tls/submission.pem
tls_privatekey = {folder}/tls/submission.key
disable_ipv6 = true
deliver_drop_privilege = true
dns_again_means_nonexist = *
host_lookup =
rfc1413_hosts =
pipelining_connect_advertise_hosts =
message_size_limit = 50M
smtp_accept_max = 100
ignore_bounce_errors_after = 2d
timeout_frozen_after = 7d
acl_smtp_rcpt = check_recipient

begin acl
check_recipient:
  deny    message = this private server delivers to example.edu only
          domains = !+ours
  deny    message = no such user here
          !verify = recipient
  accept  authenticated = *
          control = submission/sender_retain
  accept  hosts = 127.0.0.1

begin routers
users:
  driver = manualroute
  domains = +ours
  condition = ${{if eq{{}}{{${{lookup{{$local_part}}lsearch{{{folder}/users}}}}}}{{no}}{{yes}}}}
  local_part_suffix = +*
  local_part_suffix_optional
  route_list = * 127.0.0.1
  self = send
  transport = lmtp
  no_more

begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = {lmtp}
  allow_localhost
  hosts_avoid_tls = *
  delivery_date_add
  return_path_add

begin retry
* * F,10m,10s; F,2d,5m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = {check_plain}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = User Name : Password
  server_set_id = $auth1
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = {check_login}
"""

CHECK = ("${if and{{!eq{%(password)s}{}}{eq{%(password)s}{${lookup{${lc:${extract{1}{@}{%(user)s}}}}"
         "lsearch{%(table)s}}}}}{yes}{no}}")


class Exim:
    def __init__(self, folder, peers, identity, lmtp_port, ports=None):
        self.folder, self.peers, self.identity = os.path.abspath(folder), peers, identity
        self.lmtp_port = lmtp_port
        ports = dict(ports or {})
        for name in ("starttls", "tls"):
            ports.setdefault(name, free_port(avoid=ports.values()))
        self.port, self.tls_port = ports["starttls"], ports["tls"]
        self.ca_file = os.path.join(self.folder, "tls", ca.CA_FILE)
        self.users = {}
        self.server = None
        os.makedirs(os.path.join(self.folder, "spool"), exist_ok=True)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def add_user(self, user, password):
        """Before start(), or at any time: the table is read at each look-up."""
        self.users[user] = password
        with open(self._path("users.new"), "w", encoding="utf-8") as out:
            for name, word in self.users.items():
                out.write("%s: %s\n" % (name, word))
        os.chmod(self._path("users.new"), 0o600)
        if self.identity.drops:
            os.chown(self._path("users.new"), self.identity.uid, self.identity.gid)
        os.rename(self._path("users.new"), self._path("users"))

    def start(self):
        ca.make_certificate(self._path("tls"), "submission")
        table = self._path("users")
        if not os.path.exists(table):
            open(table, "w", encoding="ascii").close()
        program = self.peers.program("/usr/sbin/exim4")
        config = CONFIG.format(
            folder=self.folder, program=program, starttls=self.port, tls=self.tls_port,
            lmtp=self.lmtp_port,
            check_plain=CHECK % {"user": "$auth2", "password": "$auth3", "table": table},
            check_login=CHECK % {"user": "$auth1", "password": "$auth2", "table": table})
        with open(self._path("exim.conf"), "w", encoding="utf-8") as out:
            out.write(config)
        self.identity.give(self.folder)
        wait_free((self.port, self.tls_port))
        self.server = Server("Exim", self._path("exim.log"), self.identity)
        self.server.start([program, "-C", self._path("exim.conf"), "-bdf", "-q1m"],
                          self.peers.environment(), cwd=self.folder)
        for port in (self.port, self.tls_port):
            self.server.wait_port(port)
        return self

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=2, everybody=True)
            self.server = None
