"""Answers of known worth around a gold one, for ``bench.answers``: flipped signs, rewritings, distractors."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from bench._answer_judge import NotRead, compiled, equal, parts, plain, without_commands

MOST_FLIPS = 8
MOST_SIBLINGS = 6
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Case:
    """``how`` it was made, for reading the list of failures."""

    text: str
    how: str
    language: str = "en"


def sign_flips(gold: str, choices: Sequence[str], prompt: str) -> list[Case]:
    """One sign turned at a time, and the whole value; those equal to the gold answer left out."""
    if choices or not _is_mathematics(gold):
        return []
    text = plain(gold)
    found: dict[str, None] = {}
    for match in re.finditer(r"[-+]", text):
        flipped = "+" if match[0] == "-" else "-"
        before = text[: match.start()].rstrip()
        if flipped == "+" and (not before or before[-1] in "=({,[<>&"):
            flipped = ""
        found.setdefault(text[: match.start()] + flipped + text[match.end() :])
    pieces = parts(text)
    for at, piece in enumerate(pieces):
        head, sign, value = piece.rpartition("=")
        value = value.strip()
        turned = (
            value[1:]
            if re.fullmatch(r"-[\w.{}\\]+", value)
            else f"-({value})"
            if re.search(r"[-+]", value)
            else f"-{value}"
        )
        if "," in value or "\\begin" in value:
            continue
        found.setdefault(", ".join([*pieces[:at], f"{head}{sign}{turned}", *pieces[at + 1 :]]))
    kept = [one for one in found if not equal(gold, one)]
    return [Case(one, "flip") for one in kept[:MOST_FLIPS]]


def equivalents(gold: str, choices: Sequence[str], prompt: str) -> list[Case]:
    """Other ways to write the same."""
    if choices:
        return list(_named_choices(gold, choices))
    if not _is_mathematics(gold):
        return [Case(gold, "same"), Case(gold.lower(), "case"), Case(f" {gold} ", "spaces")]
    found: dict[tuple[str, str], Case] = {}
    for case in _rewritten(gold):
        found.setdefault((case.text, case.language), case)
    asked = {_squeezed(match) for match in re.findall(r"\$\$(.+?)\$\$", prompt)} - {_squeezed(gold)}
    return [case for case in found.values() if _squeezed(case.text) not in asked]


def distractors(gold: str, choices: Sequence[str], others: Sequence[str]) -> list[Case]:
    """Wrong options, other items' answers of the same shape, near numbers, dropped terms; equal ones left out."""
    if choices:
        listed = list(dict.fromkeys(choices))
        wrong = [one for one in listed if one != gold]
        letters = [chr(ord("A") + at) for at, one in enumerate(listed) if one != gold]
        return [*(Case(one, "option") for one in wrong), *(Case(one, "letter") for one in letters)]
    shape = _shape(gold)
    alike = sorted({one for one in others if one != gold and _shape(one) == shape})
    siblings = random.Random(gold).sample(alike, min(MOST_SIBLINGS, len(alike)))
    found = [Case(one, "sibling") for one in siblings]
    if _is_mathematics(gold):
        text = plain(gold)
        for match in re.finditer(r"(?<![\d.])\d+(?![\d.])", text):
            for step in (1, -1):
                number = int(match[0]) + step
                if number >= 0:
                    found.append(Case(f"{text[: match.start()]}{number}{text[match.end() :]}", "off by one"))
        found += [Case(one, "dropped") for one in _dropped(text)]
        counts = re.fullmatch(r"(\d+)([a-z])(\d+)([a-z])", text)
        if counts:
            return [*found, Case(f"{counts[3]}{counts[2]}{counts[1]}{counts[4]}", "counts swapped")]
    return [case for case in found if not equal(gold, case.text)]


@lru_cache(maxsize=10_000)
def _is_mathematics(gold: str) -> bool:
    """Whether it holds anything to calculate with: no answer in words."""
    return not re.search(r"(?<!\\)(?<![a-zA-Z\\])[a-zA-Z]{3,}", re.sub(r"\\[a-zA-Z]+", " ", gold))


def _squeezed(text: str) -> str:
    """Without anything that changes the look alone: who repeats the question is not meant to be accepted."""
    text = plain(text).replace("**", "^")
    try:
        text = without_commands(text)
    except NotRead:
        return text
    text = text.replace("root(2,", "sqrt(")
    return re.sub(r"[\s*(){}$×]|(?<=\d)\.(?!\d)", "", text).replace("+-", "-")


@lru_cache(maxsize=10_000)
def _shape(text: str) -> str:
    return re.sub(r"[a-zA-Z]", "v", re.sub(r"\d+(?:\.\d+)?", "9", re.sub(r"\\[a-zA-Z]+", "#", text)))


# -- rewriting -----------------------------------------------------------------------------------------------------


