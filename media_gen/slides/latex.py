"""LaTeX mathematics as a tree that ``typst/maths.typ`` sets. Pure.

A node is ``{"k": kind, ...}``; the template builds Typst's own elements from it, so that no text is ever read as Typst
source. Kinds: sym, text, row, frac, binom, root, attach, accent, line, fence, big, matrix, cases, lines, op, space,
style, arrow, box, cancel, class. Other converters were weighed: they answer with Typst source, which would have to be
evaluated, or (latex2mathml) lose the columns of ``aligned``; latex2mathml's table of symbols is used.
"""

import re
from functools import cache
from typing import Any

from latex2mathml.symbols_parser import convert_symbol

from media_gen.errors import SlideFailed
from media_gen.slides import chemistry
from media_gen.slides import latex_tables as tables

Node = dict[str, Any]

LONGEST = 4000  # characters of a formula
DEEPEST = 40  # groups inside groups; deeper is no formula that a slide can show
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|\s+|\d+(?:\.\d+)?|\{,\}|.", re.DOTALL)


def parse(latex: str) -> Node:
    """The tree of a formula. Raises ``SlideFailed`` naming the command that is not known, or what is not closed."""
    if len(latex) > LONGEST:
        raise SlideFailed(f"A formula is longer than {LONGEST} characters.", latex=latex[:80])
    return _Parser(latex).whole()


def characters(node: Any) -> str:
    """Every character that the tree sets: for the check of glyphs."""
    if isinstance(node, list):
        return "".join(characters(child) for child in node)
    if not isinstance(node, dict):
        return ""
    own = node["s"] if node["k"] in _SPEAKING else ""
    return own + "".join(characters(value) for value in node.values())


_SPEAKING = frozenset(("sym", "text", "op", "big", "arrow"))


@cache
def symbol(command: str) -> str | None:
    """The character of a command such as ``alpha``."""
    if command in tables.SYMBOLS:
        return tables.SYMBOLS[command]
    code = convert_symbol("\\" + command)
    return chr(int(code, 16)) if code else None


