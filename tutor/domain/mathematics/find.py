"""Finds the mathematics in a sentence: numbers (in digits and words), expressions and equations."""

import re
from dataclasses import dataclass

from tutor.domain.mathematics.near import labels
from tutor.domain.mathematics.number_words import replace_number_words
from tutor.domain.mathematics.readings import readings
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.tree import Node, Sym, holds, is_expression
from tutor.domain.numerals import tidy

#: Short words of prose that would pass for letters multiplied.
_PROSE = re.compile(
    r"(?<![^\s,.;:!?¿¡(])(?:so|it|is|of|by|to|in|at|we|if|on|or|an|as|be|do|go|he|me|my|no|up|us|es|de|el|la|lo|en|un|su|al"
    r"|se|si|te|yo|tu|er|zu|im|am|um|da|du|ja|ob|wo|ce|et|il|le|ne|ou|sa|[aIyoeà](?=\s+[^\W\d_]{2}))(?=[\s,.;:!?)]|$)",
    re.IGNORECASE,
)

LONGEST = 4000  # characters of a sentence that are looked at


@dataclass(frozen=True)
class Value:
    """A piece of mathematics as it stands in the sentence, and as it is read."""

    text: str
    node: Node


_LATEX = re.compile(r"\$\$(.+?)\$\$|\$(?=\S)([^$]+?)(?<=\S)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_CALL = r"(?:sqrt|sin|cos|tan|log|ln|abs)(?=\s*\()"
_ATOM = rf"(?:\\[a-zA-Z]+|{_CALL}|\d[\d.,\u066b]*|(?<![^\W\d_])[^\W\d_]{{1,2}}(?![^\W\d_])|[πθ∞√½¼¾⅓⅔%°|]|[(\[{{}})\]])"
_BETWEEN = r"(?:\s*(?:\*\*|[-+*/^=<>≤≥≠±×·÷−_:;]|<=|>=|!=)\s*|\s*,\s*(?=[-\d(])|\s*)"
_RUN = re.compile(rf"[-−+±]?\s*{_ATOM}(?:{_BETWEEN}[-−]?{_ATOM})*")
_NUMBER = re.compile(
    r"(?<![\w.,])[-−]?\d[\d.,\u066b\u066c]*(?:[eE][+-]?\d+)?(?:\s*[×x·*]\s*10\s*(?:\^|\*\*)\s*[-−]?\d+)?%?"
)


def find_values(sentence: str, language: str = "en") -> tuple[Value, ...]:
    """The values in ``sentence``, in order and each once.

    A longer expression is followed by the numbers in it: from "so 3 · 4 = 12" come the equation, 3, 4 and 12, since
    either can be what must not be said. Words count ("three quarters", in en, es, de, fr and ar). Never raises.
    """
    plain = tidy(sentence[:LONGEST])
    found: dict[Node, Value] = {}

    def keep(text: str) -> None:
        try:
            for node in readings(text.strip(" ,.;:"), language)[:2]:
                if not (isinstance(node, Sym) or labels(node)):
                    found.setdefault(node, Value(text.strip(), node))
        except Unreadable:
            return

    def in_mathematics(match: re.Match[str]) -> str:
        within = next(part for part in match.groups() if part)
        keep(within)
        for side in re.split(r"=|\\[lg]eq?|[<>≤≥]", within):
            keep(side)
        for number in _NUMBER.findall(within):
            keep(number)
        return " \u2026 "

    prose = _LATEX.sub(in_mathematics, plain)
    prose = _PROSE.sub("\u2026", replace_number_words(prose, language))
    for match in _RUN.finditer(prose):
        text = _balanced(match[0])
        if not re.search(r"\d|[=^√π∞]|\w\s*[-+*/<>]\s*\w", text):
            continue
        keep(text)
        parts = [part for part in re.split(r"[=<>≤≥≠;:]", text) if part.strip()]
        for part in parts if len(parts) > 1 else ():
            keep(part)
    for match in _NUMBER.finditer(prose):
        keep(match[0])
    return tuple(found.values())


def _balanced(text: str) -> str:
    """Without brackets at its ends that close or open nothing."""
    for opening, closing in ("()", "[]", "{}"):
        while text.count(opening) > text.count(closing) and text.rstrip().endswith(opening):
            text = text.rstrip()[:-1]
        while text.count(closing) > text.count(opening) and closing in text:
            at = text.rindex(closing)
            text = text[:at] + text[at + 1 :]
        while text.count(opening) > text.count(closing) and text.lstrip().startswith(opening):
            text = text.lstrip()[1:]
    return text


def is_constant(value: Value) -> bool:
    """Whether it is a number and holds no variable."""
    return is_expression(value.node) and not holds(value.node, Sym)
