#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of doc/performance.md, as Markdown tables: ./bootstrap bench [PART...] [OPTION...]

Cases of one part are measured in turns, several rounds of them, in one httpd and one webcache, so that
what else the machine does falls on all alike; medians are shown. Read the ratios, not the absolute
figures."""
import argparse
import importlib
import os
import platform
import time

PARTS = {
    "pages": "a cached page against a trivial handler, plain and by brotli; the lane",
    "sizes": "folders of 100 to 100 000 messages: pages, orders, a flag changed by another client; the plot",
    "roundcube": "lists of AlphaMail beside Roundcube's, with and without its caches; the plot with both",
    "messages": "messages of 8 KB, not cached and cached",
    "reading": "a cached message beside an index page; HTML cleaned; 100 MB beside a plain IMAP fetch; a corpus",
    "writing": "the page of writing beside an index page; uploads beside httpd writing to a file; memory",
    "sync": "a folder of 100 000 never seen before; CPU and memory of it; restart; IMAP commands",
    "sending": "uploads beside a file; messages to an MTA beside a plain SMTP client",
    "changes": "marking and moving 1, 50 and 5 000 beside a bare IMAP client; what other users notice",
    "organise": "filters and searches of headers in a folder of 100 000; how a folder stands, asked again and again",
    "idle": "many logged-in users who do nothing",
    "faults": "from the end of the webcache to the next good page",
    "overload": "ten times a normal load: who is let in, who is told to come again, and memory",
}


def main():
    parser = argparse.ArgumentParser(
        prog="./bootstrap bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parts, all of them unless some are named:\n" + "\n".join(
            "  %-10s %s" % item for item in PARTS.items()))
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--quick", action="store_true", help="short rounds: only to see that it runs")
    parser.add_argument("--messages", type=int, default=20000, help="of the large folder in 'pages'")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="of the folders in 'roundcube'")
    parser.add_argument("--connections", type=int, default=32, help="wrk's")
    parser.add_argument("--million", action="store_true", help="'sizes' and 'sync' up to 1 000 000")
    parser.add_argument("--users", type=int, default=1000, help="of 'idle'; 10000 for the whole figure")
    parser.add_argument("--without-disk", action="store_true", help="'idle' without cache_dir, whose keys take most of a log-in")
    parser.add_argument("--out", metavar="DIR", help="where 'sizes' leaves sizes.csv and sizes.svg")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error("no such part: " + " ".join(sorted(unknown)))
    print("%s, %d cores; load %.1f at the start" % (
        platform.platform(), os.cpu_count(), os.getloadavg()[0]))
    for part in options.parts or PARTS:
        begin = time.monotonic()
        print("\n## %s\n" % part, flush=True)
        importlib.import_module("bench_" + part).run(options)
        print("\n(%s took %.0f s; load %.1f)" % (part, time.monotonic() - begin, os.getloadavg()[0]),
              flush=True)


if __name__ == "__main__":
    main()
