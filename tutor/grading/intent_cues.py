"""Cues: the words and phrases that tell what a message is, and where in a message they count.

The phrases are data (``data/intent_cues.toml``), by kind and language; all languages are looked for at once, because
learners mix them. Long messages cost no more than short ones: only their first and last characters are looked at.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CUES = Path(__file__).parent / "data" / "intent_cues.toml"
WORDS = Path(__file__).parent / "data" / "intent_words.toml"
HEAD, TAIL = 1200, 400  # characters looked at: an injection hides at an end more often than in the middle

# Latin and Greek accents, Arabic vowel signs and hamza, the tatweel: typed or not, the word is the same. Marks of
# Indic scripts are vowels and stay.
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0655\u0670\u0640]")
_LETTERS = str.maketrans({"ى": "ي", "ة": "ه", "ß": "ss", "’": "", "'": "", "ʼ": "", "؟": "?", "،": ","})
_MANY_MARKS = re.compile(r"[?？]{2,}")
_JOINED = re.compile(r"(?<=[^\W\d_]{2})_(?=[^\W\d_]{2})")
_QUOTE_FOR_APOSTROPHE = re.compile(r"(?<=[a-z])[\"´`](?=[a-z])")
DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
# How English is typed in a hurry; a lone "u" is "you" before a word, and a variable elsewhere.
SHORT = {"gimme": "give me", "lemme": "let me", "wanna": "want to", "plz": "please", "pls": "please", "u": "you"}
_TYPED_SHORT = re.compile(r"\b(?:gimme|lemme|wanna|pl[sz]|u(?= [a-z]{3}))\b")
_WORD = re.compile(r"[\w\u0900-\u0dff\u0e00-\u0e7f]+")
_STOP = re.compile(r"[.,;:!?¿¡…\n–—-]")
SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def normalised(text: str) -> str:
    """Lower case, without accents and apostrophes, drawn-out letters shortened ("pleeease" is "please")."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    folded = unicodedata.normalize("NFKD", text.lower())
    folded = unicodedata.normalize("NFC", _MARKS.sub("", folded)).translate(_LETTERS)
    folded = _MANY_MARKS.sub("?", folded)
    folded = _JOINED.sub(" ", folded)
    folded = _QUOTE_FOR_APOSTROPHE.sub("", folded)
    folded = " ".join(DRAWN_OUT.sub(r"\1", folded).split())
    return _TYPED_SHORT.sub(lambda match: SHORT[match[0]], folded)


def words(folded: str) -> list[str]:
    """The words of a ``normalised`` text."""
    return _WORD.findall(folded)


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    with WORDS.open("rb") as file:
        return {name: frozenset(words) for name, words in tomllib.load(file).items()}


def listed(name: str) -> frozenset[str]:
    """The words listed under ``name`` in ``data/intent_words.toml``. Raises ``KeyError``."""
    return _lists()[name]


@dataclass(frozen=True, slots=True)
class Found:
    """A cue in a message: its kind, the words it takes up, and whether a clause begins or ends with it."""

    kind: str
    start: int
    end: int
    opens: bool = False
    closes: bool = False


# Where some cues must stand to count: "the plants which ..." asks nothing.
PLACED: Mapping[str, Callable[[Found, list[str]], bool]] = {
    "lead": lambda cue, tokens: cue.start == 0,
    "wh": lambda cue, tokens: cue.start <= 1 or cue.opens or (cue.start == 2 and cue.end == len(tokens)),
    "whaux": lambda cue, tokens: cue.start <= 1 or cue.opens,
    "polar": lambda cue, tokens: cue.start <= 1 or cue.opens,
    "tag": lambda cue, tokens: cue.start > 0 and cue.end == len(tokens),
    "but": lambda cue, tokens: cue.start > 0,
    "greet": lambda cue, tokens: cue.start <= 1,
    # "sí, ..." confirms and "si ..." is a condition; "no, ..." denies and "no hay ..." states.
    "no": lambda cue, tokens: (cue.start <= 1 and cue.closes) or cue.end - cue.start > 1,
    "yes": lambda cue, tokens: (cue.start <= 1 and cue.closes) or cue.end - cue.start > 1,
    "hint": lambda cue, tokens: len(tokens) <= 6 or cue.start <= 5 or cue.end - cue.start > 1,
    "explain": lambda cue, tokens: cue.opens or cue.start <= 4 or cue.end - cue.start > 1,
}
# Kinds of cue that statements are full of.
STATING = frozenset({"say", "hedge", "lead", "me", "you", "but", "when", "number"})


