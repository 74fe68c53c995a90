#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that attacks, in Chromium, with every request noted and a canary for script: once what the cleaner makes of it as a
page without any policy, once as it is in the frame with the frame's policy. Each of the two fences holds by itself."""
import base64
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import chromium  # noqa: E402
import paths  # noqa: E402
from tap import case, equal, main, ok, skip_all  # noqa: E402

if chromium.missing():
    skip_all(chromium.missing())
try:
    import html_rules as rules  # noqa: E402
except ImportError:
    skip_all("html5lib is not here (Debian: python3-html5lib)")

VECTORS = rules.documents(os.path.join(paths.top_srcdir, "t", "fixtures", "html"))


def policy():
    """The frame's policy and sandbox, as the module and the page's template have them."""
    with open(os.path.join(paths.top_srcdir, "mod_alphamail", "response_writer.cc"), encoding="utf-8") as source:
        text = source.read()
    lines = text[text.index("#define ALPHAMAIL_MAIL_POLICY"):text.index("const char* policy_of(")]
    found = "".join(re.findall(r'"([^"]*)"', lines))
    with open(os.path.join(paths.top_srcdir, "templates", "part_texts.tpl"), encoding="utf-8") as source:
        sandbox = re.search(r'<iframe class="frame"[^>]* sandbox="([^"]+)"', source.read()).group(1)
    return found, sandbox


POLICY, SANDBOX = policy()
# The canary beside the vectors' own alert(): what runs at all can call it.
LIVE = [html.decode().replace("alert(", "(window.canary||window.parent.canary||alert)(") for _, html, _ in VECTORS]
CLEAN = rules.clean([html.encode() for html in LIVE])
PLACEMENT = ['<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999;background:red">x</div>',
             '<div style="margin:-9999px;float:left">x</div>', "<style>html,body{position:fixed;inset:0}</style>x",
             '<a href="https://leak.invalid" target=_top>x</a>', "<meta http-equiv=refresh content='0;url=https://leak.invalid/'>x",
             '<base target=_top><form action="https://leak.invalid" target=_top><input autofocus></form>',
             "<script>top.location='https://leak.invalid'</script>", "<iframe src='https://leak.invalid/'></iframe>",
             '<link rel=preconnect href="https://leak.invalid"><link rel=prefetch href="https://leak.invalid/p">']
SHOWN = chromium.drive("mail_in_browser.js", {
    "alone": [made.html.decode() for made in CLEAN] + ["<img src=x onerror=canary()>", "<img src=https://leak.invalid/a>"],
    "framed": {"htmls": LIVE + PLACEMENT + ["<p>nothing</p>"], "sandbox": SANDBOX,
               "headers": {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}}})


@case("the canary sings where script runs, and a request is noted where there is one")
def _():
    equal(SHOWN["alone"][-2][:1], ["script"])
    ok(any("leak.invalid" in line for line in SHOWN["alone"][-1]), why=repr(SHOWN["alone"][-1]))


@case("what the cleaner makes of every vector runs no script and asks for nothing, without any policy")
def _():
    ok(len(CLEAN) >= 260)
    wrong = []
    for (name, _, _), log in zip(VECTORS, SHOWN["alone"]):
        # A picture of the message itself, and an address on this page, are no way out.
        wrong += [(name, line) for line in log]
    equal(wrong[:5], [])


@case("as it is, every vector in the frame runs no script, asks for nothing, and leaves the page around it alone")
def _():
    contained = POLICY.split("; ")
    ok("default-src 'none'" in contained and contained[0].startswith("sandbox allow-same-origin"), why=POLICY)
    ok("allow-scripts" not in POLICY and "allow-scripts" not in SANDBOX and "allow-top-navigation" not in POLICY + SANDBOX)
    names = [name for name, _, _ in VECTORS] + PLACEMENT
    wrong = [(name, line) for name, shown in zip(names, SHOWN["framed"]) for line in shown["log"]]
    equal(wrong[:5], [])


@case("no vector moves or covers the page around the frame")
def _():
    usual = SHOWN["framed"][-1]["box"]
    equal([shown["box"] for shown in SHOWN["framed"] if shown["box"] != usual], [])


main()
