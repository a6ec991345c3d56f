"""Understands which of several shown things a typed answer means: a letter, a number, an ordinal, or its text.

Letters, ordinals and the small words around them are known in English, Spanish, German and Arabic (French in part);
texts and mathematics work in every language.
"""

import difflib
import re
from collections.abc import Sequence

from tutor.domain.mathematics.compare import compare
from tutor.domain.mathematics.readings import readings
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.words import known_words, plain_words
from tutor.domain.numerals import tidy


def _listed(text: str) -> tuple[str, ...]:
    return tuple(plain_words(word) for word in text.split())


_ORDINALS = (
    "first 1st one uno una primera primero primer "
    "erste erster erstes ersten eins premier premiere أول الأول الأولى واحد",
    "second 2nd two dos segunda segundo zweite zweiter zweites zweiten zwei deuxieme ثاني الثاني الثانية اثنان",
    "third 3rd three tres tercera tercero tercer "
    "dritte dritter drittes dritten drei troisieme ثالث الثالث الثالثة ثلاثة",
    "fourth 4th four cuatro cuarta cuarto vierte vierter viertes vierten vier quatrieme رابع الرابع الرابعة أربعة",
    "fifth 5th five cinco quinta quinto funfte funfter funftes funften funf cinquieme خامس الخامس الخامسة خمسة",
    "sixth 6th six seis sexta sexto sechste sechster sechstes sechsten sechs sixieme سادس السادس السادسة ستة",
    "seventh 7th seven siete septima septimo siebte siebter siebtes siebten sieben septieme سابع السابع السابعة سبعة",
    "eighth 8th eight ocho octava octavo achte achter achtes achten acht huitieme ثامن الثامن الثامنة ثمانية",
)
_PLACES = {word: at for at, words in enumerate(_ORDINALS) for word in _listed(words)}
_LAST = frozenset(_listed("last ultima ultimo letzte letzter letztes letzten derniere dernier الأخير الأخيرة"))
_LETTERS = {**{chr(ord("a") + at): at for at in range(26)}, **{c: at for at, c in enumerate("ابجدهوزح")}}
_SMALL = frozenset(
    _listed(
        "s m t the option options answer answers choice letter number is are it its i think choose pick chose guess "
        "would say my maybe probably and or number no. nr item statement "
        "la el lo las los opcion opciones respuesta respuestas letra numero es son creo que elijo la y o "
        "die der das den antwort antworten option buchstabe nummer ist sind ich glaube denke wahle und oder "
        "le les reponse lettre est et ou je pense "
        "الخيار خيار الإجابة الاجابة الجواب الحرف رقم هو هي أعتقد اظن و أو"
    )
)
_NEGATIONS = frozenset(
    _listed(
        "not neither none nor never wrong isn t don dont isnt except but ninguna ninguno nunca tampoco ni incorrecta "
        "nicht kein keine keiner weder falsch ausser pas ليس ليست لا غير"
    )
)


def places_of(text: str, texts: Sequence[str], language: str = "en") -> tuple[int, ...] | None:
    """The places, in ``texts`` as shown, of what ``text`` names, in the order in which it names them.

    None where that is not clear. An option's own text wins over a letter or a number: "3" is the option "3".
    """
    exact = _exact(text, texts)
    if exact is not None:
        return (exact,)
    named = _by_name(text, len(texts))
    if named is not None:
        return named
    if _is_negated(text, texts):
        return None
    same = _by_meaning(text, texts, language)
    if same is not None:
        return (same,)
    pieces = [piece for piece in re.split(r"[;\n]|\s>\s|→|->|,(?!\d)", text) if piece.strip()]
    if len(pieces) > 1:
        found = [_one(piece, texts, language) for piece in pieces]
        if all(one is not None for one in found):
            return tuple(dict.fromkeys(one for one in found if one is not None))
    one = _similar(text, texts)
    return None if one is None else (one,)


def place_of(text: str, texts: Sequence[str], language: str = "en") -> int | None:
    """As ``places_of`` where exactly one is meant."""
    found = places_of(text, texts, language)
    return found[0] if found is not None and len(found) == 1 else None


def _one(text: str, texts: Sequence[str], language: str) -> int | None:
    named = _by_name(text, len(texts))
    for found in (_exact(text, texts), named[0] if named and len(named) == 1 else None):
        if found is not None:
            return found
    same = _by_meaning(text, texts, language)
    return _similar(text, texts) if same is None else same


