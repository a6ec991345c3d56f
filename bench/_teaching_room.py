"""The chat as the product runs it, with a model that leaks and an ear for what it was told is secret.

``build`` wires the stores, the retriever and the ingest; the services of a turn are put together here once more, since
two of them need watching: the teacher tells the model which question is open, and the guard can be left out to show
what the figures are worth.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench._teaching_leaks import Leak, leaks_of, reply_with
from tutor import locales
from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain import events as e
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Turn
from tutor.domain.items.item import Hint, Item
from tutor.ports import ModelRequest
from tutor.services.chat import ChatService
from tutor.services.citing import Quoter
from tutor.services.judging import Judging
from tutor.services.lessons import Lessons
from tutor.services.live import Delta, Live
from tutor.services.marking import Marker
from tutor.services.recording import Recorder
from tutor.services.scene import Decision, Graded, Scene
from tutor.services.speaking import Speaker
from tutor.services.teaching import Teacher
from tutor.services.turn import TurnRunner
from tutor.services.watching import Guard
from tutor.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from retrieval.embedders import Embedder
    from tutor.grading.guard import Leak as Objection
    from tutor.grading.guard import Secret

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: Of the replies of the model, how many hold a leak, and how many ask a question that is one too many.
LEAKY, ASKING = 0.9, 0.3


class Clock:
    """Moved by the dialogues."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=20)
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Open:
    """The question that is open once the turn ends, its ideas that were told or said, and the sub-question."""

    item: Item
    covered: frozenset[str] = frozenset()
    hint: Hint | None = None


class NoGuard:
    """Never objects: for comparison."""

    embeds = False

    def check(self, sentence: str, secret: "Secret", before: tuple[str, ...] = ()) -> "Objection | None":
        return None

    def gives_away(self, passages: Sequence[str], secret: "Secret") -> tuple[bool, ...]:
        return (False,) * len(passages)


