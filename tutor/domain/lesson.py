"""Where a lesson stands: a fold over one path of a conversation. The policy decides on it; nothing here decides.

The *ladder* of help belongs to an item and, for free text, to the expectation being worked on (the *focus*): pump,
hint, prompt, scaffold, assertion (AutoTutor: Graesser et al., 2004, Behavior Research Methods 36). A level that has
no material is absent from the ladder, so climbing it one rung at a time never skips one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from tutor.domain.dialogue import Turn
from tutor.domain.items.item import Hint, Item
from tutor.domain.items.short_answer import ShortAnswer

Level = Literal["pump", "hint", "prompt", "scaffold", "assertion"]
LEVELS: tuple[Level, ...] = ("pump", "hint", "prompt", "scaffold", "assertion")

#: Moves that climb: one rung each.
CLIMBING = frozenset(LEVELS)
#: Purposes of a posed question that belong to a placement.
PLACEMENT = "placement"


@dataclass(frozen=True)
class Rung:
    """One step of help. ``hint`` names the item's hint it shows (or scaffold it asks); ``focus`` the expectation."""

    level: Level
    hint: str = ""
    focus: str = ""


def ladder(item: Item, focus: str = "") -> tuple[Rung, ...]:
    """Every step of help for ``focus``, in order; the levels never fall.

    Authored hints come in their own order; a hint that follows a scaffold belongs to the scaffold's level.
    """
    steps: list[Rung] = [Rung("pump", focus=focus)]
    expectation = None
    if isinstance(item.body, ShortAnswer):
        expectation = next((x for x in item.body.expectations if x.id == focus), None)
    authored = _in_order(item)
    first_scaffold = next((i for i, hint in enumerate(authored) if hint.is_scaffold), len(authored))
    if expectation is not None and expectation.hint:
        steps.append(Rung("hint", focus=focus))
    steps += [Rung("hint", hint.id, focus) for hint in authored[:first_scaffold]]
    if expectation is not None and expectation.ask:
        steps.append(Rung("prompt", focus=focus))
    steps += [Rung("scaffold", hint.id, focus) for hint in authored[first_scaffold:]]
    return (*steps, Rung("assertion", focus=focus))


def _in_order(item: Item) -> list[Hint]:
    """The item's hints with everything a hint depends on before it; otherwise in the author's order."""
    placed: list[Hint] = []
    waiting = list(item.hints)
    done: set[str] = set()
    while waiting:
        ready = next((h for h in waiting if set(h.depends_on) & {w.id for w in waiting if w is not h} <= done), None)
        following = ready or waiting[0]  # a circle: keep the author's order
        placed.append(following)
        done.add(following.id)
        waiting.remove(following)
    return placed


@dataclass(frozen=True)
class OpenItem:
    """The question that waits for an answer, and the help given so far.

    ``climbed`` are the rungs taken, in order. ``tries`` counts judged answers to the item,
    ``scaffold`` names the sub-question asked, ``scaffold_tries`` the answers to it. ``help_since_try`` counts the help
    asked for since the last try, ``doubts`` the answers that were asked about
    instead of judged. ``level`` is the highest level of help given;
    ``offered`` and ``example`` say that the course's own words on the matter were offered, and shown; ``film``: in a
    film.
    """

    item: str
    purpose: str
    posed_at: datetime
    turn: str
    kcs: tuple[str, ...] = ()
    covered: frozenset[str] = frozenset()
    focus: str = ""
    climbed: tuple[Rung, ...] = ()
    tries: int = 0
    wrong: int = 0
    scaffold: str = ""
    scaffold_tries: int = 0
    help_since_try: int = 0
    doubts: int = 0
    repaired: tuple[str, ...] = ()
    level: Level | None = None
    told: bool = False
    offered: bool = False
    example: bool = False
    film: bool = False
    misconceptions: tuple[str, ...] = ()

    @property
    def shown(self) -> frozenset[str]:
        """The item's own hints that were shown or asked."""
        return frozenset(rung.hint for rung in self.climbed if rung.hint)


