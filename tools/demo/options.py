# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's options, checked, and the folder that it lives in."""
import argparse
import hashlib
import ipaddress
import os
import re
import socket

from servers.process import Failed

SERVER = re.compile(r"^((?:imaps?|smtps?|plain)://)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})(\[[^\]]*\])?$")
HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failed("%s; ./bootstrap demo --help lists the options" % message)


def _number(low, high):
    def check(text):
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError("%r is not a number from %d to %d" % (text, low, high))
        return int(text)
    return check


def _server(text):
    found = SERVER.match(text)
    if not found or not 0 < int(found.group(3)) < 65536:
        raise argparse.ArgumentTypeError(
            "%r is not HOST:PORT, with [PREFIX SEPARATOR] after it where there is one" % text)
    return text


def _host(text):
    if not HOST.match(text):
        raise argparse.ArgumentTypeError("%r is not a host name" % text)
    return text.lower()


def _address(text):
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if text == "localhost":
            return "127.0.0.1"
        raise argparse.ArgumentTypeError("%r is not an IP address" % text) from None


def parse(arguments):
    parser = Parser(prog="./bootstrap demo", add_help=False, allow_abbrev=False)
    parser.add_argument("--top", required=True)
    parser.add_argument("--only-check", action="store_true")
    parser.add_argument("--port", type=_number(1, 65535), default=8080)
    parser.add_argument("--listen", type=_address, default="127.0.0.1")
    parser.add_argument("--host", type=_host)
    parser.add_argument("--dir")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--imap", type=_server)
    parser.add_argument("--smtp", type=_server)
    parser.add_argument("--messages", type=_number(0, 1000000), default=20000)
    options = parser.parse_args(arguments)
    if options.smtp and not options.imap:
        raise Failed("--smtp goes with --imap: both servers are private ones, or both are real")
    if options.smtp and SERVER.match(options.smtp).group(4):
        raise Failed("--smtp takes HOST:PORT and no brackets after it")
    address = ipaddress.ip_address(options.listen)
    options.tls = not address.is_loopback
    if not options.host:
        options.host = ("localhost" if address.is_loopback else
                        socket.getfqdn().lower() if address.is_unspecified else options.listen)
    return options


def folder_of(options, identity):
    """(folder, a sentence why it is another one than asked for, or None)."""
    asked = os.path.realpath(options.dir or os.path.join(options.top, "build", "demo"))
    nearest = asked
    while not os.path.isdir(nearest):
        nearest = os.path.dirname(nearest)
    if identity.can_pass(nearest):
        return asked, None
    name = hashlib.sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    other = "/var/tmp/alphamail-demo-" + name
    return other, "the servers run as %s, who may not pass to %s; using %s" % (
        identity.user, asked, other)
