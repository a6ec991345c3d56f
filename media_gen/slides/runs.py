"""Text of a lesson as the runs that the template sets, and how runs are measured, broken and divided. Pure."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from media_gen import inline
from media_gen.slides import latex

Runs = list[dict[str, Any]]

LONGEST_WORD = 22  # letters; a longer word may be broken anywhere
_PIECE = 9
_WORDY = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u30ff]")
_SENTENCE_END = re.compile(r"[.!?;:。！？；：؟।…]['\"”»)\]]*\s*$")
_COMMA_END = re.compile(r"[,،、，]\s*$")
SOFT_HYPHEN, ZERO_SPACE = "\u00ad", "\u200b"


def of(text: str) -> Runs:
    """The runs of inline Markdown: ``k`` is text, code or maths; ``s`` the text, ``tree`` the formula."""
    return [_run(run) for run in inline.parse(text)]


def verbatim(text: str) -> Runs:
    return [{"k": "text", "s": breakable(text)}] if text else []


def _run(run: inline.Run) -> dict[str, Any]:
    made: dict[str, Any] = {"k": run.kind}
    if run.kind == "maths":
        made["tree"] = latex.parse(run.text)
        made["s"] = run.text
    else:
        made["s"] = breakable(run.text)
    for name, value in (("strong", run.strong), ("emphasis", run.emphasis), ("link", bool(run.address))):
        if value:
            made[name] = True
    return made


def plain(runs: Runs) -> str:
    return "".join(r["s"] for r in runs).replace(ZERO_SPACE, "").replace(SOFT_HYPHEN, "")


def letters(runs: Runs) -> str:
    """What is set, formulas by their symbols: for the check of glyphs."""
    return "".join(latex.characters(r["tree"]) if r["k"] == "maths" else r["s"] for r in runs)


@lru_cache(maxsize=4096)
def breakable(text: str) -> str:
    """The text with places to break in what is longer than ``LONGEST_WORD``: after signs, else inside the word."""
    return _WORDY.sub(lambda found: _broken(found[0]), text.replace("\x00", "\ufffd"))


def _broken(word: str) -> str:
    parts: list[str] = []
    since = 0
    for at, char in enumerate(word):
        parts.append(char)
        since += 1
        following = word[at + 1 : at + 2]
        if not following or unicodedata.combining(following) or unicodedata.category(following) in ("Mn", "Mc", "Cf"):
            continue
        if char in "/.,:;?&=_-+@#%|" and following not in "/.,:;?&=":
            parts.append(ZERO_SPACE)
            since = 0
        elif since >= _PIECE and char not in (SOFT_HYPHEN, ZERO_SPACE) and not _WIDE.match(char):
            parts.append(SOFT_HYPHEN if char.isalpha() and following.isalpha() else ZERO_SPACE)
            since = 0
    return "".join(parts)


def words(runs: Runs, most: int = 4) -> list[str]:
    """The longest pieces that can't be broken, for measuring how narrow a place may be."""
    pieces: set[str] = set()
    for run in runs:
        if run["k"] == "maths":
            pieces.add("x" * min(12, len(latex.characters(run["tree"]))))
            continue
        for piece in re.split(rf"[\s{SOFT_HYPHEN}{ZERO_SPACE}\-]+", run["s"]):
            pieces.update([piece[:2]] if _WIDE.search(piece) else [piece])
    return sorted(pieces - {""}, key=lambda piece: (-len(piece), piece))[:most]


def halves(runs: Runs) -> tuple[Runs, Runs] | None:
    """Two parts of about one length, divided between sentences if one ends near the middle; None: it is one word."""
    length = sum(len(r["s"]) for r in runs)
    best: tuple[float, int, int] | None = None  # (cost, run, place in it)
    before = 0
    for index, run in enumerate(runs):
        text = run["s"] if run["k"] == "text" else ""
        for place in [0, *_places(text)]:
            at = before + place
            if not 0 < at < length:
                continue
            head = text[:place] if place else (runs[index - 1]["s"] if index else "")
            bonus = 0.3 if _SENTENCE_END.search(head[-6:]) else 0.1 if _COMMA_END.search(head[-3:]) else 0.0
            cost = abs(at / length - 0.5) - bonus
            if best is None or cost < best[0]:
                best = (cost, index, place)
        before += len(run["s"])
    if best is None:
        return None
    _, index, place = best
    left = [*runs[:index], *([{**runs[index], "s": runs[index]["s"][:place].rstrip()}] if place else [])]
    rest = {**runs[index], "s": runs[index]["s"][place:].lstrip()}
    return left, [rest, *runs[index + 1 :]]


def _places(text: str) -> list[int]:
    """Where a text may be divided: after spaces, and around characters of scripts without spaces."""
    spaces = [found.end() for found in re.finditer(rf"[\s{ZERO_SPACE}{SOFT_HYPHEN}]+", text)]
    wide = [
        found.end()
        for found in _WIDE.finditer(text)
        if text[found.end() : found.end() + 1] and text[found.end()] not in "，。、；：？！）」』”’》〉】…"
    ]
    return sorted({p for p in (*spaces, *wide) if 0 < p < len(text)})
