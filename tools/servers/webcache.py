# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon webcache with a configuration of its own."""
import os
import shutil
import signal
import socket
import time

from servers.process import Failed, Server, children, halt, lives, short_folder


class Webcache:
    """`settings` become lines of alphamail_config, over what is chosen here; None leaves one out."""

    def __init__(self, folder, program, identity, settings, sockets=None):
        self.folder, self.program, self.identity = os.path.abspath(folder), program, identity
        self.own_sockets = sockets is None
        self.sockets = sockets or short_folder(identity, "am-webcache-")
        self.socket = os.path.join(self.sockets, "webcache.sock")
        self.config_file = os.path.join(self.folder, "alphamail_config")
        self.log = os.path.join(self.folder, "webcache.log")
        self.pid_file = os.path.join(self.folder, "webcache.pid")
        self.settings = {
            "webcache_socket": self.socket,
            "cache_dir": os.path.join(self.folder, "cache"),
            "spool_dir": os.path.join(self.folder, "spool"),
            "secret_file": os.path.join(self.folder, "secret"),
            **settings}
        self.server = None
        self.environment = {}    # besides what every server gets
        for name in ("cache", "spool"):
            os.makedirs(os.path.join(self.folder, name), mode=0o700, exist_ok=True)
        self.write_config()

    def write_config(self, **changes):
        """Both webcache and httpd read this file, each when it starts."""
        self.settings.update(changes)
        with open(self.config_file + ".new", "w", encoding="utf-8") as out:
            for key, value in self.settings.items():
                if value is not None:
                    out.write("%s: %s\n" % (key, value))
        os.chmod(self.config_file + ".new", 0o600)
        os.rename(self.config_file + ".new", self.config_file)
        self.identity.give(self.folder)

    def start(self, wait=True):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            address = os.path.join(self.sockets, "notify")
            if os.path.exists(address):
                os.unlink(address)
            notify.bind(address)
            os.chmod(address, 0o666)
            notify.setblocking(False)
            self.server = Server("webcache", self.log, self.identity)
            self.server.start([self.program, "--config", self.config_file, "--foreground",
                               "--pidfile", self.pid_file],
                              {"NOTIFY_SOCKET": address, **self.environment}, cwd=self.folder)

            def told():
                try:
                    return b"READY=1" in notify.recv(4096).split(b"\n")
                except BlockingIOError:
                    return False
            if wait:
                self.server.wait_until(told, "say that it is ready", seconds=60)
        return self

    @property
    def supervisor_pid(self):
        """Who starts the daemon again; SIGHUP, SIGTERM and SIGUSR2 go there."""
        return self.server.pid

    def daemons(self):
        """The process ids of all daemons that live, the one that was started last at the end."""
        return children(self.server.pid)

    @property
    def pid(self):
        """The daemon, which holds connections and mail."""
        end = time.monotonic() + 10
        while True:
            found = self.daemons()
            if found:
                return found[-1]
            if time.monotonic() > end:
                raise Failed("the webcache has no daemon")
            time.sleep(0.005)

    def crash(self, sig=signal.SIGKILL):
        """Kills the daemon alone. @return its process id"""
        pid = self.pid
        os.kill(pid, sig)
        return pid

    def kill(self, sig=signal.SIGKILL):
        """SIGKILL: ends all of it at once, as the machine's end would; others go to the daemon alone."""
        if sig == signal.SIGKILL:
            halt(self.server.pid)     # else it might start another one meanwhile
            daemons = self.daemons()
            self.server.process.kill()
            for pid in daemons:
                try:
                    os.kill(pid, sig)
                except ProcessLookupError:
                    pass
            self.server.process.wait()
            while any(map(lives, daemons)):
                time.sleep(0.005)
            return
        if sig == signal.SIGSTOP:
            halt(self.pid)
        else:
            os.kill(self.pid, sig)

    def take_over(self):
        """Has a new daemon take over; returns once it serves. @return (old, new) process ids"""
        old = self.pid
        with open(self.log, "rb") as log:
            log.seek(0, os.SEEK_END)       # before it is asked to: it may say so before we run again
            os.kill(self.server.pid, signal.SIGUSR2)
            said = b""

            def serves():
                nonlocal said
                said += log.read()
                return b"AM0212" in said
            self.server.wait_until(serves, "have a new daemon take over", seconds=60)
        return old, self.pid

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=9)
            self.server = None

    def close(self):
        self.stop()
        if self.own_sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
