# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts or stops the demo: checks the options, installs what was built into the demo's folder, and
becomes (or, with --detach, leaves behind) the supervisor, which runs unprivileged."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from demo import options as demo_options  # noqa: E402
from demo import running  # noqa: E402
from servers import ca  # noqa: E402
from servers.peers import Peers  # noqa: E402
from servers.process import Failed, Identity, copy_tree, port_is_free  # noqa: E402

identity = Identity()
OWN_FOLDERS = ("imapd", "mta", "webcache", "httpd", "state")   # what the servers' user may write


def say(text):
    print("demo: " + text, flush=True)


def check_port(options):
    if options.port < 1024 and identity.drops:
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as source:
            if options.port < int(source.read()):
                raise Failed("port %d: the servers run as %s and may not use a port below 1024; "
                             "choose another with --port" % (options.port, identity.user))
    if not port_is_free(options.listen, options.port):
        raise Failed("port %d of %s is in use already; choose another with --port"
                     % (options.port, options.listen))


def newest(folder):
    """The time of the last change to anything that is installed from the build."""
    latest = 0.0
    for name in ("webcache/webcache", "mod_alphamail/.libs/mod_alphamail.so", "config.status"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            latest = max(latest, os.stat(path).st_mtime)
    for part in ("templates", "conf"):
        for where in (os.path.join(folder, part), os.path.join(folder, "..", part)):
            for base, _, files in os.walk(where):
                for name in files:
                    latest = max(latest, os.stat(os.path.join(base, name)).st_mtime)
    return latest


def install(options, folder):
    """`make install` into folder/installed, where it is newer than what is there."""
    build, target = os.path.join(options.top, "build"), os.path.join(folder, "installed")
    stamp = os.path.join(target, ".stamp")
    if os.path.exists(stamp) and os.stat(stamp).st_mtime > newest(build):
        return
    say("installing into " + target)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    done = subprocess.run(["make", "-s", "-C", build, "install", "DESTDIR=" + target],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failed("make install failed:\n" + done.stdout.decode("utf-8", "replace")[-3000:])
    for base, _, files in os.walk(target):
        os.chmod(base, 0o755)
        for name in files:
            path = os.path.join(base, name)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode & 0o755 | 0o444)
    with open(stamp, "w", encoding="ascii"):
        pass


def copy_programs(options, folder):
    """The supervisor and the mail servers, so that nothing that runs reads the checkout."""
    tools = os.path.join(options.top, "tools")
    for name in ("demo", "demo_mail", "servers"):
        copy_tree(os.path.join(tools, name), os.path.join(folder, "lib", name))
    if options.imap:
        return
    source = Peers(os.path.join(options.top, "build", "peers"))
    target = os.path.join(folder, "peers")
    stamp = os.path.join(target, ".stamp")
    versions = "".join("%s %s\n" % (path, os.stat(path).st_mtime) for path in (
        source.preload, source.root, source.program("/usr/lib/dovecot"),
        source.program("/usr/sbin/exim4")))
    if running.read(stamp) != versions:
        shutil.rmtree(target, ignore_errors=True)
        source.copy_to(target)
        with open(stamp, "w", encoding="utf-8") as out:
            out.write(versions)


def prepare(options, folder):
    os.makedirs(folder, exist_ok=True)
    install(options, folder)
    copy_programs(options, folder)
    for name in OWN_FOLDERS:
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        os.chmod(os.path.join(folder, name), 0o700)
    if options.tls:
        names = ["DNS:localhost", "IP:127.0.0.1"]
        if options.listen not in ("0.0.0.0", "::"):
            names.append("IP:" + options.listen)
        names.append(("IP:" if options.host[0].isdigit() else "DNS:") + options.host)
        _, key = ca.make_certificate(os.path.join(folder, "tls"), "web", tuple(dict.fromkeys(names)))
        identity.give(key)
    settings = {name: getattr(options, name) for name in (
        "port", "listen", "host", "imap", "smtp", "messages", "tls")}
    with open(os.path.join(folder, "options.json"), "w", encoding="utf-8") as out:
        json.dump(settings, out)
    for name in OWN_FOLDERS:
        identity.give(os.path.join(folder, name))


def become_supervisor(folder):
    """This process goes on as the supervisor, without root's rights and without a way back."""
    os.chdir("/")
    if identity.drops:
        os.setgroups([])
        os.setresgid(identity.gid, identity.gid, identity.gid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    if "TZ" in os.environ:
        environment["TZ"] = os.environ["TZ"]
    program = os.path.join(folder, "lib", "demo", "supervise.py")
    os.execve(sys.executable, [sys.executable, program, folder], environment)


def detach(folder):
    """Leaves the supervisor behind, tells what it says until it is ready, and its exit status."""
    log = os.path.join(folder, "state", "demo.log")
    with open(log, "wb"):
        pass
    if identity.drops:
        os.chown(log, identity.uid, identity.gid)
    child = os.fork()
    if child == 0:
        os.setsid()
        null, out = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND)
        os.dup2(null, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.closerange(3, 65536 if sys.platform == "linux" else 1024)
        become_supervisor(folder)
    with open(log, encoding="utf-8", errors="replace") as shown:
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            for line in shown:
                print(line, end="", flush=True)
                if line.startswith("ready "):
                    return 0
            if ended:
                return os.waitstatus_to_exitcode(status) or 1
            time.sleep(0.05)


def stop(folder):
    pid = running.supervisor(folder)
    if pid is None:
        running.remove_stale_sockets(folder)
        say("nothing runs in " + folder)
        return 0
    say("stopping what runs in " + folder)
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 30
    while running.supervisor(folder) == pid:
        if time.monotonic() > end:
            raise Failed("process %d does not end" % pid)
        time.sleep(0.05)
    return 0


def main():
    os.umask(0o022)
    options = demo_options.parse(sys.argv[1:])
    folder, why = demo_options.folder_of(options, identity)
    if why and not options.only_check:
        say(why)
    if options.stop:
        return stop(folder)
    if running.supervisor(folder) is not None:
        raise Failed("a demo runs in %s already; ./bootstrap demo --stop%s ends it" % (
            folder, " --dir " + options.dir if options.dir else ""))
    check_port(options)
    if options.only_check:
        return 0
    prepare(options, folder)
    if options.detach:
        return detach(folder)
    become_supervisor(folder)
    return 1


try:
    sys.exit(main())
except Failed as failure:
    print("demo: %s" % failure, file=sys.stderr, flush=True)
    sys.exit(1)
except KeyboardInterrupt:
    sys.exit(130)
