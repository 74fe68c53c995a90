#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of templates, words, style sheet and icons without running them."""
import glob
import gzip
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import paths  # noqa: E402
from tap import case, equal, main, ok, skip  # noqa: E402

FOLDER = os.path.join(paths.top_srcdir, "templates")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as source:
        return source.read()


TEMPLATES = {os.path.basename(name): read(os.path.basename(name))
             for name in sorted(glob.glob(os.path.join(FOLDER, "*.tpl")))}
CSS = read("assets/alphamail.css")


def nothing(found):
    equal(sorted(set(found)), [])


def each(pattern, flags=0):
    """[(file, match)] over all templates."""
    return [(name, match.group(0)) for name, text in TEMPLATES.items()
            for match in re.finditer(pattern, text, flags)]


@case("there are templates")
def _():
    ok(len(TEMPLATES) >= 10)


@case("every template asks for escaping in its first line, in the context of HTML")
def _():
    pragma = '{{%AUTOESCAPE context="HTML"}}\n'
    nothing(name for name, text in TEMPLATES.items() if not text.startswith(pragma))


@case("no template goes around escaping")
def _():
    # What the cleaner made is markup already, and has a type of its own.
    nothing(each(r"\{\{(?!SAFE_HTML:none\}\})[^}]*:(?!pre_escape\}\})[^}]*\}\}"))
    equal([name for name, text in TEMPLATES.items() if ":none" in text], ["body.tpl"])
    nothing(each(r"\{\{=[^}]*"))
    nothing(each(r"\{\{%(?!AUTOESCAPE context=\"HTML\"\}\})[^}]*"))


@case("no value stands in an attribute without quotes")
def _():
    nothing(each(r"\s[a-z-]+=\s*\{\{"))


@case("no template holds script, style or an address of elsewhere (strict policy)")
def _():
    # Scripts are files of ours; no template holds any. The document of a message has a policy of its own, and the
    # one frame is for it.
    nothing(each(r"<script\b(?! src=\"\[\[@(compose_)?script\]\]\" defer></script>| type=\"module\" src=\"\[\[@message_script\]\]\"></script>)", re.I))
    nothing(found for found in each(r"<style\b", re.I) if found[0] != "body.tpl")
    nothing(found for found in each(r"<(iframe|base|object|embed)\b[^>]*>", re.I)
            if 'src="{{FRAME_URL}}" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' not in found[1])
    nothing(each(r"\s(style|on[a-z]+)\s*=", re.I))
    nothing(each(r"(https?:)?//[a-z]", re.I))
    nothing(each(r"http-equiv", re.I))


@case("every form that changes something carries the token")
def _():
    for name, text in TEMPLATES.items():
        for form in re.findall(r"<form\b.*?</form>", text, re.S):
            if 'method="post"' in form and 'name="token" value="{{TOKEN}}"' not in form:
                ok(False, why="%s: %s" % (name, form[:80]))


@case("every link leads somewhere and every button does something")
def _():
    for name, text in TEMPLATES.items():
        if name.startswith("part_"):
            continue
        # A part may be the inside of a form.
        text = re.sub(r"\{\{>(\w+)\}\}", lambda part: TEMPLATES[part[1].lower() + ".tpl"], text)
        for tag in re.findall(r"<a\b[^>]*>", text):
            ok("href=" in tag or 'aria-disabled="true"' in tag, why="%s: %s" % (name, tag))
            ok('href=""' not in tag and 'href="#"' not in tag, why="%s: %s" % (name, tag))
        outside = re.sub(r"<form\b.*?</form>", "", text, flags=re.S)
        nothing(re.findall(r"<button\b[^>]*>", outside))


@case("every field has a label")
def _():
    for name, text in TEMPLATES.items():
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' in tag:
                continue
            identity = re.search(r'\bid="([^"]+)"', tag)
            labelled = identity and 'for="%s"' % identity.group(1) in text
            inside = re.search(r"<label\b[^>]*>\s*" + re.escape(tag), text)
            ok(labelled or inside, why="%s: %s" % (name, tag))


@case("words of strangers are kept apart from the page's direction")
def _():
    strangers = ("FROM", "FROM_ADDRESS", "SUBJECT", "SNIPPET", "FOLDER_LABEL", "FOLDER_NAME",
                 "ATTACHMENT_NAME", "ADDRESS_TEXT", "TO_NAME", "FIELD_TEXT", "ERROR_QUOTE")
    for name, text in TEMPLATES.items():
        text = re.sub(r'="[^"]*"', '=""', text)  # in attributes they mix with nothing
        for value in strangers:
            for match in re.finditer(r"\{\{%s\}\}" % value, text):
                ok(re.search(r"<bdi\b[^>]*>$", text[:match.start()]), why=name + ": " + value)


