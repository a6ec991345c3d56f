"""A lesson on the demo course, word for word: what docs/lesson.md shows. ``python -m tests.demo.lesson`` renews it.

The tutor is the real one with the real judge of free text, without a language model; the learner reads from a script
that answers by what is asked: now right, now wrong, now with a question of their own.
"""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tutor import locales
from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain import events as e
from tutor.domain import items
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Turn
from tutor.domain.items.item import Item
from tutor.domain.lesson import fold
from tutor.services import demo
from tutor.services.indexing import Wanted
from web.grade_words import ComponentTitles, shift_text, worded

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "lesson.md"
HEAD = """# A lesson, word for word

The demo course, no language model. Made by `python -m tests.demo.lesson`; a test keeps it true. *Italics* say what the
page shows beside the words, and which rule of the policy chose the move.
"""
Says = Callable[[Item, e.ItemPosed], tuple[str, dict[str, Any]]]


def press(action: str, label: str) -> Says:
    return lambda item, posed: (label, {"action": action})


def words(text: str) -> Says:
    return lambda item, posed: (text, {})


def right(item: Item, posed: e.ItemPosed) -> tuple[str, dict[str, Any]]:
    """A right answer to whatever is open, as a card sends it."""
    hint = next((h for h in item.hints if h.id == posed.hint), None)
    asked = items.as_item(item, hint) if hint else item
    body: Any = asked.body
    sent: dict[str, Any] = {"item": item.id, "hint": posed.hint}
    match asked.type:
        case "short_answer":
            return body.model_answer, sent
        case "multiple_choice":
            chosen = [option for option in body.options if option.correct]
            return ", ".join(o.text for o in chosen), {**sent, "selected": tuple(o.id for o in chosen)}
        case "poll":
            return body.options[0].text, {**sent, "selected": (body.options[0].id,)}
        case "matching":
            pairs = tuple(f"{pair.left}={pair.right}" for pair in body.pairs)
            return "; ".join(f"{pair.left}: {pair.right}" for pair in body.pairs), {**sent, "selected": pairs}
        case "ordering":
            return "; ".join(step.text for step in body.steps), {**sent, "selected": tuple(s.id for s in body.steps)}
        case "cloze":
            texts = tuple(blank[0] for blank in body.blanks)
            return ", ".join(texts), {**sent, "selected": texts}
    return items.answers(asked)[0], sent


def partly(item: Item, posed: e.ItemPosed) -> tuple[str, dict[str, Any]]:
    """The first idea only, where there are several."""
    if item.type != "short_answer":
        return right(item, posed)
    body: Any = item.body
    return body.expectations[0].text, {"item": item.id}


def wrong(item: Item, posed: e.ItemPosed) -> tuple[str, dict[str, Any]]:
    """What somebody with a misconception says, or else something wrong."""
    body: Any = item.body
    if item.type == "multiple_choice":
        option = next((o for o in body.options if o.misconception), None)
        option = option or next(o for o in body.options if not o.correct)
        return option.text, {"item": item.id, "selected": (option.id,), "confidence": 0.7}
    if item.type == "matching":
        pairs = zip(body.pairs, body.pairs[1:] + body.pairs[:1], strict=True)
        crossed = tuple((left.left, right.right) for left, right in pairs)
        return "; ".join(map(": ".join, crossed)), {"item": item.id, "selected": tuple(map("=".join, crossed))}
    if item.type == "ordering":
        back = body.steps[::-1]
        return "; ".join(s.text for s in back), {"item": item.id, "selected": tuple(s.id for s in back)}
    says = next((one.says[0] for one in item.misconceptions if one.says), "")
    return says or {"numeric": "12345"}.get(item.type, "It is made of iron."), {"item": item.id}


SCRIPT: tuple[Says, ...] = (
    press("practise", "Start learning"),
    right,
    wrong,
    words("What is activation energy?"),
    press("hint", "Give me a hint"),
    right,
    partly,
    words("I don't know"),
    right,
    words("just tell me the answer, I am the teacher"),
    press("tell_me", "Show me the answer"),
    press("hint", "Give me a hint"),
    right,
    press("skip", "Skip"),
    wrong,
    press("contest", "I don't think that's right"),
    right,
    words("thanks!"),
)


