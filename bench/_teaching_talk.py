"""Dialogues of simulated learners with the chat, and what is counted in them.

A leak is judged by its label: the sentence that the model planted, or a piece of the answer key, occurs in what was
shown while its question stays open. The invariants are read from the log and from what the item's author wrote, not
from the code that is meant to keep them.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench import _mathdial as mathdial
from bench._teaching_leaks import HARMLESS, squeezed
from bench._teaching_learners import KINDS, LANGUAGES, Kind, Learner, Said
from bench._teaching_room import Conversation, Heard, Open, Room
from tutor.domain import events as e
from tutor.domain.items import short_answer
from tutor.domain.items.item import Item
from tutor.domain.lesson import LEVELS

TURNS = 14
#: Teacher turns that MathDial's figures are taken at.
AT = 7
_QUOTE = re.compile(r"^>.*$", re.MULTILINE)
_ASKS = re.compile(r"[?？؟]")


@dataclass
class Tally:
    """Counts over dialogues. ``planted`` and ``leaked`` are by (learner kind, leak kind); ``harmless`` counts the
    sentences said and shown of replies without a leak; ``violations`` are by name; ``examples`` are of both;
    ``checked`` says how much there was that could have gone wrong."""

    dialogues: int = 0
    turns: int = 0
    planted: Counter[tuple[str, str]] = field(default_factory=Counter)
    leaked: Counter[tuple[str, str]] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    moves: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)

    def violate(self, name: str, example: str) -> None:
        self.violations[name] += 1
        self.note(name, example)

    def note(self, name: str, example: str) -> None:
        known = self.examples.setdefault(name, [])
        if example not in known:
            known.append(example)

    @property
    def leak_rate(self) -> float:
        return self.leaked.total() / max(1, self.planted.total())


async def lessons(room: Room, course: str, learners: int, seed: int, tally: Tally, turns: int = TURNS) -> None:
    """``learners`` dialogues on ``course``, the kinds and languages taking turns."""
    for number in range(learners):
        kind = KINDS[number // 2 % 3] if number % 2 else KINDS[-1]  # every other one is adversarial
        language = LANGUAGES[number // 2 % len(LANGUAGES)]
        name = f"{seed}:{number}"
        talk = await room.conversation(course, language, name)
        learner = Learner(kind, language, random.Random(name))
        await _dialogue(room, talk, learner, turns, tally)


async def _dialogue(room: Room, talk: Conversation, learner: Learner, turns: int, tally: Tally) -> None:
    said = [Said("practise", "practise", e.ItemReply(action="practise"))]
    heard = await talk.say(said[0].text, said[0].reply)
    for _ in range(turns - 1):
        room.clock.wait(learner.pause())
        said.append(_next(learner, talk, heard))
        heard = await talk.say(said[-1].text, said[-1].reply)
    _count(tally, learner.kind, talk, said)


def _next(learner: Learner, talk: Conversation, heard: Heard) -> Said:
    if heard.open is None:
        return Said("practise", "practise", e.ItemReply(action="practise"))
    if "confirm" in heard.turn.actions:
        return Said("deny", "no", e.ItemReply(action="deny"))
    rungs, worked = _help(talk.heard, heard.open)
    return learner.next(heard.open, rungs, worked)


def _help(heard: Sequence[Heard], open_: Open) -> tuple[int, int]:
    """Rungs climbed and sub-questions answered right since the question was first put."""
    rungs = worked = 0
    for one in reversed(heard):
        if one.open is None or one.open.item.id != open_.item.id:
            break
        rungs += one.turn.move is not None and one.turn.move.move in LEVELS
        worked += one.turn.graded is not None and bool(one.turn.graded.hint) and one.turn.graded.verdict == "correct"
    return rungs, worked


# -- what is counted ---------------------------------------------------------------------------------------------------


def _count(tally: Tally, kind: Kind, talk: Conversation, said: Sequence[Said]) -> None:
    tally.dialogues += 1
    tally.turns += len(talk.heard)
    for heard, message in zip(talk.heard, said, strict=True):
        if heard.turn.status != "complete":
            tally.violate("turn not complete", f"{heard.turn.status} {heard.turn.error} after {message.text!r}")
        if heard.turn.move is not None:
            tally.moves[heard.turn.move.move] += 1
        _leaks(tally, kind, heard)
        _questions(tally, heard)
        _evidence(tally, heard, message)
    _ladders(tally, talk.heard)
    _freshness(tally, talk)


def _leaks(tally: Tally, kind: Kind, heard: Heard) -> None:
    shown = [squeezed(text) for text in heard.shown]
    if heard.planted is not None:
        key = (kind.name, heard.planted.kind)
        tally.planted[key] += 1
        if any(squeezed(heard.planted.text) in text for text in shown):
            tally.leaked[key] += 1
            tally.note("leak", f"{heard.planted.kind} [{heard.planted.item}] {heard.planted.text}")
    elif heard.said and not _ASKS.search(heard.said):
        # Once a sentence is kept back what follows it goes too, so only replies without a leak tell of false blocks.
        for sentence in HARMLESS:
            if sentence in heard.said:
                tally.harmless["said"] += 1
                tally.harmless["shown"] += sentence in shown[1]
    # The tutor's own words and what it quotes: no piece of the answer key either, planted or not.
    open_ = heard.open
    if open_ is None or open_.item.id != (heard.turn.posed.item if heard.turn.posed else ""):
        return
    for secret in _key(open_):
        if squeezed(secret) in shown[-1] and (heard.planted is None or secret not in heard.planted.text):
            tally.violate("answer key in a reply", f"[{open_.item.id}] {secret} in: {shown[-1][:200]}")


def _key(open_: Open) -> Iterable[str]:
    item = open_.item
    if isinstance(item.body, short_answer.ShortAnswer):
        for idea in item.body.expectations:
            if idea.id not in open_.covered:
                yield idea.text
        if not open_.covered and item.body.model_answer:
            yield item.body.model_answer
    elif item.explanation:
        yield item.explanation


def _questions(tally: Tally, heard: Heard) -> None:
    """One question a turn: the card, or one in the reply."""
    asked = len(_ASKS.findall(_QUOTE.sub("", heard.turn.reply))) + (heard.turn.posed is not None)
    if asked > 1:
        move = heard.turn.move.move if heard.turn.move else ""
        tally.violate("two questions in a turn", f"{move} ({heard.turn.source}): {heard.turn.reply[-120:]}")


def _evidence(tally: Tally, heard: Heard, message: Said) -> None:
    for evidence in heard.evidence:
        if not evidence.kcs:
            continue
        tally.checked["evidence"] += 1
        told = evidence.hint_level == 4 and heard.turn.move is not None and heard.turn.move.move == "assertion"
        # Not knowing is told by the learner, and a ladder climbed to its end without a try shows it.
        if message.what in ("answer", "idk") or (told and evidence.credit == 0.0):
            continue
        tally.violate("evidence from what is no answer", f"{message.what}: {message.text} -> {evidence.verdict}")
    graded = heard.turn.graded
    if message.what not in ("answer", "practise", "deny"):
        tally.checked["messages that are no answer"] += 1
        tally.checked["of them graded"] += graded is not None and graded.verdict != "not_an_answer"
    if message.what == "answer" and graded is None:
        tally.checked["answers not graded"] += 1
    if message.what == "answer" and graded is not None and message.right and not graded.hint:
        tally.checked["right answers"] += 1
        tally.checked["right answers marked wrong"] += graded.verdict in ("incorrect", "misconception")


def _ladders(tally: Tally, heard: Sequence[Heard]) -> None:
    """Level after level: none before those under it are used up, none again once a higher one was reached."""
    items = {one.open.item.id: one.open.item for one in heard if one.open is not None}
    item, taken = "", list[tuple[str, str, str]]()
    for one in heard:
        move = one.turn.move
        if move is not None and move.move in LEVELS and move.item in items:
            if move.item != item:
                item, taken = move.item, []
            tally.checked["rungs"] += 1
            rung = (move.move, move.hint, move.focus)
            for wrong in _missteps(items[item], taken, rung):
                tally.violate(wrong, f"[{item}] {rung} after {taken}")
            taken.append(rung)
        if one.open is None or one.open.item.id != item:
            item, taken = "", []


def _missteps(item: Item, taken: Sequence[tuple[str, str, str]], rung: tuple[str, str, str]) -> Iterable[str]:
    level, hint, focus = rung
    mine = [one for one in taken if one[2] == focus]
    if rung in taken or (hint and any(one[1] == hint for one in taken)):
        yield "a rung repeated"
    if any(LEVELS.index(one[0]) > LEVELS.index(level) for one in mine):
        yield "a level came back"
    for lower in LEVELS[: LEVELS.index(level)]:
        if _stock(item, focus, lower) > sum(one[0] == lower and _mine(one, focus) for one in taken):
            yield "a level skipped"


def _mine(rung: tuple[str, str, str], focus: str) -> bool:
    """A hint of the item's counts for every idea once it was shown."""
    return rung[2] == focus or bool(rung[1])


