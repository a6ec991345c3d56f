"""Dividing a screen that is too full. Pure.

A screen's blocks are taken apart into *atoms* (a bullet with those below it, a table's row, a line of code, a
paragraph), the atoms are dealt in order to parts of about one weight, and each part's atoms are joined again.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from media_gen.lesson import Sentence
from media_gen.slides import runs
from media_gen.slides.spec import Block, Spec, texts, walk

MOST_PARTS = 60  # of one slide
_LISTS = {"bullets": "items", "options": "items", "table": "rows", "process": "steps", "cycle": "steps"}
_SEEN = ("picture", "clip", "chart")
_TEXTS = ("paragraph", "explanation", "prompt", "quote")


def divide(spec: Spec, ratio: float) -> list[Spec] | None:
    """Parts of ``spec``, whose body is ``ratio`` times too high; None: there is nothing to divide."""
    atoms = [atom for block in spec["blocks"] for atom in _atoms(block)]
    if _cuts(atoms) < 1:
        atoms = [piece for atom in atoms for piece in _finer(atom)]
    if _cuts(atoms) < 1:
        return None
    wanted = 2 if ratio > 50 else max(2, math.ceil(ratio))
    return [{**spec, "blocks": _joined(part)} for part in _dealt(atoms, wanted)]


def _cuts(atoms: Sequence[Block]) -> int:
    return sum(1 for before, _ in pairwise(atoms) if before["kind"] not in ("heading", "prompt"))


def _atoms(block: Block) -> list[Block]:
    kind = block["kind"]
    if kind == "columns" and all(b["kind"] in _SEEN for b in block["right"]):  # the picture stays beside all the text
        atoms = [atom for inner in block["left"] for atom in _atoms(inner)]
        if _cuts(atoms) < 1:
            atoms = [piece for atom in atoms for piece in _finer(atom)]
        if _cuts(atoms) >= 1:
            return [{**block, "left": [atom]} for atom in atoms]
    if kind == "columns":  # one column after the other
        return [atom for inner in block["left"] + block["right"] for atom in _atoms(inner)]
    if kind == "bullets":
        groups: list[list[Block]] = []
        for item in block["items"]:
            if item["level"] == 0 or not groups:
                groups.append([])
            groups[-1].append(item)
        return [{**block, "items": group} for group in groups]
    if kind in ("process", "cycle"):
        return [
            {**block, "kind": "process", "steps": [step], "first": block["first"] + n, "start": block["start"] + n}
            for n, step in enumerate(block["steps"])
        ]
    if kind in _LISTS:
        name = _LISTS[kind]
        return [{**block, name: [one]} for one in block[name]] or [block]
    if kind == "code":
        return [{**block, "text": line} for line in block["text"].split("\n")]
    if kind == "maths" and block["tree"]["k"] == "lines":
        return [{**block, "tree": {"k": "lines", "rows": [row]}} for row in block["tree"]["rows"]]
    return [block]


def _finer(atom: Block) -> list[Block]:
    """An atom that is too big for a screen of its own, taken apart within its text."""
    kind = atom["kind"]
    if kind == "bullets" and len(atom["items"]) > 1:
        return [{**atom, "items": [item]} for item in atom["items"]]
    if kind == "bullets":
        item = atom["items"][0]
        return [{**atom, "items": [piece]} for piece in _halved(item, "text", mark=True)]
    if kind in _TEXTS:
        pieces = _halved(atom, "text")
        if kind == "quote" and len(pieces) > 1:
            pieces = [{**piece, "attribution": []} for piece in pieces[:-1]] + pieces[-1:]
        return pieces
    if kind == "code" and len(atom["text"]) > 1:
        middle = len(atom["text"]) // 2
        return [{**atom, "text": atom["text"][:middle]}, {**atom, "text": atom["text"][middle:], "within": True}]
    if kind == "table" and len(atom["rows"]) == 1:
        return _halved_row(atom)
    return [atom]


def _halved(block: Block, name: str, *, mark: bool = False) -> list[Block]:
    found = runs.halves(block[name])
    if found is None:
        return [block]
    first, second = ({**block, name: half, "words": runs.words(half)} for half in found)
    if mark and second.get("mark"):
        second["mark"] = "…"
    return [first, second]


def _halved_row(atom: Block) -> list[Block]:
    """A table's row too high for a screen: its long cells go on in a second row."""
    halves = [runs.halves(cell["text"]) for cell in atom["rows"][0]]
    if not any(halves):
        return [atom]
    rows: list[list[Block]] = [[], []]
    for cell, found in zip(atom["rows"][0], halves, strict=True):
        for row, half in zip(rows, found or (cell["text"], []), strict=True):
            row.append({"text": half, "words": runs.words(half)})
    return [{**atom, "rows": [row]} for row in rows]


