"""Excerpts: a chosen sentence with the sentences around it, so that what is quoted can be understood alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.blocks import BlockKind, blocks, plain
from retrieval.sentences import Sentence, sentences
from retrieval.values import Citation, Passage
from retrieval.words import count_words

LONGEST = 60  # words; a short paragraph is quoted whole


def excerpts(chosen: Sequence[Citation], passages: dict[str, Passage], longest: int = LONGEST) -> tuple[Citation, ...]:
    """``chosen`` in the order given, each grown within its paragraph or list to at most ``longest`` words.

    A sentence rarely stands alone: "Here the rate rises" needs the sentence before it. What came before is taken
    first, then what follows. Excerpts that touch are joined. ``passages`` are by id.
    """
    grown: list[Citation] = []
    for citation in chosen:
        passage = passages[citation.passage_id]
        start, end = _grown(passage, citation.start - passage.start, citation.end - passage.start, longest)
        one = _cut(passage, start, end)
        last = grown[-1] if grown else None
        if last is not None and last.passage_id == one.passage_id and one.start <= last.end:
            grown[-1] = _cut(passage, last.start - passage.start, max(last.end, one.end) - passage.start)
        else:
            grown.append(one)
    return tuple(grown)


def _grown(passage: Passage, start: int, end: int, longest: int) -> tuple[int, int]:
    around = _neighbours(passage.text, start, end)
    inside = [at for at, one in enumerate(around) if start <= one.start and one.end <= end]
    if not inside:
        return start, end
    first, last = inside[0], inside[-1]
    while True:
        for low, high in ((first - 1, last), (first, last + 1)):
            if low < 0 or high >= len(around):
                continue
            # A sentence that announces a formula or a table says little without it.
            if high > last and plain(passage.text[around[high].start : around[high].end]).endswith((":", "：")):
                continue
            if count_words(plain(passage.text[around[low].start : around[high].end])) <= longest:
                first, last = low, high
                break
        else:
            begin = around[first].start
            if around[first].kind is BlockKind.LIST:  # with its mark, so that the list stays one
                begin = passage.text.rfind("\n", 0, begin) + 1
            return begin, around[last].end


def _neighbours(text: str, start: int, end: int) -> list[Sentence]:
    """The sentences of the block that holds ``[start, end)``; none for a table, which is quoted as it is."""
    for block in blocks(text):
        if block.start <= start and end <= block.end and block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST):
            return [one for one in sentences(text) if block.start <= one.start and one.end <= block.end]
    return []


def _cut(passage: Passage, start: int, end: int) -> Citation:
    return Citation(
        passage.id,
        passage.document,
        passage.heading_path,
        passage.start + start,
        passage.start + end,
        passage.text[start:end],
    )
