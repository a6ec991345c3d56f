"""Question cards as they go to the page: what may be shown of a question, its texts as HTML, and never its answer.

A card's type decides its fields, and a field that isn't named here is left out. So a key that strayed into a card's
data doesn't reach a learner.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from web.frames import Frame


class Choice(Frame):
    """One thing to choose, order or match: ``text`` is its Markdown, ``html`` the same to show."""

    id: str
    text: str
    html: str


class ShortAnswerCard(Frame):
    """``lines`` is how much is expected."""

    type: Literal["short_answer"] = "short_answer"
    lines: int = 3


class ChoiceCard(Frame):
    """``several``: any number of the options may be chosen. A poll has no right answer."""

    type: Literal["multiple_choice", "poll"]
    several: bool
    options: tuple[Choice, ...]


class NumericCard(Frame):
    """``unit`` stands beside the field; ``units`` are to choose from. Both may be empty."""

    type: Literal["numeric"] = "numeric"
    unit: str = ""
    units: tuple[str, ...] = ()


class SymbolicCard(Frame):
    """``variables`` are the letters that the answer may use."""

    type: Literal["symbolic"] = "symbolic"
    variables: tuple[str, ...] = ()


class ClozeCard(Frame):
    """A blank stands between each two of ``parts`` (HTML). ``texts`` are the same parts as they were written, and
    ``options`` the word bank, if there is one."""

    type: Literal["cloze"] = "cloze"
    parts: tuple[str, ...]
    texts: tuple[str, ...]
    options: tuple[str, ...] = ()


class OrderingCard(Frame):
    """Put ``steps`` in order; they come shuffled."""

    type: Literal["ordering"] = "ordering"
    steps: tuple[Choice, ...]


class MatchingCard(Frame):
    """Find for each of ``left`` its partner in ``right``."""

    type: Literal["matching"] = "matching"
    left: tuple[Choice, ...]
    right: tuple[Choice, ...]


Card = Annotated[
    ShortAnswerCard | ChoiceCard | NumericCard | SymbolicCard | ClozeCard | OrderingCard | MatchingCard,
    Field(discriminator="type"),
]


@lru_cache(maxsize=4096)
def text_html(text: str) -> str:
    """One line of a card as sanitised HTML. Blank space at its ends stays: the parts of a cloze need it."""
    from web.markdown import render_inline

    return render_inline(text)


def shown(card: Mapping[str, Any]) -> Card:
    """The card of an ``ItemPosed`` for the page. One of a type we don't know can still be answered in words."""
    try:
        return _shown(card)
    except (KeyError, TypeError, ValidationError):
        return ShortAnswerCard()


def _shown(card: Mapping[str, Any]) -> Card:
    match card["type"]:
        case "multiple_choice" | "poll" as kind:
            return ChoiceCard(type=kind, several=bool(card.get("several")), options=_choices(card["options"]))
        case "numeric":
            return NumericCard(unit=card.get("unit") or "", units=tuple(card.get("units") or ()))
        case "symbolic":
            return SymbolicCard(variables=tuple(card.get("variables") or ()))
        case "cloze":
            texts = tuple(card["parts"])
            return ClozeCard(parts=tuple(map(text_html, texts)), texts=texts, options=tuple(card.get("options") or ()))
        case "ordering":
            return OrderingCard(steps=_choices(card["steps"]))
        case "matching":
            return MatchingCard(left=_choices(card["left"]), right=_choices(card["right"]))
        case _:
            return ShortAnswerCard(lines=int(card.get("lines") or 3))


def _choices(found: Sequence[Mapping[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(id=one["id"], text=one["text"], html=text_html(one["text"])) for one in found)
