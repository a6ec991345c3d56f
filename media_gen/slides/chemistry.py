"""The usual part of mhchem's ``\\ce``: formulas, charges, states and reaction arrows. Pure."""

import re
from collections.abc import Callable
from typing import Any

Node = dict[str, Any]

_ARROWS = {"<=>": "⇌", "<->": "↔", "->": "→", "<-": "←", "=>": "⇒"}
_TOKEN = re.compile(
    r"(?P<arrow><=>|<->|->|<-|=>)(?:\[(?P<over>[^\]]*)\])?(?:\[(?P<under>[^\]]*)\])?"
    r"|(?P<state>\((?:aq|s|l|g)\))"
    r"|(?P<gap>\s+)"
    r"|(?P<element>[A-Z][a-z]?|[a-z])"
    r"|(?P<close>[\)\]])|(?P<open>[\(\[])"
    r"|\^(?:\{(?P<raised>[^}]*)\}|(?P<charge>\d*[+\-]|\d+))"
    r"|_(?:\{(?P<lowered>[^}]*)\}|(?P<index>\d+))"
    r"|(?P<number>\d+(?:[./]\d+)?)"
    r"|(?P<sign>[+\-])"
    r"|(?P<other>[.*·=#])"
)


def parse(formula: str, failed: Callable[[str], Exception]) -> Node:
    """The tree of ``2H2 + O2 -> 2H2O``, ``SO4^2-`` or ``H2O(l)``; ``failed`` makes the error of what is not known."""
    nodes: list[Node] = []
    at, after = 0, False  # after an element or bracket a number is an index, and a sign not followed by one a charge
    while at < len(formula):
        found = _TOKEN.match(formula, at)
        if found is None:
            raise failed(f"\\ce does not know {formula[at]!r}")
        at = found.end()
        kind = next(
            name for name in ("arrow", "state", "gap", "element", "close", "open", "raised", "charge", "lowered",
                              "index", "number", "sign", "other") if found[name] is not None
        )  # fmt: skip
        text = found[kind]
        if kind in ("raised", "charge"):
            _attach(nodes, "t", text)
        elif kind in ("lowered", "index") or (kind == "number" and after):
            _attach(nodes, "b", text)
        elif kind == "sign" and after and not formula[at : at + 1].strip():
            _attach(nodes, "t", text)
        elif kind == "arrow":
            notes = {side: _text(found[name]) for side, name in (("t", "over"), ("b", "under")) if found[name]}
            nodes.append({"k": "arrow", "s": _ARROWS[text], **notes})
        elif kind == "gap":
            nodes.append({"k": "space", "em": 0.22})
        elif kind in ("sign", "other"):
            nodes.append({"k": "sym", "s": {"-": "−", "*": "·", ".": "·", "#": "≡"}.get(text, text)})
        else:
            nodes.append(_text(text))
        after = kind in ("element", "close", "index", "lowered", "charge", "raised") or (kind == "number" and after)
    return {"k": "row", "c": nodes}


def _text(text: str) -> Node:
    return {"k": "text", "s": text}


def _attach(nodes: list[Node], side: str, text: str) -> None:
    base = nodes.pop() if nodes and nodes[-1]["k"] in ("text", "attach") else _text("")
    if base["k"] == "text" or side in base:
        base = {"k": "attach", "base": base}
    nodes.append({**base, side: _text(text.replace("-", "−"))})