def _bare(text: str) -> str:
    return " ".join(tidy(text.replace("$", " ")).casefold().split()).rstrip(".!")


def _exact(text: str, texts: Sequence[str]) -> int | None:
    verbatim = [at for at, one in enumerate(texts) if one.strip() == text.strip()]
    if len(verbatim) == 1:
        return verbatim[0]
    bare = _bare(text)
    found = [at for at, one in enumerate(texts) if _bare(one) == bare]
    if not found:
        name = known_words(text)
        found = [at for at, one in enumerate(texts) if name and known_words(one) == name]
    if not found and not re.search(r"[\d=+*/^<>√|-]", text):
        plain = plain_words(text)
        found = [at for at, one in enumerate(texts) if plain and plain_words(one) == plain]
    return found[0] if len(found) == 1 else None


def _by_name(text: str, count: int) -> tuple[int, ...] | None:
    """By letters, numbers and ordinals with nothing but small words around them."""
    plain = tidy(text)
    if re.search(r"[=+*/^<>]|\d[.,]\d|-\d", plain):
        return None
    words = plain_words(plain).split()
    if len(words) > 12:
        return None
    found: list[int] = []
    for at, word in enumerate(words):
        place = _LETTERS.get(word) if len(word) == 1 else _PLACES.get(word)
        if word in ("y", "o", "e", "u") and 0 < at < len(words) - 1 and count < 5:
            continue  # Spanish "and", "or"
        if word.isdecimal():
            place = int(word) - 1
        if word in _LAST:
            place = count - 1
        if word == "one" and found:
            continue  # "the second one"
        if place is not None and 0 <= place < count:
            found.append(place)
        elif word not in _SMALL:
            return _run_together(words, count)
    return tuple(dict.fromkeys(found)) or None


def _run_together(words: Sequence[str], count: int) -> tuple[int, ...] | None:
    """ "bac" or "213": each once, and all of them."""
    if len(words) != 1 or len(words[0]) != count or not 2 <= count <= 9:
        return None
    places = [int(c) - 1 if c.isdecimal() else _LETTERS.get(c, -1) for c in words[0]]
    return tuple(places) if sorted(places) == list(range(count)) else None


def _is_negated(text: str, texts: Sequence[str]) -> bool:
    """Whether it says what it is not; words that the options say themselves don't count."""
    theirs = {word for one in texts for word in plain_words(one).split()}
    return bool(set(plain_words(text).split()) & (_NEGATIONS - theirs))


def _by_meaning(text: str, texts: Sequence[str], language: str) -> int | None:
    """By mathematics: "3*23" for "$3 \\times 23$"; only where one alone is the same."""
    try:
        given = readings(text, language)[0]
    except Unreadable:
        return None
    found = []
    for at, one in enumerate(texts):
        try:
            if compare(readings(one)[0], given).degree == "yes":
                found.append(at)
        except Unreadable:
            continue
    return found[0] if len(found) == 1 else None


def _similar(text: str, texts: Sequence[str]) -> int | None:
    """By its words: the whole of one option within the answer, the answer as part of one option, or a slip of the
    pen. Not for mathematics, where one sign makes another option."""
    if re.search(r"[=+*/^<>√\\]|\d", text):
        return None
    given = plain_words(text)
    if len(given) < 3:
        return None
    plain = [plain_words(one) for one in texts]
    within = [at for at, one in enumerate(plain) if one and f" {one} " in f" {given} "]
    # "both A and B": the longest text that is there holds the shorter ones.
    longest = [at for at in within if all(plain[other] in plain[at] for other in within)]
    if longest:
        return longest[0] if len(within) == 1 or len(longest) == 1 else None
    around = [at for at, one in enumerate(plain) if len(given) >= 4 and f" {given} " in f" {one} "]
    if len(around) == 1:
        return around[0]
    alike = (difflib.SequenceMatcher(None, _without_small(one), _without_small(given)).ratio() for one in plain)
    shares = sorted(((share, at) for at, share in enumerate(alike)), reverse=True)
    if shares and shares[0][0] >= 0.88 and (len(shares) == 1 or shares[1][0] < shares[0][0] - 0.1):
        return shares[0][1]
    return None


def _without_small(text: str) -> str:
    return " ".join(word for word in text.split() if word not in _SMALL)
