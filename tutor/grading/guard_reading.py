"""Reads a sentence as mathematics: digits, number words, LaTeX and words for operations become one run of tokens. Pure.

It is greedy where grading is careful. Grading asks what an answer says; the guard asks whether a sentence *could be
read* as saying it, in any of the ways people write numbers in seven languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from retrieval.words import UNSPACED
from tutor.grading.guard_spelled import Token, chinese, german, spelled
from tutor.grading.guard_words import Words, folded, words_of

__all__ = ["Token", "read"]

LONGEST = 2000  # characters read of a sentence: enough for a long paragraph, and a bound on the time


_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "∗": "*", "÷": "/", "⁄": "/"})
_LATEX = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    "div": "/",
    "pm": " ± ",
    **dict.fromkeys(("le", "leq", "leqslant"), " <= "),
    **dict.fromkeys(("ge", "geq", "geqslant"), " >= "),
    "lt": " < ",
    "gt": " > ",
    "ne": " ; ",
    "neq": " ; ",
    "infty": " ∞ ",
    **dict.fromkeys(("emptyset", "varnothing"), " ∅ "),
    **dict.fromkeys(("to", "rightarrow", "Rightarrow", "implies", "rightleftharpoons", "quad", "in"), " ; "),
    "approx": " = ",
}
_FRACTION = re.compile(r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}|\\[dtc]?frac\s*(\d)\s*(\d)")
_POWER = re.compile(r"\^\s*\{([^{}]*)\}")
_TEXT = re.compile(r"\\(?:text|mathrm|mathit|operatorname|mbox)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([a-zA-Z]+)\s?")
_DIGITS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f,.'’٬]\d{3})+(?!\d)(?:[.,٫]\d+)?|\d+(?:[.,٫]\d+)?|(?<![\d\w])[.,]\d+")
_NUMBER_WORD = re.compile(f"{UNSPACED.pattern}+|(?:(?!{UNSPACED.pattern})[^\\W\\d_])+")  # x等于五 is three words
_OPS = 0xE000  # private use: stands for the n-th phrase of the language's operations


@lru_cache(maxsize=2048)
def read(text: str, language: str, names: frozenset[str], comma_decimal: bool = False) -> tuple[Token, ...]:
    """The tokens of ``text``; single letters in ``names`` are variables, and any single letter inside dollars.

    ``comma_decimal`` says how an ambiguous mark is read ("1.500", "2,500").
    """
    words = words_of(language)
    plain = _plain(text[:LONGEST], words)
    found: list[Token] = []
    maths = False
    at = 0
    while at < len(plain):
        character = plain[at]
        if character == " ":
            at += 1
        elif character == "$":
            maths = not maths
            found.append(Token("stop", "$"))
            at += 1
        elif character in "0123456789.," and (digits := _DIGITS.match(plain, at)):
            if at and (_is_latin(plain[at - 1]) or plain[at - 1] == "_") and not (maths and plain[at - 1] in names):
                found.append(Token("word", digits[0]))  # CO2, FADH2, B12: a name and no number
            else:
                found.append(_number(digits[0], comma_decimal))
            at = digits.end()
        elif _OPS <= ord(character) < _OPS + len(words.ops):
            found.append(Token("phrase", words.ops[ord(character) - _OPS][0], ord(character) - _OPS))
            at += 1
        elif character.isalpha():
            match = _NUMBER_WORD.match(plain, at)
            # Combining vowel signs of Devanagari are no letters to ``\w`` alone.
            end = match.end() if match else at + 1
            spaced = not UNSPACED.match(character)
            while (
                spaced
                and end < len(plain)
                and not plain[end].isascii()
                and not UNSPACED.match(plain[end])
                and (plain[end].isalpha() or unicodedata.category(plain[end]) in ("Mn", "Mc", "Lm"))
            ):
                end += 1
            found.extend(_letters(plain[at:end], maths, names))
            at = end
        else:
            found.extend(_mark(plain, at))
            at += 2 if plain[at : at + 2] in ("<=", ">=", "**") else 1
    return tuple(_with_words(found, words))


def _is_latin(character: str) -> bool:
    """Only Latin letters make names with digits (CO2); in other scripts words and digits just stand side by side."""
    return character.isalpha() and character < "\u0530"


def _plain(text: str, words: Words) -> str:
    """LaTeX, superscripts and unusual digits to plain signs; phrases for operations to signs."""
    if not text.isascii():
        text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^(" + m[0].translate(_SUPER) + ")", text)
        text = re.sub(r"(\d+)\s?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])", r"(\1+\2)", text)
        text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", r"(\g<0>)", text)
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS).replace("٪", "%")
        text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    if "\\" in text or "^" in text:
        text = _without_latex(text)
    text = folded(text)
    text = re.sub(r"(\d(?:[.,]\d+)?)e([-+]?\d{1,3})\b", r"\1*10^(\2)", text)
    text = re.sub(r"10\^\s?(-?\d+)", r"10^(\1)", text)
    text = re.sub(r"(?<=\d) ?x ?(?=10\^)", "*", text)
    text = re.sub(r"(?<=\d)\.{2,}|…", " ", text)
    if words.language == "de":
        text = re.sub(r"[^\W\d_]{9,}", lambda m: german(m[0], words), text)
    if UNSPACED.search(text):
        text = chinese(text)
    for phrase in words.percent:
        text = text.replace(phrase, " % ")
    for at, (phrase, _) in enumerate(words.ops):
        if phrase in text:
            edge, end = ("", "") if UNSPACED.search(phrase) else (r"(?<![^\W_])", r"(?![^\W_])")
            text = re.sub(f"{edge}{re.escape(phrase)}{end}", f" {chr(_OPS + at)} ", text)
    return text


def _without_latex(text: str) -> str:
    text = re.sub(r"\^(?=\s*\\circ)|\\circ\b", "°", text)
    text = _TEXT.sub(r" \1 ", text).replace("\\%", "%").replace("\\{", "{").replace("\\}", "}")
    for _ in range(4):
        text = _POWER.sub(r"^(\1)", text)
        text, changed = _FRACTION.subn(lambda m: f"(({m[1] or m[3]})/({m[2] or m[4]}))", text)
        if not changed:
            break
    return _COMMAND.sub(lambda m: _LATEX.get(m[1], " "), text).replace("\\", " ")


def _number(text: str, comma_decimal: bool) -> Token:
    marks = re.findall(r"[^\d]", text)
    text = text.replace("٫", "." if not comma_decimal else ",").replace("٬", "")
    text = re.sub(r"[ \u00a0\u202f'’]", "", text)
    decimal = "," if comma_decimal else "."
    if len(set(marks)) == 1 and len(marks) == 1:
        grouped = re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text)
        # One mark that cannot group, or that this reading takes as decimal, is the point; another groups.
        text = text.replace(",", ".") if not grouped or text[-4] == decimal else re.sub(r"[.,]", "", text)
    elif "," in text or "." in text:
        last = max(text.rfind(","), text.rfind("."))
        if text[last] in text[:last]:  # the same mark twice groups
            text = re.sub(r"[.,]", "", text)
        else:
            text = re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
    decimals = len(text.partition(".")[2])
    return Token("number", text, float(text[:40] or 0), decimals)


def _letters(word: str, maths: bool, names: frozenset[str]) -> list[Token]:
    if len(word) == 1 and word.isascii() and (maths or word in names):
        return [Token("name", word)]
    if maths and word.isascii() and len(word) <= 3 and all(letter in names for letter in word):
        return [Token("name", letter) for letter in word]
    return [Token("word", word)]


def _mark(text: str, at: int) -> list[Token]:
    two, character = text[at : at + 2], text[at]
    if two in ("<=", ">="):
        return [Token("relation", two)]
    if two == "**":
        return [Token("sign", "^")] if text[at + 2 : at + 3].isdigit() else []
    if character in "=<>≤≥":
        return [Token("relation", {"≤": "<=", "≥": ">="}.get(character, character))]
    if character in "≈≃":
        return [Token("relation", "=")]
    if character in "+-*/^()±%":
        return [Token("sign", character)]
    if character in "{}[]":
        return [Token("stop", character)]
    if character.isspace():
        return []
    if character in "∅∞":
        return [Token("word", character)]
    return [Token("stop", character)]


def _with_words(tokens: list[Token], words: Words) -> list[Token]:
    """Number words become numbers; a sign that stands for a word stays only between values."""
    return _settled(spelled(tokens, words), words)


def _settled(tokens: list[Token], words: Words) -> list[Token]:
    """A phrase for an operation becomes its sign where values stand beside it, else it is an ordinary word."""
    found: list[Token] = []
    nothing = Token("stop", "")
    for at, token in enumerate(tokens):
        if token.kind != "phrase":
            found.append(token)
            continue
        before = found[-1] if found else nothing
        after = tokens[at + 1] if at + 1 < len(tokens) else nothing
        if after.text == "-" and at + 2 < len(tokens):
            after = tokens[at + 2]
        found += _operation(words.ops[int(token.value)][1], before, after) or [Token("word", token.text)]
    return found


def _is_value(token: Token) -> bool:
    return token.kind in ("number", "name") or token.text in ("(", ")", "%")


def _operation(sign: str, before: Token, after: Token) -> list[Token]:
    left, right = _is_value(before), _is_value(after)
    if sign == "of":
        joins = (before.kind == "number" or before.text == "%") and after.kind == "number"
        return [Token("sign", "*")] if joins else []
    if sign in "=<>":
        return [Token("relation", sign)] if right else []
    if sign in ("^2", "^3"):
        return [Token("sign", "^"), Token("number", sign[1], float(sign[1]))] if left else []
    if sign == "2*":
        return [Token("number", "2", 2.0), Token("sign", "*")] if after.kind == "number" else []
    if (left or sign == "-") and right:
        return [Token("sign", sign)]
    return []
