"""Cuts LaTeX and keyboard mathematics into tokens. Nothing here evaluates anything."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tutor.domain.errors import InvalidInput
from tutor.domain.mathematics.words import known_words, plain_words, with_connectives
from tutor.domain.numerals import Convention, scan, tidy

LONGEST = 600  # characters
MOST = 300  # tokens

Kind = Literal["number", "name", "label", "command", "operator", "sign", "open", "close", "bar", "words", "end"]


class Unreadable(InvalidInput):
    """A text that is not mathematics we can read. Its message is for logs, never for learners."""

    code = "unreadable"


@dataclass(frozen=True)
class Token:
    """``text`` is canonical (``<=``, ``*``, ``^``); ``space`` says that a space stands before it."""

    kind: Kind
    text: str
    value: Fraction = Fraction(0)
    decimals: int | None = None
    space: bool = False


_DROPPED = re.compile(
    r"\\(?:left|right|big|Big|bigg|Bigg|bigl|bigr|displaystyle|limits|mathstrut|,|;|:|!|quad|qquad|~| )(?![a-zA-Z])\.?"
)
_LATEX_NAMES = {
    **dict.fromkeys(("cdot", "times", "ast", "bullet"), "*"),
    **dict.fromkeys(("div",), "÷"),
    **dict.fromkeys(("pm",), "±"),
    **dict.fromkeys(("mp",), "±"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("lt",), "<"),
    **dict.fromkeys(("gt",), ">"),
    **dict.fromkeys(("infty",), "∞"),
    **dict.fromkeys(("cup",), "∪"),
    **dict.fromkeys(("emptyset", "varnothing"), "∅"),
    **dict.fromkeys(("lvert", "rvert", "vert", "mid"), "|"),
    **dict.fromkeys(("degree", "circ"), "°"),
    **dict.fromkeys(("to", "rightarrow", "implies", "Rightarrow"), "→"),
}
GREEK = tuple(
    re.findall(
        r"\w+",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi "
        "omega Delta Gamma Theta Lambda Sigma Phi Psi Omega",
    )
)
_GREEK_LETTERS = dict(zip("αβγδεζηθικλμνξρστυφχψωΔΓΘΛΣΦΨΩ", GREEK, strict=True))
_COMMANDS = ("frac", "dfrac", "tfrac", "cfrac", "sqrt", "begin", "end")
_FUNCTIONS = ("sqrt", "cbrt", "root", "abs", "log", "ln", "exp", "sin", "cos", "tan")
_SIGNS = {"<": "<", ">": ">", "=": "=", "≤": "<=", "≥": ">=", "≠": "!=", "≦": "<=", "≧": ">="}
_OPERATORS = {**dict.fromkeys("×·⋅∙•∗✕✖⨯", "*"), "÷": "/", "∕": "/", "⁄": "/", "％": "%", "٪": "%", "،": ",", "؛": ";"}
_CURRENCY = re.compile(r"\\?[$€£¥₹¢]")
_TEXT = re.compile(r"\\(?:text|mathrm|operatorname|mathbf|textbf|mbox|textrm|mathit)\s*\{([^{}]*)\}")


def clean(text: str, language: str = "en") -> str:
    """Without dollars around mathematics, spacing commands and currency signs; digits and signs made plain.

    Raises ``Unreadable`` for what is too long.
    """
    if len(text) > LONGEST:
        raise Unreadable("too long")
    text = text.replace("$$", " ").replace("\\\\", " ⏎ ")
    text = re.sub(r"\\[()\[\]]", " ", text)
    text = _CURRENCY.sub(" ", text)
    text = tidy(text).replace("\\%", "%").replace("\\_", "_").replace("\\&", "&")
    text = re.sub(r"(?<=\d)\s*[xX]\s*(?=10\s*(?:\^|\*\*))", "*", text)  # 1.5 x 10^23
    text = _DROPPED.sub(" ", text).strip().rstrip(" .;,")
    return with_connectives(text, language)


def tokenize(text: str, convention: Convention) -> tuple[Token, ...]:
    """The tokens of a ``clean`` text, with one of kind ``end`` last. Raises ``Unreadable``."""
    found: list[Token] = []
    at = 0
    space = False
    while at < len(text):
        if text[at].isspace():
            at, space = at + 1, True
            continue
        if len(found) >= MOST:
            raise Unreadable("too many tokens")
        tokens, at = _next(text, at, convention)
        found += [
            Token(one.kind, one.text, one.value, one.decimals, space and index == 0) for index, one in enumerate(tokens)
        ]
        space = False
    return (*found, Token("end", ""))


def _next(text: str, at: int, convention: Convention) -> tuple[list[Token], int]:
    character = text[at]
    if character.isdigit() or character in ".,\u066b":
        number = scan(text, at, convention)
        if number is not None:
            decimals = number.decimals or None
            return [Token("number", text[at : number.end], number.value, decimals)], number.end
    if character == "\\":
        return _latex(text, at)
    if text.startswith("**", at):
        return [Token("operator", "^")], at + 2
    for written, sign in (
        ("<=", "<="),
        (">=", ">="),
        ("=<", "<="),
        ("=>", ">="),
        ("!=", "!="),
        ("<>", "!="),
        ("==", "="),
    ):
        if text.startswith(written, at):
            return [Token("sign", sign)], at + 2
    if text.startswith(("+-", "+/-"), at):
        # "+-" is what people type for plus-minus; "5+-3" is five plus minus three.
        length = 3 if text[at + 1] == "/" else 2
        if length == 3:
            return [Token("operator", "±")], at + 3
    if character in _SIGNS:
        return [Token("sign", _SIGNS[character])], at + 1
    if character in "([{":
        return [Token("open", character)], at + 1
    if character in ")]}":
        return [Token("close", character)], at + 1
    if character == "|":
        return [Token("bar", "|")], at + 1
    character = _OPERATORS.get(character, character)
    if character in "+-*/^%,;:±∞∪∅°&_→∨∧⏎":
        return [Token("operator", "/" if character == ":" else character)], at + 1
    if character == "√":
        return [Token("command", "sqrt")], at + 1
    if character == "∛":
        return [Token("command", "cbrt")], at + 1
    if character == "π":
        return [Token("name", "pi")], at + 1
    if character in _GREEK_LETTERS:
        return [Token("name", _GREEK_LETTERS[character])], at + 1
    if character == "ℝ":
        return [Token("words", "all")], at + 1
    if character.isalpha():
        return _letters(text, at)
    raise Unreadable(f"a character out of place: {character!r}")


def _latex(text: str, at: int) -> tuple[list[Token], int]:
    within = _TEXT.match(text, at)
    if within:
        label = plain_words(within[1])
        known = known_words(within[1])
        if known:
            return [Token("words", known)], within.end()
        if label in ("or", "and", ""):
            return [Token("operator", ";")] if label else [], within.end()
        return [
            Token("name" if len(label) == 1 else "label", within[1].strip() if len(label) == 1 else label)
        ], within.end()
    if text[at + 1 : at + 2] in ("{", "}"):
        return [Token("open" if text[at + 1] == "{" else "close", "\\" + text[at + 1])], at + 2
    match = re.compile(r"\\([a-zA-Z]+)").match(text, at)
    if match is None:
        raise Unreadable("a stray backslash")
    name, end = match[1], match.end()
    if name in _COMMANDS:
        return [Token("command", "frac" if name.endswith("frac") else name)], end
    if name in _FUNCTIONS:
        return [Token("command", name)], end
    if name == "pi" or name in GREEK:
        return [Token("name", name)], end
    if name in ("mathbb", "R", "Bbb"):
        reals = re.compile(r"\s*\{?R?\}?").match(text, end)
        return [Token("words", "all")], reals.end() if reals else end
    if name.startswith("var") and name[3:] in GREEK:
        return [Token("name", name[3:])], end
    canonical = _LATEX_NAMES.get(name)
    if canonical is None:
        raise Unreadable(f"an unknown command: {name}")
    if canonical == "|":
        return [Token("bar", "|")], end
    if canonical in _SIGNS.values():
        return [Token("sign", canonical)], end
    return [Token("operator", "/" if canonical == "÷" else canonical)], end


_RUN = re.compile(r"[^\W\d_]+")
_PHRASE = re.compile(r"[^\W\d_]+(?:[ '’]+[^\W\d_]+)*")


def _letters(text: str, at: int) -> tuple[list[Token], int]:
    """A word, a function, or letters that are multiplied.

    Up to three letters are a product ("xy", "abc") unless they name a function or π; four and more are words, and
    words in a row are one label.
    """
    run = _RUN.match(text, at)
    if run is None:
        raise Unreadable("a letter out of place")
    word, end = run[0], run.end()
    folded = word.lower()
    if folded in _FUNCTIONS:
        return [Token("command", folded)], end
    if folded in ("inf", "infty", "infinity", "infinito", "unendlich", "oo"):
        return [Token("operator", "∞")], end
    if folded == "pi":
        return [Token("name", "pi")], end
    if folded in GREEK and len(folded) > 2:
        return [Token("name", folded)], end
    if folded in ("union", "u") and text[:at].rstrip()[-1:] in (")", "]") and text[end:].lstrip()[:1] in ("(", "["):
        return [Token("operator", "∪")], end
    if folded in ("frac", "dfrac") and text[end : end + 1] == "{":
        return [Token("command", "frac")], end
    for name in ("sqrt", "pi", "ln", "log", "sin", "cos", "tan"):
        if folded.startswith(name) and 0 < len(word) - len(name) <= 2:
            kind: Kind = "name" if name == "pi" else "command"
            return [Token(kind, name), *(Token("name", one) for one in word[len(name) :])], end
    phrase = _phrase(text, at)
    known = known_words(phrase)
    if known:
        return [Token("words", known)], at + len(phrase)
    if len(word) > 3 or any(len(one) > 3 for one in phrase.split()):
        return [Token("label", plain_words(phrase))], at + len(phrase)
    return [Token("name", one) for one in word], end


def _phrase(text: str, at: int) -> str:
    """The words in a row from ``at``, up to one that names something in mathematics: "p sqrt(p)" holds no phrase."""
    match = _PHRASE.match(text, at)
    phrase = match[0] if match else ""
    for word in _RUN.finditer(phrase):
        if word.start() and (word[0].lower() in (*_FUNCTIONS, "pi") or word[0] in GREEK):
            return phrase[: word.start()].rstrip()
    return phrase