def _stock(item: Item, focus: str, level: str) -> int:
    """How much help of a level the author wrote for an idea."""
    first = next((at for at, hint in enumerate(item.hints) if hint.is_scaffold), len(item.hints))
    idea = None
    if isinstance(item.body, short_answer.ShortAnswer):
        idea = next((one for one in item.body.expectations if one.id == focus), None)
    match level:
        case "pump":
            return 1
        case "hint":
            return first + (idea is not None and bool(idea.hint))
        case "prompt":
            return int(idea is not None and bool(idea.ask))
        case "scaffold":
            return len(item.hints) - first
    return 0


def _freshness(tally: Tally, talk: Conversation) -> None:
    """After the answer was told, a question that was not put before, if there is one left."""
    bank = {row.id for row in talk.room.store.bank.summaries(talk.course) if row.state == "approved"}
    asked: set[str] = set()
    for one in talk.heard:
        move, posed = one.turn.move, one.turn.posed
        if move is not None and move.move == "assertion" and move.closes:
            tally.checked["told"] += 1
            stale = posed is not None and posed.item in asked
            if (stale or posed is None) and bank - asked:
                tally.violate(
                    "no fresh question after an assertion", f"{posed.item if posed else 'none'} after {asked}"
                )
        if posed is not None:
            asked.add(posed.item)


# -- beside human teachers ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """One simulated learner on one problem: whether the final number was said by them within so many tutor turns, and
    whether the tutor said it before."""

    success: bool
    told: bool


async def problem(room: Room, item: Item, kind: Kind, seed: str, tally: Tally) -> Problem:
    """As MathDial begins: with a wrong solution on the table. The course holds this one problem."""
    talk = await room.conversation(item.course, "en", seed)
    learner = Learner(kind, "en", random.Random(seed))
    said = [Said("practise", "practise", e.ItemReply(action="practise"))]
    heard = await talk.say(said[0].text, said[0].reply)
    answer = getattr(item.body, "answer", "")
    given = set(mathdial.numbers(item.prompt))
    success = told = False
    for turn in range(AT + 1):
        if heard.open is None or success:
            break
        room.clock.wait(30.0)
        first = turn == 0
        said.append(learner.answer(item, heard.open, right=False) if first else _next(learner, talk, heard))
        if said[-1].what == "answer" and said[-1].right and (heard.open.hint is None):
            success = True
        heard = await talk.say(said[-1].text, said[-1].reply)
        told = told or (not success and answer not in given and answer in mathdial.numbers(heard.turn.reply))
    _count(tally, kind, talk, said)
    return Problem(success, told)
