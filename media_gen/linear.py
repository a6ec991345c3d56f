"""A formula as one line of text, for captions and transcripts: ``\\frac{1}{2}`` is 1/2, ``x^2`` is x², ``H_2O`` is H₂O.

Pure. What has no form in one line comes out as its letters; nothing here fails.
"""

import re
from collections.abc import Callable

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|\s+|.", re.DOTALL)
_RAISED = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()aeoxhklmnpstij", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ", strict=True))
_SPACES = {r"\,", r"\;", r"\:", r"\ ", r"\>", r"\quad", r"\qquad", r"\thinspace", r"\enspace", r"\\", "~", "&"}
_GONE = {r"\!", r"\left", r"\right", r"\big", r"\Big", r"\bigl", r"\bigr", r"\displaystyle", r"\textstyle", r"\limits"}
_WRAPPERS = {
    *(r"\mathrm", r"\mathbf", r"\mathit", r"\mathsf", r"\mathcal", r"\mathbb", r"\operatorname", r"\boxed", r"\ce"),
    r"\boldsymbol",
}
_WORDS = (r"\text", r"\textrm", r"\textbf", r"\textit", r"\mbox")
_FRACTIONS = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "1/6": "⅙", "1/8": "⅛"}
_SIGNS = {r"\cdot": "·", r"\to": "→", r"\ldots": "…", r"\dots": "…", r"\cdots": "…", r"\degree": "°", r"\circ": "∘"}
_OPERATORS = "=<>≤≥≠≈≡∼→⇒⇌↔+−×÷±"


def linear(latex: str) -> str:
    """The formula as one line, with a space on both sides of relations and of signs between two terms."""
    text = _Reader(latex).row(until="")
    text = re.sub(rf"\s*([{_OPERATORS}])\s*", r" \1 ", text)
    # A sign at the start, or after an opening bracket or another operator, belongs to its number.
    text = re.sub(rf"(^|[({_OPERATORS}\[,:]\s*) ?([+−±]) ", r"\1\2", text)
    return re.sub(r"\s+", " ", text).replace("( ", "(").replace(" )", ")").strip()


class _Reader:
    def __init__(self, latex: str) -> None:
        self.marks = _TOKEN.findall(latex)
        self.at = 0

    def row(self, until: str) -> str:
        parts: list[str] = []
        while self.at < len(self.marks) and self.marks[self.at] != until:
            parts.append(self.one())
        self.at += 1
        return "".join(parts)

    def argument(self) -> str:
        while self.at < len(self.marks) and self.marks[self.at].isspace():
            self.at += 1
        return self.one().strip()

    def one(self) -> str:
        if self.at >= len(self.marks):
            return ""
        mark = self.marks[self.at]
        self.at += 1
        return _FORMS[mark](self) if mark in _FORMS else self.plain(mark)

    def plain(self, mark: str) -> str:
        if mark in _SPACES or mark.isspace():
            return " " if mark in _SPACES else ""
        if mark in _GONE or mark == "}":
            return ""
        if mark in _SIGNS:
            return _SIGNS[mark]
        if mark == "-":
            return "−"
        if not mark.startswith("\\") or not mark[1:].isalpha():
            return mark.removeprefix("\\")
        from latex2mathml.symbols_parser import convert_symbol  # reads a large table when it is imported

        code = convert_symbol(mark)
        return chr(int(code, 16)) if code else f" {mark[1:]} "

    def fraction(self) -> str:
        top, below = self.argument(), self.argument()
        line = f"{_grouped(top)}/{_grouped(below)}"
        return _FRACTIONS.get(line, line)

    def words(self) -> str:
        """As it stands, spaces too, up to the closing brace."""
        begin = self.at = self.at + 1
        self.row(until="}")
        return "".join(self.marks[begin : self.at - 1]).replace("\\", "")

    def root(self) -> str:
        degree = ""
        if self.marks[self.at : self.at + 1] == ["["]:
            self.at += 1
            degree = self.row(until="]")
        return f"{_script(degree, _RAISED, '') if degree else ''}√{_grouped(self.argument())}"

    def raised(self) -> str:
        argument = self.argument()
        return "°" if argument == "∘" else "′" if argument == "′" else _script(argument, _RAISED, "^")

    def lowered(self) -> str:
        return _script(self.argument(), _LOWERED, "_")

    def named(self) -> str:
        self.argument()
        return ""


_FORMS: dict[str, Callable[[_Reader], str]] = {
    "{": lambda reader: reader.row(until="}"),
    "^": _Reader.raised,
    "_": _Reader.lowered,
    r"\sqrt": _Reader.root,
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), _Reader.fraction),
    **dict.fromkeys((r"\begin", r"\end"), _Reader.named),
    **dict.fromkeys(_WORDS, _Reader.words),
    **dict.fromkeys(_WRAPPERS, _Reader.argument),
}


def _script(text: str, letters: dict[str, str], mark: str) -> str:
    bare = text.replace(" ", "")
    if all(letter in letters for letter in bare):
        return "".join(letters[letter] for letter in bare)
    return mark + (text if len(text) == 1 else f"({text})")


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[\w.,]*[²³]?|√\w+", text) else f"({text})"