@dataclass(frozen=True)
class Lesson:
    """``mode`` is free talk, practice or a placement. ``awaiting`` is what a bare yes or no would answer.

    ``reading`` is what it would confirm: how an answer was read, or the message that may be one.
    ``asked`` are the items posed on this path, oldest first. ``streak`` counts right answers in a row without help.
    ``frustrations`` and ``pleas`` count in a row. ``placed`` are the placement's questions: (component, item, credit),
    the credit None where the answer stayed in doubt.
    """

    mode: Literal["free", "practice", "placement"] = "free"
    open: OpenItem | None = None
    awaiting: Literal["", "reading", "answer", "offer", "example", "confidence"] = ""
    reading: str = ""
    asked: tuple[str, ...] = ()
    streak: int = 0
    frustrations: int = 0
    pleas: int = 0
    skips: int = 0
    placed: tuple[tuple[str, str, float | None], ...] = ()
    last_graded: str = ""
    last_item: str = ""
    told_in_a_row: int = 0


def fold(path: Iterable[Turn]) -> Lesson:
    """The lesson as the turns of one path left it. Turns that failed or were broken off change nothing they did not
    record."""
    lesson = Lesson()
    for turn in path:
        lesson = apply(lesson, turn)
    return lesson


def apply(lesson: Lesson, turn: Turn) -> Lesson:
    """One turn: what was understood, then the grade, then the move, then the question posed."""
    lesson = _understood(lesson, turn)
    lesson = replace(lesson, awaiting="", reading="")
    if turn.graded is not None:
        lesson = _graded(lesson, turn)
    if turn.move is not None and not (is_unsaid(turn) and (not turn.move.closes or turn.move.move in CLIMBING)):
        lesson = _moved(lesson, turn)
    if turn.posed is not None:
        lesson = _posed(lesson, turn)
    return lesson


def is_unsaid(turn: Turn) -> bool:
    """Whether the turn ended (a crash, a stop, a failure) before the learner saw anything of its move: a rung that
    nobody saw is not climbed, or the next one would skip it."""
    return turn.status in ("stopped", "failed", "interrupted") and not turn.reply and turn.posed is None


def _understood(lesson: Lesson, turn: Turn) -> Lesson:
    intent = turn.understood.intent if turn.understood else ""
    asks = intent in ("hint", "tell_me", "do_not_know", "explain")
    open_ = lesson.open
    if open_ is not None and asks:
        open_ = replace(open_, help_since_try=open_.help_since_try + 1)
    if open_ is not None and (intent == "explain" or (lesson.awaiting == "example" and intent == "confirm")):
        open_ = replace(open_, example=True)
    return replace(
        lesson,
        open=open_,
        frustrations=lesson.frustrations + 1 if intent == "frustration" else lesson.frustrations if not intent else 0,
        pleas=lesson.pleas + 1 if intent in ("tell_me", "gaming") else lesson.pleas if not intent else 0,
        skips=lesson.skips + 1 if intent == "skip" else lesson.skips if not intent else 0,
    )


def _graded(lesson: Lesson, turn: Turn) -> Lesson:
    graded, open_ = turn.graded, lesson.open
    assert graded is not None
    right = graded.verdict == "correct"
    if graded.verdict != "not_an_answer":
        lesson = replace(lesson, last_graded=turn.id, last_item=graded.item)
    if open_ is None or open_.item != graded.item:
        return lesson
    if open_.purpose == PLACEMENT and graded.verdict not in ("unsure", "unparsed"):
        lesson = replace(lesson, placed=(*lesson.placed, (_first(open_.kcs), open_.item, graded.credit)))
    if graded.verdict in ("unsure", "unparsed"):
        lesson = replace(lesson, open=replace(open_, doubts=open_.doubts + 1))
        asks = graded.verdict == "unparsed" and graded.reading
        return replace(lesson, awaiting="reading", reading=graded.reading) if asks else lesson
    if graded.verdict in ("not_an_answer", "noted"):
        return lesson
    open_ = replace(open_, help_since_try=0)
    if graded.hint:
        return replace(lesson, open=replace(open_, scaffold_tries=open_.scaffold_tries + 1))
    named = (graded.misconception,) if graded.misconception else ()
    open_ = replace(
        open_,
        tries=open_.tries + 1,
        wrong=open_.wrong + (not right),
        covered=open_.covered | set(graded.covered),
        misconceptions=(*open_.misconceptions, *named),
    )
    unaided = right and open_.level is None and open_.tries == 1
    return replace(lesson, open=open_, streak=lesson.streak + 1 if unaided else 0)


