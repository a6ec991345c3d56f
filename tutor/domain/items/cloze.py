"""Cloze: a text with blanks, filled by typing or from a word bank."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge

TYPE = "cloze"
_BLANK = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Cloze:
    """``text`` holds ``{{1}}``, ``{{2}}``, ... where ``blanks[0]``, ``blanks[1]``, ... belong: each blank's accepted
    words, the best first. ``options`` is a word bank, right words and others."""

    text: str
    blanks: tuple[tuple[str, ...], ...]
    options: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        return TYPE

    @property
    def parts(self) -> tuple[str, ...]:
        """The text around the blanks: one part more than there are blanks."""
        return tuple(_BLANK.split(self.text)[::2])


def read(data: Mapping[str, Any], where: str) -> Cloze:
    """From ``text`` with the accepted words in place, ``{{carbon dioxide|CO2}}``; in a hint, whose own ``text`` is what
    it says, from ``cloze``. Raises ``BadItem``."""
    key = "cloze" if "cloze" in data else "text"
    written = fields.text(data, key, where)
    blanks: list[tuple[str, ...]] = []

    def numbered(match: re.Match[str]) -> str:
        words = tuple(word.strip() for word in match[1].split("|"))
        if not all(words):
            raise BadItem(f"{where}: {key}: a blank has an empty answer: {match[0]}")
        blanks.append(words)
        return "{{" + str(len(blanks)) + "}}"

    text = _BLANK.sub(numbered, written)
    if not blanks:
        raise BadItem(f"{where}: {key}: no blank; write its answers as {{{{one|another}}}}")
    body = Cloze(text, tuple(blanks), fields.texts(data, "options", where))
    if body.options:
        for words in body.blanks:
            if not set(words) & set(body.options):
                raise BadItem(f"{where}: options: none of them fills the blank {' | '.join(words)}")
    return body


def write(body: Cloze) -> dict[str, Any]:
    filled = iter(body.blanks)
    text = _BLANK.sub(lambda _: "{{" + "|".join(next(filled)) + "}}", body.text)
    return fields.without_blanks({"text": text, "options": list(body.options)})


def grade(body: Cloze, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    raise NotImplementedError


def card(body: Cloze, item: Item, seed: str) -> dict[str, Any]:
    """The word bank is in alphabetical order, which tells nothing."""
    return {"type": TYPE, "parts": list(body.parts), "options": sorted(set(body.options), key=str.casefold)}


def answers(body: Cloze, item: Item) -> tuple[str, ...]:
    """Every accepted word, and the filled text."""
    words = [word for blank in body.blanks for word in blank]
    return tuple(dict.fromkeys([*words, _filled(body, "")]))


def solution(body: Cloze, item: Item) -> str:
    """The text with its blanks filled, in bold."""
    return _filled(body, "**")


def _filled(body: Cloze, mark: str) -> str:
    filled = iter(body.blanks)
    return _BLANK.sub(lambda _: f"{mark}{next(filled)[0]}{mark}", body.text)


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
