#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fuzz targets (t/fuzz) by clang's libFuzzer with its sanitizers, from the fixtures on: in a soak, ALPHAMAIL_FUZZ_SECONDS
each (300). What is found is kept below the build folder, and is named. Their short fixed runs are unit tests."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from tap import case, main, note, ok, skip_all  # noqa: E402

if os.environ.get("ALPHAMAIL_SOAK") != "1":
    skip_all("part of a soak")
if shutil.which("clang++") is None:
    skip_all("clang is not here (Debian: clang)")

FIXTURES = os.path.join(paths.top_srcdir, "t", "fixtures")
SECONDS = int(os.environ.get("ALPHAMAIL_FUZZ_SECONDS", "300"))


def files_below(*names):
    for top, _, found in os.walk(os.path.join(FIXTURES, *names)):
        for name in sorted(found):
            with open(os.path.join(top, name), "rb") as source:
                yield source.read()


def html_seeds():
    for name in ("own/vectors.jsonl", "dompurify/payloads.jsonl", "payloadbox/payloads.jsonl"):
        with open(os.path.join(FIXTURES, "html", name), encoding="utf-8") as lines:
            yield from (json.loads(line)["html"].encode("utf-8", "replace") for line in lines)
    yield from files_below("html", "bleach")
    yield from files_below("html", "letters")


# Of each the first bytes that choose what is fuzzed; None where the target knows no such thing.
TARGETS = {
    "html_fuzz": (html_seeds, [3, 4, 8], "html.dict"),
    "mime_text_fuzz": (lambda: files_below("mail"), [1, 6], None),
    "imap_parser_fuzz": (lambda: files_below("imap"), None, "imap.dict"),
}

for target, (seeds, choices, dictionary) in TARGETS.items():
    def check(target=target, seeds=seeds, choices=choices, dictionary=dictionary):
        @case("%s finds nothing" % target)
        def _():
            program = os.path.join(paths.top_builddir, "t", "fuzz", target)
            made = subprocess.run(["make", "-C", paths.top_builddir, "t/fuzz/" + target], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
            ok(made.returncode == 0, why=made.stdout.decode("utf-8", "replace")[-2000:])
            found = os.path.join(paths.top_builddir, "t", "fuzz", target + ".found")
            os.makedirs(found, exist_ok=True)
            with paths.TestFolder() as folder:
                for number, seed in enumerate(seeds()):
                    for choice in choices or [None]:
                        with open(os.path.join(str(folder), "%d-%s" % (number, choice)), "wb") as out:
                            out.write((b"" if choice is None else bytes([choice])) + seed[:20000])
                more = ["-dict=" + os.path.join(paths.top_srcdir, "t", "fuzz", dictionary)] if dictionary else []
                ran = subprocess.run([program, "-max_total_time=%d" % SECONDS, "-timeout=10", "-rss_limit_mb=1500",
                                      "-artifact_prefix=" + found + "/", "-print_final_stats=1", *more, str(folder)],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            said = ran.stdout.decode("utf-8", "replace")
            note("; ".join(line for line in said.splitlines() if line.startswith("stat::number") or "DONE" in line))
            ok(ran.returncode == 0, why="%s: %s" % (found, said[-2500:]))
    check()

main()
