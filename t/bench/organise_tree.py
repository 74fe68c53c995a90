# SPDX-License-Identifier: GPL-3.0-or-later
"""Of part "organise": the tree of 2 000 folders. (a) through the lane, from memory, all of it and the page of a folder
with what stands beside it; (b) read anew from the mail server, with its counts, in one round trip."""
import paths
from asker import Asker
from imapd import Dovecot, check, quoted
from kit import say, table
from webcache import Webcache

FOLDERS = 2000


def run(options):
    times, anew = (50, 3) if options.quick else (500, 20)
    with paths.TestFolder() as folder:
        dovecot = Dovecot(folder, ssl="no", failure_delay="0 secs")
        dovecot.add_user("demo", "demo")
        dovecot.start()
        webcache = Webcache(folder, imap_servers="example.edu=127.0.0.1:%d[/]" % dovecot.imap_port).start()
        ask = Asker(webcache, folder)
        try:
            say("making %d folders" % FOLDERS)
            client = dovecot.client("demo")
            for n in range(FOLDERS):
                check(client.create(quoted("Group %02d/Course %04d" % (n // 50, n))))
            client.logout()
            ask.log_in("h1")
            found = ask.until(lambda tree: "folders" in tree, "folders", "h1", "anew")
            say("the tree has %d folders" % len(found["folders"]))
            ask.page("h1", "INBOX")
            rows = []
            for name, words, count in (
                    ("the tree, from memory", ("folders", "h1"), times),
                    ("the page of INBOX beside it, from memory", ("folder", "h1", "INBOX", 1, 50), times),
                    ("the tree, read anew from Dovecot", ("folders", "h1", "anew"), anew)):
                took = ask("repeat", count, *words)
                rows.append([name, "%.2f" % (took["p50_us"] / 1000), "%.2f" % (took["p99_us"] / 1000)])
        finally:
            ask.close()
            webcache.close()
            dovecot.stop()
    print(table(["tree of %d folders" % FOLDERS, "p50 ms", "p99 ms"], rows))
    print("\nAim: under 5 ms from memory.\n")
