"""A whole system in memory with one course of questions, one student and one conversation."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from retrieval.embedders.hashing import HashingEmbedder
from tutor.bootstrap import Overrides, System, build
from tutor.config import Settings
from tutor.domain import events as e
from tutor.domain.accounts import Account, Role
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.dialogue import Turn
from tutor.domain.items import read_item
from tutor.domain.items.item import Item
from tutor.ports import ChatModel
from tutor.services.indexing import course_of
from tutor.store.memory import MemoryStore

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COURSE = Course(
    "plants",
    "Plants",
    "en",
    units=(Unit("leaves", "Leaves"),),
    components=(
        KnowledgeComponent("gases", "Leaves take in carbon dioxide", "leaves"),
        KnowledgeComponent("sugar", "Leaves make sugar", "leaves", prerequisites=("gases",)),
    ),
)
LEAVES = """# Leaves

## What leaves make

Leaves make sugar from carbon dioxide and water. The energy for it comes from sunlight, and oxygen is given off.

## Stomata

Stomata are small pores in the skin of a leaf. Gases pass through them, and guard cells open and close them.
"""


def items() -> tuple[Item, ...]:
    raw: list[dict[str, Any]] = [
        {
            "id": "gas-in",
            "type": "multiple_choice",
            "kcs": ["gases"],
            "prompt": "Which gas do leaves take in by day?",
            "option": [
                {"id": "co2", "text": "Carbon dioxide", "correct": True},
                {"id": "o2", "text": "Oxygen", "misconception": "breathes"},
                {"id": "n2", "text": "Nitrogen"},
            ],
            "misconception": [
                {"id": "breathes", "title": "Plants breathe like animals.", "repair": "By day leaves do the opposite."}
            ],
            "hint": [{"text": "Animals breathe it out."}],
            "explanation": "Carbon dioxide is the source of the carbon in sugar.",
        },
        {
            "id": "rate",
            "type": "numeric",
            "kcs": ["gases"],
            "prompt": "A leaf takes in 12 mL of gas in 4 min. What is the rate in mL/min?",
            "answer": "3",
            "unit": "mL/min",
            "hint": [
                {"text": "A rate is an amount for each minute."},
                {"text": "How many minutes did it take?", "type": "numeric", "answer": "4"},
            ],
            "explanation": "12 mL / 4 min = 3 mL/min.",
        },
        {
            "id": "gas-in-2",
            "type": "cloze",
            "kcs": ["gases"],
            "prompt": "Fill the gap.",
            "text": "By day leaves take in {{carbon dioxide|CO2}}.",
        },
        {
            "id": "sugar-from",
            "type": "short_answer",
            "kcs": ["sugar"],
            "prompt": "What do leaves make sugar from, and what gives the energy?",
            "model_answer": "From carbon dioxide and water, with the energy of sunlight.",
            "expectation": [
                {
                    "id": "stuff",
                    "text": "Sugar is made from carbon dioxide and water.",
                    "also": ["from carbon dioxide and water"],
                    "hint": "One comes through the pores, the other through the roots.",
                    "ask": "Which two substances go into the leaf?",
                },
                {"id": "energy", "text": "The energy comes from sunlight.", "also": ["energy from sunlight"]},
            ],
        },
    ]
    return tuple(read_item(one, "plants") for one in raw)


class Ticking:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)


class Classroom:
    """One student in one conversation. Every method sends one message and returns the turn as it ended."""

    def __init__(self, system: System, student: Account, conversation: str, clock: Ticking) -> None:
        self.system, self.student, self.conversation, self.clock = system, student, conversation, clock
        self.turns: list[Turn] = []

    async def say(self, text: str, **reply: Any) -> Turn:
        sent = await self.system.chat.send(
            self.student,
            self.conversation,
            f"c{len(self.turns)}",
            text,
            reply=e.ItemReply(**reply) if reply else None,
        )
        await self.system.chat.settled(self.conversation)
        transcript = await self.system.chat.transcript(self.student, self.conversation)
        self.turns.append(transcript.turns[sent.turn])
        return self.turns[-1]

    async def press(self, action: str, **reply: Any) -> Turn:
        return await self.say(action, action=action, **reply)

    async def choose(self, *selected: str, **reply: Any) -> Turn:
        posed = self.turns[-1].posed
        assert posed is not None, "no question is open"
        return await self.say(", ".join(selected), item=posed.item, hint=posed.hint, selected=selected, **reply)

    async def joined_by(self, name: str) -> "Classroom":
        """Another student of the same course, in a conversation of their own."""
        student = await self.system.accounts.create(name, "a long password", name, Role.STUDENT, "en")
        conversation = await self.system.chat.start(student, "plants", "en")
        return Classroom(self.system, student, conversation, self.clock)

    @property
    def model(self) -> CourseModel:
        return self.system.store.learners.profile(self.student.id).course("plants")


@asynccontextmanager
async def classroom(
    tmp_path: Path, model: ChatModel | None = None, bank: Sequence[Item] | None = None, *, in_memory: bool = False
) -> AsyncIterator[Classroom]:
    """In a SQLite database, or in memory (the shipped fake)."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "1-leaves.md").write_text(LEAVES)
    clock = Ticking()
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)  # type: ignore[call-arg]
    overrides: Overrides = {"model": model, "embedder": HashingEmbedder(), "clock": clock}
    if in_memory:
        overrides["store"] = MemoryStore(clock=clock)
    system = build(settings, **overrides)
    system.ingest.enqueue(course_of(folder, "plants", "Plants", "en"))
    system.ingest.run_pending()
    system.store.library.put_course(COURSE)
    system.store.bank.put("plants", "test", items() if bank is None else bank)
    student = await system.accounts.create("student", "a long password", "Student", Role.STUDENT, "en")
    conversation = await system.chat.start(student, "plants", "en")
    try:
        yield Classroom(system, student, conversation, clock)
    finally:
        await system.chat.close(0)
        system.close()
