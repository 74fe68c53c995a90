# SPDX-License-Identifier: GPL-3.0-or-later
"""Part "sending": uploads into the spool, beside the same bytes written to a file; messages through the webcache to
an MTA, beside a plain SMTP client at the same MTA. The web server is not in it: t/outgoing_ask asks what it asks."""
import os
import smtplib
import ssl
import statistics
import time

import kit
import paths
from imapd import Dovecot
from mta import Mta
from webcache import Webcache
from writing import Writing, mail

UPLOAD = 25 << 20


def written(folder, data):
    """Seconds to write it to a file of its own, on the disk at the end."""
    name = os.path.join(folder, "plain")
    begin = time.monotonic()
    with open(name, "wb") as out:
        for at in range(0, len(data), 65536):
            out.write(data[at:at + 65536])
        out.flush()
        os.fdatasync(out.fileno())
    took = time.monotonic() - begin
    os.remove(name)
    return took


def by_smtplib(mta, messages):
    """Seconds for all of them over one connection, as a user who has logged in."""
    with smtplib.SMTP("localhost", mta.port) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=mta.ca_file))
        smtp.login("anna", mta.users["anna"])
        begin = time.monotonic()
        for data in messages:
            smtp.sendmail("anna@example.edu", ["bob@example.edu"], data)
        return time.monotonic() - begin


def by_webcache(anna, messages, settings):
    begin = time.monotonic()
    for data in messages:
        told = anna.send(data, ["bob@example.edu"], settings=settings)
        if told.get("state") not in ("Sent", "NotFiled", "Done"):
            raise RuntimeError(told)
    return time.monotonic() - begin


def run(options):
    rounds, count = (2, 20) if options.quick else (5, 100)
    with paths.TestFolder() as folder, Dovecot(folder) as dovecot:
        for user in ("anna", "bob"):
            dovecot.add_user(user)
        authorities = os.path.join(str(folder), "authorities.pem")
        with Mta(folder, dovecot) as mta:
            with open(authorities, "wb") as out:
                for ca_file in (dovecot.ca_file, mta.ca_file):
                    with open(ca_file, "rb") as one:
                        out.write(one.read())
            os.chmod(authorities, 0o644)
            with Webcache(folder, dovecot, mta=mta, tls_ca_file=authorities, sends_per_hour=1_000_000,
                          recipients_per_hour=1_000_000) as cache, Writing(cache, folder) as anna:
                anna.log_in("anna", "secret")
                data = os.urandom(UPLOAD)
                spool, plain, growth = [], [], []
                for _ in range(rounds):
                    kit.forget_peak(cache.pid)
                    before = kit.memory_kb(cache.pid)
                    put = anna.put(data, kind="upload")
                    growth.append(kit.memory_kb(cache.pid, "VmHWM") - before)
                    spool.append(put["us"] / 1e6)
                    anna.ask("delete", "upload", put["id"])
                    plain.append(written(str(folder), data))
                messages = [mail(text=b"One line of a letter.\r\n" * 100) for _ in range(count)]
                direct, sent, filed = [], [], []
                for _ in range(rounds):
                    direct.append(by_smtplib(mta, messages))
                    sent.append(by_webcache(anna, messages, ["nocopy"]))
                    filed.append(by_webcache(anna, messages, []))
    mb = UPLOAD / (1 << 20)
    middle = statistics.median
    print(kit.table(["measure", "figure"], [
        ["25 MB into the spool, sealed, on the disk", "%.0f MB/s" % (mb / middle(spool))],
        ["the same into a file, on the disk", "%.0f MB/s" % (mb / middle(plain))],
        ["the webcache's growth by it, the largest", "%d KB" % max(growth)],
        ["messages, each on the disk first, sent and answered", "%.0f/s" % (count / middle(sent))],
        ["the same with a copy in Sent", "%.0f/s" % (count / middle(filed))],
        ["the same by Python's smtplib, nothing kept", "%.0f/s" % (count / middle(direct))],
        ["ratio to it, without copy", "%.2f" % (middle(direct) / middle(sent))]]))
