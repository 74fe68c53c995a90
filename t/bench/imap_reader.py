# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest client that a server can be asked by: over TLS or without, it sends a command and throws away what
comes until the tagged answer. What it takes is what the server and the line take."""
import socket
import ssl
import time


class Reader:
    def __init__(self, dovecot, user, password="demo", tls=True):
        raw = socket.create_connection(("127.0.0.1", dovecot.imaps_port if tls else dovecot.imap_port), 60)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = raw
        if tls:
            context = ssl.create_default_context(cafile=dovecot.ca_file)
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self.number, self.buffer = 0, bytearray(1 << 16)
        self.socket.recv(4096)
        self.ask("LOGIN %s %s" % (user, password))

    def ask(self, command, keep=False):
        """(seconds, bytes that came, the last of them, or all with `keep`)"""
        self.number += 1
        tag = b"r%d " % self.number
        begin = time.monotonic()
        self.socket.sendall(tag + command.encode("ascii") + b"\r\n")
        size, tail, view = 0, b"", memoryview(self.buffer)
        while True:
            got = self.socket.recv_into(self.buffer)
            if not got:
                raise ConnectionError("the server closed the connection over " + command)
            size += got
            tail = (tail if keep else tail[-4096:]) + bytes(view[:got] if keep or got < 4096
                                                           else view[got - 4096:got])
            line = tail[tail.rfind(b"\n", 0, -1) + 1:]
            if tail.endswith(b"\r\n") and line.startswith(tag):
                if not line.startswith(tag + b"OK"):
                    raise RuntimeError("%s: %r" % (command[:60], line))
                return time.monotonic() - begin, size, tail

    def close(self):
        self.socket.close()
