"""The fonts that slides are set in: the pinned Noto families (``diotima models fetch fonts``) and those of a brand.

Never the machine's own, so that a film looks the same wherever it is made. Without the pinned ones, Typst's embedded
fonts do for Latin, Greek and Cyrillic.
"""

import hashlib
import struct
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import typst

# After the language's own families: whatever a text may hold besides.
FALLBACK = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Sans Math",
    "Noto Emoji",
    "Libertinus Serif",
    "New Computer Modern",
    "DejaVu Sans Mono",
)
MATHS = "New Computer Modern Math"
# What Typst's embedded fonts are relied on for where there is no file to ask.
_EMBEDDED = ((0x20, 0x24F), (0x370, 0x4FF), (0x2010, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F),
             (0x2190, 0x22FF), (0x25A0, 0x25FF), (0x1D400, 0x1D7FF), (0x2713, 0x2717))  # fmt: skip


@dataclass(frozen=True)
class FontSet:
    """``digest`` names the very bytes of the fonts; ``covered`` are the code points that they can draw."""

    fonts: typst.Fonts
    families: frozenset[str]
    digest: str
    covered: frozenset[int]

    def chain(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The families that are here of those wanted, then the fallbacks."""
        return tuple(dict.fromkeys(f for f in (*wanted, *FALLBACK) if f in self.families))

    def missing(self, text: str) -> str:
        """The characters that would come out as empty boxes, each once and in order."""
        return "".join(dict.fromkeys(c for c in text if ord(c) not in self.covered and _inked(c)))


def _inked(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn") and not "\ufe00" <= char <= "\ufe0f"


def load(*folders: Path | None) -> FontSet:
    """The fonts of these folders as one set; None and a folder that is not there hold none."""
    found = sorted(p for f in folders if f for p in f.rglob("*") if p.suffix.lower() in (".ttf", ".otf"))
    return _load(
        tuple(str(f) for f in folders if f and f.is_dir()),
        tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in found),
    )


@lru_cache(maxsize=8)
def _load(folders: tuple[str, ...], stamps: tuple[tuple[str, int, int], ...]) -> FontSet:
    digest = hashlib.sha256(version("typst").encode())
    covered = {c for first, last in _EMBEDDED for c in range(first, last + 1)}
    for name, _, _ in stamps:
        data = Path(name).read_bytes()
        digest.update(hashlib.sha256(data).digest())
        covered |= code_points(data)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=list(folders))
    return FontSet(fonts, frozenset(fonts.families()), digest.hexdigest(), frozenset(covered))


def code_points(font: bytes) -> set[int]:
    """The code points that a TrueType or OpenType font maps (its ``cmap``, formats 4 and 12); empty if unreadable."""
    try:
        return _code_points(font)
    except (struct.error, IndexError):
        return set()


def _code_points(font: bytes) -> set[int]:
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16)
    }
    cmap = tables[b"cmap"] if b"cmap" in tables else len(font)
    points: set[int] = set()
    for index in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", font, cmap + 4 + 8 * index + 4)[0]
        form = struct.unpack_from(">H", font, at)[0]
        if form == 12:
            for group in range(struct.unpack_from(">I", font, at + 12)[0]):
                first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
                points.update(range(first, last + 1))
        elif form == 4:
            count = struct.unpack_from(">H", font, at + 6)[0] // 2
            ends = struct.unpack_from(f">{count}H", font, at + 14)
            starts = struct.unpack_from(f">{count}H", font, at + 16 + 2 * count)
            for first, last in zip(starts, ends, strict=True):
                points.update(range(first, last + 1))
    return points - {0xFFFF}
