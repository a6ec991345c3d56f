"""The Markdown of a deck: markdown-it with the few marks that decks add to it.

The whole deck is parsed once, so that a mark inside code, maths or a comment is never taken for one. Every mark is a
``mark`` token with ``info`` its kind and ``content`` what follows it:

| line | kind |
|---|---|
| ``---`` (or more dashes) | ``slide`` |
| ``--`` (remark) | ``part`` |
| ``???`` (remark) | ``notes`` |
| ``::: left Title``, ``:::`` | ``column``, ``column_end`` |
| ``::right::`` (Slidev) | ``column`` |
| ``.left-column[``, ``]`` (remark) | ``class``, ``class_end`` |

Comments are ``comment`` tokens; ``[text](say: spoken)`` is a link whose address begins with ``say:``.
"""

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from media_gen.errors import ScriptInvalid
from media_gen.inline import parser

LONGEST_PARAGRAPH = 10_000  # characters; Markdown's inline rules look ahead, so their cost grows with its square

_SLIDE = re.compile(r"-{3,}\s*\Z")
_COLUMN = re.compile(r":::+\s*(left|right)\b(.*)\Z")
_SLOT = re.compile(r"::(left|right|default|bottom)::\s*\Z")
_CLASS = re.compile(r"((?:\.[A-Za-z][\w-]*)+)\[\s*\Z")
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,40}\](?!:)")
_INLINE_CLASS = re.compile(r"(?:\.[A-Za-z][\w-]*)+\[")
SAY = re.compile(r"\[([^\[\]\n]{1,200})\]\(say:\s*((?:[^()\\\n]|\\.){1,400})\)")


def parse(text: str, before: int = 0) -> list[Token]:
    """The tokens of a deck or of its notes; ``map`` counts lines from 0.

    Raises ``ScriptInvalid`` with ``line``; ``before`` is how many lines of the deck come before this text."""
    env: dict[str, Any] = {"classes": 0, "before": before}
    return _parser().parse(text, env)


@cache
def _parser() -> MarkdownIt:
    md = parser().enable("table").disable("lheading")
    md.block.ruler.at("math_block", _maths, {"alt": ["paragraph", "blockquote", "list"]})
    md.block.ruler.before("table", "mark", _mark, {"alt": ["paragraph", "blockquote", "list", "reference", "table"]})
    md.inline.ruler.before("link", "say", _say)
    md.inline.ruler.before("link", "footnote", _footnote)
    md.inline.ruler.before("html_inline", "comment", _comment)
    md.inline.ruler.after("newline", "class", _class)
    md.core.ruler.at("inline", _inline)
    # ``.`` ends the plain text that markdown-it skips over, so that the rule for ``.class[`` is asked.
    md.inline.ruler.at("text", _text)
    return md


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        line = state.env["before"] + (token.map[0] + 1 if token.map else 1)
        if token.type == "fence":
            _closed(token, state, line)
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--") and "-->" not in token.content:
            raise ScriptInvalid(f"The comment that begins on line {line} is never closed with -->.", line=line)
        elif token.type == "inline":
            if len(token.content) > LONGEST_PARAGRAPH:
                raise ScriptInvalid(
                    f"The paragraph on line {line} is longer than {LONGEST_PARAGRAPH:,} characters.", line=line
                )
            state.env["line"] = line
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _closed(token: Token, state: StateCore, line: int) -> None:
    """A block of code that is never closed would swallow the slides after it."""
    if token.map and token.level == 0 and re.search(r"^-{3,}\s*$", token.content, re.MULTILINE):
        lines = state.src.split("\n")
        if not lines[min(token.map[1], len(lines)) - 1].strip().startswith(token.markup):
            raise ScriptInvalid(f"The block of code that begins on line {line} is never closed.", line=line)


