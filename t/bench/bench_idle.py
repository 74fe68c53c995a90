# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "idle": users who are logged in, have looked at their INBOX, and do nothing: memory and CPU of the
webcache, whose connections lead to a TLS line server made for this (line_server.py)."""
import os
import resource
import subprocess
import sys
import time

import kit
import paths
from asker import Asker
from servers.process import free_port
from webcache import Webcache


def run(options):
    users = 100 if options.quick else options.users
    watch = 5 if options.quick else 30
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * users + 1000), hard))
    with paths.TestFolder() as folder:
        # The certificates of a Dovecot that is not started.
        from imapd import Dovecot
        dovecot = Dovecot(folder)
        dovecot.configure()
        tls = os.path.join(dovecot.folder, "tls")
        port = free_port()
        server = subprocess.Popen([sys.executable, "-B", os.path.join(os.path.dirname(__file__), "line_server.py"),
                                   str(port), os.path.join(tls, "imap.pem"), os.path.join(tls, "imap.key")])
        try:
            time.sleep(1)
            with Webcache(folder, None, imap_servers="example.edu=imaps://localhost:%d[/]" % port,
                          tls_ca_file=dovecot.ca_file, connections_per_server=max(users * 2, 1000),
                          session_idle_minutes=600) as cache, Asker(cache, folder) as ask:
                pid = cache.pid
                before = kit.memory_kb(pid)
                begin, cpu = time.monotonic(), kit.cpu_seconds([pid])
                for n in range(users):
                    reply = ask.log_in("h%d" % n, "user%d" % n, "demo")
                    page = ask.page("h%d" % n)
                    if len(page.get("rows", ())) != 20:
                        raise RuntimeError("log-in %d: %r, %r" % (n, reply, page))
                took, cpu = time.monotonic() - begin, kit.cpu_seconds([pid]) - cpu
                time.sleep(3)
                after, idle = kit.memory_kb(pid), kit.cpu_seconds([pid])
                time.sleep(watch)
                idle = (kit.cpu_seconds([pid]) - idle) / watch
        finally:
            server.kill()
            server.wait()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    print("%d users, one session each, logged in by one lane in %.0f s (%.1f ms of the webcache's CPU each); "
          "an INBOX\nof 20 messages; watched for %d s.\n" % (users, took, 1000 * cpu / users, watch))
    print(kit.table(["measure", "figure", "aim"], [
        ["memory an idle user", "%.1f KB" % ((after - before) / users), "50 KB"],
        ["memory of all", "%.0f MB" % (after / 1024), "600 MB at 10 000"],
        ["CPU of all", "%.2f %% of a core" % (100 * idle), "1 % at 10 000"]]))
