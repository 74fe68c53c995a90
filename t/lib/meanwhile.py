# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes on beside a test, and what it waits for:

    with at_work(lambda stop: read("demo", stop), lambda stop: read("demo2", stop)):
        ... the webcache is killed ...
        until(lambda: pages_read > before, why="nobody is answered")
"""
import contextlib
import threading
import time
import traceback

from tap import ok


@contextlib.contextmanager
def at_work(*tasks):
    """Each task has a thread of its own. It is called with an Event, and returns soon after that is set, as it is at
    the block's end, however that ends. What a task raises is raised behind the block."""
    stop, raised = threading.Event(), []

    def run(task):
        try:
            task(stop)
        except Exception:  # pylint: disable=broad-except
            raised.append(traceback.format_exc())

    # A thread that hangs must not keep the program from its end.
    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join()
    ok(not raised, why="\n".join(raised))


def until(condition, seconds=30, why="it did not come to that"):
    """Waits for what comes by itself; gives what the condition did. `why` may be a function, for what is known then."""
    end = time.monotonic() + seconds
    while True:
        good = condition()
        if good:
            return good
        ok(time.monotonic() < end, why=why() if callable(why) else why)
        time.sleep(0.02)


def takes_its_time(page):
    """Whether it says that the mail server does; other trouble is an alert."""
    return page.status == 503 and 'role="status"' in page.text


def answered(get, seconds=30):
    """The page that get() gives once the mail server has answered."""
    end = time.monotonic() + seconds
    while True:
        page = get()
        if not takes_its_time(page) or time.monotonic() > end:
            return page
        time.sleep(0.2)
