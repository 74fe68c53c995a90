# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests over one connection, several on their way at once (RFC 9112, section 9.3.2), at a small cost each."""
import collections
import socket


class Answer:
    """`head` are the bytes before the empty line, `body` is without the lengths of chunks."""

    def __init__(self, status, head, body):
        self.status, self.head, self.body = status, head, body

    def header(self, name):
        """The value of a header, b"" where there is none; `name` in lower case."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name:
                return value.strip()
        return b""


class Pipeline:
    """Answers come in the order of the requests; what was sent with one comes back beside its answer."""

    def __init__(self, port, host="127.0.0.1", seconds=60):
        self.link = socket.create_connection((host, port), seconds)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.link.makefile("rb", 1 << 18)
        self.waiting = collections.deque()

    def send(self, request, note=None):
        """`request`: all of its bytes."""
        self.waiting.append(note)
        self.link.sendall(request)

    def receive(self):
        """(note, Answer) of the first that waits. Raises where the connection ends."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.lines.readline()
            if not line:
                raise ConnectionError("it ended with %d answers to come, behind %r" % (len(self.waiting), head))
            head += line
        lower = head.lower()
        if b"\r\ntransfer-encoding: chunked" in lower:
            body = b"".join(self._chunks())
        else:
            begin = lower.find(b"\r\ncontent-length: ")
            length = 0 if begin < 0 else int(lower[begin + 18:lower.index(b"\r\n", begin + 18)])
            body = self._exactly(length)
        return self.waiting.popleft(), Answer(int(head[9:12]), head[:-4], body)

    def _exactly(self, length):
        data = self.lines.read(length)
        if len(data) < length:
            raise ConnectionError("it ended %d bytes early" % (length - len(data)))
        return data

    def _chunks(self):
        while True:
            length = int(self.lines.readline().partition(b";")[0], 16)
            data = self._exactly(length + 2)
            if length == 0:
                return
            yield data[:-2]

    def close(self):
        self.lines.close()
        self.link.close()