def _named_choices(gold: str, choices: Sequence[str]) -> Iterator[Case]:
    listed = list(dict.fromkeys(choices))
    at = listed.index(gold)
    letter = chr(ord("A") + at)
    yield Case(f" {gold}  ", "spaces")
    # A letter or a number that is itself an option names that option.
    texts = {one.replace("$", "").strip().lower() for one in listed}
    if not texts & set("abcdefgh"):
        yield from (Case(letter, "letter"), Case(f"({letter.lower()})", "letter"), Case(f"option {letter}", "letter"))
        yield from (Case(f"la {letter}", "letter", "es"), Case(f"Antwort {letter}", "letter", "de"))
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    if at < len(ordinals):
        yield Case(f"the {ordinals[at]} one", "ordinal")
    folded = [one.lower() for one in listed]
    if folded.count(gold.lower()) == 1:
        yield from (Case(gold.lower(), "case"), Case(gold.upper(), "case")) if "$" not in gold else ()


def _rewritten(gold: str) -> Iterator[Case]:
    text = plain(gold)
    yield Case(gold, "same")
    yield Case(f"  {text} ", "spaces")
    yield Case(f"${text}$", "dollars")
    yield Case(text.replace("-", "−"), "minus sign")
    if "\\begin" in text:
        return
    # A system told apart by spaces needs them as they are.
    if text.count("=") < 2 or "," in text:
        yield Case(re.sub(r"([-+=])", r" \1 ", text), "wide")
        if " or " not in text:
            yield Case(text.replace(" ", ""), "no spaces")
    try:
        keyboard = without_commands(text)
    except NotRead:
        return
    keyboard = re.sub(r"root\(2,\((.*?)\)\)", r"sqrt(\1)", keyboard) if keyboard.count("root(") == 1 else keyboard
    if "root(" not in keyboard:
        keyboard = keyboard.replace("{", "(").replace("}", ")").replace(r"\pm", "±")
        yield Case(keyboard, "keyboard")
        yield Case(keyboard.replace("^", "**"), "stars")
        yield Case(keyboard.replace("**", "^").replace("*", "×"), "times")
    yield from _other_numbers(text)
    pieces = parts(text)
    counts = re.fullmatch(r"(\d+[a-z])(\d+[a-z])", text)
    if counts:  # "42a105c": 42 of one thing and 105 of another, which no arithmetic may join
        yield from (Case(f"{counts[1]}, {counts[2]}", "counts"), Case(f"{counts[2]}{counts[1]}", "counts turned"))
        return
    if len(pieces) > 1:
        if all("=" in piece for piece in pieces):
            yield Case(" or ".join(reversed(pieces)), "reordered")
        return
    head, sign, value = text.partition("=")
    if sign and "=" in value:
        return
    if not sign:
        yield from _rewritten_value(text, "", "")
        name = next(n for n in "xyzt" if n not in text)
        if r"\pm" not in text:
            yield Case(f"{name} = {text}", "named")
        return
    yield Case(f"{value.strip()} = {head.strip()}", "sides swapped")
    if re.fullmatch(r"[a-zA-Z]", head.strip()):
        named = head.strip()
        if named not in re.sub(r"\\[a-zA-Z]+", "", value):
            yield Case(value.strip(), "without its name")
            yield from _rewritten_value(value.strip(), f"{named} = ", "")
    elif r"\pm" not in text and re.search(r"[a-zA-Z]", re.sub(r"\\[a-zA-Z]+", "", text)):
        yield Case(f"2*({head}) = 2*({value})", "doubled")
        yield Case(f"({head}) - ({value}) = 0", "one side")


def _rewritten_value(text: str, before: str, after: str) -> Iterator[Case]:
    """Of one value, with what stands around it."""

    def case(value: str, how: str, language: str = "en") -> Case:
        return Case(f"{before}{value}{after}", how, language)

    if _NUMBER.fullmatch(text):
        yield from (case(value, how) for value, how in _numbers(Fraction(text)))
        return
    if r"\pm" in text:
        return
    fraction = re.fullmatch(r"(-?)\\frac\{(-?\d+)\}\{(\d+)\}", text)
    if fraction:
        value = Fraction(int(fraction[2]), int(fraction[3])) * (-1 if fraction[1] else 1)
        yield from (case(one, how) for one, how in _fractions(value))
        return
    yield case(f"({text})", "brackets")
    yield case(f"1*({text})", "times one")
    yield case(f"({text}) + 0", "plus nothing")
    expression = _sympy(text)
    if expression is None:
        return
    import sympy  # type: ignore[import-untyped]

    forms = ((expression, "sympy"), (sympy.expand(expression), "expanded"), (sympy.factor(expression), "factored"))
    for made, how in forms:
        if str(made).count("zoo") or str(made).count("nan"):
            continue
        yield case(str(made), how)
        yield case(sympy.latex(made), f"{how} LaTeX")
        if made.is_Add:
            yield case(" + ".join(f"({one})" for one in reversed(made.args)), f"{how} terms turned")
        if made.is_Mul:
            yield case("*".join(f"({one})" for one in reversed(made.args)), f"{how} factors turned")


