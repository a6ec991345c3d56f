"""Answer keys of OATutor's steps and scaffolds as bodies of ours.

OATutor knows two kinds of box. ``arithmetic`` is compared as mathematics: a plain number becomes *numeric*, everything
else *symbolic*. ``string`` is compared letter by letter: lists of values become *symbolic* all the same, words and
labelled values a *cloze*. ``MultipleChoice`` has its choices.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tutor.services.oatutor_text import bare, markdown

_NUMBER = re.compile(
    r"-?\s*(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)\s*(?:\\?%)?|-?\s*\\frac\{\s*-?\d+\s*\}\{\s*-?\d+\s*\}|-?\s*\d+\s*/\s*\d+"
)
_MONEY = re.compile(r"\\?\$\s*([\d,. ]*\d)")
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_LABELLED = re.compile(r"([A-Za-z][A-Za-z ]{3,}?)\s*=\s*([^,=]+)")
_WORD = re.compile(r"(?:Complex|UND|DNE|No Solutions?|N|Infinite|All real numbers)", re.I)
# What their short codes mean, and what a learner may write instead.
_CODES = {
    "complex": ("not a real number", "complex"),
    "n": ("not a real number", "complex", "N"),
    "und": ("undefined", "UND"),
    "dne": ("does not exist", "DNE", "no solution", "none"),
}
_ROUNDED = re.compile(r"\b(?:round|nearest|approximat|estimate)", re.I)
_RUN_TOGETHER = re.compile(r"(?<=\))I(?=\()")  # choices whose separators were read as the letter
_EQUATIONS = re.compile(r"(=\s*-?[^\s=,]+)\s+(?=[^\s=]+=)")
# Two amounts whose sign was lost on the way to the data ("42a105c").
_LOST_PLUS = re.compile(r"(\d+[a-z])(\d+[a-z])")


class NoKey(ValueError):
    """There is nothing to grade by; the message says what is missing."""


def body(answers: Sequence[str], choices: Sequence[str] | None, kind: str, question: str = "") -> dict[str, Any]:
    """The body in the data form. ``kind`` is the answer type. Raises ``NoKey``.

    A number counts to its last decimal only, where the ``question`` asks to round.
    """
    given = [answer for answer in answers if str(answer).strip()]
    if not given:
        raise NoKey("no answer")
    if choices:
        return _choice(given, choices)
    key, *also = [bare(answer) for answer in given]
    if kind == "string":
        return _string(key, also)
    found = _arithmetic(key, also)
    if found["type"] == "numeric" and _ROUNDED.search(question):
        decimals = len(found["answer"].partition(".")[2].rstrip("%"))
        found["absolute"] = 0.5 * 10.0**-decimals if decimals else 0.0
    return found


def _choice(answers: Sequence[str], choices: Sequence[str]) -> dict[str, Any]:
    # Two choices that differ by a full stop are one.
    texts = list({_plain(part): part for choice in choices for part in map(markdown, _apart(choice))}.values())
    wanted = {_plain(markdown(answer)) for answer in answers}
    right = {text for text in texts if _plain(text) in wanted}
    if not right & set(texts):
        raise NoKey("the answer is none of the choices")
    if len(texts) < 2:
        raise NoKey("there is only one choice")
    several = len(right & set(texts)) > 1
    options = [{"text": text, "correct": text in right} for text in texts]
    return {"type": "multiple_choice", "option": options, "several": several}


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(". ")


def _apart(choice: str) -> list[str]:
    parts = _RUN_TOGETHER.split(choice)
    return parts if len(parts) == 1 else [f"$${part.replace('$$', '')}$$" for part in parts]


def _arithmetic(key: str, also: Sequence[str]) -> dict[str, Any]:
    money = _MONEY.fullmatch(key)
    if money:
        return {"type": "numeric", "answer": money[1].replace(" ", ""), "unit": "$"}
    if _NUMBER.fullmatch(key) and all(_NUMBER.fullmatch(one) for one in also):
        number, *others = [_plain_number(one) for one in (key, *also)]
        return {"type": "numeric", "answer": number, "also": others, "percent": "%" in number}
    lost = _LOST_PLUS.fullmatch(key)
    if lost:
        also = [*also, key]
        key = f"{lost[1]}+{lost[2]}"
    return {"type": "symbolic", "answer": key, "also": list(also), "notation": "latex", "variables": _variables(key)}


def _plain_number(latex: str) -> str:
    """``\\frac{-5}{2}`` as ``-5/2``."""
    fraction = re.sub(r"\\frac\{\s*(-?\d+)\s*\}\{\s*(-?\d+)\s*\}", r"\1/\2", latex)
    return fraction.replace("\\%", "%").replace(" ", "").replace("--", "")


def _string(key: str, also: Sequence[str]) -> dict[str, Any]:
    if _MONEY.fullmatch(key) or ("," not in key and _NUMBER.fullmatch(key)):
        return _arithmetic(key, also)
    if _WORD.fullmatch(key):
        return _cloze("", [tuple(dict.fromkeys((*_CODES.get(key.casefold(), ()), key, *also)))])
    labelled = _LABELLED.findall(key)
    if labelled and _LABELLED.sub("", key).strip(" ,") == "":
        return {
            "type": "cloze",
            "text": ", ".join(f"{name.strip()} = {{{{{value.strip()}}}}}" for name, value in labelled),
        }
    parts = _parts(key)
    if any(_WORD.fullmatch(part) for part in parts):
        blanks = [tuple(dict.fromkeys((*_CODES.get(part.casefold(), ()), part))) for part in parts]
        return _cloze(", ", blanks)
    equations = _EQUATIONS.sub(r"\1, ", key)
    if "),(" in equations and equations.count("=") > 1:
        equations = equations.replace("),(", ", ").strip("()")
    if len(parts) == 2 and parts[0].partition("=")[2] == parts[1]:  # "y=2z,2z": the same, said twice
        return _arithmetic(parts[0], [*also, parts[1]])
    values = equations.replace("−", "-")
    # "330,367" are two numbers here, and not one with its thousands parted.
    return _arithmetic("; ".join(parts) if _NUMBER.fullmatch(values) and len(parts) > 1 else values, also)


def _cloze(joint: str, blanks: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"type": "cloze", "text": joint.join("{{" + "|".join(words) + "}}" for words in blanks)}


def _parts(text: str) -> list[str]:
    """Parted at the commas that stand outside brackets."""
    found, depth = [""], 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += char
    return [part.strip() for part in found if part.strip()]


def _variables(key: str) -> list[str]:
    plain = _COMMAND.sub(" ", key)
    return sorted(set(re.findall(r"(?<![A-Za-z])[a-zA-Z](?![a-zA-Z])", plain))) or sorted(
        set(re.findall("[a-z]", plain))
    )


def kind_of(data: Mapping[str, Any], *names: str) -> str:
    return str(next((data[name] for name in names if data.get(name)), "arithmetic"))
