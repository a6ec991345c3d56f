"""What a translator is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Item:
    """One text to translate: inline Markdown in which ``<xN/>`` stands for what must survive as it is. ``kind`` says
    what it is for a reader ("slide title", "narration"). ``problem``: why the answer before was refused."""

    key: str
    kind: str
    text: str
    problem: str = ""


@dataclass(frozen=True)
class Batch:
    """Texts of one lesson in reading order. ``glossary`` has the fixed terms, as (source, translation)."""

    source: str
    target: str
    items: tuple[Item, ...]
    title: str = ""
    glossary: tuple[tuple[str, str], ...] = ()


class Translator(Protocol):
    """One way of translating.

    ``weak``: its drafts are marked so, in the file and in the film. ``person``: the texts are a person's, so they are
    no drafts at all. ``inflects``: it is given the glossary and bends the terms itself; for others the terms are put in
    as they stand. ``largest``: how many texts it takes at once.
    """

    name: str
    weak: bool
    person: bool
    inflects: bool
    largest: int

    def refuses(self, source: str, target: str) -> str:
        """Why it can't do this pair, in a sentence that says what can; empty: it can."""
        ...

    def translate(self, batch: Batch) -> Mapping[str, str]:
        """Translations by key; a key that is absent could not be done.

        Raises ``CannotTranslate`` for a pair it doesn't do, ``TranslationFailed`` when it broke down."""
        ...


def pairs_sentence(name: str, source: str, target: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The sentence of an engine that can do ``pairs`` of languages and was asked for another."""
    does = ", ".join(f"{a} to {b}" for a, b in pairs)
    return (
        f"{name} translates {does}, not {source} to {target}. A language model can, if one is set up; "
        "or write the translation into the file yourself."
    )
