# SPDX-License-Identifier: GPL-3.0-or-later
"""The plot of folder size against response time, as SVG that is legible on light and on dark ground.

    scatter.py FILE.csv FILE.svg      draws the plot again from its data
"""
import csv
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 72, 56
HEAD = ("program", "messages", "page", "milliseconds")
# A colour and a form for each program, so that neither has to be seen.
MARKS = {"AlphaMail": ("#0f7b6c", "#4fd1bd", "circle"), "Roundcube": ("#b5542b", "#f0a07a", "square"),
         "Roundcube with caches": ("#5b5fc7", "#a9adf5", "triangle")}
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24313a }
  .title { font-size: 16px; font-weight: 600 }
  .axis { stroke: #24313a; stroke-width: 1 }
  .grid { stroke: #24313a; stroke-opacity: .16; stroke-width: 1 }
  .ground { fill: #ffffff }
  .mark { fill-opacity: .55; stroke-width: 1.2 }
%s  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf2 }
    .axis, .grid { stroke: #e6edf2 }
    .ground { fill: #11181d }
%s  }
"""


def write_csv(name, points):
    with open(name, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEAD)
        for program, messages, page, milliseconds in points:
            writer.writerow([program, messages, page, "%.3f" % milliseconds])


def read_csv(name):
    with open(name, encoding="utf-8", newline="") as source:
        return [(row["program"], int(row["messages"]), row["page"], float(row["milliseconds"]))
                for row in csv.DictReader(source)]


def _mark(form, x, y, kind):
    if form == "circle":
        return '<circle class="mark %s" cx="%.1f" cy="%.1f" r="4"/>' % (kind, x, y)
    if form == "square":
        return '<rect class="mark %s" x="%.1f" y="%.1f" width="7" height="7"/>' % (kind, x - 3.5, y - 3.5)
    return '<path class="mark %s" d="M%.1f %.1fl4.5 8h-9z"/>' % (kind, x, y - 5)


def _ticks(low, high):
    """1, 2 and 5 of each power of ten."""
    ticks, power = [], math.floor(math.log10(low))
    while 10 ** power <= high:
        ticks += [step * 10 ** power for step in (1, 2, 5) if low <= step * 10 ** power <= high]
        power += 1
    return ticks


def _shift(messages, number):
    """Points of one size stand side by side, so that none hides another."""
    return ((number * 0.618) % 1 - 0.5) * 26


def write_svg(name, points):
    sizes = sorted({point[1] for point in points})
    x_low, x_high = sizes[0] / 1.8, sizes[-1] * 1.8
    times = [point[3] for point in points]
    y_low, y_high = min(times) / 2, max(max(times) * 2, min(times) * 20)

    def x_of(messages):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(messages / x_low) / math.log(x_high / x_low)

    def y_of(milliseconds):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (
            math.log(milliseconds / y_low) / math.log(y_high / y_low))

    programs = list(dict.fromkeys(point[0] for point in points))
    kinds = {program: "p%d" % number for number, program in enumerate(programs)}
    colours = [MARKS.get(program, ("#666666", "#bbbbbb", "circle")) for program in programs]
    rules = ["".join("%s.%s { fill: %s; stroke: %s }\n" % (indent, kinds[p], c[which], c[which])
                     for p, c in zip(programs, colours)) for which, indent in ((0, "  "), (1, "    "))]
    title = "Time to answer by size of the folder"
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">' % (
        WIDTH, HEIGHT, title), "<style>%s</style>" % (STYLE % tuple(rules)),
        '<rect class="ground" width="%d" height="%d" rx="8"/>' % (WIDTH, HEIGHT),
        '<text class="title" x="%d" y="28">%s</text>' % (LEFT, title)]
    for size in sizes:
        out.append('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (
            x_of(size), x_of(size), TOP, HEIGHT - BOTTOM))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (
            x_of(size), HEIGHT - BOTTOM + 20, "{:,}".format(size).replace(",", " ")))
    for tick in _ticks(y_low, y_high):
        out.append('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>' % (
            LEFT, WIDTH - RIGHT, y_of(tick), y_of(tick)))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%g ms</text>' % (LEFT - 8, y_of(tick) + 4, tick))
    out.append('<path class="axis" fill="none" d="M%d %dV%dH%d"/>' % (
        LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT))
    out.append('<text x="%d" y="%d" text-anchor="middle">messages in the folder</text>' % (
        (LEFT + WIDTH - RIGHT) // 2, HEIGHT - 14))
    for number, (program, messages, page, milliseconds) in enumerate(points):
        form = MARKS.get(program, ("", "", "circle"))[2]
        mark = _mark(form, x_of(messages) + _shift(messages, number), y_of(milliseconds), kinds[program])
        out.append(mark.replace("/>", "><title>%s, %d messages, %s: %.2f ms</title></%s>" % (
            escape(program), messages, escape(page), milliseconds, mark[1:mark.index(" ")])))
    x = LEFT + 5
    for program in programs:
        form = MARKS.get(program, ("", "", "circle"))[2]
        out.append(_mark(form, x, 50, kinds[program]))
        out.append('<text x="%d" y="54">%s</text>' % (x + 12, escape(program)))
        x += 8 * len(program) + 40
    out.append("</svg>")
    with open(name, "w", encoding="utf-8") as target:
        target.write("\n".join(out) + "\n")


if __name__ == "__main__":
    write_svg(sys.argv[2], read_csv(sys.argv[1]))