def _row(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else {"k": "row", "c": nodes}


class _Parser:
    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._tokens = _TOKEN.findall(latex)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        rows = self._cells(None)
        return {"k": "lines", "rows": rows} if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]

    # -- tokens

    def _peek(self, *, space: bool = False) -> str:
        while not space and self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        mark = self._peek()
        if not mark:
            raise self._failed("The formula ends too early")
        self._at += 1
        return mark

    def _failed(self, what: str, **data: str) -> SlideFailed:
        return SlideFailed(f"{what}, in the formula {self._latex[:80]}", latex=self._latex[:200], **data)

    def _raw_group(self) -> str:
        """The text between braces as it is written, blanks and all."""
        if self._peek() != "{":
            return self._next()
        self._at += 1
        depth, parts = 1, []
        while depth:
            mark = self._peek(space=True)
            if not mark:
                raise self._failed("A brace is not closed")
            self._at += 1
            depth += {"{": 1, "}": -1}.get(mark, 0)
            parts.append(mark)
        return "".join(parts[:-1])

    def _optional(self) -> str | None:
        if self._peek() != "[":
            return None
        self._at += 1
        start = self._at
        while self._peek(space=True) not in ("]", ""):
            self._at += 1
        text = "".join(self._tokens[start : self._at])
        if self._next() != "]":
            raise self._failed("A bracket is not closed")
        return text

    # -- grammar

    def _cells(self, stop: str | None) -> list[list[Node]]:
        """Rows of cells, up to ``stop`` (a mark, which is taken) or the end of the formula."""
        rows: list[list[Node]] = [[]]
        cell: list[Node] = []
        while True:
            mark = self._peek()
            if mark == (stop or "") or not mark:
                if stop and not mark:
                    raise self._failed(f"{stop} is missing")
                self._at += bool(stop)
                rows[-1].append(_row(cell))
                if len(rows) > 1 and len(rows[-1]) == 1 and not cell:
                    rows.pop()  # a \\ after the last row
                return rows
            if mark in ("&", "\\\\", "\\cr"):
                self._at += 1
                rows[-1].append(_row(cell))
                cell = []
                if mark != "&":
                    self._optional()
                    rows.append([])
            else:
                cell.extend(self._scripted())

    def _group(self) -> Node:
        """One argument: a group in braces, or a single mark."""
        if self._peek() == "{":
            self._at += 1
            return self._until("}")
        mark = self._peek()
        if len(mark) > 1 and mark[0].isdigit():  # \frac12 is a half
            self._tokens[self._at : self._at + 1] = [mark[0], mark[1:]]
        return _row(self._atom())

    def _until(self, stop: str) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._failed(f"A formula is nested more than {DEEPEST} deep")
        nodes: list[Node] = []
        while (mark := self._peek()) != stop:
            if not mark:
                raise self._failed(f"{stop} is missing")
            if mark in ("&", "\\\\"):  # as in \substack
                self._at += 1
                nodes.append({"k": "space", "em": 0.5})
                continue
            nodes.extend(self._scripted())
        self._at += 1
        self._depth -= 1
        return _row(nodes)

    def _scripted(self) -> list[Node]:
        """An atom with its indices, powers and primes."""
        nodes = [{"k": "row", "c": []}] if self._peek() in ("^", "_", "'") else self._atom()
        scripts: Node = {}
        while (mark := self._peek()) in ("^", "_", "'", "\\limits", "\\nolimits"):
            self._at += 1
            if mark == "'":
                scripts["t"] = _row([*([scripts["t"]] if "t" in scripts else []), {"k": "sym", "s": "′"}])
            elif mark.startswith("\\"):
                scripts["place"] = mark[1:]
            else:
                side = "t" if mark == "^" else "b"
                if side in scripts and side == "b":
                    raise self._failed("Two indices in a row")
                value = self._group()
                scripts[side] = _row([scripts[side], value]) if side in scripts else value
        if scripts and nodes:
            nodes = [*nodes[:-1], {"k": "attach", "base": nodes[-1], **scripts}]
        return nodes

    def _atom(self) -> list[Node]:
        mark = self._next()
        if mark == "{":
            return [self._until("}")]
        if mark == "{,}":  # a decimal comma
            return [{"k": "text", "s": ","}]
        if mark in ("}", "&") or mark == "\\\\":
            raise self._failed(f"{mark} stands alone")
        if mark == "~":
            return [{"k": "space", "em": 0.25}]
        if mark[0] != "\\":
            if mark[0].isdigit() or (mark.isalpha() and mark > "\u03ff"):
                return [{"k": "text", "s": mark}]  # digits, and letters of other scripts than Latin and Greek
            return [{"k": "sym", "s": {"-": "−", "*": "∗", "`": "‘"}.get(mark, mark)}]
        return self._command(mark[1:])

    def _command(self, name: str) -> list[Node]:
        match name:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                node: Node = {"k": "frac", "a": self._group(), "b": self._group()}
                style = {"dfrac": "display", "cfrac": "display", "tfrac": "inline"}.get(name)
                return [{"k": "style", "s": style, "c": node} if style else node]
            case "binom" | "dbinom" | "tbinom":
                return [{"k": "binom", "a": self._group(), "b": self._group()}]
            case "sqrt":
                index = self._optional()
                return [{"k": "root", "n": _Parser(index).whole() if index else None, "c": self._group()}]
            case "left":
                return [self._fence()]
            case "begin":
                return [self._environment(self._raw_group())]
            case "operatorname":
                star = self._peek() == "*" and bool(self._next())
                return [{"k": "op", "s": self._raw_group(), "limits": star}]
            case "overset" | "stackrel" | "underset":
                side, note, base = ("b" if name == "underset" else "t"), self._group(), self._group()
                return [{"k": "attach", "base": base, side: note, "place": "limits"}]
            case "substack":
                return [self._group()]
            case "boxed" | "fbox":
                return [{"k": "box", "c": self._group()}]
            case "cancel" | "bcancel" | "xcancel":
                return [{"k": "cancel", "c": self._group()}]
            case "ce":
                return [chemistry.parse(self._raw_group(), self._failed)]
            case "color" | "textcolor":  # colours are the theme's
                self._raw_group()
                return [self._group()] if name == "textcolor" else []
            case "phantom" | "hphantom" | "vphantom":
                return [{"k": "hidden", "c": self._group()}]
            case "not":
                return [{"k": "sym", "s": self._next_symbol() + "\u0338"}]
            case "pmod" | "bmod":
                word: Node = {"k": "op", "s": "mod", "limits": False}
                space: Node = {"k": "space", "em": 0.4}
                if name == "bmod":
                    return [space, word, space]
                return [space, {"k": "fence", "open": "(", "close": ")", "c": _row([word, space, self._group()])}]
        return self._tabled(name)

    def _tabled(self, name: str) -> list[Node]:
        """The commands that a table explains."""
        if name in tables.OPERATORS:
            spoken = {"limsup": "lim sup", "liminf": "lim inf", "argmax": "arg max", "argmin": "arg min"}
            return [{"k": "op", "s": spoken.get(name, name), "limits": name in tables.LIMIT_OPERATORS}]
        if name in tables.ACCENTS:
            return [{"k": "accent", "c": self._group(), "s": tables.ACCENTS[name]}]
        if name in tables.LINES:
            return [self._line(tables.LINES[name])]
        if name in ("displaystyle", "textstyle", "scriptstyle"):
            return []
        if name in tables.STYLES:
            return [{"k": "style", "s": tables.STYLES[name], "c": self._group()}]
        if name in tables.TEXTS:
            return [{"k": "style", "s": tables.TEXTS[name], "c": {"k": "text", "s": _unescaped(self._raw_group())}}]
        if name in tables.SPACES:
            return [{"k": "space", "em": tables.SPACES[name]}]
        if name in tables.BIG:
            return [{"k": "big", "s": self._delimiter(), "em": tables.BIG[name]}]
        if name in tables.ARROWS:
            below = self._optional()
            note = {"t": self._group(), "b": _Parser(below).whole() if below else None}
            return [{"k": "arrow", "s": tables.ARROWS[name], **{k: v for k, v in note.items() if v}}]
        if name in tables.IGNORED:
            return []
        found = symbol(name)
        if found is None:
            raise self._failed(f"The slides do not know the LaTeX command \\{name}", command="\\" + name)
        return [{"k": "sym" if len(found) == 1 else "text", "s": found}]

    def _line(self, line: str) -> Node:
        body, side = self._group(), "^" if line.startswith("over") else "_"
        node: Node = {"k": "line", "s": line, "c": body}
        if line not in ("overline", "underline") and self._peek() == side:
            self._at += 1
            node["note"] = self._group()
        return node

    def _delimiter(self) -> str:
        mark = self._next()
        found = tables.DELIMITERS.get(mark.removeprefix("\\")) if mark != "\\|" else "‖"
        if found is None:
            raise self._failed(f"{mark} is no bracket")
        return found

    def _next_symbol(self) -> str:
        mark = self._next()
        return mark if mark[0] != "\\" else symbol(mark[1:]) or ""

    def _fence(self) -> Node:
        opening = self._delimiter()
        nodes: list[Node] = []
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._failed(f"A formula is nested more than {DEEPEST} deep")
        while (mark := self._peek()) != "\\right":
            if not mark:
                raise self._failed("\\right is missing")
            if mark == "\\middle":
                self._at += 1
                nodes.append({"k": "mid", "s": self._delimiter()})
            else:
                nodes.extend(self._scripted())
        self._at += 1
        self._depth -= 1
        return {"k": "fence", "open": opening, "close": self._delimiter(), "c": _row(nodes)}

    def _environment(self, name: str) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._failed(f"A formula is nested more than {DEEPEST} deep")
        if name.startswith(("array", "alignat", "alignedat")):
            self._raw_group()  # how its columns are aligned, or how many there are
        if not (name in tables.MATRICES or name in tables.ALIGNED or name in ("cases", "dcases", "rcases")):
            raise self._failed(f"The slides do not know the LaTeX environment {name}", command=f"\\begin{{{name}}}")
        rows = self._cells("\\end")
        if self._raw_group() != name:
            raise self._failed(f"\\begin{{{name}}} is not closed")
        self._depth -= 1
        if name in tables.MATRICES:
            wide = max(len(row) for row in rows)
            even = [row + [{"k": "row", "c": []}] * (wide - len(row)) for row in rows]
            return {"k": "matrix", "delim": tables.MATRICES[name], "rows": even}
        return {"k": "lines" if name in tables.ALIGNED else "cases", "rows": rows, "reverse": name == "rcases"}


def _unescaped(text: str) -> str:
    return re.sub(r"\\([%$&#_{} ])", r"\1", text).replace("~", " ").replace("$", "")
