# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon of the build tree, for tests: Webcache(folder, dovecot) or, without a Dovecot,
Webcache(folder, None, imap_servers="example.edu=...")."""
import os

import paths
import sanitizers
from servers import webcache as private


def servers_of(dovecot, mta=None, security="imaps"):
    """The settings that lead to these private servers, by TLS or (security="imap") STARTTLS."""
    port = dovecot.imaps_port if security == "imaps" else dovecot.imap_port
    settings = {"imap_servers": "example.edu=%s://localhost:%d%s" % (
        security, port, dovecot.brackets), "tls_ca_file": dovecot.ca_file}
    if mta is not None:
        settings["smtp_servers"] = "example.edu=localhost:%d" % mta.port
    return settings


PROGRAM = os.path.join(paths.top_builddir, "webcache", "webcache")


def sanitized(program=PROGRAM):
    """Built with a sanitizer: its own memory and its speed are not what a test may measure."""
    return sanitizers.kind_of(program) != ""


class Webcache(private.Webcache):
    def __init__(self, folder, dovecot=None, name="webcache", program=None, mta=None,
                 security="imaps", identity=None, **settings):
        top = str(folder)
        home = os.path.join(top, name)
        os.makedirs(home, mode=0o755, exist_ok=True)
        program = paths.reachable(program or PROGRAM, top)
        # One user of a test does the work of many.
        defaults = {"login_failures_network": 1000, "default_time_zone": "Europe/Berlin", "requests_per_user": 1000}
        if dovecot is not None:
            defaults.update(servers_of(dovecot, mta, security))
        super().__init__(home, program, identity or paths.identity, {**defaults, **settings})
        # Leaks are looked for by a tracer, which a process that may not be traced cannot have.
        self.environment["ASAN_OPTIONS"] = "detect_leaks=0"

    def close(self):
        super().close()
        self.complaint()

    def complaint(self):
        """Fails the test where a sanitizer had something to say."""
        sanitizers.complain("webcache", self.log)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()


def found_in_memory(pid, needle):
    """Where the needle lies in the memory of a process."""
    found = []
    with open("/proc/%d/maps" % pid, encoding="ascii") as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            bounds, modes, *rest = line.split()
            if "r" not in modes or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            begin, end = (int(bound, 16) for bound in bounds.split("-"))
            try:
                memory.seek(begin)
                for offset in range(begin, end, 1 << 24):
                    data = memory.read(min(1 << 24, end - offset))
                    at = data.find(needle)
                    if at >= 0:
                        found.append((hex(offset + at), line.strip()))
            except OSError:
                continue
    return found
