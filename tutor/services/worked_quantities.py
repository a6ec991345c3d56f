"""A number with its unit, found in a question that asks for one and in the model answer that works it out."""

import re
from dataclasses import dataclass

from retrieval.sentences import sentences

TOLERANCE = 0.02  # relative: a learner rounds on the way as well

_NUMBER = r"[-−]?\d(?:[\d,]|[  ](?=\d{3}\b))*(?:\.\d+)?(?:\s*[×x·]\s*10\s*\^?\s*\{?[-−]?\d+\}?)?"
_UNIT = (
    r"%|(?!which\b|or\b|about\b|and\b|an?\b|so\b|of\b)"
    r"[A-Za-zµμ°Ω][^\s.,;:()=]*(?:\s+(?:per|a|of)\s+[A-Za-z]+(?:\s+met(?:re|er))?)*"
)
_QUANTITY = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?")
_ASKING = re.compile(
    r"\b(?:how (?:much|many|long|far|fast|large|big|high|old|often)|what (?:is|was|are|were|would be) the|"
    r"what (?:mass|volume|amount|percentage|fraction|number|rate|energy|temperature|value|concentration)|"
    r"find|calculate|compute|determine|convert|estimate|work out|what was it)\b",
    re.I,
)
_IMPERATIVE = re.compile(r"^(?:find|calculate|compute|determine|convert|estimate|work out)\b", re.I)
_PAIR = re.compile(r"\band\b|[,;] (?:what|how|in|to)\b", re.I)
_WORDS = (
    ("grams", "g"), ("gram", "g"), ("hours", "h"), ("hour", "h"), ("minutes", "min"), ("minute", "min"),
    ("seconds", "s"), ("second", "s"), ("moles", "mol"), ("mole", "mol"), ("litres", "L"), ("litre", "L"),
    ("liters", "L"), ("liter", "L"),
)  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """``number`` as digits (``1.51*10^23``), ``unit`` as written in short; ``also`` are the same, rounded."""

    number: str
    unit: str = ""
    also: tuple[str, ...] = ()


def asked(question: str, answer: str) -> Quantity | None:
    """The one quantity that the question asks for, as the model answer gives it; None where it is not one.

    Nothing is taken where two things are asked, or where the answer goes on to explain.
    """
    requests = [one for one in (question[s.start : s.end].strip() for s in sentences(question)) if _requests(one)]
    if len(requests) != 1 or not _ASKING.search(requests[0]) or _PAIR.search(_request(requests[0])):
        return None
    found = results(answer)
    if not found:
        return None
    percent = [one for one in found if one.unit == "%"]
    best = percent[0] if percent else found[0]
    unit = best.unit or next((one.unit for one in found if one.unit), "")
    others = tuple(dict.fromkeys(o.number for o in found if o.unit in ("", unit) and o.number != best.number))
    return Quantity(best.number, unit, () if percent else others)


def results(answer: str) -> tuple[Quantity, ...]:
    """The last result of a worked answer, in each form in which it is given; none where it ends in words."""
    text = _plain(answer)
    whole = re.fullmatch(rf"(?i:about |approximately )?(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?\.?", text)
    if whole:
        return (_quantity(whole),)
    if "=" not in text:
        return ()
    last = text[text.rindex("=") + 1 :]
    if re.search(r"[.;]\s+\S+(?:\s+\S+){4,}", last):  # a sentence of words follows: more is asked than a number
        return ()
    return tuple(_quantity(match) for match in _QUANTITY.finditer(last))


def stated(text: str) -> tuple[str, ...]:
    """The results in a stretch of an answer that works out several, short: ``0.36 kWh``."""
    plain = _plain(text)
    found = [_quantity(match) for match in re.finditer(rf"=\s*(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?", plain)]
    found += [_quantity(m) for m in re.finditer(rf"\babout (?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?", plain)]
    return tuple(dict.fromkeys(f"{one.number} {one.unit}".strip() for one in found if one.unit))


def _requests(sentence: str) -> bool:
    return sentence.endswith("?") or bool(_IMPERATIVE.match(sentence))


def _request(sentence: str) -> str:
    """The sentence from where it asks: what comes before is given."""
    found = _ASKING.search(sentence)
    return sentence[found.start() :] if found else sentence


def _plain(text: str) -> str:
    """LaTeX as typed characters."""
    text = re.sub(r"\\(?:mathrm|text)\{([^{}]*)\}", r"\1", text.replace("$", ""))
    text = text.replace(r"\times", "×").replace(r"\%", "%").replace("\\,", " ").replace("\\ ", " ")
    return " ".join(text.split())


def _quantity(match: re.Match[str]) -> Quantity:
    number = re.sub(r"[,\s ]", "", match["number"]).replace("−", "-")
    number = re.sub(r"[×x·]10\^?\{?([-\d]+)\}?", r"*10^\1", number)
    return Quantity(number, short(match["unit"] or ""))


def short(unit: str) -> str:
    """``mL per gram per hour`` as ``mL/(g*h)``."""
    text = re.sub(r"\bsquare met(?:re|er)s?\b", "m^2", unit.strip())
    text = re.sub(r"\bcubic met(?:re|er)s?\b", "m^3", text)
    for word, sign in _WORDS:
        text = re.sub(rf"\b{word}\b", sign, text)
    top, *below = re.split(r"\s+per\s+", text)
    if not below:
        return top
    return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({'*'.join(below)})"
