# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "faults": how long it takes from the end of the webcache's daemon, or from the wish for a new one, to
the next good page of somebody who is logged in: the daemon starts, their session resumes at the mail server."""
import time

import kit
import paths
from imapd import message
from stack import Stack

USERS = ("ann", "bob")


def run(options):
    times = 5 if options.quick else 30
    with paths.TestFolder() as folder:
        with Stack(folder, users=USERS, web={"tuning": kit.TUNING, "log_level": "warn"},
                   cache={"session_idle_minutes": 600}) as stack:
            for user in USERS:
                stack.deliver("INBOX", [message(subject="n %d" % n) for n in range(50)], user=user)
            browser = stack.log_in(USERS[0])[0]
            print(kit.table(["until the next good page, ms", "times", "median", "longest"], [
                ["the daemon killed", times, *after(times, browser, stack.webcache.crash)],
                ["another takes over", times, *after(times, browser, stack.webcache.take_over)]]))


def after(times, browser, happens):
    """(median, longest) milliseconds from that to a page."""
    took = []
    for _ in range(times):
        begin = time.monotonic()
        happens()
        while browser.get("mail/INBOX/", follow=False).status != 200:
            time.sleep(0.002)
        took.append(1000 * (time.monotonic() - begin))
        time.sleep(1.2)
    return "%.0f" % kit.middle(took), "%.0f" % max(took)
