"""Formulas of Word and PowerPoint (Office MathML, ECMA-376 part 1, 22.1) to LaTeX. Pure.

Takes lxml elements and looks at local names only. What it doesn't know becomes what it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retrieval.loaders.symbols import FUNCTIONS, signs, tidy, words

_DEEPEST = 60  # formulas in formulas; deeper ones are no formulas of a course
_ACCENTS = {
    "\u0300": "grave",
    "\u0301": "acute",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0305": "overline",
    "\u0306": "breve",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u030c": "check",
    "\u20d7": "vec",
    "\u20d6": "overleftarrow",
}
_SCRIPTS = {"double-struck": "mathbb", "script": "mathcal", "fraktur": "mathfrak"}
_STYLES = {"p": "mathrm", "b": "mathbf", "bi": "boldsymbol"}
_FENCES = {"{": r"\{", "}": r"\}", "": "."}


def to_latex(element: Any) -> str:
    """The LaTeX of an ``m:oMath`` element, without dollar signs."""
    return tidy(_row(element, 0))


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _row(element: Any, depth: int) -> str:
    if depth > _DEEPEST:
        return words("".join(element.itertext()))
    return "".join(_one(child, depth + 1) for child in element)


def _one(node: Any, depth: int) -> str:
    name = local(node)
    if name == "r":
        return _run(node)
    if name in ("del", "moveFrom") or name.endswith("Pr"):
        return ""
    build = _BUILDERS.get(name)
    return build(node, depth) if build else _row(node, depth)


def _run(node: Any) -> str:
    text = "".join(child.text or "" for child in node if local(child) == "t")
    marks = {local(mark): mark for part in node if local(part) == "rPr" for mark in part}
    if "nor" in marks:
        return words(text)
    name = text.strip()
    if not name.isalpha() or not name.isascii():
        return signs(text)
    style, script = (_value(marks[mark]) if mark in marks else "" for mark in ("sty", "scr"))
    if script in _SCRIPTS:
        return f"\\{_SCRIPTS[script]}{{{name}}}"
    if style == "p" and name in FUNCTIONS:
        return f"\\{name} "
    if style in _STYLES and (style != "p" or len(name) > 1):
        return f"\\{_STYLES[style]}{{{name}}}"
    return text


def _value(node: Any) -> str:
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _setting(node: Any, name: str, default: str) -> str:
    """A property of a formula's part. Given without a value it means "none" (a fence) or "on" (a switch)."""
    for part in node:
        if local(part).endswith("Pr"):
            for setting in part:
                if local(setting) == name:
                    return _value(setting)
    return default


def _switch(node: Any, name: str) -> bool:
    return _setting(node, name, "0") not in ("0", "off", "false")


def _part(node: Any, name: str, depth: int) -> str:
    found = next((child for child in node if local(child) == name), None)
    return "" if found is None else _row(found, depth).strip()


def _parts(node: Any, name: str, depth: int) -> list[str]:
    return [_row(child, depth).strip() for child in node if local(child) == name]


def _base(latex: str) -> str:
    """A script needs one thing before it."""
    single = len(latex) <= 1 or (latex.startswith("\\") and latex[1:].isalpha())
    return latex if single else f"{{{latex}}}"


def _fraction(node: Any, depth: int) -> str:
    above, below = _part(node, "num", depth), _part(node, "den", depth)
    kind = _setting(node, "type", "bar")
    if kind in ("lin", "skw"):
        return f"{_base(above)}/{_base(below)}"
    # Word writes binomials as a fraction without a bar; the brackets are the delimiter's around it.
    return f"{{{above} \\atop {below}}}" if kind == "noBar" else f"\\frac{{{above}}}{{{below}}}"


