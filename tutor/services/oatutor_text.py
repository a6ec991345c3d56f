"""OATutor's way of writing, as our Markdown: its mathematics, money, figures, and names of skills."""

import re

_MATHS = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
_MONEY = re.compile(r"\s*\\\$\s*([\d,. ]*\d)\s*")
_BLANK = re.compile(r"\s*_{2,}\s*")
_FIGURE = re.compile(r"(?:image\d*\s*(?:\\n)?\s*)?##\s*(figure\d*)\.\w+(?:\s*##)?", re.I)
_POWER = re.compile(r"\*\*\s*(\([^()]*\)|-?\w+)")
_GAP = re.compile(r"(?<=\d)_(?=-?\d)")  # "0.64_0.6": which sign belongs between them?
_SPECIAL = re.compile(r"([\\*_`\[\]$#])")


def has_figure(*texts: str) -> bool:
    """Whether a text shows a picture; the pictures are not part of the data."""
    return any(_FIGURE.search(text) for text in texts)


def markdown(text: str) -> str:
    """``$$...$$`` as formulas in the line, everything else as plain words: nothing in them is meant as Markdown."""
    parts = _MATHS.split(text)
    # Odd places hold the formulas.
    made = [_formula(part) if place % 2 else _words(part) for place, part in enumerate(parts)]
    return re.sub(r" +\n", "\n", re.sub(r"[ \t]{2,}", " ", "".join(made))).strip()


def bare(text: str) -> str:
    """An answer without the marks around it: ``4x+12`` of ``$$4x+12$$``."""
    return re.sub(r"\s+", " ", text.replace("$$", " ")).strip()


def skill_title(*fragments: str) -> str:
    """``find_integers``, ``and_primes`` as "Find integers, and primes"."""
    words = ", ".join(_skill_words(fragment) for fragment in fragments)
    return words[:1].upper() + words[1:]


def credit(text: str) -> tuple[str, str]:
    """``https://... <Name>`` as the name and the address; either may be empty."""
    found = re.match(r"\s*(\S+?://\S+)?\s*(?:<(.*?)>)?\s*$", text)
    if not found:
        return text.strip(), ""
    return (found[2] or found[1] or "").strip(), (found[1] or "").strip()


def _formula(latex: str) -> str:
    if not latex.strip():
        return ""
    money = _MONEY.fullmatch(latex)
    if money:
        return r"\$" + money[1].replace(" ", "")
    if _BLANK.fullmatch(latex):
        return r"\_\_\_\_"
    return f"${' '.join(latex.split())}$"


def _words(text: str) -> str:
    text = _FIGURE.sub(lambda match: f"\x00{match[1].lower()}\x01", text).replace("\\n", "\n").replace("\u200b", "")
    text = _GAP.sub(" ____ ", _POWER.sub(r"^\1", text))
    text = _SPECIAL.sub(r"\\\1", text)
    return re.sub("\x00figure(\\d*)\x01", lambda match: f" *(figure{' ' * bool(match[1])}{match[1]})* ", text)


def _skill_words(skill: str) -> str:
    text = (
        skill.replace("___", " − ")
        .replace("__", "- ")
        .replace("_", " ")
        .replace("**", "^")
        .replace(":", "")
        .strip(" .")
    )
    return " ".join(text.split())
