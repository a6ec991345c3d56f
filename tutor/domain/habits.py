"""How a learner works: sure of themselves or not, quick or slow, trying again or asking, and what help helped.

Nothing here comes from a questionnaire. Each belief lists the events behind it, and says nothing before there are
enough.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

#: Events listed behind a belief; older ones are only counted.
LISTED = 50
#: Stated confidences before anything is said of them, and how fast older ones fade.
ENOUGH_STATED = 8
FADING = 0.95
#: Seconds kept by format. What took longer than an hour was a break, not an answer.
TIMED = 25
ENOUGH_TIMED = 5
BREAK = 3600.0
ENOUGH_HELP = 4


@dataclass(frozen=True)
class Grounds:
    """The events behind a belief: how many, and the ``seq`` of the newest ``LISTED`` in the learner stream."""

    count: int = 0
    seqs: tuple[int, ...] = ()

    def plus(self, seq: int) -> "Grounds":
        return Grounds(self.count + 1, (*self.seqs[-(LISTED - 1) :], seq))


@dataclass(frozen=True)
class Calibration:
    """Stated confidence against what came of it: sums over answers, older ones faded. ``gap`` is the sum of confidence
    less credit, ``square`` that of its squares."""

    weight: float = 0.0
    gap: float = 0.0
    square: float = 0.0
    grounds: Grounds = field(default_factory=Grounds)

    def plus(self, confidence: float, credit: float, seq: int) -> "Calibration":
        apart = min(1.0, max(0.0, confidence)) - credit
        return Calibration(
            FADING * self.weight + 1.0,
            FADING * self.gap + apart,
            FADING * self.square + apart * apart,
            self.grounds.plus(seq),
        )

    @property
    def mean(self) -> float:
        """Positive: surer than right. 0 without data."""
        return self.gap / self.weight if self.weight else 0.0

    @property
    def tendency(self) -> Literal["", "over", "under", "fair"]:
        """Over- or under-confident where the gap is more than chance (one-sided 5 %) and more than .05; "" when too
        little was stated."""
        if self.grounds.count < ENOUGH_STATED:
            return ""
        variance = max(0.02, self.square / self.weight - self.mean**2)
        margin = 0.05 + 1.645 * math.sqrt(variance / self.weight)
        return "over" if self.mean > margin else "under" if self.mean < -margin else "fair"


@dataclass(frozen=True)
class Pace:
    """Seconds of the newest first tries at one format."""

    seconds: tuple[float, ...] = ()
    grounds: Grounds = field(default_factory=Grounds)

    def plus(self, seconds: float, seq: int) -> "Pace":
        return Pace((*self.seconds[-(TIMED - 1) :], seconds), self.grounds.plus(seq))

    @property
    def median(self) -> float | None:
        if len(self.seconds) < ENOUGH_TIMED:
            return None
        ordered = sorted(self.seconds)  # by hand: this module is on the cold-start path, `statistics` costs 3 ms
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


@dataclass(frozen=True)
class Persistence:
    """After a wrong answer: ``tried`` counts further tries, ``told`` the times the answer was told instead."""

    tried: int = 0
    told: int = 0
    grounds: Grounds = field(default_factory=Grounds)

    def plus(self, tried: bool, seq: int) -> "Persistence":
        return Persistence(self.tried + tried, self.told + (not tried), self.grounds.plus(seq))

    @property
    def tendency(self) -> Literal["", "tries", "asks", "mixed"]:
        if self.tried + self.told < 5:
            return ""
        share = self.tried / (self.tried + self.told)
        return "tries" if share >= 0.7 else "asks" if share <= 0.3 else "mixed"


@dataclass(frozen=True)
class Help:
    """One form of help: how often an answer followed it, and how often a right one."""

    tried: int = 0
    worked: int = 0
    grounds: Grounds = field(default_factory=Grounds)

    def plus(self, worked: bool, seq: int) -> "Help":
        return Help(self.tried + 1, self.worked + worked, self.grounds.plus(seq))

    @property
    def rate(self) -> float:
        """The share that worked, with one success and one failure added (Laplace)."""
        return (self.worked + 1) / (self.tried + 2)


@dataclass(frozen=True)
class Habits:
    """``pace`` is by item format, ``helped_by`` by form of help (hint, prompt, scaffold, example, video)."""

    calibration: Calibration = field(default_factory=Calibration)
    pace: dict[str, Pace] = field(default_factory=dict)
    persistence: Persistence = field(default_factory=Persistence)
    helped_by: dict[str, Help] = field(default_factory=dict)

    def usual_seconds(self, form: str) -> float | None:
        return self.pace[form].median if form in self.pace else None

    @property
    def preferred_help(self) -> str | None:
        """The form of help that worked best, where it was tried enough and beats every other tried form by .1."""
        tried = sorted(self.helped_by.items(), key=lambda entry: (-entry[1].rate, entry[0]))
        if not tried or tried[0][1].tried < ENOUGH_HELP:
            return None
        rest = [found.rate for _, found in tried[1:]]
        return tried[0][0] if not rest or tried[0][1].rate - rest[0] >= 0.1 else None


def stated(habits: Habits, confidence: float, credit: float, seq: int) -> Habits:
    """The habits after the learner said how sure they were of an answer that earned ``credit``."""
    return replace(habits, calibration=habits.calibration.plus(confidence, credit, seq))


def observed(
    habits: Habits,
    *,
    seq: int,
    credit: float,
    form: str,
    first: bool,
    told: bool,
    seconds: float | None,
    confidence: float | None,
    helped_by: str,
) -> Habits:
    """The habits after one judged answer. ``first`` marks a first try at a question, ``told`` that its answer was."""
    if confidence is not None and first:
        habits = stated(habits, confidence, credit, seq)
    if seconds is not None and first and not told and 0.0 < seconds <= BREAK:
        pace = habits.pace.get(form, Pace()).plus(seconds, seq)
        habits = replace(habits, pace={**habits.pace, form: pace})
    if told or not first:
        habits = replace(habits, persistence=habits.persistence.plus(not told, seq))
    if helped_by:
        found = habits.helped_by.get(helped_by, Help()).plus(credit >= 0.95 and not told, seq)
        habits = replace(habits, helped_by={**habits.helped_by, helped_by: found})
    return habits
