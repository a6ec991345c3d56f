"""Builds paths of turns as the tutor would record them, so that the policy can be followed without a service."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tutor.domain import events as e
from tutor.domain import items, lesson
from tutor.domain.assessment import Intent, Verdict
from tutor.domain.dialogue import Turn
from tutor.domain.items.item import Item
from tutor.domain.lesson import Lesson
from tutor.domain.socratic import State, TeachingMove, next_move

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)

OXYGEN = items.read_item(
    {
        "id": "oxygen",
        "type": "short_answer",
        "kcs": ["photosynthesis"],
        "prompt": "Where does the oxygen that plants release come from, and when is it released?",
        "model_answer": "It comes from water, which is split in the light reactions.",
        "expectation": [
            {
                "id": "water",
                "text": "The oxygen comes from water.",
                "hint": "Look at what is taken in.",
                "ask": "Which?",
            },
            {"id": "light", "text": "Water is split in the light reactions.", "ask": "In which stage?"},
        ],
        "misconception": [
            {
                "id": "from-co2",
                "title": "Oxygen comes from carbon dioxide.",
                "says": ["It comes from carbon dioxide"],
                "repair": "Carbon dioxide keeps its oxygen.",
                "ask": "What else is taken in?",
            }
        ],
        "hint": [
            {"text": "Think of the roots."},
            {"text": "How many atoms of oxygen are in water?", "type": "numeric", "answer": "1"},
            {"text": "Now follow that atom."},
        ],
    },
    "biology",
)
RATE = items.read_item(
    {"id": "rate", "type": "numeric", "kcs": ["rates"], "prompt": "3 mL in 2 min: the rate?", "answer": "1.5"},
    "biology",
)

CHOICE = items.read_item(
    {
        "id": "choice",
        "type": "multiple_choice",
        "prompt": "Which gas do leaves take in by day?",
        "option": [{"id": "a", "text": "Carbon dioxide", "correct": True}, {"id": "b", "text": "Helium"}],
    },
    "biology",
)


class Followed:
    """One learner and one open question, turn by turn."""

    def __init__(self, item: Item = OXYGEN, purpose: str = "practice", **beliefs: bool) -> None:
        self.item, self.beliefs = item, beliefs
        self.turns: list[Turn] = []
        self.moves: list[TeachingMove] = []
        self._pose(item, purpose)

    @property
    def lesson(self) -> Lesson:
        return lesson.fold(self.turns)

    def _turn(self, **fields: object) -> Turn:
        number = len(self.turns) + 1
        parent = self.turns[-1].id if self.turns else None
        at = START + timedelta(minutes=number)
        return replace(Turn(f"t{number}", parent, number, f"c{number}", "…", at), **fields)  # type: ignore[arg-type]

    def _pose(self, item: Item, purpose: str) -> None:
        posed = e.ItemPosed("t1", item.id, item.prompt, {}, item.kcs, purpose=purpose)
        self.turns.append(self._turn(posed=posed))

    def say(
        self,
        intent: Intent,
        verdict: Verdict | None = None,
        seconds: float | None = None,
        since_last: float = 60.0,
    ) -> TeachingMove:
        """The move that follows; the turn is added as it would be recorded."""
        before = self.lesson.open
        assert before is not None, "the question is closed"
        graded = None
        if verdict is not None:
            tries = before.scaffold_tries if before.scaffold else before.tries
            graded = e.AnswerGraded(
                f"t{len(self.turns) + 1}",
                self.item.id,
                verdict.kind,
                verdict.probability,
                verdict.credit,
                tries + 1,
                hint=before.scaffold,
                covered=verdict.covered,
                misconception=verdict.misconception,
                reading=verdict.reading,
            )
        turn = self._turn(understood=e.MessageUnderstood("", intent, 1.0), graded=graded)
        folded = lesson.apply(self.lesson, turn)
        if verdict is None and not folded.awaiting:
            folded = replace(folded, awaiting=self.lesson.awaiting)
        assert folded.open is not None
        newly = tuple(x for x in (verdict.covered if verdict else ()) if x not in before.covered)
        state = State(
            folded, intent, self.item, folded.open, verdict, newly, seconds, since_last,
            wants_confidence=self.beliefs.get("wants_confidence", False), confident=False,
            challenge=self.beliefs.get("challenge", False),
            example_helps=self.beliefs.get("example_helps", False),
        )  # fmt: skip
        move = next_move(state)
        chosen = e.MoveChosen(
            turn.id, move.name, move.rule, move.reason, self.item.id, move.hint, move.focus, move.closes
        )
        posed = None
        if not move.closes:
            posed = e.ItemPosed(turn.id, self.item.id, self.item.prompt, {}, self.item.kcs, purpose=before.purpose)
        self.turns.append(replace(turn, move=chosen, posed=posed))
        self.moves.append(move)
        return move
