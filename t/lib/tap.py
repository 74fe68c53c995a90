# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the Test Anything Protocol. Titles say what holds.

    from tap import case, equal, ok, contains, skip, skip_all, main

    @case("a wrong password says so")
    def _(stack):
        equal(stack.log_in("demo", "wrong").status, 401)

    main(lambda: Stack())       # or main() for cases without an argument

main() runs the cases in order, each as one result: it fails if it raises anything, or is not done after LIMIT
seconds. What the factory gives is opened with `with` and handed to every case that takes an argument. Programs that
want single results instead call ok(condition, title) and done().
"""
import inspect
import os
import signal
import sys
import traceback

LIMIT = 0 if os.environ.get("ALPHAMAIL_SOAK") == "1" else 420   # seconds for one case; 0: any time

_cases = []
_state = {"count": 0, "failed": 0}


class Skip(Exception):
    """Raised by skip(): the case cannot be tried here."""


def case(title):
    def keep(function):
        _cases.append((title, function))
        return function
    return keep


def skip(why):
    raise Skip(why)


def skip_all(why):
    """Ends the program: nothing of it can be tried here."""
    print("1..0 # SKIP " + why, flush=True)
    sys.exit(0)


def note(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def result(good, title, directive=""):
    _state["count"] += 1
    if not good:
        _state["failed"] += 1
    title = title.replace("#", "number ").replace("\n", " ")
    print("%s %d - %s%s" % ("ok" if good else "not ok", _state["count"], title, directive),
          flush=True)


def ok(condition, title=None, why=""):
    """With a title: one result of its own. Without: raises unless the condition holds."""
    if title is not None:
        result(bool(condition), title)
        if not condition and why:
            note(why)
    elif not condition:
        raise AssertionError(why or "the condition does not hold")


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError("%sgot    %r\nwanted %r" % (what + ": " if what else "", got, wanted))


def contains(text, part, what=""):
    if part not in text:
        shown = text if len(text) < 3000 else text[:1500] + type(text)() + text[-1500:]
        raise AssertionError("%s%r is not in\n%s" % (what + ": " if what else "", part, shown))


def lacks(text, part, what=""):
    if part in text:
        at = text.index(part)
        raise AssertionError("%s%r is in ...%r..." % (
            what + ": " if what else "", part, text[max(0, at - 200):at + 200]))


def _too_long(*_):
    raise AssertionError("not done after %d s; it was here" % LIMIT)


def _run(title, function, arguments):
    signal.signal(signal.SIGALRM, _too_long)   # what waits for ever is told where it waits
    signal.alarm(LIMIT)
    try:
        function(*arguments)
    except Skip as why:
        result(True, title, " # SKIP " + str(why))
    except Exception:  # pylint: disable=broad-except
        signal.alarm(0)
        result(False, title)
        note(traceback.format_exc())
    else:
        result(True, title)
    finally:
        signal.alarm(0)


def main(factory=None):
    print("1..%d" % len(_cases), flush=True)

    def run_all(given):
        for title, function in _cases:
            takes = len(inspect.signature(function).parameters)
            _run(title, function, [given] if takes else [])
    if factory is None:
        run_all(None)
    else:
        with factory() as given:
            run_all(given)
            if _state["failed"] and hasattr(given, "describe"):
                note(given.describe())
    sys.exit(1 if _state["failed"] else 0)


def done():
    """For programs that call ok() themselves: the plan, and the exit status."""
    print("1..%d" % _state["count"], flush=True)
    sys.exit(1 if _state["failed"] else 0)
