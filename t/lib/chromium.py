# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium for tests: where it is, and the npm packages that drive it, which come into the build folder once."""
import fcntl
import json
import os
import shutil
import subprocess
import time

import paths

MODULES = os.path.join(paths.top_builddir, "browser-tests")
FAILED = MODULES + ".failed"    # when they did not come
WANTED = ["playwright-core@1.65.1", "axe-core@4.14.1"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ENVIRONMENT = dict(os.environ, NODE_PATH=os.path.join(MODULES, "node_modules"))


def there():
    return all(os.path.isdir(os.path.join(MODULES, "node_modules", name.split("@")[0])) for name in WANTED)


def install():
    """The packages, in their exact versions, unless they are there already; one test at a time brings them."""
    if there():
        return True
    os.makedirs(MODULES, exist_ok=True)
    with open(MODULES + ".lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if there():
            return True
        if os.path.exists(FAILED) and time.time() - os.path.getmtime(FAILED) < 900:
            return False    # each try without a network takes two minutes
        try:
            done = subprocess.run(["npm", "install", "--prefix", MODULES, "--no-audit", "--no-fund",
                                   "--ignore-scripts", "--silent", *WANTED], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=120, check=False)
            came = done.returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            came = False
        if not came:
            with open(FAILED, "wb"):
                pass
        return came


def missing():
    """Why there is nothing to try; "" where all is there."""
    if CHROMIUM is None:
        return "Chromium is not here"
    if shutil.which("node") is None or not install():
        return "node, or what npm would bring, is not here"
    return ""


def drive(script, wanted, timeout=500):
    """Runs t/lib/SCRIPT with a JSON object; the one that it prints."""
    done = subprocess.run(["node", os.path.join(paths.top_srcdir, "t", "lib", script), CHROMIUM],
                          input=json.dumps(wanted).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=ENVIRONMENT, timeout=timeout, check=False)
    if done.returncode != 0:
        raise AssertionError("%s ended with %s: %s" % (script, done.returncode, done.stderr.decode()[-2000:]))
    return json.loads(done.stdout)
