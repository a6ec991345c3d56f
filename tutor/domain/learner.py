"""What is known of a learner, as a fold over the learner stream. Beliefs about mastery join it with the items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tutor.domain import events as e


@dataclass(frozen=True)
class LearnerProfile:
    """``positions`` and ``met`` are by course: the place last read, and the passages shown so far."""

    language: str = "en"
    last_seq: int = 0
    updated_at: datetime | None = None
    erased: bool = False
    preferences: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    met: Mapping[str, frozenset[str]] = field(default_factory=dict)


def apply(state: LearnerProfile, event: e.Event, seq: int, at: datetime) -> LearnerProfile:
    """One step of the fold."""
    state = replace(state, last_seq=seq, updated_at=at)
    match event:
        case e.LearnerJoined():
            return replace(state, language=event.language)
        case e.PreferenceSet(name="language"):
            return replace(state, language=event.value)
        case e.PreferenceSet():
            return replace(state, preferences={**state.preferences, event.name: event.value})
        case e.MaterialMet():
            met = state.met.get(event.course, frozenset()) | set(event.passages)
            return replace(
                state,
                positions={**state.positions, event.course: event.position},
                met={**state.met, event.course: met},
            )
        case e.LearnerErased():
            return LearnerProfile(last_seq=seq, updated_at=at, erased=True)
    return state


def fold(recorded: Iterable[tuple[e.Event, int, datetime]], start: LearnerProfile | None = None) -> LearnerProfile:
    """Fold ``(event, seq, at)`` triples in order of ``seq``."""
    state = start or LearnerProfile()
    for event, seq, at in recorded:
        state = apply(state, event, seq, at)
    return state
