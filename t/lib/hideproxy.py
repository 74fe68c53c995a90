# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy before an IMAP server without TLS that hides some of what the server can do.

    with HideProxy(dovecot.imap_port, hide=("CONDSTORE", "IDLE")) as proxy:
        ... connect to 127.0.0.1:proxy.port ...
        proxy.commands()     # so far, as sent, without those of log-in
        proxy.used()         # commands that used what is hidden: each was answered with BAD
        proxy.pieces()       # (reads, commands): a command that came in two writes counts two reads
        proxy.hold("FETCH")  # from now on such commands wait here, with all behind them, ...
        proxy.held()         # ... these at the moment ...
        proxy.release()      # ... until now
        proxy.refuse("^UID MOVE", "NO not now")  # answered so, without the server; None: no more

Hiding works on words of CAPABILITY, wherever the server says them. hide(...) changes what new
connections see.
"""
import re
import socket
import threading

# What is hidden together, and how a command that uses it looks.
WORDS = {
    "CONDSTORE": (r"CONDSTORE|QRESYNC", r"CONDSTORE|QRESYNC|CHANGEDSINCE|MODSEQ"),
    "QRESYNC": (r"QRESYNC", r"QRESYNC"),
    "SORT": (r"SORT(=\S+)?|ESORT|CONTEXT=\S+", r"^(UID )?SORT "),
    "ESEARCH": (r"ESEARCH|CONTEXT=\S+", r"^UID SEARCH RETURN"),
    "ESORT": (r"ESORT|CONTEXT=\S+", r"SORT RETURN"),
    "IDLE": (r"IDLE", r"^IDLE"),
    "LIST-STATUS": (r"LIST-STATUS", r"^LIST .*STATUS \("),
    "SPECIAL-USE": (r"SPECIAL-USE|CREATE-SPECIAL-USE", r"^LIST .*SPECIAL-USE"),
    "PREVIEW": (r"PREVIEW\S*|SNIPPET\S*", r"PREVIEW"),
    "ENABLE": (r"ENABLE", r"^ENABLE"),
    "MOVE": (r"MOVE", r"^UID MOVE"),
    "UIDPLUS": (r"UIDPLUS", r"^UID EXPUNGE"),
    "CREATE-SPECIAL-USE": (r"CREATE-SPECIAL-USE", r"^CREATE .*USE"),
}
COPYUID = re.compile(rb"\[COPYUID [^\]]*\] ")  # not said by a server that hides UIDPLUS
HIDES = re.compile(rb"CAPABILITY|COPYUID")
LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")
CAPABILITIES = re.compile(rb"(\* CAPABILITY|\[CAPABILITY)([^\]\r\n]*)")


class HideProxy:
    def __init__(self, upstream_port, hide=()):
        self.upstream_port = upstream_port
        self.hidden, self.lines, self.bad, self.reads = (), [], [], 0
        self.lock = threading.Lock()
        self.links = []
        self.most = None  # connections at a time; further ones are closed unheard
        self.holding, self.waiting, self.refusing = None, [], None
        self.let_go = threading.Condition(self.lock)
        self.hide(*hide)
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hide(self, *names):
        self.hidden = tuple((name, re.compile(("^(%s)$" % WORDS[name][0]).encode()),
                             re.compile(WORDS[name][1].encode(), re.I)) for name in names)

    def hold(self, pattern):
        with self.lock:
            self.holding = re.compile(pattern)

    def refuse(self, pattern, answer="NO"):
        """Such commands are answered here, and do not reach the server; None: no more."""
        with self.lock:
            self.refusing = pattern and (re.compile(pattern), answer)

    def release(self, count=None):
        """All that are held, and no more are; or so many of them, the first ones."""
        with self.lock:
            if count is None:
                self.holding = None
            del self.waiting[:count]
            self.let_go.notify_all()

    def held(self):
        with self.lock:
            return [words for words, _ in self.waiting]

    def commands(self):
        with self.lock:
            return list(self.lines)

    def used(self):
        with self.lock:
            return list(self.bad)

    def pieces(self):
        with self.lock:
            return self.reads, len(self.lines)

    def forget(self):
        with self.lock:
            self.lines, self.bad, self.reads = [], [], 0

    def cut(self):
        """Ends every connection."""
        with self.lock:
            links, self.links = self.links, []
        for link in links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut_last(self):
        """Ends the newest connection."""
        with self.lock:
            link = self.links.pop()
        link.shutdown(socket.SHUT_RDWR)

    def connections(self):
        with self.lock:
            return len(self.links)

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
                if self.most is not None and self.connections() >= self.most:
                    client.close()
                    continue
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream_port))
            except OSError:     # the server is not there just now
                client.close()
                continue
            for link in (client, server):
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.links.append(client)
            # Writes that no command was counted for yet; the tag of an IDLE until the server has ended it.
            hidden, state = self.hidden, {"reads": 0, "idle": None}
            threading.Thread(target=self._up, args=(client, server, hidden, state), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, hidden, state), daemon=True).start()

    def _up(self, client, server, hidden, state):
        """Lines of commands, with their literals; each goes on alone, or is answered here."""
        buffer = b""
        try:
            while True:
                data = client.recv(65536)
                if not data:
                    break
                state["reads"] += 1
                buffer += data
                while True:
                    whole, buffer = self._whole(buffer)
                    if not whole:
                        break
                    self._one(whole, client, server, hidden, state)
        except OSError:
            pass
        self._end(client, server)

    @staticmethod
    def _whole(buffer):
        """The first command of the buffer with its literals (which do not wait here), and the rest."""
        at = 0
        while True:
            end = buffer.find(b"\n", at)
            if end < 0:
                return b"", buffer
            literal = LITERAL.search(buffer[at:end + 1])
            if not literal or literal[0].find(b"+") < 0:
                return buffer[:end + 1], buffer[end + 1:]
            at = end + 1 + int(literal[1])
            if len(buffer) < at:
                return b"", buffer

    def _one(self, line, client, server, hidden, state):
        tag, _, words = line.partition(b" ")
        log_in = re.match(rb"(?i)(LOGIN|AUTHENTICATE|CAPABILITY|LOGOUT)\b", words)
        with self.lock:
            if log_in or not words:
                # Not to be counted, and neither are the lines by which it goes on.
                state["reads"] -= 0 if line.strip() == b"DONE" else 1
            else:
                # Both at once: whoever looks meanwhile sees no write without its command.
                self.reads, state["reads"] = self.reads + state["reads"], 0
                self.lines.append(words.strip().decode("latin-1"))
        for name, _, use in hidden:
            if words and not log_in and use.search(words.strip()):
                with self.lock:
                    self.bad.append("%s: %s" % (name, words.strip().decode("latin-1")))
                self._answer(client, state, tag + b" BAD that is hidden\r\n")
                return
        with self.lock:
            if words and not log_in and self.holding and self.holding.search(words.strip().decode("latin-1")):
                mine = (words.strip().decode("latin-1"), object())
                self.waiting.append(mine)
                self.let_go.wait_for(lambda: mine not in self.waiting)
        with self.lock:
            refusing = self.refusing
        if refusing and words and refusing[0].search(words.strip().decode("latin-1")):
            self._answer(client, state, tag + b" " + refusing[1].encode() + b"\r\n")
            return
        if words.strip().upper() == b"IDLE":
            with self.lock:
                state["idle"] = tag
        server.sendall(line)

    def _answer(self, client, state, line):
        """In the server's place; behind its own answer to an IDLE that was ended for this command."""
        with self.lock:
            self.let_go.wait_for(lambda: state["idle"] is None, 10)
        client.sendall(line)

    @staticmethod
    def _shown(line, hidden):
        def words(found):
            kept = [word for word in found[2].split()
                    if not any(name.match(word) for _, name, _ in hidden)]
            return found[1] + b" " + b" ".join(kept)
        line = CAPABILITIES.sub(words, line)
        return COPYUID.sub(b"", line) if any(name == "UIDPLUS" for name, _, _ in hidden) else line

    def _down(self, client, server, hidden, state):
        buffer, skip, ended = b"", 0, None
        try:
            while True:
                data = server.recv(262144)
                if not data:
                    break
                buffer += data
                out = b""
                while buffer:
                    if skip:
                        out, buffer, skip = out + buffer[:skip], buffer[skip:], skip - min(skip, len(buffer))
                        continue
                    end = buffer.find(b"\n")
                    if end < 0:
                        break
                    line, buffer = buffer[:end + 1], buffer[end + 1:]
                    literal = LITERAL.search(line)
                    skip = int(literal[1]) if literal else 0
                    if state["idle"] is not None and line.startswith(state["idle"] + b" "):
                        ended = state["idle"]
                    out += self._shown(line, hidden) if HIDES.search(line[:200]) else line
                client.sendall(out)
                if ended is not None:
                    with self.lock:
                        state["idle"] = None if state["idle"] == ended else state["idle"]
                        self.let_go.notify_all()
                    ended = None
        except OSError:
            pass
        self._end(client, server)

    def _end(self, client, server):
        with self.lock:
            if client in self.links:
                self.links.remove(client)
        for link in (client, server):
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()
        self.release()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
