"""Inline Markdown, the markup of every text of a lesson: read into runs, written from runs, or made plain.

There is one dialect: ``**strong**``, ``*emphasis*``, `` `code` ``, ``$maths$`` (LaTeX) and ``[text](address)``, with
backslash escapes and HTML entities. HTML tags are left out and the text between them stays, so nothing of HTML is ever
passed on. A picture is left out too: on a slide it is a block of its own. *Canonical* text is what ``render`` gives;
``parse(render(runs)) == runs`` for all that ``parse`` gives.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

SPECIAL = re.compile(r"[\\*_`$\[\]<>&!\n]")
LONGEST = 20_000  # characters of one text; Markdown's rules look ahead, so their cost grows faster than the text


@dataclass(frozen=True)
class Run:
    """A stretch of text in one form. ``text`` is LaTeX for ``maths``, verbatim for ``code``. ``address``: a link."""

    text: str
    kind: Literal["text", "code", "maths"] = "text"
    strong: bool = False
    emphasis: bool = False
    address: str = ""


def parser() -> MarkdownIt:
    """The inline rules; ``media_gen.script.markdown`` adds those of a deck."""
    rules = ["newline", "escape", "backticks", "emphasis", "link", "image", "autolink", "html_inline", "entity"]
    made = MarkdownIt("commonmark").use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    maths = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)

    def math_inline(state: StateInline, silent: bool) -> bool:
        """The plugin looks for a digit before the dollar at ``src[-1]``, the text's end, when the maths begins it."""
        source = state.src
        state.src = source + " " if state.pos == 0 else source
        try:
            return bool(maths(state, silent))
        finally:
            state.src = source

    made.inline.ruler.at("math_inline", math_inline)
    return made.enable(rules)


_PARSER = parser()


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Run, ...]:
    """The runs of inline Markdown. Text longer than ``LONGEST`` is taken as plain."""
    if not SPECIAL.search(text) or len(text) > LONGEST:
        return tidy((Run(text),))
    return runs(_PARSER.parseInline(text)[0].children or ())


def plain(text: str) -> str:
    """What a reader sees, without any markup; maths stays in LaTeX, without its dollar signs."""
    return "".join(run.text for run in parse(text))


def escape(text: str) -> str:
    """Plain text as inline Markdown that shows just that, with as few backslashes as will do."""
    return render((Run(text),))


def canonical(text: str) -> str:
    """The same runs in the one way that ``render`` writes them."""
    return render(parse(text))


def runs(tokens: Iterable[Token]) -> tuple[Run, ...]:
    """The runs of markdown-it's inline tokens; pictures, comments and HTML tags are left out."""
    made: list[Run] = []
    strong = emphasis = 0
    addresses: list[str] = []

    def add(text: str, kind: Literal["text", "code", "maths"] = "text") -> None:
        made.append(Run(text, kind, strong > 0, emphasis > 0, addresses[-1] if addresses else ""))

    for token in tokens:
        match token.type:
            case "text" | "text_special":
                add(token.content)
            case "softbreak" | "hardbreak":
                add(" ")
            case "code_inline":
                add(token.content, "code" if token.content.strip() else "text")
            case "math_inline" | "math_inline_double":
                add(" ".join(token.content.split()), "maths")
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                emphasis += token.nesting
            case "link_open":
                addresses.append(str(token.attrs.get("href", "")))
            case "link_close":
                addresses.pop()
            case "html_inline" if re.match(r"<br\b", token.content, re.IGNORECASE):
                add(" ")
    return tidy(made)


def tidy(made: Sequence[Run]) -> tuple[Run, ...]:
    """Neighbours of one form joined, no empty run, no space at either end nor twice in a row."""
    joined: list[Run] = []
    for same, group in groupby(made, key=lambda run: replace(run, text="")):
        # Only text joins: two formulas in a row stay two.
        texts = [run.text for run in group]
        parts = ["".join(texts)] if same.kind == "text" else texts
        for part in parts:
            text = re.sub(r"\s+", " ", part) if same.kind == "text" else part
            if text.startswith(" ") and same.kind == "text" and joined and joined[-1].text.endswith(" "):
                text = text[1:]
            if text:
                joined.append(replace(same, text=text))
    while joined and joined[0].kind == "text" and joined[0].text[0] == " ":
        joined[0:1] = [replace(joined[0], text=joined[0].text[1:])] if joined[0].text != " " else []
    while joined and joined[-1].kind == "text" and joined[-1].text[-1] == " ":
        joined[-1:] = [replace(joined[-1], text=joined[-1].text[:-1])] if joined[-1].text != " " else []
    return tuple(joined)


def render(wanted: Sequence[Run]) -> str:
    """Inline Markdown of these runs: with few backslashes where that reads back the same, with all where it must.

    Forms that Markdown can't say (emphasis that ends in a space) are dropped, never the text.
    """
    wanted = tidy(wanted)
    bare = tuple(Run(run.text, run.kind) for run in wanted)
    flat = tidy([Run(run.text) for run in wanted])
    for form in (wanted, bare):
        for full in (False, True):
            if parse(text := _write(form, full)) == form:
                return text
    return _write(flat, True)


def _write(wanted: Sequence[Run], full: bool) -> str:
    parts: list[str] = []
    open_marks: list[tuple[str, str]] = []  # (mark, address), outermost first
    for run in (*wanted, Run("")):
        marks = [("[", run.address)] * bool(run.address) + [("**", "")] * run.strong + [("*", "")] * run.emphasis
        same = 0
        while same < min(len(marks), len(open_marks)) and marks[same] == open_marks[same]:
            same += 1
        parts += [_close(*mark) for mark in reversed(open_marks[same:])]
        parts += [mark for mark, _ in marks[same:]]
        open_marks = marks
        parts.append(_verbatim(run, full))
    return "".join(parts)


def _close(mark: str, address: str) -> str:
    return f"](<{address}>)" if mark == "[" and re.search(r"[\s()<>]", address) else _plain_close(mark, address)


def _plain_close(mark: str, address: str) -> str:
    return f"]({address})" if mark == "[" else mark


def _verbatim(run: Run, full: bool) -> str:
    if run.kind == "maths":
        return f"${run.text}$"
    if run.kind == "code":
        longest = max((len(found) for found in re.findall(r"`+", run.text)), default=0)
        fence = "`" * (longest + 1)
        space = " " if run.text[:1] in "` " or run.text[-1:] in "` " else ""
        return f"{fence}{space}{run.text}{space}{fence}"
    return re.sub(r"([\\*_`$\[\]<>&!])", r"\\\1", run.text) if full else run.text
