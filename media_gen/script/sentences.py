"""Sentences: the unit of narration, speech and captions.

A sentence ends at ``.``, ``?``, ``!`` or an ellipsis that is followed by a space and by something that can begin a
sentence, and at the full stops of Hindi, Arabic, Chinese and Japanese (the last two need no space). Abbreviations,
initials, decimals, list numbers and German ordinals end nothing; nor does anything inside code, maths or a link.
Pure and linear in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from media_gen.inline import Run, tidy

# Never the end of a sentence: a name or more of the sentence follows.
_OPEN: dict[str, str] = {
    "": "dr mr mrs ms prof st sr sra vs cf",
    "en": "e.g i.e viz messrs gen col capt lt gov sen rep hon rev",
    "es": "p.ej d dña dra srta ud uds",
    "fr": "m mm mme mlle p.ex",
    "de": "z.b d.h u.a o.ä bzw evtl ggf vgl sog inkl bspw hr fr",
    "it": "p.es ad.es sig sig.ra dott dott.ssa ing avv",
    "pt": "p.ex srta dra profa v.ex",
    "hi": "डॉ श्री प्रो",
    "ar": "د أ",
}
# Not the end where a number follows.
_BEFORE_NUMBER = (
    "no nos fig figs p pp ch chap chs sec eq eqs vol ca approx aprox est min max temp nr abb s str núm pág págs pag cap"
    " art t réf n º"
)
# May be the end: it is one where a capital letter follows.
_CLOSE: dict[str, str] = {
    "": "etc al a.m p.m u.s u.k e.u a.d b.c ph.d inc ltd co corp jr",
    "es": "ee.uu a.c d.c s.a",
    "fr": "av.j.-c apr.j.-c",
    "de": "usw u.s.w",
    "it": "ecc a.c d.c",
    "pt": "a.c d.c s.a",
}
_ATOM = re.compile(
    r"(?P<ticks>`{1,8})(?!`)[^`]{1,400}(?P=ticks)|\$[^$\n]{1,400}\$|\[[^\[\]\n]{0,400}\]\([^()\n]{0,400}\)"
)
_END = re.compile(r"(?<![.?!…؟۔।॥])[.?!…؟۔।॥]++[\"'»”’)\]*_]*+(?=\s)|(?<![。！？｡])[。！？｡]++[」』”’）》*_]*+")
_WORD_BEFORE = re.compile(r"[^\s(\[«“\"'*_]+\Z")
_NEXT = re.compile(r"[\s\"'«“‘(\[*_¿¡—–-]*(.?)")
_MARK = re.compile(r"[.?!…؟۔।॥。！？｡]")
_SPACES = re.compile(r"\s+")


def split(text: str, language: str = "en") -> tuple[str, ...]:
    """The sentences of one paragraph, in order; joined with spaces they are the paragraph."""
    text = _SPACES.sub(" ", text).strip()
    ends = _ends_of(text, _atoms(text), language)
    return tuple(part for a, b in zip((0, *ends), (*ends, len(text)), strict=True) if (part := text[a:b].strip()))


def split_runs(runs: Sequence[Run], language: str = "en") -> tuple[tuple[Run, ...], ...]:
    """The same for the runs of ``media_gen.inline``: emphasis that spans two sentences is given to both."""
    flat = "".join(run.text if run.kind == "text" and not run.address else _mask(run) for run in runs)
    ends = _ends_of(flat, bytes(len(flat)), language)
    found: list[list[Run]] = [[]]
    at = 0
    for run in runs:
        inside = [end - at for end in ends if at < end < at + len(run.text)]
        for a, b in zip((0, *inside), (*inside, len(run.text)), strict=True):
            found[-1].append(replace(run, text=run.text[a:b]))
            if at + b in ends:
                found.append([])
        at += len(run.text)
    return tuple(tidied for sentence in found if (tidied := tidy(sentence)))


def _mask(run: Run) -> str:
    return _MARK.sub("\ufffc", run.text) if run.kind == "text" else "\ufffc" * len(run.text)


def _ends_of(text: str, kept: bytes | bytearray, language: str) -> list[int]:
    """Where sentences end within the text, its own end left out."""
    primary = language.partition("-")[0].lower()
    found: list[int] = []
    for end in _END.finditer(text):
        start = found[-1] if found else 0
        if end.end() < len(text) and not kept[end.start()] and _ends(text, start, end, primary):
            found.append(end.end())
    return found


def _atoms(text: str) -> bytearray:
    """1 for every character inside code, maths or a link."""
    kept = bytearray(len(text) + 1)
    for atom in _ATOM.finditer(text):
        kept[atom.start() : atom.end()] = b"\x01" * (atom.end() - atom.start())
    return kept


def _ends(text: str, start: int, end: re.Match[str], language: str) -> bool:
    mark = end[0][0]
    if mark in "。！？｡؟۔।॥":
        return True
    following = _NEXT.match(text, end.end())
    after = following[1] if following else ""
    if after.islower() or not after:
        return False
    if mark != "." or end[0].startswith(".."):
        return True
    found = _WORD_BEFORE.search(text, max(start, end.start() - 40), end.start())
    word = found[0].lower().strip("\\") if found else ""
    if not word or word in _words(language)[0]:
        return False
    if after.isdigit() and word in _words(language)[2]:
        return False
    if word in _words(language)[1]:
        return after.isupper()
    if len(word) == 1 and found and found[0].isupper():
        return False  # an initial
    if word.isdigit():
        is_first = not text[start : end.start() - len(word)].strip(" *_([")
        ordinal = language == "de" and len(word) <= 2
        return not is_first and not ordinal
    return True


@cache
def _words(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The abbreviations of ``_OPEN``, ``_CLOSE`` and ``_BEFORE_NUMBER``."""
    return _table(_OPEN, language), _table(_CLOSE, language), frozenset(_BEFORE_NUMBER.split())


def _table(tables: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(tables[""].split()) | frozenset(tables.get(language, "").split())
