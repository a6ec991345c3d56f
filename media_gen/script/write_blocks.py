"""Blocks and interactions as Markdown. ``media_gen.script.write`` makes sure that they read back the same."""

import re
from collections.abc import Iterable, Sequence

from media_gen.lesson import (
    Block,
    Branch,
    Bullets,
    Chart,
    Clip,
    Code,
    Columns,
    Diagram,
    Hotspots,
    Interaction,
    Maths,
    Option,
    Paragraph,
    Picture,
    Poll,
    Question,
    Quote,
    Table,
)

# What would begin a block, or one of a deck's marks, at the start of a line.
_BEGINS = re.compile(
    r"[-+*](?=\s|\Z)|#{1,6}(?=\s|\Z)|[>|~=<\]]|-{2,}\Z|:::?|\?{3}\Z|\.[A-Za-z]|\$\$|[*_-](?=[\s*_-]*\Z)|\[[^\]]*\]:"
)
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|\Z)")


def guarded(text: str) -> str:
    """A line of text that no longer looks like the beginning of something else."""
    if found := _NUMBERED.match(text):
        return f"{found[1]}\\{text[len(found[1]) :]}"
    return f"\\{text}" if _BEGINS.match(text) else text


def blocks(made: Sequence[Block]) -> str:
    parts: list[str] = []
    lists = 0
    for block in made:
        lists = lists + 1 if isinstance(block, Bullets) else 0
        parts.append(_block(block, odd=lists % 2 == 0))
    return "\n\n".join(parts)


def _block(block: Block, *, odd: bool) -> str:
    """``odd``: the list stands right after another one and takes other marks, so that the two stay two."""
    match block:
        case Paragraph():
            return guarded(block.text)
        case Bullets():
            return _bullets(block, odd=odd)
        case Picture():
            return _picture(block)
        case Clip():
            return _clip(block)
        case Code():
            return fenced(block.language, block.text)
        case Maths():
            return f"$$\n{block.latex}\n$$"
        case Table():
            return _table([block.header, *block.rows])
        case Quote():
            return "\n>\n".join(
                f"> {line}"
                for line in (guarded(block.text), f"— {block.attribution}" if block.attribution else "")
                if line
            )
        case Diagram():
            return fenced(block.form, "\n".join(f"- {step}" for step in block.steps))
        case Chart():
            return _chart(block)
        case Columns():
            sides = (("left", block.left_title, block.left), ("right", block.right_title, block.right))
            return "\n\n".join(
                f"::: {side} {title}".rstrip() + f"\n{blocks(pieces)}\n:::" for side, title, pieces in sides
            )


def _bullets(made: Bullets, *, odd: bool) -> str:
    mark = ("1)" if odd else "1.") if made.ordered else ("*" if odd else "-")
    indent = " " * (len(mark) + 1)
    lines: list[str] = []
    number = 0
    for item in made.items:
        number += item.level == 0
        own = f"{number}{mark[1]}" if made.ordered and item.level == 0 else mark
        lines.append(f"{indent * item.level}{own} {guarded(item.text)}")
    return "\n".join(lines)


def _picture(made: Picture) -> str:
    if made.credit or made.licence or '"' in made.caption or re.search(r"[\\<>*_`$\[\]&!]", made.alt + made.caption):
        return fenced(
            "picture",
            _lines(file=made.asset, alt=made.alt, caption=made.caption, credit=made.credit, licence=made.licence),
        )
    caption = f' "{made.caption}"' if made.caption else ""
    path = f"<{made.asset}>" if re.search(r"[\s()]", made.asset) else made.asset
    return f"![{made.alt}]({path}{caption})"


def _clip(made: Clip) -> str:
    return fenced(
        "clip",
        _lines(
            file=made.asset,
            alt=made.alt,
            **{"from": number(made.start) if made.start else "", "to": "" if made.end is None else number(made.end)},
            credit=made.credit,
            licence=made.licence,
        ),
    )


def _table(rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    width = lines[0].replace("\\|", "").count("|") - 1
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _chart(made: Chart) -> str:
    rows = [["", *(series.name for series in made.series)]]
    rows += [[label, *(number(s.values[at]) for s in made.series)] for at, label in enumerate(made.labels)]
    return fenced(f"chart {made.form}", _lines(unit=made.unit) + "\n\n" * bool(made.unit) + _table(rows))


def interaction(made: Interaction) -> str:
    match made:
        case Question():
            after = _lines(
                answer=made.answer,
                explanation=made.explanation,
                think="" if made.think_seconds == 5 else number(made.think_seconds),
            )
            return fenced("question", _asked(made.prompt, map(_option, made.options), after))
        case Poll() | Branch():
            return fenced(made.kind, _asked(made.prompt, map(_option, made.options), ""))
        case Hotspots():
            spots = (
                _item(
                    spot.label,
                    spot.correct,
                    at=", ".join(map(number, (spot.x, spot.y, spot.width, spot.height))),
                    text=spot.text,
                )
                for spot in made.spots
            )
            return fenced("hotspots", _asked(made.prompt, spots, ""))


def _asked(prompt: str, items: Iterable[str], after: str) -> str:
    return "\n".join(part for part in (prompt, *items, after) if part)


def _option(made: Option) -> str:
    return _item(made.text, made.correct, feedback=made.feedback, goto=made.goto)


def _item(shown: str, correct: bool | None, /, **values: str) -> str:
    kind = {True: "right: ", False: "wrong: ", None: ""}[correct]
    return "\n".join([f"- {kind}{shown}", *(f"  {key}: {value}" for key, value in values.items() if value)])


def _lines(**values: str) -> str:
    return "\n".join(f"{key}: {value}" for key, value in values.items() if value)


def fenced(info: str, body: str) -> str:
    longest = max((len(found) for found in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{body}\n{fence}"


def number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
