"""Numbers in words: English to Chinese, with fractions, decimals said aloud and compounds. Pure."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from tutor.grading.guard_words import Words

Kind = Literal["number", "name", "sign", "relation", "word", "stop", "phrase"]


class Token(NamedTuple):
    """``value`` and ``decimals`` of a number (``decimals`` is -1 for words and exact fractions)."""

    kind: Kind
    text: str
    value: float = 0.0
    decimals: int = -1


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


def german(word: str, words: Words) -> str:
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


def chinese(text: str) -> str:
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


def spelled(tokens: list[Token], words: Words) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "word":
            if token.text in words.numbers:
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
