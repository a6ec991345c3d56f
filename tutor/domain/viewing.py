"""What of a film was watched, skipped and watched again. Exposure, never mastery. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tutor.domain.learner_events import FilmWatched

MOST_SPANS = 60  # kept of one film; the nearest are joined

Span = tuple[int, int]


@dataclass(frozen=True)
class Viewing:
    """``seen`` are the stretches watched, in order and apart, ``again`` the seconds watched more than once; all in
    whole seconds of the film, whose ``length`` it is."""

    course: str
    title: str
    language: str
    length: int
    at: datetime
    seen: tuple[Span, ...] = ()
    again: int = 0

    @property
    def seconds(self) -> int:
        return sum(to - start for start, to in self.seen)

    @property
    def share(self) -> float:
        """Of the film, 0 to 1."""
        return min(1.0, self.seconds / self.length) if self.length else 0.0

    @property
    def skipped(self) -> tuple[Span, ...]:
        """The stretches passed over before the furthest point that was seen."""
        gaps, at = [], 0
        for start, to in self.seen:
            if start > at:
                gaps.append((at, start))
            at = to
        return tuple(gaps)


def viewed(before: Viewing | None, event: FilmWatched, at: datetime) -> Viewing:
    """The viewing after one more report."""
    seen = before.seen if before else ()
    again = before.again if before else 0
    for start, to in event.spans:
        added = _length(_joined((*seen, (start, to)))) - _length(seen)
        again += max(0, to - start - added)
        seen = _joined((*seen, (start, to)))
    # What was seen while the film was being made tells of a shorter one.
    length = max(event.length, before.length if before else 0)
    return Viewing(event.course, event.title, event.language, length, at, _fewer(seen), again)


def _length(spans: Iterable[Span]) -> int:
    return sum(to - start for start, to in spans)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, to in sorted(spans):
        if to <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], to))
        else:
            found.append((start, to))
    return tuple(found)


def _fewer(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """At most ``MOST_SPANS``: what is nearest is joined first."""
    found = list(spans)
    while len(found) > MOST_SPANS:
        at = min(range(1, len(found)), key=lambda i: found[i][0] - found[i - 1][1])
        found[at - 1 : at + 1] = [(found[at - 1][0], found[at][1])]
    return tuple(found)