def _weight(atom: Block) -> float:
    if atom["kind"] in (*_SEEN, "maths"):
        return 250.0
    if atom["kind"] == "columns":
        return sum(_weight(inner) for inner in atom["left"])
    spread = sum(len(runs.plain(text)) for text in texts({"title": [], "subtitle": [], "blocks": [atom]}))
    lines = 40 * sum(len(atom[name]) for kind, name in _LISTS.items() if kind == atom["kind"])
    return spread + (lines or 30)


def _dealt(atoms: Sequence[Block], wanted: int) -> list[list[Block]]:
    """The atoms in order, in at most ``wanted`` parts of about one weight; a heading stays with what follows it."""
    whole = sum(_weight(atom) for atom in atoms)
    parts: list[list[Block]] = [[]]
    before = 0.0
    for atom in atoms:
        middle = before + _weight(atom) / 2
        stays = parts[-1] and parts[-1][-1]["kind"] in ("heading", "prompt")
        if parts[-1] and not stays and middle > whole * len(parts) / wanted and len(parts) < wanted:
            parts.append([])
        parts[-1].append(atom)
        before += _weight(atom)
    if len(parts) == 1:  # one heavy atom at the end or the start: cut at the first place that may be cut
        cut = next(n for n in range(len(atoms) - 1, 0, -1) if atoms[n - 1]["kind"] not in ("heading", "prompt"))
        return [list(atoms[:cut]), list(atoms[cut:])]
    return parts


def _joined(atoms: Sequence[Block]) -> list[Block]:
    """Neighbouring atoms of one block made one block again."""
    joined: list[Block] = []
    for atom in atoms:
        last = joined[-1] if joined else None
        if last is None or last["id"] != atom["id"] or last["kind"] != atom["kind"] or atom["kind"] not in _JOINS:
            joined.append(atom)
        else:
            joined[-1] = _JOINS[atom["kind"]](last, atom)
    return joined


def _lists(name: str) -> Any:
    return lambda one, other: {**one, name: [*one[name], *other[name]]}


def _text(one: Block, other: Block) -> Block:
    text = [*one["text"], {"k": "text", "s": " "}, *other["text"]]
    rest = {"attribution": other["attribution"]} if "attribution" in other else {}
    return {**one, "text": text, "words": runs.words(text), **rest}


def _code(one: Block, other: Block) -> Block:
    return {**one, "text": one["text"] + ("" if other.get("within") else "\n") + other["text"]}


def _maths(one: Block, other: Block) -> Block:
    return {**one, "tree": {"k": "lines", "rows": [*one["tree"]["rows"], *other["tree"]["rows"]]}}


def _columns(one: Block, other: Block) -> Block:
    return {**one, "left": _joined([*one["left"], *other["left"]])}


_JOINS: dict[str, Any] = {
    "columns": _columns,
    **{kind: _lists(name) for kind, name in _LISTS.items()},
    **dict.fromkeys(_TEXTS, _text),
    "code": _code,
    "maths": _maths,
}


def steps_of(spec: Spec) -> list[int]:
    """The steps of the slide that stand on this screen, in order."""
    found: set[int] = set()
    for block in walk(spec["blocks"]):
        if block["kind"] == "bullets":
            found.update(item["step"] for item in block["items"])
        elif block["kind"] in ("process", "cycle"):
            found.update(range(block["first"] + 1, block["first"] + 1 + len(block["steps"])))
    return sorted(found)


def weight_of(spec: Spec) -> float:
    return sum(_weight(block) for block in walk(spec["blocks"])) + 20


def answer_at(narration: Sequence[Sentence], parts: int) -> int:
    """The first sentence that is spoken over a question's answer: the one that reveals more than the slide's parts."""
    return next((n for n, one in enumerate(narration) if (one.reveal or 0) > parts), len(narration))


def share(narration: Sequence[Sentence], parts: Sequence[Spec]) -> list[tuple[int, int]]:
    """(start, stop) of each part's sentences: a sentence goes with the step that it reveals, and where none is
    revealed each part gets as much speech as it has text."""
    if len(parts) == 1:
        return [(0, len(narration))]
    ends = [max(steps_of(part), default=0) for part in parts]
    owners: list[int] = []
    if any(sentence.reveal for sentence in narration):
        at = 0
        for sentence in narration:
            if sentence.reveal:
                # The part that shows the last of the steps revealed; a later part never waits for an earlier one.
                at = max(at, next((n for n, end in enumerate(ends) if end >= sentence.reveal), len(parts) - 1))
            owners.append(at)
    else:
        weights = [weight_of(part) for part in parts]
        lengths = [len(sentence.text) + 20 for sentence in narration]
        limits = [sum(weights[: n + 1]) / sum(weights) for n in range(len(parts))]
        spoken = 0.0
        for length in lengths:
            middle = (spoken + length / 2) / sum(lengths)
            owners.append(next(n for n, limit in enumerate(limits) if middle <= limit + 1e-9))
            spoken += length
    starts = [sum(1 for owner in owners if owner < n) for n in range(len(parts) + 1)]
    return list(pairwise(starts))