def _numbers(value: Fraction) -> Iterator[tuple[str, str]]:
    yield f"({value})", "brackets"
    yield f"{2 * value.numerator}/{2 * value.denominator}", "fraction"
    yield f"{value.numerator - value.denominator}/{value.denominator} + 1", "sum"
    yield rf"\frac{{{3 * value.numerator}}}{{{3 * value.denominator}}}", "LaTeX fraction"
    if value.denominator == 1:
        yield f"{value}.0", "decimal"
        yield f"{value}.", "full stop"
        yield f"{value - 2} + 2", "sum"
        yield from ((f"+{value}", "plus"),) if value >= 0 else ((f"-({-value})", "brackets"),)
        if abs(value) >= 1000:
            yield f"{int(value):,}", "grouped"
    else:
        yield f"{value.numerator}/{value.denominator}", "fraction"


def _fractions(value: Fraction) -> Iterator[tuple[str, str]]:
    yield from _numbers(value)
    yield f"{value.numerator} / {value.denominator}", "spaces"
    yield rf"\dfrac{{{value.numerator}}}{{{value.denominator}}}", "dfrac"
    if value < 0:
        yield rf"-\frac{{{-value.numerator}}}{{{value.denominator}}}", "minus before"
        yield f"{-value.numerator}/-{value.denominator}", "minus below"
    whole, rest = divmod(abs(value.numerator), value.denominator)
    if whole and rest:
        sign = "-" if value < 0 else ""
        yield f"{sign}{whole} {rest}/{value.denominator}", "mixed"
        yield rf"{sign}{whole}\frac{{{rest}}}{{{value.denominator}}}", "mixed LaTeX"
    if value.denominator > 1 and not re.sub("[25]", "", "".join(map(str, _primes(value.denominator)))):
        yield repr(float(value)), "decimal"


def _primes(number: int) -> list[int]:
    found, prime = [], 2
    while number > 1:
        while number % prime == 0:
            found.append(prime)
            number //= prime
        prime += 1
    return found


def _other_numbers(text: str) -> Iterator[Case]:
    """Digits and decimal marks of other languages."""
    if re.search(r"\d\.\d", text) and "," not in text:
        comma = re.sub(r"(?<=\d)\.(?=\d)", ",", text)
        yield from (Case(comma, "decimal comma", "de"), Case(comma, "decimal comma", "es"))
    arabic = text.translate({ord("0") + at: chr(0x660 + at) for at in range(10)})
    if arabic != text and "\\" not in text:
        yield Case(arabic.replace(".", "\u066b"), "Arabic digits", "ar")
        yield Case(text.translate({ord("0") + at: chr(0x966 + at) for at in range(10)}), "Devanagari digits", "hi")


@lru_cache(maxsize=4000)
def _sympy(text: str) -> Any:
    """As SymPy reads the judge's translation; None where it can't."""
    import sympy

    try:
        compiled(text)
        source = (
            without_commands(text).replace("{", "(").replace("}", ")").replace("^", "**").replace("sqrt(", "root(2,")
        )
        if "|" in source:
            return None
        source = re.sub(r"(?<=[\w)])\s+(?=[\w(])", "*", source)
        source = re.sub(r"(?<=[\d)])(?=[a-zA-Z(])|(?<=\))(?=\w)", "*", source)
        source = re.sub(r"root\*?\(", "root(", source)
        source = re.sub(r"(?<![a-zA-Z])((?!root)[a-zA-Z])(?=\()", r"\1*", source)
        source = re.sub(r"(?<![a-zA-Z])(?!root\b)([a-zA-Z]{2})(?![a-zA-Z])", lambda m: "*".join(m[1]), source)
        names = {
            one: sympy.Symbol(one, positive=True) for one in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        }
        names["root"] = lambda index, of: sympy.root(of, index)
        source = re.sub(r"\d*\.\d+", lambda match: f"Rational('{match[0]}')", source)
        made = sympy.parse_expr(source, local_dict=names)
        return made if isinstance(made, sympy.Expr) and equal(text, str(made)) else None
    except (NotRead, SyntaxError, TypeError, ValueError, AttributeError):
        return None


def _dropped(text: str) -> Iterator[str]:
    """Without one of its terms or factors, after "=" too."""
    head, sign, value = text.rpartition("=")
    expression = _sympy(value.strip()) if r"\pm" not in text and "," not in text else None
    if expression is None:
        return
    if expression.is_Add or expression.is_Mul:
        for term in expression.args:
            if expression.is_Mul and term.is_number:
                continue
            kept = expression.func(*(one for one in expression.args if one is not term))
            yield f"{head}{sign}{kept}"
