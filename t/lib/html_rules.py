# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cleaner of HTML may let through, told a second time and checked by another parser (html5lib): elements,
attributes, style properties, addresses; and the program t/html_cleaner, which cleans many documents in one go."""
import json
import os
import re
import subprocess
import threading

import html5lib

import paths

ELEMENTS = set("""a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd
del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p
pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var
wbr""".split())
ATTRIBUTES = set("""abbr align alt border cellpadding cellspacing cite colspan datetime dir face height href id lang nowrap
open rel rowspan scope size span src start style summary target title type valign value width""".split())
PROPERTIES = set("""background-color border border-bottom border-bottom-color border-bottom-left-radius
border-bottom-right-radius border-bottom-style border-bottom-width border-collapse border-color border-left
border-left-color border-left-style border-left-width border-radius border-right border-right-color border-right-style
border-right-width border-spacing border-style border-top border-top-color border-top-left-radius border-top-right-radius
border-top-style border-top-width border-width box-sizing caption-side clear color direction display empty-cells float
font font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style-type margin
margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width opacity overflow-wrap padding
padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration text-indent text-transform
unicode-bidi vertical-align white-space width word-break word-spacing""".split())
VOID = {"br", "col", "hr", "img", "wbr"}
VALUE = re.compile(r"^(?:[-+.%\w#,/ ']|light-dark\(|rgba\(|\))*$")
HTML = "{http://www.w3.org/1999/xhtml}"
PART = re.compile(r"^/alphamail/mail/[^\"<>]*/part/[0-9.]+/view(\?v=\d+)?$")


def documents(folder):
    """[(name, html as bytes, the vector)] of t/fixtures/html or a folder like it."""
    found = []
    for name in ("own/vectors.jsonl", "dompurify/payloads.jsonl", "payloadbox/payloads.jsonl"):
        with open(os.path.join(folder, name), encoding="utf-8") as lines:
            for line in lines:
                vector = json.loads(line)
                found.append((vector["id"], vector["html"].encode("utf-8", "replace"), vector))
    for name in sorted(os.listdir(os.path.join(folder, "bleach"))):
        with open(os.path.join(folder, "bleach", name), "rb") as source:
            found.append((name, source.read().decode("utf-8", "replace").encode(), {}))
    return found


class Cleaned:
    def __init__(self, html, numbers):
        self.html = html
        self.remote, self.tracking, self.cut, self.words_only, self.cpu_us = numbers


def clean(many, *options):
    """[Cleaned] of [bytes]."""
    program = os.path.join(paths.top_builddir, "t", "html_cleaner")
    child = subprocess.Popen([program, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def feed():
        try:
            for one in many:
                child.stdin.write(b"%d\n" % len(one) + one)
            child.stdin.close()
        except BrokenPipeError:
            pass  # it ended early, which the reader sees

    feeder = threading.Thread(target=feed)
    feeder.start()
    out = []
    for one in many:
        head = child.stdout.readline().split()
        if not head:
            break
        out.append(Cleaned(child.stdout.read(int(head[0])), [int(number) for number in head[1:]]))
    child.stdout.close()
    feeder.join()
    if child.wait() != 0 or len(out) != len(many):
        raise AssertionError("the cleaner ended with %s at document %d: %r" % (
            child.returncode, len(out), many[min(len(out), len(many) - 1)][:300]))
    return out


def tree_of(html):
    """The children of <body> as html5lib builds them behind a doctype, as pages have it."""
    document = html5lib.parse(b"<!doctype html><body>" + html, transport_encoding="utf-8", namespaceHTMLElements=True)
    return document.find(HTML + "body")


def escaped(text):
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"),
                                 ("`", "&#96;")):
        text = text.replace(character, reference)
    return text


def written(element):
    """The tree as the cleaner would write it."""
    out = [escaped(element.text or "")]
    if element.tag == HTML + "pre" and out[0].startswith("\n"):
        out.insert(0, "\n")
    for child in element:
        if not isinstance(child.tag, str):
            out.append("<!---->")
            continue
        name = child.tag.replace(HTML, "")
        attributes = "".join(' %s="%s"' % (key, escaped(value)) for key, value in child.attrib.items())
        out.append("<%s%s>" % (name, attributes))
        if name not in VOID:
            out += [written(child), "</%s>" % name]
        out.append(escaped(child.tail or ""))
    return "".join(out)


def address_trouble(element, name, value, remote):
    if name == "href":
        return not re.match(r"^(https?://[^\s\"'<>`\\]+|mailto:[^\s\"'<>`\\]+|tel:[^\s\"'<>`\\]+|#m-[\w.:-]+)$", value)
    if remote and re.match(r"^https://[^\s\"'<>`\\]+$", value):
        return False
    return not (re.match(r"^data:image/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]*$", value) or PART.match(value))


def troubles(html, remote=False):
    """What in the cleaner's output is not allowed: [] for all that is well."""
    body, found = tree_of(html), []
    for element in body.iter():
        if element is body:
            continue
        if not isinstance(element.tag, str) or not element.tag.startswith(HTML):
            found.append("element %r" % (element.tag,))
            continue
        name = element.tag.replace(HTML, "")
        if name not in ELEMENTS:
            found.append("element " + name)
        for key, value in element.attrib.items():
            if key not in ATTRIBUTES:
                found.append("attribute %s of %s" % (key, name))
            if key == "style":
                found += style_troubles(value)
            if key in ("href", "src") and address_trouble(element, key, value, remote):
                found.append("%s=%r" % (key, value[:100]))
            if key == "id" and not value.startswith("m-"):
                found.append("id=" + value)
        link = element.attrib.get("href", "#")
        if not link.startswith("#") and (element.attrib.get("target") != "_blank" or
                                         element.attrib.get("rel") != "noopener noreferrer nofollow"):
            found.append("a link into the frame")
    return found


def style_troubles(style):
    found = []
    for declaration in re.sub(r"'[^']*'", "'x'", style).split(";"):
        name, _, value = declaration.partition(":")
        if name not in PROPERTIES:
            found.append("property %r" % name)
        if not VALUE.match(value):
            found.append("value %r" % value)
        if name.startswith("margin") and "-" in value:
            found.append("margin %r" % value)
    return found


def words(html):
    return " ".join("".join(tree_of(html).itertext()).split())
