# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to attach, made on the spot: pictures, a PDF of a page, archives."""
import gzip
import io
import math
import struct
import tarfile
import zipfile
import zlib


def png(width, height, pixel):
    """pixel(x, y) with both in 0..1 gives (red, green, blue)."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(max(0, min(255, int(c))) for c in pixel(x / width, y / height))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(rows), 6)) + chunk(b"IEND", b""))


def mountains(seed=0, width=208, height=130):
    """An evening sky over two ridges."""
    def pixel(x, y):
        far = 0.55 + 0.08 * math.sin(7 * x + seed) + 0.04 * math.sin(19 * x + 2 * seed)
        near = 0.72 + 0.07 * math.sin(5 * x + 2 + seed) + 0.03 * math.sin(23 * x + seed)
        if y > near:
            return 22, 52, 48
        if y > far:
            return 58, 88, 104
        sun = math.hypot(x - 0.7, (y - 0.42) * height / width)
        if sun < 0.05:
            return 255, 226, 170
        glow = max(0.0, 0.35 - sun) * 200
        return 120 + 130 * y + glow, 140 + 60 * y + glow / 2, 190 - 60 * y
    return png(width, height, pixel)


def floor_plan(width=220, height=160):
    """Rooms along a corridor, one of them marked."""
    def pixel(x, y):
        wall = (min(x, 1 - x) < 0.02 or min(y, 1 - y) < 0.03 or abs(y - 0.42) < 0.012
                or abs(y - 0.58) < 0.012)
        room = (x * 6) % 1 < 0.06 and not 0.42 < y < 0.58
        door = abs((x * 6) % 1 - 0.5) < 0.15 and (abs(y - 0.42) < 0.02 or abs(y - 0.58) < 0.02)
        if (wall or room) and not door:
            return 50, 60, 70
        if 3 / 6 < x < 4 / 6 and y < 0.42:
            return 190, 226, 214
        return 250, 249, 245
    return png(width, height, pixel)


def plot(seed=3, width=240, height=150):
    """A measured curve over a grid."""
    def pixel(x, y):
        curve = 0.55 - 0.3 * math.exp(-3 * x) * math.cos(18 * x + seed) - 0.05 * math.sin(60 * x)
        if abs(y - curve) < 0.012:
            return 18, 97, 90
        if abs(y - 0.55) < 0.004 or x < 0.01:
            return 40, 40, 40
        return (232, 232, 228) if (x * 10) % 1 < 0.03 or (y * 8) % 1 < 0.04 else (255, 255, 255)
    return png(width, height, pixel)


def pdf(title, lines):
    """One page of Helvetica; `lines` in Latin-1."""
    def escaped(text):
        return (text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                .encode("cp1252", "replace"))
    content = b"BT /F1 20 Tf 72 760 Td (" + escaped(title) + b") Tj /F1 11 Tf 0 -34 Td 15 TL\n"
    content += b"".join(b"(" + escaped(line) + b") Tj T*\n" for line in lines) + b"ET\n"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
               b"/Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
               b"<< /Title (" + escaped(title) + b") >>"]
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n"
                  % (len(objects) + 1, table))


def tar_gz(files):
    """{name: text or bytes}"""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            data = data.encode("utf-8") if isinstance(data, str) else data
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1700000000
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=1700000000)


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 9, 0, 0)), data)
    return packed.getvalue()
