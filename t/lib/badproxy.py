# SPDX-License-Identifier: GPL-3.0-or-later
"""badimap.py between a client and a Dovecot, with its faults chosen while it runs.

    with BadImap(dovecot.imap_port, folder, "--tls", "--cert", "expired") as bad:
        bad.mode("stall-greeting")
        ... connect to 127.0.0.1:bad.port; trust bad.ca_file (with --tls or --starttls) ...
        bad.faults()      # injected so far
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import badimap  # noqa: E402
import paths  # noqa: E402,F401 pylint: disable=unused-import
from servers.process import free_port  # noqa: E402

MODES = list(badimap.MODES)
CERTIFICATES = list(badimap.CERTS)


class BadImap:
    def __init__(self, upstream_port, folder, *options):
        self.folder = tempfile.mkdtemp(prefix="badimap.", dir=str(folder))
        os.chmod(self.folder, 0o755)  # the client, which runs as somebody else, reads ca_file
        self.ca_file = os.path.join(self.folder, "ca.pem")
        self.control_port = free_port()
        environment = dict(os.environ, TMPDIR=self.folder)
        self.process = subprocess.Popen(
            [sys.executable, badimap.__file__, "--upstream", "127.0.0.1:%d" % upstream_port, "--port", "0",
             "--control", str(self.control_port), "--write-ca", self.ca_file, *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+) ", line)
        if not found:
            self.close()
            raise RuntimeError("badimap did not start: %r" % line)
        self.port = int(found.group(1))

    def ask(self, line):
        with socket.create_connection(("127.0.0.1", self.control_port), 60) as control:
            control.sendall(line.encode() + b"\n")
            return control.makefile().readline().strip()

    def mode(self, name):
        answer = self.ask("mode " + name)
        if answer != "ok":
            raise RuntimeError(answer)

    def set(self, key, value):
        """One of badimap's numbers, such as delay_ms."""
        self.ask("set %s %s" % (key, value))

    def settings(self, scheme="imaps"):
        """Lines of alphamail_config that lead to it."""
        return {"imap_servers": "example.edu=%s://localhost:%d[/]" % (scheme, self.port),
                "tls_ca_file": self.ca_file}

    def stats(self):
        return json.loads(self.ask("stats"))

    def faults(self):
        return sum(self.stats()["faults"].values())

    def kick(self):
        self.ask("kick")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
