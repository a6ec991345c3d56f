"""The planted set of the guard: leaks and harmless sentences with their labels, read from ``bench/data``."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.grading.guard import Secret, together

FOLDER = Path(__file__).parent / "data"
_OPTION = re.compile(r"^([A-H])\) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Planted:
    """One sentence with what was said ``before`` it. ``earlier`` is another harmless sentence of the same item."""

    item: str
    split: str
    secret: Secret
    leaks: bool
    kind: str
    language: str
    sentence: str
    before: str = ""
    earlier: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that may be embedded for it."""
        pairs = [" ".join(read_with(earlier, self.sentence)) for earlier in (self.before, self.earlier) if earlier]
        wordings = [wording for idea in self.secret.ideas for wording in idea]
        found = [self.sentence, self.before, self.secret.question, *pairs, *wordings, *self.secret.answers]
        return tuple(text for text in (*found, *(text for _, text in self.secret.options)) if text)


def read_with(before: str, sentence: str) -> tuple[str, ...]:
    """The sentence, and ``before`` where there is one, as the guard reads them."""
    return together((before,) if before else (), sentence)


def planted() -> list[Planted]:
    """The set that is reported. Items of a type go by turns to ``dev`` and ``test``, in the order of the files."""
    turns: Counter[str] = Counter()
    found: list[Planted] = []
    for file in sorted(FOLDER.glob("guard_leaks_*.toml")):
        for data in _items(file):
            split = ("dev", "test")[turns[data["type"]] % 2]
            turns[data["type"]] += 1
            found += _planted(data, split)
    return found


def for_fitting() -> list[Planted]:
    """More, on other topics: to fit on, never reported."""
    files = sorted(FOLDER.glob("guard_train*.toml"))
    return [one for file in files for data in _items(file) for one in _planted(data, "train")]


def _items(file: Path) -> Iterable[dict[str, Any]]:
    items: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["item"]
    return items


def _planted(data: dict[str, Any], split: str) -> Iterable[Planted]:
    secret = _secret(data)
    earlier: dict[str, str] = {}
    for key in ("leaks", "fine"):
        for line in data[key].strip().splitlines():
            head, _, text = line.partition(" | ")
            kind, language = head.split()
            before, _, sentence = text.rpartition(" || ")
            said = earlier.get(language, "") if key == "fine" else ""
            yield Planted(data["id"], split, secret, key == "leaks", kind, language, sentence, before, said)
            if key == "fine":
                earlier[language] = sentence


def _secret(data: dict[str, Any]) -> Secret:
    """As ``secret_of`` makes it of an item: a short answer has ideas and no answers."""
    answers = tuple(data.get("answers", ()))
    if data["type"] == "short_answer":
        answers = ()
    elif data["type"] == "ordering":
        answers = tuple("; ".join(answer.split(", ")) for answer in answers)
    return Secret(
        data["prompt"],
        answers,
        tuple(tuple(idea) for idea in data["ideas"]),
        data.get("language", "en"),
        data["type"],
        tuple(_OPTION.findall(data["prompt"])),
        covered=tuple((idea,) for idea in data.get("covered", ())),
    )