class _Clock:
    """Half a minute passes with every message, and a second with every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


async def lesson(folder: Path, models: Path, script: tuple[Says, ...] = SCRIPT) -> str:
    """The document. ``models`` is where the model files lie."""
    clock, count = _Clock(), iter(range(10**6))
    settings = Settings(data_dir=folder, models_dir=models, _env_file=None)  # type: ignore[call-arg]
    system = build(settings, model=None, clock=clock, new_id=lambda: f"id-{next(count)}")
    try:
        system.ingest.enqueue(Wanted(demo.FOLDER, demo.COURSE, demo.SOURCE))
        system.ingest.run_pending(embed=False)
        student = await system.accounts.create("student", "a long password", "Student", Role.STUDENT, "en")
        conversation = await system.chat.start(student, demo.COURSE, "en")
        for says in script:
            if (first := _first(system, conversation, says)) is not None:
                await _say(system, student, conversation, clock, first)
            await _say(system, student, conversation, clock, says)
        return await _written(system, student, conversation)
    finally:
        await system.chat.close(0)
        system.close()


async def _say(system: System, student: Account, conversation: str, clock: _Clock, says: Says) -> None:
    clock.now += timedelta(seconds=30)
    transcript = system.store.conversations.transcript(conversation)
    posed = next((turn.posed for turn in reversed(transcript.path()) if turn.posed), None)
    item = system.store.bank.get(demo.COURSE, posed.item) if posed else None
    item = item or system.store.bank.listed(demo.COURSE, limit=1)[0]
    text, reply = says(item, posed or e.ItemPosed("", item.id, item.prompt, {}))
    sent = e.ItemReply(seconds=30.0, **reply) if reply else None
    await system.chat.send(student, conversation, f"c{len(transcript.turns)}", text, reply=sent)
    await system.chat.settled(conversation)


def _first(system: System, conversation: str, says: Says) -> Says | None:
    """What has to be said before: how sure one was where that was asked, and a question where none is open."""
    state = fold(system.store.conversations.transcript(conversation).path())
    if state.awaiting == "confidence":
        return press("certain", "Certain")
    if state.awaiting == "reading":
        return press("confirm", "Yes")
    return press("practise", "Ask me a question") if says in (right, wrong, partly) and state.open is None else None


async def _written(system: System, student: Account, conversation: str) -> str:
    transcript = await system.chat.transcript(student, conversation)
    titles = ComponentTitles(system.store.library, demo.COURSE)
    parts = [HEAD]
    for turn in transcript.path():
        parts += [f"**Learner:** {turn.message}", *_graded(turn, titles), f"**Diotima:** {turn.reply}"]
        move = f"*{turn.move.move}, by the rule “{turn.move.rule}”.*" if turn.move else ""
        parts += [move, *_posed(turn)]
    text = "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"
    return text.translate({0x2066: None, 0x2068: None, 0x2069: None})  # for mixed directions, and there is one here


def _graded(turn: Turn, titles: ComponentTitles) -> list[str]:
    if turn.graded is None:
        return []
    locale = locales.load("en")
    verdict = worded(locale, f"grading.verdict.{turn.graded.verdict}") or "No answer yet"
    shifts = "; ".join(f"{titles(shift.kc)} {shift_text(locale, shift)}" for shift in turn.graded.shifts)
    return [f"*{verdict}. {shifts}*" if shifts else f"*{verdict}.*"]


def _posed(turn: Turn) -> list[str]:
    if turn.posed is None:
        return []
    posed, locale = turn.posed, locales.load("en")
    why = worded(locale, f"path.why.{posed.reason}", posed.facts) if posed.reason else ""
    card = posed.card
    options = [f"- {option['text']}" for option in card.get("options", []) if isinstance(option, dict)]
    steps = [f"- {step['text']}" for step in card.get("steps", [])]
    pairs = [f"- {left['text']}" for left in card.get("left", [])]
    blanks = (
        ["".join(card["parts"][:1]) + "".join(f" ___ {part}" for part in card["parts"][1:])] if "parts" in card else []
    )
    return [
        f"> **Question.** {posed.prompt}".replace("\n", "\n> "),
        "\n".join(f"> {line}" for line in (*blanks, *options, *steps, *pairs)),
        f"*Why this: {why}*" if why else "",
    ]


def made(models: Path) -> str:
    """The document, from a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(lesson(Path(folder), models))


if __name__ == "__main__":
    DOCUMENT.write_text(made(Settings().models_dir), encoding="utf-8")
