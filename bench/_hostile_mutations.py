"""How files are spoiled for ``bench.hostile_files``: at random, and as people do who mean harm.

Each mutation takes a seed's ending and bytes, a random generator and the trap (a secret file and an address that nobody
may reach), and gives the ending and bytes of a hostile file.
"""

from __future__ import annotations

import io
import random
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bench._hostile_seeds import encrypted_pdf, scan, seeds, zipped

OFFICE = (".docx", ".pptx", ".ppsx", ".epub")
LARGE = 60_000_000  # bytes that a bomb unpacks to, and ten times as many in a zip of several


@dataclass(frozen=True)
class Trap:
    """``secret`` is the path of a file outside of the course, ``address`` a URL that answers on this machine."""

    secret: str
    address: str


Spoilt = tuple[str, bytes]
Mutation = Callable[[str, bytes, random.Random, Trap], Spoilt]


def flipped(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    out = bytearray(data)
    for _ in range(rng.choice((1, 4, 16, 64, 400))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return suffix, bytes(out)


def truncated(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    return suffix, data[: rng.randrange(len(data))]


def spliced(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    other = rng.choice(list(seeds().values()))
    return suffix, data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def stuffed(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    at = rng.randrange(len(data))
    middle = rng.choice((rng.randbytes(2000), b"\x00" * 5000, b"A" * 100_000, data[at : at + 4000] * 20, b"\xff\xfe"))
    return suffix, data[:at] + middle + data[at + rng.choice((0, len(middle))) :]


def renamed(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    return rng.choice(list(seeds())), data


def tiny(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    return suffix, rng.choice((b"", b" ", b"\x00", b"\n" * 100, data[:1], data[:8], b"\xef\xbb\xbf", b"\xff\xfe"))


def random_bytes(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    return suffix, data[: rng.choice((0, 4, 8, 64))] + rng.randbytes(rng.choice((10, 1000, 100_000)))


def numbered(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Sizes, counts and places that are not true."""
    places = list(re.finditer(rb"\d+", data))
    if not places or suffix in (*OFFICE, ".zip"):
        return headed(suffix, data, rng, trap)
    out = data
    for place in sorted(rng.sample(places, min(len(places), 5)), key=lambda each: -each.start()):
        number = rng.choice((b"999999999999", b"-1", b"0", b"2147483647", b"4294967296", b"1e308"))
        out = out[: place.start()] + number + out[place.end() :]
    return suffix, out


def headed(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """A zip whose headers lie about sizes."""
    marks = [each.start() for each in re.finditer(rb"PK\x01\x02|PK\x03\x04", data)]
    if not marks:
        return flipped(suffix, data, rng, trap)
    out = bytearray(data)
    for at in rng.sample(marks, min(3, len(marks))):
        offset = at + (20 if out[at + 2] == 1 else 18) + rng.choice((0, 4))
        if offset + 4 <= len(out):
            struct.pack_into("<I", out, offset, rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 50_000_000)))
    return suffix, bytes(out)


def deep(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Spoilt inside: one part of the package is mutated and packed again."""
    if suffix not in (*OFFICE, ".zip"):
        return flipped(suffix, data, rng, trap)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    name = rng.choice(list(parts))
    change = rng.choice((flipped, truncated, stuffed, tiny))
    parts[name] = change("", parts[name] or b"x", rng, trap)[1]
    if rng.random() < 0.2:
        parts.pop(rng.choice(list(parts)))
    return suffix, zipped(parts)


def nested(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Deeper than anybody wrote."""
    depth = rng.choice((1_000, 20_000, 200_000))
    match suffix:
        case ".html" | ".xhtml":
            return suffix, b"<div>" * depth + b"x" + b"</div>" * depth
        case ".ipynb":
            return suffix, b'{"cells":' + b"[" * depth + b"]" * depth + b"}"
        case ".md" | ".txt":
            return suffix, rng.choice((b"> ", b"[", b"\\[x", b"![](", b"**", b"<b>", b"`", b"- ")) * (depth // 8)
        case ".csv" | ".tsv":
            return suffix, b",".join([b"x"] * depth) + b"\n" + b'"' * depth
        case ".vtt" | ".srt":
            return suffix, data + b"<b>" * depth + b"1\n00:00:00.000 --> 99:99:99.999\n" * (depth // 20)
        case ".pdf":
            return suffix, data.replace(b"/Kids", b"/Kids" + b"[" * depth, 1)
    return _with_part(suffix, data, lambda xml: xml + b"<a>" * depth)


def bomb(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Small, until it is unpacked."""
    if suffix == ".pdf":
        return suffix, _pdf_bomb()
    if suffix == ".zip":
        return suffix, rng.choice((_zip_bomb, _many_entries, _overlapping))()
    if suffix in OFFICE:
        return _with_part(suffix, data, lambda xml: xml + b" " * LARGE)
    return suffix, data * min(4000, 3_000_000 // len(data))


def entity(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """XML that wants to grow, or to read what it has no business with."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 100}">' for n in range(12))
    declared = rng.choice(
        (
            f"<!DOCTYPE x [{laughs}]>",
            f'<!DOCTYPE x [<!ENTITY l11 SYSTEM "file://{trap.secret}">]>',
            f'<!DOCTYPE x [<!ENTITY l11 SYSTEM "{trap.address}">]>',
            f'<!DOCTYPE x SYSTEM "{trap.address}/x.dtd">',
        )
    ).encode()
    if suffix == ".pdf":
        return suffix, data.replace(
            b"/Type /Catalog", b"/OpenAction << /S /URI /URI (%s) >> /Type /Catalog" % trap.address.encode(), 1
        )
    if suffix not in OFFICE:
        links = f'<img src="{trap.address}/i.png"><link rel=stylesheet href="{trap.address}"><iframe src="file://{trap.secret}">'
        return suffix, declared + data + links.encode() + b"&l11;" * 5

    def change(xml: bytes) -> bytes:
        head, mark, rest = xml.partition(b"?>")
        xml = head + mark + declared + rest if mark else declared + xml
        return xml.replace(b"Cells", b"&l11;")

    return _with_part(suffix, data, change)


def climbing(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Entries that lead out of the archive."""
    names = [
        "../canary.md",
        "../../../../../../canary.md",
        "/canary.md",
        "..\\canary.md",
        "C:\\canary.md",
        trap.secret,
        "a/../../b.md",
    ]
    names += [
        "x" * 300 + ".md",
        "a\x00b.md",
        "con.md",
        ".\u202edm.exe.md",
        "/".join("d" * 40) + ".md",
        "a.md/b.md",
        "a.md",
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        if suffix in OFFICE:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for old in archive.infolist():
                    made.writestr(old, archive.read(old))
        for name in names if rng.random() < 0.5 else rng.sample(names, 4):
            made.writestr(name, b"# Climbed\n\nOut.")
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, trap.secret)
        made.writestr("fine.md", b"# Fine\n\nWithin.")
    return (suffix if suffix in OFFICE else ".zip"), out.getvalue()


def locked(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """Protected by a password."""
    if suffix == ".pdf":
        return suffix, _encrypted_pdf()
    if suffix not in (*OFFICE, ".zip"):
        return suffix, rng.randbytes(5000)
    if suffix != ".zip":
        return suffix, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(2000) + "EncryptedPackage".encode(
            "utf-16-le"
        )
    out = bytearray(data)
    for each in re.finditer(rb"PK\x01\x02|PK\x03\x04", data):
        out[each.start() + (8 if data[each.start() + 2] == 1 else 6)] |= 1
    return suffix, bytes(out)


def armed(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """With macros, or of a kind that has them."""
    if suffix not in (".docx", ".pptx"):
        return rng.choice((".docm", ".doc", ".pptm")), data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    folder = "word" if suffix == ".docx" else "ppt"
    return rng.choice((suffix, suffix[:-1] + "m")), zipped({**parts, f"{folder}/vbaProject.bin": rng.randbytes(500)})


def pictured(suffix: str, data: bytes, rng: random.Random, trap: Trap) -> Spoilt:
    """A scan, spoilt or not."""
    return (".pdf", scan()) if rng.random() < 0.3 else flipped(".pdf", scan(), rng, trap)


MUTATIONS: tuple[tuple[Mutation, int], ...] = (
    (flipped, 16),
    (truncated, 10),
    (spliced, 8),
    (stuffed, 8),
    (renamed, 6),
    (tiny, 4),
    (random_bytes, 4),
    (numbered, 10),
    (headed, 4),
    (deep, 12),
    (nested, 5),
    (bomb, 4),
    (entity, 6),
    (climbing, 4),
    (locked, 3),
    (armed, 3),
    (pictured, 2),
)


def _with_part(suffix: str, data: bytes, change: Callable[[bytes], bytes]) -> Spoilt:
    if suffix not in OFFICE:
        return suffix, change(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    main = next(n for n in parts if n.endswith(("word/document.xml", "slides/slide1.xml", "a.xhtml")))
    return suffix, zipped({**parts, main: change(parts[main])})


@cache
def _encrypted_pdf() -> bytes:
    return encrypted_pdf()


@cache
def _pdf_bomb() -> bytes:
    content = zlib.compress(b"BT (x) Tj ET " * (LARGE // 13), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9e9 1e-9] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(content) + content + b"\nendstream",
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = (
        b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
    )
    return out + tail


@cache
def _zip_bomb() -> bytes:
    return zipped({f"{n}.md": b" " * LARGE for n in range(4)} | {"fine.md": b"# Fine\n\nWithin."})


@cache
def _many_entries() -> bytes:
    return zipped({f"{n}.md": b"# A" for n in range(6_000)})


@cache
def _overlapping() -> bytes:
    """Many entries that share one body."""
    one = zipped({"a.txt": b" " * 5_000_000})
    local, rest = one[: one.index(b"PK\x01\x02")], one[one.index(b"PK\x01\x02") :]
    entry = rest[: rest.index(b"PK\x05\x06")]
    count = 2_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + end
