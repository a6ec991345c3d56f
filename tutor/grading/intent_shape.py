"""The shape of a message: question marks, numbers, operators, option letters, noise; and what shape alone decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tutor.domain.assessment import Intent
from tutor.grading.intent_cues import DRAWN_OUT, HEAD, SENTENCE, cues, is_marked, is_polar, listed, normalised, words

BRIEF = 60  # no bare number or list of letters is longer
_DIGITS = re.compile(r"\d")
_MATHS = re.compile(r"[=<>^≤≥√∞\\$]|\d\s*[-+*/×÷·]\s*\(?[\d.\w]|[)\w]\s*[-+*/]\s*[(\d]|\)\s*\(")
_NUMBER_ONLY = re.compile(r"\W*\d[\d.,\s/×^*·e+−-]*\W*(?:percent|[a-zµ]{1,6}(?:[/^ ]?[a-z0-9-]{1,4})?)?\W*")
_OPTION = re.compile(r"[^\w]*[a-hابجد][^\w]*")
_OPTION_START = re.compile(r"[^\w]*(?:[a-hابجد]\s*[).:,]|[a-hابجد]\s+\w)")
_LETTER_LIST = re.compile(
    r"[^\w]*(?:[a-hابتجدهو1-9٠-٩]\W+(?:(?:and|y|und|و|then|luego|dann|ثم) )?){1,9}[a-hابتجدهو1-9٠-٩][^\w]*|[a-h]{3,8}"
)
_IN_TURN = re.compile(r"a\W*(?:\w{1,4}\W+){0,2}b\W*(?:\w{1,4}\W+){0,2}c\W*(?:\w{1,4}\W+){0,2}d|ا\W*ب\W*ج\W*د")
_NEVER = re.compile(r"(?!)")
_ENDS_IN_ANSWER = {
    "multiple_choice": re.compile(r"[a-hابجد]"),
    "numeric": re.compile(r"\d+\w{0,4}"),
    "symbolic": re.compile(r"\d+\w{0,2}"),
}
_MARKUP = re.compile(r"#{3}|\[\[|\{\{|</?[a-z]{3,}>|^\s*(?:---|```)")
_PAIR = re.compile(r"\b\w{1,2}\s*[-=:→>]\s*\w{1,2}\b|\b[1-9][a-h]\b|\b[a-h][1-9]\b")
# In Spanish the accent tells "cuándo" (when?) from "cuando" (when ...).
_ASKING_ACCENT = re.compile(r"\b(?:qué|cómo|cuándo|dónde|adónde|quién|quiénes|cuáles|cuál|cuánt[oa]s?|por qué)\b", re.I)
_MASH = re.compile(
    r"\b(?=[a-z]{4,}\b)[^\Waeiouy\d_]+\b|asdf|sdfg|dfgh|fghj|hjkl|jklo|qwert|zxcv|yxcv|شسيب|ضصثق|[bcdfghjklmnpqrstvwxz]{6}"
)


def shape(message: str, folded: str, tokens: list[str]) -> Iterator[str]:
    asked = folded.count("?") + folded.count("？")
    if asked:
        yield "shape:?"
        if is_marked(folded):
            yield "shape:?$"
            for cue in _last_sentence_cues(folded):
                yield f"shape:?$&{cue}"
        if asked > 1:
            yield "shape:??"
        if asked >= max(2, len(tokens) // 3):
            yield "shape:guesses"
    if "¿" in message:
        yield "shape:¿"
    if has_asking_accent(message):
        yield "shape:qué"
    if "!" in folded:
        yield "shape:!"
    for bound in (1, 2, 3, 6, 12, 25):
        if len(tokens) <= bound:
            yield f"shape:{bound}"
            break
    else:
        yield "shape:long"
    if not tokens:
        yield "shape:no-words"
    letters = [c for c in message[:HEAD] if c.isalpha()]
    if len(letters) > 5 and all(c.isupper() for c in letters) and any(c.islower() for c in message.lower()):
        yield "shape:capitals"
    if _DIGITS.search(folded):
        yield "shape:number"
        if len(folded) <= BRIEF and _NUMBER_ONLY.fullmatch(folded):
            yield "shape:number-only"
    if _MATHS.search(folded):
        yield "shape:maths"
    if len(folded) <= BRIEF and _OPTION.fullmatch(folded):
        yield "shape:option"
    elif _OPTION_START.match(folded[:BRIEF]):
        yield "shape:option-start"
    if len(folded) <= BRIEF and _LETTER_LIST.fullmatch(folded):
        yield "shape:letter-list"
        if _IN_TURN.search(folded):
            yield "shape:all-in-turn"
    if _MARKUP.search(folded):
        yield "shape:markup"
    if _PAIR.search(folded):
        yield "shape:pairs"
    if any(a == b for a, b in pairwise(tokens)):
        yield "shape:repeats"
    if folded.count(",") >= 2:
        yield "shape:list"


def _last_sentence_cues(folded: str) -> Iterator[str]:
    sentences = [s for s in SENTENCE.findall(folded.replace("？", "?")) if s.strip(" ?!.")]
    if not sentences:
        return
    last = sentences[-1]
    tokens = words(last)
    found = list(cues().find(last, tokens))
    for kind in ("wh", "whaux", "polar", "say"):
        if any(cue.kind == kind and cue.start <= 1 for cue in found):
            yield kind
    if any(cue.kind == "tag" and cue.end == len(tokens) for cue in found) and len(tokens) > 1:
        yield "tag"
    if not any(cue.kind in ("wh", "whaux", "polar") for cue in found):
        yield "bare" if len(tokens) <= 4 else "statement"


def _mashed(folded: str) -> bool:
    """Whether it is a hand laid on the keyboard: neighbouring keys, or letters no language puts together."""
    return bool(_MASH.search(folded)) and "ch" not in folded and not _DIGITS.search(folded)


def decided(message: str, question: str, kind: str) -> Intent | None:
    """What the shape of a message alone decides, whatever the words; ``None`` leaves it to the classifier."""
    folded = normalised(message)
    tokens = words(folded)
    if not tokens:
        return None if _MATHS.search(folded) else "question" if "?" in folded or "？" in folded else "chatter"
    asked = folded.count("?") + folded.count("？")
    guesses = [part for part in re.split(r"[?？]", folded) if words(part)]
    if asked >= 3 and len(guesses) >= 3 and all(len(words(part)) <= 2 for part in guesses):
        return "gaming"
    if len(folded) <= BRIEF and kind in ("multiple_choice", "ordering", "matching"):
        between = listed("between_letters")
        lettered = all(len(token) == 1 or token in between for token in tokens)
        if kind == "multiple_choice" and lettered and _IN_TURN.search(folded):
            return "gaming"
        if not asked and (_OPTION.fullmatch(folded) or _LETTER_LIST.fullmatch(folded)):
            return "answer"
    if kind in ("numeric", "symbolic") and not asked and len(folded) <= BRIEF and _NUMBER_ONLY.fullmatch(folded):
        return "answer"
    if asked and tokens == ["ha"]:  # "hä?"
        return "question"
    if len(tokens) > 2 and len(set(tokens)) == 1:
        return "chatter"
    if len(tokens) <= 2 and (DRAWN_OUT.fullmatch(message.strip()) or _mashed(folded)):
        return "chatter"
    either = listed("either")
    if kind in ("short_answer", "numeric", "multiple_choice") and sum(token in either for token in tokens) >= 3:
        return "gaming"
    if len(tokens) <= 3:
        kinds = {cue.kind for cue in cues().find(folded, tokens) if cue.end - cue.start == len(tokens)}
        if kinds & {"yes", "no"} and "?" not in folded:
            if question and is_polar(question):
                return "answer"
            return "confirm" if "yes" in kinds else "deny"
    return None


def has_asking_accent(message: str) -> bool:
    """Whether it holds an interrogative that Spanish tells by its accent."""
    return bool(_ASKING_ACCENT.search(message[:HEAD]))


def ends_in_answer(tokens: list[str], kind: str) -> bool:
    """Whether more than one word ends in what answers an item of this type: "dunno, b"."""
    return len(tokens) > 1 and bool(_ENDS_IN_ANSWER.get(kind, _NEVER).fullmatch(tokens[-1]))
