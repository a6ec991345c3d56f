"""Words, tables and formulas of other formats as canonical Markdown. Pure.

What a document says must not be taken for markup: signs that Markdown would read are escaped, and only those, because
a quote is compared with the text sign by sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from retrieval.loaders.decoding import clean
from retrieval.loaders.inline import FIGURE_WORDS

_ESCAPED = re.compile(
    r"""
    (?P<slash>\\(?=[!-/:-@\[-`{-~]|$))      # a backslash before what it would escape
    | (?P<sign>[`$])
    | (?P<star>\*)
    | (?P<line>_)
    | (?P<tilde>~(?=~))
    | (?P<tag><(?=[A-Za-z/!?]))
    | (?P<entity>&(?=\#?\w+;))
    | (?P<link>(?<=\])\()
    """,
    re.X,
)
_LINE = re.compile(r"^(?:(?P<mark>\#{1,6}(?=\s|$)|>|\||~~~|=+(?=\s*$)|-{2,}(?=\s*$)|\[(?=[^\]]*\]:)))")
_PIPE = re.compile(r"(?<!\\)((?:\\\\)*)\|")  # one that nothing escapes yet
_BULLET = re.compile(r"^[•‣◦▪●○■□–—·∙\uf0b7][ \t\u00a0]+")


def escaped(text: str) -> str:
    """``text`` so that Markdown reads it as the words it is, wherever in a line it stands. Line ends become blanks."""
    text = re.sub(r"\s+", " ", clean(text))

    def escape(match: re.Match[str]) -> str:
        before = text[match.start() - 1] if match.start() else " "
        after = text[match.end()] if match.end() < len(text) else " "
        if match["star"] and before.isspace() and after.isspace():
            return match[0]
        # Inside a word "_" is no emphasis, nor between blanks.
        if match["line"] and ((before.isalnum() and after.isalnum()) or (before.isspace() and after.isspace())):
            return match[0]
        return f"\\{match[0]}"

    return _ESCAPED.sub(escape, text)


def paragraph(inline: str) -> str:
    """Inline Markdown as a block of its own: no line of it begins like another kind of block. Typed bullets become
    list items. Blank lines go."""
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in inline.split("\n")]
    return "\n".join(_LINE.sub(r"\\\g<mark>", _BULLET.sub("- ", line)) for line in lines if line)


def items(listed: Iterable[tuple[int, str]]) -> str:
    """A list of items, each with its level and its marker before it. No item stands deeper than one step below the one
    above: Markdown would take it for code."""
    lines: list[str] = []
    above: list[int] = []  # the levels that the item stands in
    for level, item in listed:
        above = [each for each in above if each < level]
        lines.append("   " * len(above) + item)
        above.append(level)
    return "\n".join(lines)


def heading(inline: str, level: int) -> str:
    """A heading of one line; empty where there are no words."""
    words = " ".join(inline.split())
    return f"{'#' * min(max(level, 1), 6)} {words.rstrip('#').rstrip() or words}" if words else ""


def figure(description: str, language: str | None, label: str = "") -> str:
    """The block that stands for a picture: its caption or description. ``label`` is "Figure 3" where it is known."""
    words = " ".join(description.split())
    return f"{label or figure_word(language)}: {words}" if words else ""


def figure_word(language: str | None) -> str:
    return FIGURE_WORDS.get((language or "en").split("-")[0].lower(), "Figure")


def formula(latex: str, *, display: bool = False) -> str:
    """A formula in a line, or as a block of its own. Empty where there is none."""
    latex = " ".join(clean(latex).split())
    latex = re.sub(r"(?<!\\)((?:\\\\)*)\$", r"\1\\$", latex)
    latex = re.sub(r"(?<!\\)((?:\\\\)*)\\$", r"\1", latex)  # a backslash at the end would escape the dollar sign
    if not latex:
        return ""
    return f"$$\n{latex}\n$$" if display else f"${latex}$"


def code(text: str, language: str = "") -> str:
    """A fenced block; the fence is longer than any in the text."""
    body = clean(text).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", body)), default=0))
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+#.-]', '', language)}\n{body}\n{fence}" if body.strip() else ""


def code_in_line(text: str) -> str:
    """Code within a sentence."""
    words = " ".join(clean(text).split())
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", words)), default=0))
    blank = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{blank}{words}{blank}{ticks}" if words else ""


def table(rows: Sequence[Sequence[str]]) -> str:
    """A pipe table of inline Markdown cells; the first row is its head. Empty rows and columns go; empty where nothing
    is left."""
    cells = [[_PIPE.sub(r"\1\|", " ".join(cell.split())) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max((len(row) for row in cells), default=0)
    full = [[*row, *[""] * (width - len(row))] for row in cells]
    kept = [at for at in range(width) if any(row[at] for row in full)]
    lines = ["| " + " | ".join(row[at] for at in kept) + " |" for row in full]
    return "\n".join([lines[0], "|" + " --- |" * len(kept), *lines[1:]]) if lines else ""


def emphasised(runs: Iterable[tuple[str, str]]) -> str:
    """Runs of inline Markdown, each with its emphasis (``""``, ``*``, ``**`` or ``***``), as one line.

    Word and its like cut a word into many runs: neighbours of the same emphasis are joined first. Emphasis that
    CommonMark would not see (a bold comma inside a word) is left out.
    """
    joined = [("".join(text for text, _ in group), mark) for mark, group in groupby(runs, key=lambda run: run[1])]
    line = ""
    for at, (text, mark) in enumerate(joined):
        words = text.strip()
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        before = (lead or line)[-1:] or " "
        after = tail[:1] or next((joined[next_][0][0] for next_ in range(at + 1, len(joined)) if joined[next_][0]), " ")
        if mark and words and "\n" not in words and _opens(before, words[0]) and _opens(after, words[-1]):
            line += f"{lead}{mark}{words}{mark}{tail}"
        else:
            line += text
    return line


def _opens(outside: str, inside: str) -> bool:
    """CommonMark's flanking rule, the same for both ends."""
    return not _punctuation(inside) or outside.isspace() or _punctuation(outside)


def _punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