class Cues:
    """The phrases of ``intent_cues.toml``, found in one pass over the words."""

    def __init__(self, phrases: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self.kinds = tuple(phrases)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._unspaced: list[tuple[str, str]] = []
        for kind, languages in phrases.items():
            for language, listed in languages.items():
                for phrase in listed:
                    self._add(kind, normalised(phrase), language)

    def _add(self, kind: str, phrase: str, language: str) -> None:
        if _CJK.search(phrase):
            self._unspaced.append((phrase, kind))
            return
        tokens = tuple(words(phrase))
        if not tokens:
            raise ValueError(f"empty cue of kind {kind!r}")
        # Arabic writes "and" and "so" onto the next word.
        firsts = (tokens[0], "و" + tokens[0], "ف" + tokens[0]) if language == "ar" else tokens[:1]
        for first in firsts:
            self._by_first.setdefault(first, []).append(((first, *tokens[1:]), kind))

    def find(self, folded: str, tokens: list[str]) -> Iterator[Found]:
        clauses = _clauses(folded)
        for start, token in enumerate(tokens):
            for phrase, kind in self._by_first.get(token, ()):
                if len(phrase) == 1 or tuple(tokens[start : start + len(phrase)]) == phrase:
                    end = start + len(phrase)
                    yield Found(kind, start, end, start in clauses, end in clauses or end == len(tokens))
        if self._unspaced and _CJK.search(folded):
            bare = folded.strip(" .,!?。，！？")
            for text, kind in self._unspaced:
                if text in bare:
                    # Without spaces the whole message is one word: place and coverage are told by the characters.
                    whole = 2 * len(text) > len(bare)
                    first = 0 if whole or bare.startswith(text) else len(tokens) - 1
                    yield Found(kind, max(first, 0), len(tokens), whole, whole)


def _clauses(folded: str) -> frozenset[int]:
    """The places of the words that begin a clause: the first, and those after a stop, a comma or a joining word."""
    begun = {0}
    end = 0
    joined = False
    joining_words = listed("joining")
    for place, match in enumerate(_WORD.finditer(folded)):
        if joined or _STOP.search(folded, end, match.start()):
            begun.add(place)
        joined = match[0] in joining_words
        end = match.end()
    return frozenset(begun)


@lru_cache(maxsize=1)
def cues() -> Cues:
    with CUES.open("rb") as file:
        return Cues(tomllib.load(file))


def is_marked(folded: str) -> bool:
    """Whether it ends in a question mark."""
    return folded.rstrip(" .!)'\"»”").endswith(("?", "？"))


def _counts(cue: Found, tokens: list[str], marked: bool) -> bool:
    """An interrogative counts anywhere before a question mark, and in Hindi, which leaves it where the answer goes."""
    if cue.kind in ("wh", "whaux") and (marked or "\u0900" <= tokens[cue.start][0] <= "\u097f"):
        return True
    return cue.kind not in PLACED or PLACED[cue.kind](cue, tokens)


def heard(folded: str, tokens: list[str]) -> list[Found]:
    """The cues that count: those that stand where they must, and not inside a longer one that states something."""
    marked = is_marked(folded)
    found = [cue for cue in cues().find(folded, tokens) if _counts(cue, tokens, marked)]
    stated = [cue for cue in found if cue.kind in STATING and cue.end - cue.start > 1]
    if not stated:
        return found
    return [
        cue
        for cue in found
        if not any(s.start <= cue.start and cue.end <= s.end and s.end - s.start > cue.end - cue.start for s in stated)
    ]


def is_polar(question: str) -> bool:
    """Whether the question can be answered by yes or no alone: one of its questions has no interrogative."""
    for sentence in SENTENCE.findall(normalised(question[:2000])):
        if sentence.endswith("?"):
            tokens = words(sentence)
            found = {cue.kind for cue in cues().find(sentence, tokens)}
            if tokens and found.isdisjoint({"wh", "whaux", "when"}) and " or " not in sentence:
                return True
    return False
