#!/usr/bin/env python3
# Origin: the tool imapcount.py made for measuring webmails beside this project; GPL-3.0-or-later as the rest. Changed
# here: a command is in the log before the server gets it, else whoever has its answer could find it missing there; and
# the port is printed, so that it can be any that is free (--listen 127.0.0.1:0).
"""imapcount.py - IMAP counting proxy: put it between a webmail and the IMAP server.

Forwards TCP and appends one line to a log per client line that starts a command:
    <connection> <unix time> <server bytes so far on this connection> <command, cut to 160 bytes>
plus "<conn> <time> <bytes> OPEN" and "... CLOSE".  bench.py --imaplog reads the
log before and after each page view to count connections, commands and bytes.

USAGE  imapcount.py --listen 127.0.0.1:20145 --to 127.0.0.1:20143 --log FILE
"""
import argparse
import re
import socket
import threading
import time

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--listen", default="127.0.0.1:20145")
ap.add_argument("--to", default="127.0.0.1:20143")
ap.add_argument("--log", required=True)
a = ap.parse_args()
log = open(a.log, "a", buffering=1)
lock = threading.Lock()
CMD = re.compile(rb"^[A-Za-z0-9.+_-]{1,20} +(?:UID +)?[A-Za-z]{3,}")


def hp(s):
    h, p = s.rsplit(":", 1)
    return h, int(p)


def note(c, what):
    with lock:
        log.write("%d %.6f %d %s\n" % (c["id"], time.time(), c["down"], what))


def up(c, src, dst):
    buf, skip = b"", 0
    try:
        while True:
            d = src.recv(65536)
            if not d:
                break
            buf += d
            while buf:
                if skip:
                    k = min(skip, len(buf))
                    buf, skip = buf[k:], skip - k
                    continue
                if b"\n" not in buf:
                    break
                line, buf = buf.split(b"\n", 1)
                m = re.search(rb"\{(\d+)\+?\}\r?$", line)
                if m:
                    skip = int(m[1])
                if CMD.match(line) or line.strip() in (b"DONE",):
                    t = line.strip()
                    if re.search(rb"(?i) (LOGIN|AUTHENTICATE) ", t):
                        t = b" ".join(t.split()[:2])
                    note(c, t[:160].decode("latin-1"))
            dst.sendall(d)
    except OSError:
        pass
    try:
        dst.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def down(c, src, dst):
    try:
        while True:
            d = src.recv(65536)
            if not d:
                break
            c["down"] += len(d)
            dst.sendall(d)
    except OSError:
        pass
    note(c, "CLOSE")
    for s in (src, dst):
        try:
            s.close()
        except OSError:
            pass


srv = socket.create_server(hp(a.listen), backlog=256)
print(srv.getsockname()[1], flush=True)
n = 0
while True:
    cl, _ = srv.accept()
    n += 1
    s = socket.create_connection(hp(a.to))
    for x in (cl, s):
        x.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    c = {"id": n, "down": 0}
    note(c, "OPEN")
    threading.Thread(target=up, args=(c, cl, s), daemon=True).start()
    threading.Thread(target=down, args=(c, s, cl), daemon=True).start()
