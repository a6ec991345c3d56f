"""The events of the learner stream: what is known of a learner, across conversations."""

from dataclasses import dataclass
from typing import Any

from tutor.domain.event_values import Event, MasteryShift


@dataclass(frozen=True)
class LearnerJoined(Event):
    language: str


@dataclass(frozen=True)
class PreferenceSet(Event):
    name: str
    value: str


@dataclass(frozen=True)
class MaterialMet(Event):
    """The learner was shown passages: exposure, never mastery. ``position`` is the place in the course's order."""

    course: str
    conversation: str
    turn: str
    passages: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class ItemMet(Event):
    """The learner was asked a question for the first time in this conversation, answered or not: another comes first
    the next time."""

    course: str
    item: str
    conversation: str
    turn: str


@dataclass(frozen=True)
class EvidenceObserved(Event):
    """One graded answer as evidence. ``credit`` is 0 to 1; ``certainty`` (0 to 1) says how far the grade is to be
    trusted. ``hint_level`` is 0 without help, 1 to 3 for pump, hint, prompt or scaffold, 4 when the answer was told.
    ``confidence`` is the learner's own (0 to 1). ``opportunity`` is False for a repeated try at the same question.
    ``source`` is "chat", "placement", "review", "check" or "reviewer"."""

    course: str
    item: str
    kcs: tuple[str, ...]
    verdict: str
    credit: float
    certainty: float = 1.0
    hint_level: int = 0
    attempt: int = 1
    opportunity: bool = True
    seconds: float | None = None
    confidence: float | None = None
    difficulty: float = 0.0
    misconception: str | None = None
    refuted: tuple[str, ...] = ()
    format: str = ""
    helped_by: str = ""
    conversation: str = ""
    turn: str = ""
    source: str = "chat"


@dataclass(frozen=True)
class MasteryChanged(Event):
    """A belief moved because of the evidence at ``evidence`` (seq in this stream)."""

    course: str
    shift: MasteryShift
    evidence: int


@dataclass(frozen=True)
class BeliefContested(Event):
    """ "I don't think that's right": the learner's view of component ``kc`` ("know" or "unsure"), and a note."""

    course: str
    kc: str
    claim: str
    note: str = ""


@dataclass(frozen=True)
class GoalChosen(Event):
    """What the learner works towards: ids of knowledge components, none for the whole course."""

    course: str
    kcs: tuple[str, ...]


@dataclass(frozen=True)
class ActivityChosen(Event):
    """The path's choice and the learner's own: ``chosen`` differs from ``offered`` when they chose otherwise."""

    course: str
    offered: str
    chosen: str
    reason: str = ""


@dataclass(frozen=True)
class PlacementFinished(Event):
    """The placement's end: the items asked, and the components taken for known."""

    course: str
    asked: int
    known: tuple[str, ...]


@dataclass(frozen=True)
class ParametersAdopted(Event):
    """Refitted parameters of the learner model count from here on: refolding stays true."""

    course: str
    version: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class AnswerDecided(Event):
    """Of the course's own stream: a reviewer decided about the answer to ``item`` in that turn. It only points: the
    answer and the decision stay in the conversation, and go with it."""

    course: str
    item: str
    conversation: str
    turn: str


@dataclass(frozen=True)
class FilmWatched(Event):
    """A stretch of a film was seen: evidence of exposure, never of mastery.

    ``film`` is its job; ``spans`` are (from, to) in whole seconds of the film, in the order watched, so that what was
    skipped or seen again shows; ``length`` is the film's.
    """

    course: str
    film: str
    title: str
    language: str
    length: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class LearnerErased(Event):
    """A tombstone. The events before it are erased; it holds no content."""
