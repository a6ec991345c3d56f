"""A judge of its own for ``bench.answers``: whether two answers are equal, found without the product's parser.

LaTeX becomes a Python expression by regular expressions, and the two are compared by their values in floating point.
Only data of the benchmark come here, and only expressions of digits, letters, roots and arithmetic are computed.
"""

from __future__ import annotations

import cmath
import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

POINTS = 4


class NotRead(Exception):
    """The judge can't read it."""


def plain(text: str) -> str:
    """Without dollars, spacing and ``\\left``; with ASCII operators."""
    text = text.replace("$$", "").replace("−", "-").replace(r"\left", "").replace(r"\right", "")
    text = text.replace(r"\times", "*").replace(r"\cdot", "*").replace(r"\$", "").replace(r"\dfrac", r"\frac")
    return re.sub(r"\s+", " ", text).strip()


def parts(text: str) -> list[str]:
    """The values of a list, taken apart at commas outside brackets."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += character in "([{"
        depth -= character in ")]}"
        if character == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    return [*found, text[start:].strip()]


def braced(text: str, at: int) -> int:
    """Where the brace that opens at ``at`` closes."""
    depth = 0
    for end in range(at, len(text)):
        depth += text[end] == "{"
        depth -= text[end] == "}"
        if depth == 0:
            return end
    raise NotRead


def without_commands(text: str) -> str:
    """``\\frac`` and ``\\sqrt`` as plain notation."""
    while (at := text.find(r"\frac{")) >= 0:
        middle = braced(text, at + 5)
        if text[middle + 1 : middle + 2] != "{":
            raise NotRead
        end = braced(text, middle + 1)
        text = f"{text[:at]}(({text[at + 6 : middle]})/({text[middle + 2 : end]})){text[end + 1 :]}"
    while match := re.search(r"\\sqrt(?:\[(\d+)\])?\{", text):
        end = braced(text, match.end() - 1)
        text = f"{text[: match.start()]}root({match[1] or 2},({text[match.end() : end]})){text[end + 1 :]}"
    return text


@lru_cache(maxsize=20_000)
def compiled(text: str) -> tuple[Any, frozenset[str]]:
    """Code and variables. Raises ``NotRead``."""
    text = without_commands(text).replace("{", "(").replace("}", ")").replace("^", "**").replace("sqrt(", "root(2,")
    text = re.sub(r"\|([^|]*)\|", r"Abs(\1)", text)
    tokens = re.findall(r"\d+\.?\d*|\.\d+|root|Abs|[a-zA-Z]|\*\*|[-+*/(),]|\S", text)
    if any(not re.fullmatch(r"[\d.]+|root|Abs|[a-zA-Z]|\*\*|[-+*/(),]", token) for token in tokens) or not tokens:
        raise NotRead
    out: list[str] = []
    for token in tokens:
        if out and re.fullmatch(r"[\d.]+|[a-zA-Z]|\)", out[-1]) and re.fullmatch(r"[\d.]+|[a-zA-Z]|root|Abs|\(", token):
            if re.fullmatch(r"[\d.]+", out[-1]) and re.fullmatch(r"[\d.]+", token):
                raise NotRead
            out.append("*")
        out.append(token)
    try:
        code = compile(" ".join(f"({t}+0j)" if re.fullmatch(r"[\d.]+", t) else t for t in out), "answer", "eval")
    except (SyntaxError, ValueError) as error:
        raise NotRead from error
    return code, frozenset(token for token in out if re.fullmatch(r"[a-zA-Z]", token))


def _root(index: complex, number: complex) -> complex:
    if round(index.real) == 2:
        return cmath.sqrt(number)
    if abs(number.imag) < 1e-12 and number.real < 0 and round(index.real) % 2:
        return complex(-((-number.real) ** (1 / index.real)))
    return complex(number ** (1 / index.real))


def values(text: str, names: Sequence[str]) -> list[complex]:
    """At points that depend on the names alone. Raises ``NotRead``."""
    code, _ = compiled(text)
    draw = random.Random("".join(names))
    found = []
    for _ in range(POINTS):
        point: dict[str, Any] = {name: complex(draw.uniform(1.1, 4)) for name in names}
        if "Abs" in text or "|" in text:
            point = {name: at * draw.choice((1, -1)) for name, at in point.items()}
        try:
            value = complex(eval(code, {"__builtins__": {}, "root": _root, "Abs": lambda x: complex(abs(x)), **point}))
        except (ArithmeticError, ValueError, TypeError) as error:
            raise NotRead from error
        found.append(value)
    return found


def near(one: complex, other: complex) -> bool:
    return abs(one - other) <= 1e-7 * max(abs(one), abs(other), 1e-6)


def equal(gold: str, answer: str) -> bool:
    """Whether the answer is worth the same as the gold one: equal values, equations up to a factor, lists in any order.

    What can't be read is equal only when it is the same text.
    """
    one, other = plain(gold), plain(answer)
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    ours, theirs = _spread(one), _spread(other)
    try:
        matched = [any(_one(a, b) for b in theirs) for a in ours] + [any(_one(a, b) for a in ours) for b in theirs]
    except NotRead:
        return False
    return all(matched)


def _spread(text: str) -> list[str]:
    """Parts of a list, plus-minus as two values."""
    found = []
    for part in parts(text):
        found += [part.replace(r"\pm", "+"), part.replace(r"\pm", "-")] if r"\pm" in part else [part]
    return found


def _one(gold: str, answer: str) -> bool:
    if gold.startswith("(") and "," in gold:
        places = [parts(one.strip()[1:-1]) for one in (gold, answer)]
        if not answer.startswith("(") or len(places[0]) != len(places[1]):
            return False
        return all(_one(a, b) for a, b in zip(*places, strict=True))
    sides, others = gold.split("="), answer.split("=")
    if len(sides) > 2 or len(others) > 2 or re.search(r"[<>]|\\[gl]eq?|\\begin", gold + answer):
        raise NotRead
    if len(sides) == 1 and len(others) == 2 and re.fullmatch(r"[a-zA-Z]", others[0].strip()):
        others = [others[1]]
    if len(others) == 1 and len(sides) == 2 and re.fullmatch(r"[a-zA-Z]", sides[0].strip()):
        sides = [sides[1]]
    if len(sides) != len(others):
        return False
    names = sorted({name for text in (*sides, *others) for name in compiled(text)[1]})
    if len(sides) == 1:
        return all(map(near, values(sides[0], names), values(others[0], names)))
    left, right = ([values(text, names) for text in pair] for pair in (sides, others))
    if not names:
        return all(near(a[0], b[0]) for a, b in zip(left, right, strict=True))
    ours = [a - b for a, b in zip(*left, strict=True)]
    theirs = [a - b for a, b in zip(*right, strict=True)]
    if any(abs(a) < 1e-9 for a in ours):
        return all(abs(b) < 1e-9 for b in theirs)
    factors = [b / a for a, b in zip(ours, theirs, strict=True)]
    return abs(factors[0]) > 1e-9 and all(near(factor, factors[0]) for factor in factors)
