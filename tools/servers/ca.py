# SPDX-License-Identifier: GPL-3.0-or-later
"""A private certificate authority and the certificates it signs, made by the openssl program."""
import os
import subprocess

from servers.process import Failed

CA_FILE = "ca.pem"
DAYS = "825"  # the longest that browsers accept


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failed("openssl %s: %s" % (arguments[0], done.stdout.decode("utf-8", "replace")))


def make_ca(folder):
    """CA_FILE and its key in `folder`, unless they are there."""
    os.makedirs(folder, exist_ok=True)
    ca, key = os.path.join(folder, CA_FILE), os.path.join(folder, "ca.key")
    if not os.path.exists(ca):
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", key, "-out", ca, "-days", "3650",
                 "-subj", "/O=AlphaMail demo/CN=AlphaMail private authority",
                 "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return ca


def make_certificate(folder, name, alternatives=("DNS:localhost", "IP:127.0.0.1")):
    """name.pem and name.key in `folder`, signed by its CA, for these alternative names."""
    ca = make_ca(folder)
    certificate = os.path.join(folder, name + ".pem")
    key = os.path.join(folder, name + ".key")
    wanted = ",".join(alternatives)
    stamp = os.path.join(folder, name + ".for")
    if os.path.exists(certificate) and _read(stamp) == wanted:
        return certificate, key
    request, extensions = os.path.join(folder, name + ".csr"), os.path.join(folder, name + ".ext")
    with open(extensions, "w", encoding="ascii") as out:
        out.write("subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\n"
                  "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n" % wanted)
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", key, "-out", request, "-subj", "/O=AlphaMail demo/CN=" + name)
    _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", os.path.join(folder, "ca.key"),
             "-CAcreateserial", "-days", DAYS, "-extfile", extensions, "-out", certificate)
    os.chmod(key, 0o600)
    with open(stamp, "w", encoding="ascii") as out:
        out.write(wanted)
    return certificate, key


def _read(path):
    try:
        with open(path, encoding="ascii") as source:
            return source.read()
    except OSError:
        return None
