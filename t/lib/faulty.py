# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that misbehaves: badimap.py before a private Dovecot.

    with FaultyImap(folder, dovecot, cert="expired") as faulty: ...
    with FaultyImap(folder, dovecot) as faulty:
        faulty.mode("stall-mid-literal")      # from now on, on open connections too
        faulty.mode("pass")                   # healed
"""
import os
import socket

import paths
from servers.process import Server, free_port


class FaultyImap:
    def __init__(self, folder, dovecot, name="faulty", cert="good", mode="pass", tls=True, options=()):
        self.folder = os.path.join(str(folder), name)
        os.makedirs(self.folder, exist_ok=True)
        paths.identity.give(self.folder)
        self.port, self.control = free_port(), free_port()
        self.ca_file = os.path.join(self.folder, "ca.pem")
        self.log = os.path.join(self.folder, "badimap.log")
        self.tls = tls
        script = paths.reachable(os.path.join(paths.top_srcdir, "t", "lib", "badimap.py"), self.folder)
        self.command = [
            "/usr/bin/python3", script, "--upstream", "127.0.0.1:%d" % dovecot.imap_port,
            "--port", str(self.port), "--control", str(self.control), "--mode", mode,
            "--cert", cert, "--write-ca", self.ca_file, "--tls" if tls else "--starttls",
            "--quiet", *options]
        self.server = Server("badimap", self.log, paths.identity)

    def start(self):
        self.server.start(self.command, {"TMPDIR": self.folder}, cwd=self.folder)
        self.server.wait_port(self.port)
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.server.stop(seconds=2)

    def _tell(self, line):
        with socket.create_connection(("127.0.0.1", self.control), 5) as link:
            link.sendall(line.encode() + b"\n")
            return link.makefile().readline()

    def mode(self, name):
        return self._tell("mode " + name)

    def set(self, key, value):
        return self._tell("set %s %s" % (key, value))

    def kick(self):
        """Resets every open connection."""
        return self._tell("kick")

    def settings(self):
        """Lines of alphamail_config that lead to it."""
        scheme = "imaps" if self.tls else "imap"
        return {"imap_servers": "example.edu=%s://localhost:%d[/]" % (scheme, self.port),
                "tls_ca_file": self.ca_file}



#: The kinds of --cert that a client must refuse.
BAD_CERTIFICATES = ("wrong-name", "expired", "not-yet", "self-signed", "other-ca", "cn-only",
                    "nul-name", "weak-key", "client-only")