def _script(node: Any, depth: int) -> str:
    low, high = _part(node, "sub", depth), _part(node, "sup", depth)
    scripts = (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
    base = _part(node, "e", depth)
    return f"{{}}{scripts}{base}" if local(node) == "sPre" else f"{_base(base)}{scripts}"


def _root(node: Any, depth: int) -> str:
    degree = "" if _switch(node, "degHide") else _part(node, "deg", depth)
    return f"\\sqrt{f'[{degree}]' if degree else ''}{{{_part(node, 'e', depth)}}}"


def _nary(node: Any, depth: int) -> str:
    low = "" if _switch(node, "subHide") else _part(node, "sub", depth)
    high = "" if _switch(node, "supHide") else _part(node, "sup", depth)
    sign = signs(_setting(node, "chr", "∫") or "∫").strip()
    scripts = (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
    return f"{sign}{scripts} {_part(node, 'e', depth)}"


def _delimited(node: Any, depth: int) -> str:
    begin, end = _setting(node, "begChr", "("), _setting(node, "endChr", ")")
    between = _setting(node, "sepChr", "|") or "|"
    body = signs(between).join(_parts(node, "e", depth))
    left, right = (_FENCES.get(mark) or signs(mark).strip() for mark in (begin, end))
    return f"\\left{left} {body} \\right{right} "


def _function(node: Any, depth: int) -> str:
    name, body = _part(node, "fName", depth), _part(node, "e", depth)
    name = f"\\{name}" if name in FUNCTIONS else name
    return f"{name} {body}" if body else name


def _accent(node: Any, depth: int) -> str:
    mark = _ACCENTS.get(_setting(node, "chr", "\u0302") or "\u0302", "hat")
    return f"\\{mark}{{{_part(node, 'e', depth)}}}"


def _bar(node: Any, depth: int) -> str:
    side = "overline" if _setting(node, "pos", "bot") == "top" else "underline"
    return f"\\{side}{{{_part(node, 'e', depth)}}}"


def _brace(node: Any, depth: int) -> str:
    above = _setting(node, "pos", "bot") == "top"
    sign = _setting(node, "chr", "⏟") or "⏟"
    body = _part(node, "e", depth)
    if sign in "⏞⏟":
        return f"\\{'overbrace' if above else 'underbrace'}{{{body}}}"
    return f"\\{'overset' if above else 'underset'}{{{signs(sign).strip()}}}{{{body}}}"


def _limit(node: Any, depth: int) -> str:
    body, limit = _part(node, "e", depth), _part(node, "lim", depth)
    low = local(node) == "limLow"
    body = f"\\{body}" if body in FUNCTIONS else body
    if body.lstrip("\\") in FUNCTIONS or body.startswith(("\\underbrace", "\\overbrace")):
        return f"{body}{'_' if low else '^'}{{{limit}}}"
    return f"\\{'underset' if low else 'overset'}{{{limit}}}{{{body}}}"


def _matrix(node: Any, depth: int) -> str:
    rows = [" & ".join(_parts(row, "e", depth)) for row in node if local(row) == "mr"]
    return "\\begin{matrix}" + " \\\\ ".join(rows) + "\\end{matrix}"


def _lines(node: Any, depth: int) -> str:
    rows = _parts(node, "e", depth)
    # Word aligns lines at "&", as LaTeX does; anywhere else it would be a sign.
    name = "aligned" if any("\\&" in row for row in rows) else "matrix"
    return f"\\begin{{{name}}}" + " \\\\ ".join(row.replace("\\&", "&") for row in rows) + f"\\end{{{name}}}"


def _box(node: Any, depth: int) -> str:
    return f"\\boxed{{{_part(node, 'e', depth)}}}"


def _phantom(node: Any, depth: int) -> str:
    return _part(node, "e", depth) if _setting(node, "show", "1") not in ("0", "off", "false") else ""


_BUILDERS: dict[str, Callable[[Any, int], str]] = {
    "f": _fraction,
    "sSub": _script,
    "sSup": _script,
    "sSubSup": _script,
    "sPre": _script,
    "rad": _root,
    "nary": _nary,
    "d": _delimited,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _brace,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
    "borderBox": _box,
    "phant": _phantom,
}