class OpenTeacher(Teacher):
    """The teacher, overheard: ``open`` is what a model that knew everything would know, by conversation."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        super().__init__(store.bank, store.library, clock)
        self.open: dict[str, Open | None] = {}

    def decide(self, scene: Scene, understood: e.MessageUnderstood, graded: Graded | None) -> Decision | None:
        decision = super().decide(scene, understood, graded)
        self.open[scene.conversation] = _left_open(scene, decision)
        return decision


def _left_open(scene: Scene, decision: Decision | None) -> Open | None:
    if decision is not None and decision.posed is not None and decision.next_item is not None:
        item = decision.next_item
        return Open(item, decision.covered, next((h for h in item.hints if h.id == decision.posed.hint), None))
    stays = decision is None or (decision.item is not None and not decision.move.closes)
    if not stays or scene.item is None or scene.lesson.open is None:
        return None
    covered = scene.lesson.open.covered if decision is None else decision.covered
    return Open(scene.item, covered, scene.hint)


class LeakyModel:
    """Whatever it is asked, it says a sentence that gives the open question away among harmless ones. ``planted`` is
    what it said last. Dialogues run one at a time."""

    name = "leaky"

    def __init__(self, leaks: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        self.planted: Leak | None = None
        self.said = ""
        self._open: Callable[[], Open | None] = lambda: None
        self._rng = random.Random(0)
        self._leaks = leaks

    def begin(self, rng: random.Random, open_: Callable[[], Open | None]) -> None:
        """Another dialogue: ``open_`` tells what is open when it is asked."""
        self._rng, self._open = rng, open_

    async def stream(self, request: ModelRequest) -> "AsyncGenerator[str | e.Usage, None]":
        open_ = self._open()
        self.planted = None
        if open_ is not None and self._rng.random() < LEAKY:
            known = leaks_of(open_.item, open_.covered, open_.hint, self._leaks.get(open_.item.id, ()))
            kinds = sorted({one.kind for one in known})
            if kinds:
                kind = self._rng.choice(kinds)
                self.planted = self._rng.choice([one for one in known if one.kind == kind])
        self.said = reply_with(self.planted, self._rng, asks=self._rng.random() < ASKING)
        for word in self.said.split(" "):
            yield word + " "
        yield e.Usage("bench", self.name)


@dataclass(frozen=True)
class Heard:
    """A turn as it ended, all that a listener was shown while it ran, and what the model had planted in it."""

    turn: Turn
    shown: tuple[str, ...]
    planted: Leak | None
    said: str
    open: Open | None
    evidence: tuple[e.EvidenceObserved, ...]


class Room:
    """The whole system in memory. ``leaks`` are sentences written for items, (kind, text), by the item's id."""

    def __init__(
        self, folder: Path, embedder: "Embedder", leaks: Mapping[str, tuple[tuple[str, str], ...]], *, guarded: bool
    ) -> None:
        self.clock = Clock()
        self.store = MemoryStore(clock=self.clock)
        self.model = LeakyModel(leaks)
        settings = Settings(data_dir=folder, _env_file=None)  # type: ignore[call-arg]
        self.system: System = build(settings, store=self.store, model=self.model, embedder=embedder, clock=self.clock)
        judging = Judging(embedder)
        guard: Guard = judging if guarded else NoGuard()
        self.teacher = OpenTeacher(self.store, self.clock)
        self.live = Live()
        recorder = Recorder(self.store.log, self.live)
        speaker = Speaker(
            self.model,
            Quoter(self.store.library, embedder),
            self.store.library,
            locales.load,
            indexing=lambda course: False,
        )
        lessons = Lessons(self.store, recorder, Marker(judging, judging), self.teacher, guard, locales.load)
        runner = TurnRunner(
            self.store, self.live, recorder, self.system.retriever, speaker, lessons, turn_seconds=120.0
        )
        self.chat = ChatService(self.store, self.live, recorder, runner, self.system.new_id, 8000)
        self._people = 0

    async def close(self) -> None:
        await self.chat.close(0)
        self.system.close()

    async def newcomer(self, language: str) -> Account:
        self._people += 1
        name = f"learner-{self._people}"
        return await self.system.accounts.create(name, "a long password", name, Role.STUDENT, language)

    async def conversation(self, course: str, language: str, seed: str) -> "Conversation":
        student = await self.newcomer(language)
        name = await self.chat.start(student, course, language)
        self.model.begin(random.Random(seed), lambda: self.teacher.open.get(name))
        return Conversation(self, student, name, course)


class Conversation:
    """One learner's conversation; every message waits for the turn to end."""

    def __init__(self, room: Room, student: Account, name: str, course: str) -> None:
        self.room, self.student, self.name, self.course = room, student, name, course
        self.heard: list[Heard] = []
        self._seq = 0

    async def say(self, text: str, reply: e.ItemReply | None = None) -> Heard:
        room = self.room
        room.model.planted, room.model.said = None, ""
        listener = room.live.subscribe(self.name)
        sent = await room.chat.send(self.student, self.name, f"c{len(self.heard)}", text, reply=reply)
        await room.chat.settled(self.name)
        room.live.unsubscribe(self.name, listener)
        shown = tuple(_shown(listener.drain()))
        transcript = await room.chat.transcript(self.student, self.name)
        learned = await asyncio.to_thread(room.store.log.read, e.learner_stream(self.student.id), self._seq)
        self._seq = learned[-1].seq if learned else self._seq
        evidence = tuple(one.event for one in learned if isinstance(one.event, e.EvidenceObserved))
        turn = transcript.turns[sent.turn]
        heard = Heard(turn, shown, room.model.planted, room.model.said, room.teacher.open.get(self.name), evidence)
        self.heard.append(heard)
        return heard


def _shown(events: Sequence[object]) -> "list[str]":
    """Everything that reached the page: deltas joined, sentences joined, and the turn as it ended."""
    deltas = sentences = ""
    found = []
    for one in events:
        event = getattr(one, "event", one)
        match event:
            case Delta():
                deltas += event.text
            case e.SentenceSpoken():
                sentences += event.text
            case e.TurnFinished():
                found.append(event.text)
    return [deltas, sentences, *found]
