"""Narration for a slide without notes, from what stands on it: readable sentences, so that a film is never silent."""

from collections.abc import Iterator

from media_gen import inline
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
    Paragraph,
    Picture,
    Poll,
    Question,
    Quote,
    Sentence,
    Table,
)
from media_gen.script.sentences import split_runs

_STOPS = {"hi": "।", "zh": "。", "ja": "。"}
_COMMAS = {"ar": "، ", "zh": "，", "ja": "、"}
_MOST_ROWS = 12  # rows of a table, or bars of a chart, that are read out
_ENDS = tuple(".?!…؟۔।॥。！？:;：；")


def narrate(
    title: str, subtitle: str, blocks: tuple[Block, ...], interaction: Interaction | None, language: str
) -> tuple[Sentence, ...]:
    """Sentences of the slide in reading order; code is not read out. Empty where nothing can be said."""
    primary = language.partition("-")[0].lower()
    texts = [title, subtitle]
    for block in blocks:
        texts += _texts(block, _COMMAS.get(primary, ", "))
    texts += _asked(interaction)
    made: list[Sentence] = []
    for text in texts:
        for runs in split_runs(inline.parse(text), language):
            sentence = inline.render(runs)
            if any(character.isalnum() for character in inline.plain(sentence)):
                made.append(Sentence(text=_stopped(sentence, _STOPS.get(primary, "."))))
    return tuple(made)


def _stopped(text: str, stop: str) -> str:
    seen = inline.plain(text).rstrip("\"'»”’)]」』 ")
    if not seen.endswith(_ENDS):
        return text + stop
    return text if seen[-1] not in ":;：；" or text[-1] not in ":;：；" else text[:-1] + stop


def _texts(block: Block, comma: str) -> Iterator[str]:
    match block:
        case Paragraph():
            yield block.text
        case Bullets():
            yield from (item.text for item in block.items)
        case Picture():
            yield block.caption or block.alt
        case Clip():
            yield block.alt
        case Maths():
            yield f"${' '.join(block.latex.split())}$"
        case Table():
            for row in block.rows[:_MOST_ROWS]:
                yield comma.join(cell for cell in row if cell)
        case Quote():
            yield block.text
            yield block.attribution
        case Diagram():
            yield from block.steps
        case Chart():
            yield from _chart(block, comma)
        case Columns():
            for heading, pieces in ((block.left_title, block.left), (block.right_title, block.right)):
                yield heading
                for piece in pieces:
                    yield from _texts(piece, comma)
        case Code():
            return


def _chart(chart: Chart, comma: str) -> Iterator[str]:
    for series in chart.series:
        parts = [f"{label} {value:g}" for label, value in zip(chart.labels, series.values, strict=True)][:_MOST_ROWS]
        unit = f" {chart.unit}" if chart.unit else ""
        yield (f"{series.name}: " if series.name else "") + comma.join(parts) + unit


def _asked(interaction: Interaction | None) -> Iterator[str]:
    match interaction:
        case None:
            return
        case Question() | Poll() | Branch():
            yield interaction.prompt
            yield from (option.text for option in interaction.options)
        case Hotspots():
            yield interaction.prompt
