"""What reviewers decided about answers, for grading the next ones to the same question.

Nothing is copied: the course's stream says where a decision is, and the answer is read from its conversation whenever
it is needed. So a decision counts from the next answer on, in every process; one that is taken back counts no more; and
what a learner wrote is gone from here when their conversation is. It is compared with, never shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from tutor.domain import events as e
from tutor.domain import lesson
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.errors import NotFound
from tutor.domain.items import as_item, read_item
from tutor.domain.items.item import BadItem, Item
from tutor.domain.items.short_answer import ShortAnswer
from tutor.ports import Append, Conversations, EventLog
from tutor.services.adopting import course_stream

if TYPE_CHECKING:
    from tutor.grading.decided import Graded

#: Decisions about one item that are looked at: the last ones.
MOST = 60

Place = tuple[str, str]  # conversation, turn


def decided(course: str, item: str, conversation: str, turn: str) -> Append:
    """To be recorded with a decision."""
    return Append(course_stream(course), (e.AnswerDecided(course, item, conversation, turn),))


@dataclass
class _Course:
    """By item, where decisions are, those made last at the end; up to ``seq`` of the course's stream."""

    seq: int = 0
    places: dict[str, dict[Place, None]] = field(default_factory=dict)


class Decisions:
    """See the module. Thread-safe; it reads from the store."""

    def __init__(self, log: EventLog, conversations: Conversations) -> None:
        self._log = log
        self._conversations = conversations
        self._courses: dict[str, _Course] = {}
        self._lock = Lock()

    def of(self, course: str, item: str) -> "Graded | None":
        """The answers to ``item`` that were decided about, by question and statement; None where there are none."""
        found: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        for conversation, turn in self._places(course, item):
            for question, statement, answer, right in self._said(course, item, conversation, turn):
                found.setdefault((question, statement), []).append((answer, right))
        return (lambda question, statement: found.get((question, statement), ())) if found else None

    def _places(self, course: str, item: str) -> list[Place]:
        with self._lock:
            known = self._courses.setdefault(course, _Course())
            for one in self._log.read(course_stream(course), known.seq):
                known.seq = one.seq
                if isinstance(one.event, e.AnswerDecided) and one.event.course == course:
                    places = known.places.setdefault(one.event.item, {})
                    place = (one.event.conversation, one.event.turn)
                    places.pop(place, None)
                    places[place] = None
            return list(known.places.get(item, {}))[-MOST:]

    def _said(self, course: str, name: str, conversation: str, turn: str) -> Iterator[tuple[str, str, str, bool]]:
        """(question, statement, answer, whether it says so) as the question was when it was answered."""
        try:
            transcript = self._conversations.transcript(conversation)
        except NotFound:
            return
        found = transcript.turns.get(turn)
        if transcript.course != course or found is None or found.graded is None or found.reviewed is None:
            return
        question = question_of(transcript, found)
        if question is None or found.graded.item != name:
            return
        item, body, prompt = question.item, question.item.body, question.prompt
        if not isinstance(body, ShortAnswer):
            return
        before = _covered(transcript, found) if not found.graded.hint else frozenset()
        verdict, answer = found.reviewed.verdict, found.graded.answer
        for idea in body.expectations:
            if idea.id in before or (verdict == "partial" and idea.id not in found.graded.covered):
                continue  # said earlier, or nobody said whether it was
            for wording in (idea.text, *idea.also):
                yield prompt, wording, answer, verdict != "incorrect"
        if verdict == "correct":
            for one in item.misconceptions:
                for wording in one.says:
                    yield prompt, wording, answer, False


@dataclass(frozen=True)
class Question:
    """What an answer was graded against: the question's words as they were last put, and the item as it was then (of a
    scaffold, the scaffold as an item of its own)."""

    prompt: str
    item: Item


def question_of(transcript: Transcript, turn: Turn) -> Question | None:
    """The question that was graded in ``turn``; None where the log can't tell."""
    graded = turn.graded
    path = transcript.path(turn.parent) if turn.parent else ()
    posed = next((one.posed for one in reversed(path) if one.posed is not None), None)
    if graded is None or posed is None or posed.item != graded.item or not posed.data:
        return None
    try:
        item = read_item(posed.data, transcript.course)
        return Question(posed.prompt, as_item(item, item.hint(graded.hint)) if graded.hint else item)
    except (BadItem, KeyError, ValueError):
        return None  # written by another version: what it meant can't be told


def _covered(transcript: Transcript, turn: Turn) -> frozenset[str]:
    """The ideas of the question that answers before this one held."""
    open_ = lesson.fold(transcript.path(turn.parent)).open if turn.parent else None
    graded = turn.graded
    return open_.covered if open_ is not None and graded is not None and open_.item == graded.item else frozenset()
