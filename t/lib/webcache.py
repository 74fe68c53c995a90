# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon of the build tree, for tests: Webcache(folder, dovecot) or, without a Dovecot,
Webcache(folder, None, imap_servers="example.edu=...")."""
import os

import paths
from servers import webcache as private


def servers_of(dovecot, mta=None, security="imaps"):
    """The settings that lead to these private servers, by TLS or (security="imap") STARTTLS."""
    port = dovecot.imaps_port if security == "imaps" else dovecot.imap_port
    settings = {"imap_servers": "example.edu=%s://localhost:%d[%s%s]" % (
        security, port, dovecot.prefix, dovecot.separator), "tls_ca_file": dovecot.ca_file}
    if mta is not None:
        settings["smtp_servers"] = "example.edu=localhost:%d" % mta.port
    return settings


PROGRAM = os.path.join(paths.top_builddir, "webcache", "webcache")


def sanitized(program=PROGRAM):
    """Built with a sanitizer: its own memory and its speed are not what a test may measure."""
    with open(program, "rb") as source:
        data = source.read()
    return b"__tsan_init" in data or b"__asan_init" in data


class Webcache(private.Webcache):
    def __init__(self, folder, dovecot=None, name="webcache", program=None, mta=None,
                 security="imaps", identity=None, **settings):
        top = str(folder)
        home = os.path.join(top, name)
        os.makedirs(home, mode=0o755, exist_ok=True)
        program = paths.reachable(program or PROGRAM, top)
        defaults = {"login_failures_network": 1000, "default_time_zone": "Europe/Berlin"}
        if dovecot is not None:
            defaults.update(servers_of(dovecot, mta, security))
        super().__init__(home, program, identity or paths.identity, {**defaults, **settings})

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