def _moved(lesson: Lesson, turn: Turn) -> Lesson:
    move, open_ = turn.move, lesson.open
    assert move is not None
    if move.move == "confirm_answer":
        lesson = replace(lesson, awaiting="answer", reading=turn.message)
    if move.move == "offer":
        lesson = replace(lesson, awaiting="offer")
    if move.move == "offer_example":
        lesson = replace(lesson, awaiting="example")
    if move.move == "ask_confidence":
        lesson = replace(lesson, awaiting="confidence")
    if open_ is None:
        return lesson
    if move.move in CLIMBING:
        level: Level = move.move
        highest = max((level, open_.level or "pump"), key=LEVELS.index)
        open_ = replace(
            open_,
            climbed=(*open_.climbed, Rung(level, move.hint, move.focus)),
            focus=move.focus,
            level=highest,
            scaffold=move.hint if level == "scaffold" else "",
            scaffold_tries=0,
            told=open_.told or level == "assertion",
            covered=open_.covered | ({move.focus} if level == "assertion" and move.focus else set()),
        )
    if move.move == "offer_example":
        open_ = replace(open_, offered=True)
    if move.move == "film":
        open_ = replace(open_, film=True)
    if move.move == "repair":
        open_ = replace(open_, repaired=(*open_.repaired, *open_.misconceptions[-1:]), level=open_.level or "pump")
    if move.move == "scaffold_done":
        open_ = replace(open_, scaffold="", scaffold_tries=0)
    if move.closes:
        if open_.purpose == PLACEMENT and open_.item not in (item for _, item, _ in lesson.placed):
            credit = None if move.rule == "placement_unsure" else 0.0
            lesson = replace(lesson, placed=(*lesson.placed, (_first(open_.kcs), open_.item, credit)))
        told = lesson.told_in_a_row + 1 if open_.told else 0
        placed = () if move.move == "placement_done" else lesson.placed  # another one asks anew
        return replace(lesson, open=None, told_in_a_row=told, placed=placed)
    return replace(lesson, open=open_)


def _posed(lesson: Lesson, turn: Turn) -> Lesson:
    posed, open_ = turn.posed, lesson.open
    assert posed is not None
    mode: Literal["practice", "placement"] = "placement" if posed.purpose == PLACEMENT else "practice"
    if open_ is not None and open_.item == posed.item:
        return replace(lesson, mode=mode)
    fresh = OpenItem(posed.item, posed.purpose, turn.sent_at, turn.id, posed.kcs)
    return replace(lesson, mode=mode, open=fresh, asked=(*lesson.asked, posed.item))


def uncovered(item: Item, covered: frozenset[str]) -> tuple[str, ...]:
    """The expectations of a free-text item still to come, in the author's order; ("",) for other types."""
    if not isinstance(item.body, ShortAnswer):
        return ("",)
    return tuple(x.id for x in item.body.expectations if x.id not in covered)


def next_rung(item: Item, open_: OpenItem, focus: str) -> Rung:
    """The rung after the last one climbed for ``focus``; a hint shown for another focus is not shown again."""
    steps = ladder(item, focus)
    taken = [steps.index(rung) for rung in open_.climbed if rung in steps]
    left = [rung for rung in steps[max(taken, default=-1) + 1 :] if rung.hint not in open_.shown or not rung.hint]
    return left[0] if left else steps[-1]


def _first(kcs: tuple[str, ...]) -> str:
    return kcs[0] if kcs else ""
