"""Citations: every number a learner can press leads to words that really stand there."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from retrieval.errors import EmbedderUnavailable
from retrieval.excerpts import excerpts
from retrieval.quotes import best_sentences, cite
from retrieval.values import Anchor, Citation, Hit, anchor_at
from tutor.domain.curriculum import Course
from tutor.domain.events import CitedSpan
from tutor.ports import Library

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder

# Sentences chosen for an answer in the course's own words, before each brings its context.
_QUOTED = 3
_MARKER = re.compile(r"[ \t]*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
# Square brackets inside code and formulas are not citations.
_VERBATIM = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$)", re.DOTALL)


def markers(text: str) -> list[int]:
    """The numbers cited in ``text``, in order of first appearance; ``[1, 3]`` counts as two."""
    prose = "".join(_VERBATIM.split(text)[::2])
    found = [int(number) for match in _MARKER.finditer(prose) for number in match[1].split(",")]
    return list(dict.fromkeys(found))


def drop_unknown_markers(text: str, passages: int) -> str:
    """Remove citation markers that name none of the ``passages``, and write ``[1, 3]`` as ``[1] [3]``."""

    def mend(match: re.Match[str]) -> str:
        known = [n for n in (int(part) for part in match[1].split(",")) if 1 <= n <= passages]
        space = match[0][: match[0].index("[")]
        return space + " ".join(f"[{n}]" for n in known) if known else ""

    parts = _VERBATIM.split(text)
    # Odd places hold the code and formulas.
    return "".join(part if place % 2 else _MARKER.sub(mend, part) for place, part in enumerate(parts))


class Quoter:
    """Finds the words of the course that answer a question, or that bear out what a model said."""

    def __init__(
        self,
        library: Library,
        embedder: "Embedder | None",
        places: Callable[[str, str], tuple[Anchor, ...]] | None = None,
    ) -> None:
        """``places`` gives the pages or seconds of a course's document, by course and path: the library's own where
        it is left out."""
        self._library = library
        self._embedder = embedder
        self._places = places or library.anchors

    def best(
        self, course: Course, question: str, hits: Sequence[Hit], said: Sequence[CitedSpan] = ()
    ) -> tuple[CitedSpan, ...]:
        """The sentences that answer best, with what they need around them, best first; numbered from 1.

        What was ``said`` already is not chosen again while there is more. Blocking (it embeds up to a few dozen
        sentences); without a usable embedder the words alone count.
        """
        before = [(span.passage, span.start, span.end) for span in said]
        choose = partial(best_sentences, question, hits, language=course.language, most=_QUOTED, said=before)
        try:
            found = choose(embedder=self._embedder)
        except EmbedderUnavailable:
            found = choose(embedder=None)
        quoted = excerpts(found, {hit.passage.id: hit.passage for hit in hits})
        return self._spans(course.id, list(enumerate(quoted, start=1)))

    def cited(self, course: Course, reply: str, hits: Sequence[Hit]) -> tuple[CitedSpan, ...]:
        """For every passage that ``reply`` cites by number, the sentence of it that lies closest to the claim."""
        found: list[tuple[int, Citation]] = []
        for number in markers(reply):
            if 1 <= number <= len(hits):
                hit = hits[number - 1]
                claim = _claim(reply, number)
                quotes = best_sentences(claim, [hit], None, language=course.language, most=1)
                citation = quotes[0] if quotes else cite(hit.passage.text.strip(), hit.passage)
                if citation is not None:
                    found.append((number, citation))
        return self._spans(course.id, found)

    def _spans(self, course: str, cited: Sequence[tuple[int, Citation]]) -> tuple[CitedSpan, ...]:
        titles = self._library.titles(course)
        places = {path: self._places(course, path) for path in {citation.document for _, citation in cited}}
        return tuple(_span(number, citation, titles, places[citation.document]) for number, citation in cited)


def _claim(reply: str, number: int) -> str:
    """The text that leads up to the first marker of ``number``, back to the end of the sentence before."""
    for match in _MARKER.finditer(reply):
        if str(number) in re.split(r"\s*,\s*", match[1]):
            before = _MARKER.sub("", reply[: match.start()])
            return re.split(r"(?<=[.!?。！？।؟])\s+", before.strip())[-1] or before
    return reply


def _span(number: int, citation: Citation, titles: dict[str, str], places: Sequence[Anchor]) -> CitedSpan:
    # Where the quote begins, which may be pages behind the beginning of its passage.
    place = anchor_at(places, citation.start)
    return CitedSpan(
        number,
        citation.passage_id,
        citation.document,
        titles.get(citation.document, citation.document),
        citation.heading_path,
        citation.start,
        citation.end,
        citation.quote,
        place.page if place else None,
        place.second if place else None,
    )