def _mark(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.sCount[start] - (0 if silent else state.blkIndent) >= 4 or (state.level and not silent):
        return False
    if silent and state.level and state.sCount[start] > 0:
        return False  # indented below a list's item: it belongs to that
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    kind, content = "", ""
    if _SLIDE.match(line):
        kind = "slide"
    elif line == "--":
        kind = "part"
    elif line == "???":
        kind = "notes"
    elif found := _COLUMN.match(line):
        kind, content = "column", f"{found[1]} {found[2].strip()}".strip()
    elif line.strip(":") == "" and len(line) >= 3:
        kind = "column_end"
    elif found := _SLOT.match(line):
        kind, content = "column", found[1]
    elif found := _CLASS.match(line):
        kind, content = "class", found[1]
    elif line == "]" and state.env.get("classes"):
        kind = "class_end"
    if kind and not silent:
        state.env["classes"] = {
            "class": state.env["classes"] + 1,
            "class_end": state.env["classes"] - 1,
            "slide": 0,
        }.get(kind, state.env["classes"])
        token = state.push("mark", "", 0)
        token.info, token.content, token.map = kind, content, [start, start + 1]
        state.line = start + 1
    return bool(kind)


def _maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    if not first.startswith("$$"):
        return False
    if first.endswith("$$") and len(first) > 4:
        body, after = first[2:-2], start + 1
        if "$$" in body:
            return False  # two formulas in a line of text
    elif "$$" in first[2:]:
        return False
    else:
        if silent:
            return True
        lines = ["" if _STEPS.match(first[2:]) else first[2:]]
        after = start + 1
        while True:
            line = state.getLines(after, after + 1, state.blkIndent, False).rstrip() if after < end else ""
            after += 1
            if not line.strip():
                begun = state.env["before"] + start + 1
                raise ScriptInvalid(
                    f"The formula that begins on line {begun} is not closed with $$ before the next empty line.",
                    line=begun,
                )
            if line.endswith("$$"):
                lines.append(line[:-2])
                break
            lines.append(line)
        body = "\n".join(lines)
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content, token.map, token.block = body.strip(), [start, after], True
        state.line = after
    return True


def _comment(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("<!--", state.pos):
        return False
    end = state.src.find("-->", state.pos + 4)
    if end < 0:
        line = state.env.get("line", 1)
        raise ScriptInvalid(
            f"The comment in the paragraph on line {line} is never closed, or holds an empty line: "
            "begin it on a line of its own.",
            line=line,
        )
    if not silent:
        state.push("comment", "", 0).content = state.src[state.pos + 4 : end]
    state.pos = end + 3
    return True


def _say(state: StateInline, silent: bool) -> bool:
    found = SAY.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": "say:" + re.sub(r"\\(.)", r"\1", found[2]).strip()}
        state.push("text", "", 0).content = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", found[1])
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _footnote(state: StateInline, silent: bool) -> bool:
    """The mark of a footnote is left out; a slide names its sources in its properties."""
    found = _FOOTNOTE.match(state.src, state.pos)
    if found:
        state.pos = found.end()
    return bool(found)


def _class(state: StateInline, silent: bool) -> bool:
    """remark's ``.class[text]``: the text alone. A bracket without its end is asked for once, not for every dot."""
    if state.src[state.pos] != "." or (state.pos and state.src[state.pos - 1] not in " \t\n([*_"):
        return False
    found = _INLINE_CLASS.match(state.src, state.pos)
    if not found or state.env.get("unclosed") is state.src:
        return False
    depth, at = 1, found.end()
    while at < state.posMax and depth:
        depth += {"[": 1, "]": -1}.get(state.src[at], 0)
        at += 1
    if depth:
        state.env["unclosed"] = state.src
        return False
    if not silent:
        outer, state.posMax, state.pos = state.posMax, at - 1, found.end()
        state.level += 1
        state.md.inline.tokenize(state)
        state.level -= 1
        state.posMax = outer
    state.pos = at
    return True


_STEPS = re.compile(r"\s*\{[\w|,*-]*\}\s*\Z")  # Slidev: which lines of the formula a click shows
_PLAIN = re.compile(r"[^\n!#$%&*+\-.:<=>@\[\]\\^_`{}~]+")


def _text(state: StateInline, silent: bool) -> bool:
    found = _PLAIN.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.pending += found[0]
    state.pos = found.end()
    return True
