"""Reads a sentence as mathematics: digits, number words, LaTeX and words for operations become one run of tokens. Pure.

It is greedy where grading is careful. Grading asks what an answer says; the guard asks whether a sentence *could be
read* as saying it, in any of the ways people write numbers in seven languages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from retrieval.words import UNSPACED
from tutor.grading.guard_words import Words, folded, words_of

LONGEST = 2000  # characters read of a sentence: enough for a long paragraph, and a bound on the time

Kind = Literal["number", "name", "sign", "relation", "word", "stop", "phrase"]


@dataclass(frozen=True, slots=True)
class Token:
    """``value`` and ``decimals`` of a number (``decimals`` is -1 for words and exact fractions)."""

    kind: Kind
    text: str
    value: float = 0.0
    decimals: int = -1


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
_CHINESE = {c: v for v, c in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10000,
}
_CHINESE_RUN = re.compile("[零〇一二两三四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?")
_CHINESE_PART = re.compile(f"({_CHINESE_RUN.pattern})分之({_CHINESE_RUN.pattern}|\\d+(?:\\.\\d+)?)")


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
        if character == "$":
            maths = not maths
            found.append(Token("stop", "$"))
            at += 1
        elif digits := _DIGITS.match(plain, at):
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
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^(" + m[0].translate(_SUPER) + ")", text)
    text = re.sub(r"(\d+)\s?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])", r"(\1+\2)", text)
    text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", r"(\g<0>)", text)
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    text = re.sub(r"\^(?=\s*\\circ)|\\circ\b", "°", text)
    text = _TEXT.sub(r" \1 ", text).replace("\\%", "%").replace("٪", "%").replace("\\{", "{").replace("\\}", "}")
    for _ in range(4):
        text = _POWER.sub(r"^(\1)", text)
        text, changed = _FRACTION.subn(lambda m: f"(({m[1] or m[3]})/({m[2] or m[4]}))", text)
        if not changed:
            break
    text = _COMMAND.sub(lambda m: _LATEX.get(m[1], " "), text).replace("\\", " ")
    text = folded(text)
    text = re.sub(r"(\d(?:[.,]\d+)?)e([-+]?\d{1,3})\b", r"\1*10^(\2)", text)
    text = re.sub(r"10\^\s?(-?\d+)", r"10^(\1)", text)
    text = re.sub(r"(?<=\d) ?x ?(?=10\^)", "*", text)
    text = re.sub(r"(?<=\d)\.{2,}|…", " ", text)
    if words.language == "de":
        text = re.sub(r"[^\W\d_]{9,}", lambda m: _german(m[0], words), text)
    if UNSPACED.search(text):
        text = _chinese(text)
    for phrase in words.percent:
        text = text.replace(phrase, " % ")
    for at, (phrase, _) in enumerate(words.ops):
        if phrase in text:
            edge, end = ("", "") if UNSPACED.search(phrase) else (r"(?<![^\W_])", r"(?![^\W_])")
            text = re.sub(f"{edge}{re.escape(phrase)}{end}", f" {chr(_OPS + at)} ", text)
    return text


def _german(word: str, words: Words) -> str:
    """``zweihundertvierzig`` as ``zwei hundert vierzig``; another word unchanged."""
    if word in words.fixed:
        return word
    parts: list[str] = []
    at = 0
    known = sorted([*words.numbers, *words.fractions, "und", "ein"], key=len, reverse=True)
    while at < len(word):
        for part in known:
            if word.startswith(part, at):
                parts.append(part)
                at += len(part)
                break
        else:
            return word
    if len(parts) == 3 and parts[1] == "und":  # achtundvierzig: the unit is said first
        parts = [parts[2], "eins" if parts[0] == "ein" else parts[0]]
    elif len(parts) > 3 and parts[-2] == "und":
        parts = [*parts[:-3], parts[-1], parts[-3]]
    return " ".join(part for part in parts if part != "ein")


def _chinese(text: str) -> str:
    text = re.sub(f"百分之({_CHINESE_RUN.pattern}|\\d+(?:\\.\\d+)?)", lambda m: f" {_chinese_value(m[1])} % ", text)
    text = _CHINESE_PART.sub(lambda m: f" (({_chinese_value(m[2])})/({_chinese_value(m[1])})) ", text)
    for character, symbol in {"焦": "kj", "克": "kg", "米": "km", "瓦": "kw", "卡": "kcal"}.items():
        text = text.replace("千" + character, f" {symbol} ")  # kilo, not thousand
    text = text.replace("一半", " (1/2) ").replace("零下", "-").replace("负", "-")
    return _CHINESE_RUN.sub(lambda m: f" {_chinese_value(m[0])} " if m[0] != "一" else m[0], text)


def _chinese_value(run: str) -> str:
    if run[0].isascii():
        return run
    whole, _, part = run.partition("点")
    if not any(_CHINESE[c] >= 10 for c in whole):
        value = "".join(str(_CHINESE[c]) for c in whole)
    else:
        total, section, digit = 0, 0, 0
        for c in whole:
            worth = _CHINESE[c]
            if worth == 10000:
                total, section, digit = (total + section + digit) * worth, 0, 0
            elif worth >= 10:
                section, digit = section + (digit or 1) * worth, 0
            else:
                digit = worth
        value = str(total + section + digit)
    return value + ("." + "".join(str(_CHINESE[c]) for c in part) if part else "")


def _number(text: str, comma_decimal: bool) -> Token:
    marks = re.findall(r"[^\d]", text)
    text = text.replace("٫", "." if not comma_decimal else ",").replace("٬", "")
    text = re.sub(r"[ \u00a0\u202f'’]", "", text)
    decimal = "," if comma_decimal else "."
    if len(set(marks)) == 1 and len(marks) == 1:
        grouped = re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text)
        if not grouped or text[-4] == decimal:
            text = text.replace(",", ".")  # one mark that cannot group, or that this reading takes as decimal
        else:
            text = text.replace(",", "").replace(".", "")
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
    return _settled(_spelled(tokens, words), words)


def _spelled(tokens: list[Token], words: Words) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "word":
            taken, value = _spelled_number(tokens, at, words)
            if taken:
                found.append(value)
                at += taken
                continue
            if token.text in words.fixed:
                found.append(Token("number", token.text, words.fixed[token.text]))
                at += 1
                continue
            part = words.fractions.get(_bare(token.text, words))
            if part:
                at += 1
                found.append(_fraction(found, part))
                continue
            if token.text in words.minus and at + 1 < len(tokens):
                found.append(Token("sign", "-"))
                at += 1
                continue
        found.append(token)
        at += 1
    return found


def _bare(word: str, words: Words) -> str:
    return word.removeprefix("و").removeprefix("ال") if words.language == "ar" and len(word) > 3 else word


def _fraction(found: list[Token], part: int) -> Token:
    """``three quarters``; ``one and a half`` takes the whole number in."""
    if found and found[-1].kind == "number" and found[-1].decimals == -1 and found[-1].value == int(found[-1].value):
        before = found.pop()
        return Token("number", f"{before.text}/{part}", before.value / part)
    while found and found[-1].text in ("a", "un", "una", "ein", "eine", "einer", "une", "one"):
        found.pop()
    joined = found and found[-1].text in ("and", "y", "und", "et", "و")
    if joined and len(found) > 1 and found[-2].kind == "number" and found[-2].value == int(found[-2].value):
        found.pop()
        whole = found.pop()
        return Token("number", f"{whole.text} 1/{part}", whole.value + 1 / part)
    return Token("number", f"1/{part}", 1 / part)


def _spelled_number(tokens: list[Token], at: int, words: Words) -> tuple[int, Token]:
    """How many tokens from ``at`` say one number in words, and that number."""
    total, current, last, used = 0.0, 0.0, float("inf"), 0
    place, said = at, []
    while place < len(tokens):
        token = tokens[place]
        word = token.text
        joined = False
        if (token.kind == "stop" and word == "-") or (token.kind == "sign" and word == "-" and used):
            place += 1
            if place >= len(tokens) or tokens[place].text not in words.numbers:
                break
            continue
        if used and word in words.joins:
            place += 1
            joined = True
            if place >= len(tokens):
                break
            word = tokens[place].text
        elif words.language == "ar" and used and word.startswith("و") and word[1:] in words.numbers:
            word, joined = word[1:], True
        value = words.numbers.get(word)
        if value is None or (tokens[place].kind != "word"):
            break
        if used and value == 12 and word not in ("twelve", "doce", "zwolf", "douze"):
            current *= 12  # four dozen
        elif used and value in (20.0,) and words.language == "fr" and current % 100 == 4:
            current += 76
        elif value >= 100 and value in (100.0, 1000.0, 1e5, 1e6, 1e7, 1e9) and (used or value >= 100):
            if used and current == 0:
                break
            if value == 100:
                current = current * 100 if used and 0 < current < 100 else current + 100
            else:
                total, current = total + max(current, 1.0) * value, 0.0
        elif (
            used
            and not (value < last or (joined and words.language == "ar"))
            and not (words.language == "fr" and last in (60.0, 80.0, 20.0) and value < 20)
        ) or (
            used
            and last < 20
            and not (joined and words.language == "ar")
            and not (words.language == "fr" and last == 10 and value < 10)
        ):
            break
        else:
            current += value
        last = value
        said.append(word)
        place += 1
        used = place - at
    if not used:
        return 0, Token("word", "")
    value = total + current
    if place + 1 < len(tokens) and tokens[place].text in words.point:
        digits = ""
        place += 1
        while place < len(tokens) and (tokens[place].text in words.numbers or tokens[place].kind == "number"):
            number = words.numbers.get(tokens[place].text, tokens[place].value)
            digits += str(int(number))
            place += 1
        if digits:
            return place - at, Token("number", " ".join(said), float(f"{int(value)}.{digits[:20]}"), len(digits))
        return used, Token("number", " ".join(said), value)
    return used, Token("number", " ".join(said), value)


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
