# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Exim for tests, delivering to the Dovecot given:

    with Dovecot(folder) as dovecot, Mta(folder, dovecot) as mta:
        mta.add_user("anna")
        mta.submit("anna", "anna@example.edu", message(subject="To myself"))
"""
import os
import smtplib
import ssl
import time

import paths
from servers.exim import Exim


class Mta(Exim):
    def __init__(self, folder, dovecot, name="mta", **settings):
        top = str(folder)
        home = os.path.join(top, name)
        os.makedirs(home, exist_ok=True)
        super().__init__(home, dovecot.peers, paths.identity, dovecot.lmtp_port, **settings)
        for user, password in dovecot.passwords.items():
            self.add_user(user, password)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def submit(self, user, to, text):
        """Sends a message as a user would: STARTTLS, AUTH, MAIL, RCPT, DATA."""
        with smtplib.SMTP("localhost", self.port) as smtp:
            smtp.starttls(context=ssl.create_default_context(cafile=self.ca_file))
            smtp.login(user, self.users[user])
            smtp.sendmail(user + "@example.edu", to, text.encode("utf-8"))

    def wait_delivered(self, dovecot, user, count, folder="INBOX", seconds=60):
        """True once a folder of the user's holds `count` messages."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            client = dovecot.client(user)
            _, data = client.status(folder, "(MESSAGES)")
            client.logout()
            if int(data[0].split(b"MESSAGES ")[1].rstrip(b")")) >= count:
                return True
            time.sleep(0.05)
        return False
