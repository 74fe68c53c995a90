# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "idle": users who are logged in, have looked at their INBOX, and do nothing: memory and CPU of the
webcache, whose connections lead to a TLS line server made for this (line_server.py). The last figures are
what is left of each once nobody has asked for long: the connection closed, and what was in memory on disk.

Most of a log-in is the derivation of the key that seals a user's files, half a core's second for six of
them: with very many users --without-disk leaves it out, and the 4.6 KB that such a key takes."""
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import kit
import paths
from asker import Asker
from servers.process import free_port
from webcache import Webcache


LANES = 8


def log_in_all(cache, folder, names):
    """Each has a session and has seen page 1 of INBOX."""
    wrong = []

    def some(mine):
        with Asker(cache, folder) as ask:
            for name in mine:
                reply = ask.log_in(name, name, "demo")
                page = ask.page(name)
                while page.get("error") == "kUnderWay":
                    time.sleep(0.1)
                    page = ask.page(name)
                if len(page.get("rows", ())) != 20:
                    wrong.append("%s: %r, %r" % (name, reply, page))
                    return
    threads = [threading.Thread(target=some, args=(names[n::LANES],)) for n in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])


def shrink(cache, ask, users):
    """KB a user once connections are closed and what is in memory has gone to disk."""
    cache.write_config(connection_idle="1s")
    os.kill(cache.pid, signal.SIGHUP)
    end = time.monotonic() + 120 + users / 20
    while True:
        status = ask("status")
        if status["accounts_shrunk"] >= users:
            return status["memory_bytes"] / status["accounts"] / 1024
        if time.monotonic() > end:
            raise RuntimeError("%d of %d accounts shrunk" % (status["accounts_shrunk"], users))
        time.sleep(1)


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
                                   str(port), os.path.join(tls, "imap.pem"), os.path.join(tls, "imap.key")],
                                  stdout=subprocess.PIPE)
        try:
            server.stdout.readline()
            disk = {"cache_dir": os.path.join(str(folder), "missing", "cache")} if options.without_disk else {}
            with Webcache(folder, None, imap_servers="example.edu=imaps://localhost:%d[/]" % port,
                          tls_ca_file=dovecot.ca_file, connections_per_server=max(users * 2, 1000),
                          connect_timeout="60s", command_timeout="60s", session_idle_minutes=600, **disk) as cache, \
                    Asker(cache, folder) as ask:
                pid = cache.pid
                log_in_all(cache, folder, ["early%d" % n for n in range(LANES)])
                before, counted = kit.memory_kb(pid), ask("status")
                begin, cpu = time.monotonic(), kit.cpu_seconds([pid])
                log_in_all(cache, folder, ["user%d" % n for n in range(users)])
                took, cpu = time.monotonic() - begin, kit.cpu_seconds([pid]) - cpu
                while ask("status")["jobs_waiting"] + ask("status")["jobs_running"] > 0:
                    time.sleep(0.5)
                time.sleep(40)      # by then malloc has given back what log-ins took for a moment
                after, idle, kinds = kit.memory_kb(pid), kit.cpu_seconds([pid]), ask("status")
                time.sleep(watch)
                idle = (kit.cpu_seconds([pid]) - idle) / watch
                shrunk = None if options.without_disk else shrink(cache, ask, users)
        finally:
            server.kill()
            server.wait()
            server.stdout.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def share(kind):
        return "%.1f KB" % ((kinds[kind] - counted[kind]) / users / 1024)
    print("%d users, one session each, logged in by 8 lanes in %.0f s (%.1f ms of the webcache's CPU each); "
          "an INBOX\nof 20 messages; watched for %d s.\n" % (users, took, 1000 * cpu / users, watch))
    print(kit.table(["measure", "figure", "aim"], [
        ["memory an idle user", "%.1f KB" % ((after - before) / users), "50 KB"],
        ["of that connections with their TLS", share("memory_connections"), ""],
        ["indexes with their snippets", "%.1f KB" % (sum(
            kinds[kind] - counted[kind] for kind in ("memory_indexes", "memory_snippets")) / users / 1024), ""],
        ["folder lists, handles, queues", share("memory_accounts"), ""],
        ["memory of all", "%.0f MB" % (after / 1024), "600 MB at 10 000"],
        ["an idle user whose connection is closed", "%.1f KB" % shrunk if shrunk else "", "a few KB"],
        ["CPU of all", "%.2f %% of a core" % (100 * idle), "1 % at 10 000"]]))