@case("every icon that is named is in the sprite")
def _():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', read("assets/icons.svg")))
    named = {match.split("#")[1] for _, match in each(r"\[\[@icons\]\]#[a-z0-9-]+")}
    for source, pattern in (("frame.cc", r'return "([a-z0-9-]+)";'),
                            ("error_view.cc", r'return \{"([a-z0-9-]+)"')):
        with open(os.path.join(paths.top_srcdir, "mod_alphamail", source), encoding="utf-8") as text:
            named |= set(re.findall(pattern, text.read()))
    ok(len(named) > 20)
    nothing(named - sprite)
    ok("<script" not in read("assets/icons.svg") and "href" not in read("assets/icons.svg"))


@case("every class of the templates is in the style sheet")
def _():
    classes = set()
    for _, attribute in each(r'class="[^"]*"'):
        classes |= set(re.sub(r"\{\{[^}]*\}\}", " ", attribute[7:-1]).split())
    styled = set(re.findall(r"\.([a-z][a-z0-9-]*)", CSS))
    nothing(classes - styled - {"tree"})  # that one only takes the bullets away, as any class does


def blocks(pattern):
    """The rules within each match of a selector, white space made single."""
    found = []
    for match in re.finditer(pattern + r"\s*\{([^{}]*)\}", CSS):
        found.append(" ".join(match.group(1).split()))
    return found


@case("dark by the browser's wish and dark by choice are the same")
def _():
    asked = blocks(r':root:not\(\[data-theme="light"\]\)')
    chosen = blocks(r':root\[data-theme="dark"\]')
    equal(len(asked), 2)
    equal(asked, chosen)


@case("the style sheet loads nothing and fits its budget of 15 KB")
def _():
    nothing(re.findall(r"@import|url\(", CSS))
    ok(len(gzip.compress(CSS.encode(), 9)) <= 15000)


@case("the university's colour is one line")
def _():
    equal(len(re.findall(r"--brand:\s*#", CSS)), 1)


def collected():
    """{(msgid, msgid_plural)} of everything that can be translated."""
    done = subprocess.run(["sh", os.path.join(FOLDER, "lang", "collect.sh"), paths.top_srcdir],
                          stdout=subprocess.PIPE, check=True)
    return entries(done.stdout.decode("utf-8"))


def joined(lines):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines))


def entries(text):
    """{(context, msgid): {"plural":, "forms": [..], "fuzzy":}} of a PO file."""
    found = {}
    for block in re.split(r"\n\s*\n", text):
        def part(keyword, block=block):
            match = re.search(r'^%s ((?:".*"\n?)+)' % re.escape(keyword), block, re.M)
            return joined(match.group(1)) if match else None
        name = part("msgid")
        if not name:
            continue
        forms = [joined(m) for m in re.findall(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', block, re.M)]
        found[(part("msgctxt"), name)] = {"plural": part("msgid_plural"), "forms": forms,
                                          "fuzzy": re.search(r"^#,.*fuzzy", block, re.M)}
    return found


def holes(text):
    return sorted(set(re.findall(r"\{\d\}", text)))


def check_catalogue(po):
    @case("%s is complete: nothing missing, unsure or left over" % os.path.basename(po))
    def _():
        try:
            wanted = collected()
        except (OSError, subprocess.CalledProcessError):
            skip("xgettext is not here")
        ok(len(wanted) > 150)
        with open(po, encoding="utf-8") as source:
            have = entries(source.read())
        nothing(key[1] for key in wanted if key not in have)
        nothing(key[1] for key in have if key not in wanted)
        nothing(key[1] for key, entry in have.items() if entry["fuzzy"] or not all(entry["forms"]))

    @case("%s has the same placeholders as the English words" % os.path.basename(po))
    def _():
        with open(po, encoding="utf-8") as source:
            text = source.read()
        plurals = int(re.search(r"nplurals=(\d+)", text).group(1))
        for (_, name), entry in entries(text).items():
            equal(len(entry["forms"]), plurals if entry["plural"] else 1)
            for form in entry["forms"]:
                equal((name, holes(form)), (name, holes(entry["plural"] or name)))

    @case("%s passes msgfmt -c" % os.path.basename(po))
    def _():
        try:
            done = subprocess.run(["msgfmt", "-c", "-o", os.devnull, po], stderr=subprocess.PIPE,
                                  check=False)
        except OSError:
            skip("msgfmt is not here")
        equal((done.returncode, done.stderr.decode()), (0, ""))


for catalogue in sorted(glob.glob(os.path.join(FOLDER, "lang", "*.po"))):
    check_catalogue(catalogue)


@case("the first page of a mailbox fits its budget of 15 KB compressed")
def _():
    program = os.path.join(paths.top_builddir, "t", "bench", "render_bench")
    if not os.path.exists(program):
        skip("t/bench/render_bench is not built")
    environment = dict(os.environ, top_srcdir=paths.top_srcdir, top_builddir=paths.top_builddir)
    page = subprocess.run([program, "--page"], stdout=subprocess.PIPE, env=environment,
                          check=True).stdout
    ok(page.count(b'class="msg') == 50)
    for level in (1, 6):
        size = len(gzip.compress(page, level))
        ok(size <= 15000, why="%d bytes at level %d" % (size, level))


main()
