# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon webcache with a configuration of its own."""
import os
import shutil
import signal
import socket

from servers.process import Server, short_folder


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
                self.server.wait_until(told, "say that it is ready")
        return self

    @property
    def pid(self):
        return self.server.pid

    def kill(self, sig=signal.SIGKILL):
        """Ends it at once, as a crash would."""
        os.kill(self.server.pid, sig)
        if sig == signal.SIGKILL:
            self.server.process.wait()
        if sig == signal.SIGSTOP:
            os.waitid(os.P_PID, self.server.pid, os.WSTOPPED | os.WNOWAIT)

    def stop(self):
        if self.server is not None:
            self.server.stop(seconds=5)
            self.server = None

    def close(self):
        self.stop()
        if self.own_sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
