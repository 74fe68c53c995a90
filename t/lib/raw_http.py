# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that no browser would send, byte by byte."""
import socket


def raw_request(port, data, host="127.0.0.1", seconds=30):
    """Sends the bytes, reads to the end: (status, {name: value}, body); status 0 without an answer."""
    with socket.create_connection((host, port), timeout=seconds) as conn:
        try:
            conn.sendall(data)
            conn.shutdown(socket.SHUT_WR)
        except OSError:
            pass    # it needs not all of it: it has answered, and hung up
        answer = b""
        try:
            while True:
                piece = conn.recv(65536)
                if not piece:
                    break
                answer += piece
        except ConnectionError:
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return status, headers, body


def raw_get(port, target, headers=b"", method=b"GET"):
    if isinstance(target, str):
        target = target.encode("latin-1")
    return raw_request(port, method + b" " + target + b" HTTP/1.1\r\nHost: localhost:%d\r\n" % port
                       + headers + b"Connection: close\r\n\r\n")
