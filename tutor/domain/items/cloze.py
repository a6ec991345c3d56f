"""Cloze: a text with blanks, filled by typing or from a word bank."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.spelling import is_slip
from tutor.domain.mathematics.accept import judge as judge_mathematics
from tutor.domain.mathematics.words import plain_words

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
    """Blank by blank: capitals and accents don't matter, nor does a slip in a longer word (``spelling.is_slip``) unless
    it makes another word of the item. ``covered`` and ``missing`` are numbers of blanks."""
    given = _fillings(body, answer)
    if not any(given):
        return Verdict("unparsed")
    known = _known_terms(body, item)
    right = [_fills(text, words, known, item, answer) for text, words in zip(given, body.blanks, strict=True)]
    covered = tuple(str(at) for at, one in enumerate(right, start=1) if one)
    missing = tuple(str(at) for at, one in enumerate(right, start=1) if not one)
    note = "spelling" if "slip" in right else ""
    if not missing:
        return Verdict("correct", 1.0, 1.0, covered, note=note)
    credit = len(covered) / len(right)
    said = "; ".join(given)
    shown = _misconception(item, given, right)
    if shown is not None:
        name, word = shown
        return Verdict("misconception", 0.0, credit, covered, missing, misconception=name, evidence=word)
    kind: VerdictKind = "partial" if covered else "incorrect"
    return Verdict(kind, 0.0, credit, covered, missing, evidence=said, note=note)


def _fillings(body: Cloze, answer: Answer) -> list[str]:
    """One text for each blank, "" where there is none."""
    count = len(body.blanks)
    if answer.selected:
        return [one.strip() for one in [*answer.selected, *[""] * count][:count]]
    text = answer.text.strip()
    sentence = r"\s*(.+?)\s*".join(_loosely(part) for part in body.parts)
    whole = re.fullmatch(rf"\s*{sentence}\W*", text, re.IGNORECASE | re.DOTALL) if len(text) < 2000 else None
    if whole and any(plain_words(part) for part in body.parts):
        return [one.strip() for one in whole.groups()]
    if count == 1:
        return [text]
    pieces = [piece.strip() for piece in re.split(r"\s*[;\n|]\s*|\s*,(?!\d)\s*|\s+and\s+|\s+y\s+|\s+und\s+", text)]
    if len(pieces) != count and len(text.split()) == count:
        pieces = text.split()
    return [re.sub(r"^\(?\d\s*[.):=]\s*", "", one) for one in [*pieces, *[""] * count][:count]]


def _loosely(part: str) -> str:
    return r"\W*".join(re.escape(word) for word in re.findall(r"\w+", part)) if part.strip() else ""


def _known_terms(body: Cloze, item: Item) -> frozenset[str]:
    """Every word of the item: a slip that makes one of them is no slip."""
    texts = [*(word for blank in body.blanks for word in blank), *body.options, *body.parts, item.prompt]
    texts += [says for one in item.misconceptions for says in one.says]
    return frozenset(plain_words(text) for text in texts) | {w for text in texts for w in plain_words(text).split()}


def _fills(text: str, words: tuple[str, ...], known: frozenset[str], item: Item, answer: Answer) -> str:
    """ "exact", "slip" or ""."""
    plain = plain_words(text)
    for word in words:
        if plain and plain == plain_words(word) and not re.search(r"\d", word):
            return "exact"
        if re.search(r"[\d=^]", word):
            judged = judge_mathematics([word], text, answer.language, item.language or "en")
            if judged.found == "yes":
                return "exact"
    if plain not in known and any(is_slip(plain, plain_words(word)) for word in words):
        return "slip"
    return ""


def _misconception(item: Item, given: list[str], right: list[str]) -> tuple[str, str] | None:
    """``says`` are words, or "2=word" for one blank."""
    for one in item.misconceptions:
        for says in one.says:
            number, _, word = says.rpartition("=")
            for at, text in enumerate(given):
                if not right[at] and number in ("", str(at + 1)) and text and plain_words(text) == plain_words(word):
                    return one.id, text
    return None


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


_GASES: dict[str, Any] = {
    "id": "gases",
    "type": TYPE,
    "prompt": "Fill in.",
    "text": "Plants take in {{carbon dioxide|CO2}} and give off {{oxygen|O2}}.",
    "misconception": [{"id": "swapped", "title": "Swaps the gases", "says": ["1=oxygen"]}],
}
_SUGAR: dict[str, Any] = {"id": "sugar", "type": TYPE, "prompt": "Fill in.", "text": "Milk holds {{lactose}}."}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_GASES, Answer(selected=("Carbon Dioxide", "oxygen")), "correct"),
    (_GASES, Answer("CO2, O2"), "correct"),
    (_GASES, Answer("Plants take in carbon dioxide and give off oxygen"), "correct"),
    (_GASES, Answer(selected=("carbon dioxid", "oxigen")), "correct"),
    (_GASES, Answer(selected=("CO2", "nitrogen")), "partial"),
    (_GASES, Answer(selected=("oxygen", "carbon dioxide")), "misconception"),
    (_GASES, Answer("water; light"), "incorrect"),
    (_SUGAR, Answer("Lactose"), "correct"),
    (_SUGAR, Answer("lactase"), "incorrect"),
)
