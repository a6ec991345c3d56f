"""ASSISTments 2009 as histories of evidence, with what was counted twice collapsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tutor.domain.events import EvidenceObserved

#: The set holds no times; an answer a minute leaves the features of time away at rest.
START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Given:
    """One answer: the problem, its skills and whether it was right."""

    item: str
    kcs: tuple[str, ...]
    right: bool


def read(path: Path) -> list[list[Given]]:
    """The answers of each learner. A file holds four lines a learner: ``id,n``, problems, skills, correct.

    About 15 % of rows repeat the row before for a second skill of the same problem: these become one answer with
    several skills, as otherwise the label of one row would give away the next.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    learners = []
    for start in range(0, len(lines) - 3, 4):
        problems, skills, correct = (
            [part for part in line.split(",") if part] for line in lines[start + 1 : start + 4]
        )
        if not len(problems) == len(skills) == len(correct):
            raise ValueError(f"{path.name}, line {start + 1}: the learner's three lists differ in length")
        learners.append(_collapsed(problems, skills, [float(mark) >= 0.5 for mark in correct]))
    return learners


def _collapsed(problems: Sequence[str], skills: Sequence[str], correct: Sequence[bool]) -> list[Given]:
    found: list[Given] = []
    for problem, skill, right in zip(problems, skills, correct, strict=True):
        last = found[-1] if found else None
        if last is not None and (last.item, last.right) == (problem, right) and skill not in last.kcs:
            found[-1] = Given(problem, (*last.kcs, skill), right)
        else:
            found.append(Given(problem, (skill,), right))
    return found


def evidence(given: Given) -> EvidenceObserved:
    """An unaided first try, as the chat would record it."""
    return EvidenceObserved(
        "assistments", given.item, given.kcs, "correct" if given.right else "incorrect", float(given.right)
    )


def histories(learners: Sequence[Sequence[Given]]) -> list[list[tuple[EvidenceObserved, datetime]]]:
    return [[(evidence(given), START + MINUTE * at) for at, given in enumerate(answers)] for answers in learners]
