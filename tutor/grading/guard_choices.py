"""Does a sentence pick the option, rule all others out, put the steps in order or join a pair? Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from retrieval.stopwords import stopwords
from retrieval.terms import terms
from retrieval.words import UNSPACED
from tutor.grading.guard_words import folded

_LABEL = re.compile(r"(?<![A-Za-z0-9'’-])([A-H])(?![A-Za-z0-9'’-])")
_RANGE = re.compile(r"(?<!\w)([A-H])\s?(?:to|bis|a la|à|-|–|到|至|से|إلى)\s?(?:la |el )?([A-H])(?!\w)")
#: "A" is also an article: then a word follows that is none of these.
_AFTER_LABEL = re.compile(
    r"\s*(?:$|[^\w\s]|(?:is|are|and|or|nor|all|both|was|has|sounds|looks|fits|isn|y|o|und|oder|et|ou|是|和|或|है|و)(?!\w))"
)
_SMALL_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁺⁻", "0123456789+-")
_ORDINALS = {
    1: "first primera primero erste ersten premiere premier prima 第一 पहला पहली الأول الأولى",
    2: "second segunda segundo zweite zweiten deuxieme seconde 第二 दूसरा दूसरी الثاني الثانية",
    3: "third tercera tercero dritte dritten troisieme 第三 तीसरा तीसरी الثالث الثالثة",
    4: "fourth cuarta cuarto vierte vierten quatrieme 第四 चौथा चौथी الرابع الرابعة",
    5: "fifth quinta quinto funfte funften cinquieme 第五 पाँचवाँ الخامس الخامسة",
    6: "sixth sexta sechste sixieme 第六 السادس",
}
_PICKING = frozenset(
    [
        "option",
        "one",
        "answer",
        "right",
        "correct",
        "pick",
        "choose",
        "tick",
        "select",
        "opcion",
        "respuesta",
        "correcta",
        "elige",
        "marca",
        "antwort",
        "richtig",
        "wahle",
        "kreuze",
        "reponse",
        "bonne",
        "choisis",
        "coche",
        "选",
        "答案",
        "正确",
        "विकल्प",
        "उत्तर",
        "सही",
        "الخيار",
        "الإجابة",
        "الصحيحة",
        "اختر",
    ]
)
_EXCLUDING = frozenset(
    [
        "not",
        "neither",
        "nor",
        "except",
        "but",
        "exclude",
        "rule",
        "out",
        "wrong",
        "none",
        "ni",
        "no",
        "excepto",
        "salvo",
        "nicht",
        "weder",
        "ausser",
        "kein",
        "falsch",
        "pas",
        "sauf",
        "aucun",
        "不",
        "除",
        "不是",
        "नहीं",
        "ليس",
        "ليست",
        "إلا",
    ]
)
# Those of scripts without spaces, which stand inside longer runs.
_PICKING_INSIDE, _EXCLUDING_INSIDE = (
    tuple(word for word in words if UNSPACED.search(word)) for words in (_PICKING, _EXCLUDING)
)
_BACKWARDS = frozenset(
    [
        "reverse",
        "backwards",
        "top",
        "down",
        "end",
        "last",
        "fourth",
        "fifth",
        "before",
        "inverso",
        "atras",
        "ruckwarts",
        "umgekehrt",
        "inverse",
    ]
)


@lru_cache(maxsize=4096)
def stems(text: str, language: str) -> tuple[str, ...]:
    """Index terms in order, without function words."""
    small = stopwords(language)
    return tuple(term for term in _terms(text.replace("\n", " "), language) if term not in small)


@lru_cache(maxsize=4096)  # a sentence is held against every option, and every option against each sentence
def _terms(text: str, language: str) -> tuple[str, ...]:
    return tuple(terms(text, language))


def names(phrase: str, text: str, language: str) -> bool:
    """Whether ``text`` says ``phrase`` word for word, endings apart."""
    return place(phrase, text, language) >= 0


def spells(formula: str, text: str) -> bool:
    """Whether ``text`` holds a formula letter for letter, however it is set: N2, N₂, $\\mathrm{N_2}$."""
    wanted = _plain_formula(formula)
    if not re.fullmatch(r"(?=.*[A-Z])[A-Za-z0-9()+-]{2,}", wanted) or wanted[1:].islower():
        return False
    return bool(re.search(rf"(?<![A-Za-z]){re.escape(wanted)}(?![A-Za-z0-9+])", _plain_formula(text)))


def _plain_formula(text: str) -> str:
    text = re.sub(r"\\(?:mathrm|text|ce)\b|[${}_^]", "", text)
    return text.translate(_SMALL_DIGITS).strip()


def place(phrase: str, text: str, language: str) -> int:
    """Where among the stems of ``text`` those of ``phrase`` stand in a row; -1 where they do not."""
    wanted = _terms(phrase, language)
    given = _terms(text, language)
    if not wanted:
        return folded(text).find(folded(phrase)) if phrase.strip() and UNSPACED.search(phrase) else -1
    if wanted[0] not in given:
        return -1
    return next((at for at in range(len(given) - len(wanted) + 1) if given[at : at + len(wanted)] == wanted), -1)


def picked(
    sentence: str,
    options: Sequence[tuple[str, str]],
    right: frozenset[str],
    language: str,
    before: str,
    own: tuple[str, str] = ("", ""),
) -> str:
    """Why ``sentence`` gives the choice away, or "".

    ``options`` are (label, text) as shown, ``right`` holds labels; ``own`` are the words of the item's language for
    what the sentence names, and that language.
    """
    text = re.sub(r"(?<![A-Za-z0-9])\d+(?=[A-Z])", "", f"{before} {sentence}" if before else sentence)  # 3ATP
    labels = [label for label, _ in options]
    wrong = frozenset(labels) - right
    plain, tokens = set(re.findall(r"[^\W\d_]+", folded(text))), _tokens(text)
    picking = bool(plain & _PICKING) or any(word in text for word in _PICKING_INSIDE)
    said = _labels(text, labels, picking) | {
        label
        for label, option in options
        if names(option, text, language) or folded(option) in tokens or names(option, *own)
    }
    if not said or said == frozenset(labels):
        return ""
    several = len(right) > 1
    if right <= said and not wrong <= said and (not several or not said & wrong):
        return "named " + ", ".join(sorted(right))
    if several and picking and said & right and not said & wrong and _labels(text, labels, picking):
        return "named " + ", ".join(sorted(said & right))
    excludes = bool(plain & _EXCLUDING) or any(word in text for word in _EXCLUDING_INSIDE)
    if wrong and wrong <= said and not said & right and (not several or excludes):
        return "all others ruled out"
    return ""


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\s.,;:!?()。，、；：]+", folded(text)))


def _labels(text: str, labels: Sequence[str], picking: bool) -> frozenset[str]:
    text = _RANGE.sub(" ", text)
    found = {
        match[1]
        for match in _LABEL.finditer(text)
        if match[1] in labels and (match[1] != "A" or _AFTER_LABEL.match(text, match.end()))
    }
    if picking:
        plain = folded(text)
        for at, label in enumerate(labels, start=1):
            if any(
                re.search(rf"(?<!\w){word}(?!\w)" if word.isascii() else word, plain)
                for word in _ORDINALS.get(at, "").split()
            ):
                found.add(label)
    return frozenset(found)


def ordered(sentence: str, steps: Sequence[str], question: str, language: str, before: str) -> bool:
    """Whether the steps are named in their order, from either end, or each with the next."""
    text = f"{before} {sentence}" if before else sentence
    mentions = _mentions(text, steps, language)
    firsts = list(dict.fromkeys(mentions))
    if len(firsts) < len(steps) or len(steps) < 3:
        return False
    shown = list(dict.fromkeys(_mentions(question, steps, language)))
    right = list(range(len(steps)))
    if firsts in (right, right[::-1]) and firsts != shown:
        plain = set(re.findall(r"[^\W\d_]+", folded(text)))
        return firsts == right or bool(plain & _BACKWARDS) or len(mentions) == len(steps)
    pairs = list(zip(mentions[::2], mentions[1::2], strict=False))
    return (
        len(mentions) == 2 * (len(steps) - 1)
        and all(abs(a - b) == 1 for a, b in pairs)
        and (len({a > b for a, b in pairs}) == 1)
    )


def _mentions(text: str, steps: Sequence[str], language: str) -> list[int]:
    given = _terms(text, language)
    wanted = [_terms(step, language) for step in steps]
    found: list[int] = []
    at = 0
    while at < len(given):
        hit = max(
            (step for step, stem in enumerate(wanted) if stem and given[at : at + len(stem)] == stem),
            key=lambda step: len(wanted[step]),
            default=-1,
        )
        if hit >= 0:
            found.append(hit)
            at += len(wanted[hit])
        else:
            at += 1
    return found


def joined(sentence: str, pairs: Sequence[tuple[str, str]], language: str) -> str:
    """The pair that ``sentence`` joins, or "": both sides are said, and no other left side."""
    said = [left for left, _ in pairs if names(left, sentence, language)]
    rights = {right for _, right in pairs}
    named = [
        right
        for right in rights
        if set(stems(right, language)) <= set(stems(sentence, language)) and stems(right, language)
    ]
    for left, right in pairs:
        if said == [left] and named == [right]:
            return f"{left}: {right}"
    return ""
