"""All that a text can mean: the likeliest reading first, others where notation or language leave a choice."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from tutor.domain.mathematics.parse import parse, with_semicolons
from tutor.domain.mathematics.reader import Style
from tutor.domain.mathematics.tokens import LONGEST, Unreadable, clean
from tutor.domain.mathematics.tree import Mixed, Node, Words, holds
from tutor.domain.mathematics.words import known_words, plain_words
from tutor.domain.numerals import conventions

_COPULA = re.compile(
    r"(?<=\w)\s+(?:is equal to|are equal to|is|are|equals|equal to|es igual a|es|son|ist gleich|ist|sind|gleich|est|"
    r"تساوي|يساوي|هو|هي)\s+(?=[-+−(\\$\w√])",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\s*(?:so|then|well|i think|i get|i got|i'd say|ich glaube|creo que)?[\s,]*"
    r"(?:(?:it|that|this)(?:'s|’s|\s+is)|(?:das|es)\s+(?:ist|sind)|(?:eso|esto)\s+es|c'est)\s+(?=\S)",
    re.IGNORECASE,
)
_RELATES = re.compile(r"[=<>≤≥≠]|\\(?:leq?|geq?|neq?|lt|gt)\b")
_SLASH_THEN_PRODUCT = re.compile(r"/\s*(?:[^\W_]+[\s(\\]*[^\W\d_(\\]|\d+\s*\(|\([^()]*\)\s*[\w(])")
_POINT_WITH_BAR = re.compile(r"\(\s*([^()|]+?)\s*\|\s*([^()|]+?)\s*\)")


def read(text: str, language: str = "en") -> Node:
    """The likeliest reading. Raises ``Unreadable``."""
    return readings(text, language)[0]


@lru_cache(maxsize=1024)
def readings(text: str, language: str = "en") -> tuple[Node, ...]:
    """Every reading, the likeliest first: at least one. Raises ``Unreadable``.

    >>> len(readings("1/2x"))  # a half of x, or one over two x
    2
    """
    if len(text) > LONGEST:
        raise Unreadable("too long")
    bare = text.replace("$", " ").strip()
    known = known_words(bare)
    if known:
        return (Words(plain_words(bare), known),)
    if not _RELATES.search(bare):
        bare, text = _LEAD.sub("", bare), _LEAD.sub("", text)
        bare = _COPULA.sub(" = ", bare, count=1)
        text = _COPULA.sub(" = ", text, count=1)
    if re.fullmatch(r"(?:\d+[^\W\d_]){2,}", bare):  # "42a105c" counts two things
        text = re.sub(r"(?<=[^\W\d_])(?=\d)", "; ", bare)
    plain = with_semicolons(clean(text, language).lstrip("= "))
    plain = _POINT_WITH_BAR.sub(r"(\1; \2)", plain) if language.lower().startswith("de") else plain
    found: dict[Node, None] = {}
    trouble: Unreadable | None = None
    for style in _styles(plain, language):
        try:
            node = parse(plain, style)
        except Unreadable as error:
            trouble = trouble or error
            continue
        found.setdefault(node)
        if holds(node, Mixed):
            with suppress(Unreadable):
                found.setdefault(parse(plain, Style(style.numbers, no_mixed=True)))
    if not found:
        raise trouble or Unreadable("nothing there")
    return tuple(found)


def _styles(plain: str, language: str) -> Iterator[Style]:
    for convention in conventions(plain, language):
        yield Style(convention)
        if _SLASH_THEN_PRODUCT.search(plain):
            yield Style(convention, tight=True)
        if re.search(r"\^\s*\d+\s*/\s*\d", plain):
            yield Style(convention, fraction_exponent=True)
