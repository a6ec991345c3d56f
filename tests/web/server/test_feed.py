"""Whatever comes and goes, a listener that resumes has every word once and in its place."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor import locales
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Transcript
from tutor.domain.events import (
    ConversationRenamed,
    ConversationStarted,
    Event,
    MessageSent,
    SentenceSpoken,
    TurnFinished,
    conversation_stream,
)
from tutor.ports import Append, Recorded
from tutor.services.live import Delta, Lagged, Live, LiveEvent
from tutor.store.memory import MemoryStore
from web.feed import Feed, PreviewText
from web.feed import _closed as closed
from web.markdown import closed_upto
from web.wire import joined

ADA = Account("ada", "ada", "Ada", Role.STUDENT, "", "en", datetime(2030, 1, 1, tzinfo=UTC))
STREAM = conversation_stream("c")


class Spoken:
    """What a feed asks of ``ChatService``, and a tutor whose every word the test decides."""

    def __init__(self) -> None:
        self.live = Live()
        self.store = MemoryStore()
        self.turns = 0
        self.text = ""
        self.tail = ""
        self.truth: dict[str, str] = {}
        self.lag = 0
        self.elsewhere = False
        self.heard = asyncio.Event()
        self.heard.set()
        self.store.log.append(Append(STREAM, (ConversationStarted("ada", "light", "en"),)))

    async def transcript(self, account: Account, conversation: str, *, write: bool = False) -> Transcript:
        return self.store.conversations.transcript(conversation)

    async def events(self, account: Account, conversation: str, after: int) -> tuple[Recorded, ...]:
        # Both sides of the read are moments in which the turn can go on.
        await asyncio.sleep(0)
        found = self.store.log.read(STREAM, after)
        await asyncio.sleep(0)
        return found

    async def append(self, event: Event) -> None:
        """Recorded first, and heard of ``lag`` moments later: the log is written in a thread."""
        recorded = self.store.log.append(Append(STREAM, (event,)))
        for _ in range(self.lag):
            await asyncio.sleep(0)
        await self.heard.wait()
        if self.elsewhere:
            self.live.behind("c", recorded[-1].seq)
        else:
            self.live.publish("c", *recorded)

    async def beside(self, moments: int, lost: bool) -> None:
        """Another server writes; word of it comes moments later, or is lost, and then we are told so."""
        (recorded,) = self.store.log.append(Append(STREAM, (ConversationRenamed("elsewhere"),)))
        for _ in range(moments):
            await asyncio.sleep(0)
        if lost:
            self.live.missed()
        else:
            self.live.behind("c", recorded.seq)

    @property
    def turn(self) -> str:
        return f"t{self.turns}"

    async def ask(self) -> None:
        self.turns, self.text, self.tail = self.turns + 1, "", ""
        await self.append(MessageSent(self.turn, f"m{self.turns}", "Why?"))

    def token(self, word: str) -> None:
        offset = len(self.text) + len(self.tail)
        self.tail += word
        if not self.elsewhere:
            self.live.publish("c", Delta(self.turn, offset, word))

    async def sentence(self, kept: int) -> None:
        """The tail becomes a sentence, less its last ``kept`` characters, which stay; loud, so that it differs."""
        cut = len(self.tail) - min(kept, len(self.tail))
        spoken, self.tail = self.tail[:cut].upper(), self.tail[cut:]
        if spoken:
            offset, self.text = len(self.text), self.text + spoken
            await self.append(SentenceSpoken(self.turn, offset, spoken))
            if self.tail and not self.elsewhere:
                self.live.publish("c", Delta(self.turn, len(self.text), self.tail))

    async def finish(self) -> None:
        self.truth[self.turn] = self.text
        await self.append(TurnFinished(self.turn, "complete", self.text, "model"))
        if not self.elsewhere:
            self.live.settle("c")


@dataclass
class Listener:
    """Keeps what a page keeps, across its connections."""

    last_seq: int = 0
    seen: list[int] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None

    def connect(self, spoken: Spoken) -> None:
        preview = PreviewText(0.25, lambda: 0.0)
        feed = Feed(spoken, ADA, "c", self.last_seq, locales.load("en"), preview)  # type: ignore[arg-type]
        self.task = asyncio.create_task(self._hear(feed))

    async def hears(self, spoken: Spoken) -> None:
        """Until it has everything that is in the log."""
        async with asyncio.timeout(20):
            while self.last_seq < spoken.store.log.read(STREAM)[-1].seq:
                await asyncio.sleep(0.001)

    async def disconnect(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    async def _hear(self, feed: Feed) -> None:
        async for frame in feed.frames():
            self._take(frame.model_dump())

    async def until(self, kind: str) -> None:
        async with asyncio.timeout(20):
            while kind not in self.kinds:
                await asyncio.sleep(0.001)

    def _take(self, frame: dict[str, Any]) -> None:
        self.kinds.append(frame["type"])
        if "seq" in frame:
            assert frame["seq"] > self.last_seq
            self.last_seq = frame["seq"]
            self.seen.append(frame["seq"])
        if frame["type"] in ("delta", "sentence"):
            reply = self.replies.get(frame["turn"], "")
            assert frame["offset"] <= len(reply), "a hole"
            self.replies[frame["turn"]] = reply[: frame["offset"]] + frame["text"]
        if frame["type"] == "finished":
            self.replies[frame["turn"]] = frame["text"]


Step = tuple[str, Any]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("token"), st.sampled_from(["a", "bc ", "déf", "🌿", "x\n\n"])),
        st.tuples(st.just("sentence"), st.integers(0, 3)),
        st.tuples(st.just("turn"), st.booleans()),
        st.tuples(st.just("beside"), st.tuples(st.integers(0, 4), st.booleans())),
        st.tuples(st.just("connect"), st.none()),
        st.tuples(st.just("disconnect"), st.none()),
        st.tuples(st.just("breathe"), st.integers(1, 5)),
        st.tuples(st.just("hear"), st.none()),
        st.tuples(st.just("lag"), st.integers(0, 9)),
        st.tuples(st.just("flood"), st.none()),
    ),
    max_size=40,
)


async def play(steps: list[Step]) -> None:
    spoken, listener = Spoken(), Listener()
    beside: list[asyncio.Task[None]] = []
    await spoken.ask()
    for name, value in steps:
        match name:
            case "token":
                spoken.token(value)
            case "sentence":
                await spoken.sentence(value)
            case "turn":
                await spoken.sentence(0)
                await spoken.finish()
                spoken.elsewhere = value  # the next turn runs on another server
                await spoken.ask()
            case "beside":
                beside.append(asyncio.create_task(spoken.beside(*value)))
                await asyncio.sleep(0)  # it is in the log, and the word under way
            case "connect" if listener.task is None:
                listener.connect(spoken)
            case "disconnect":
                await listener.disconnect()
            case "breathe":
                for _ in range(value):
                    await asyncio.sleep(0)
            case "hear" if listener.task is not None:
                await asyncio.gather(*beside)
                await listener.hears(spoken)
            case "lag":
                spoken.lag = value
            case "flood":
                # More than a queue holds.
                for _ in range(0 if spoken.elsewhere else 2001):
                    spoken.live.publish("c", Delta(spoken.turn, len(spoken.text), spoken.tail))
    # In the middle of a turn already, a page that has caught up shows what was said up to now.
    if listener.task is None:
        listener.connect(spoken)
    await asyncio.gather(*beside)
    now = spoken.text + ("" if spoken.elsewhere else spoken.tail)
    async with asyncio.timeout(20):
        while listener.replies.get(spoken.turn, "") != now or listener.last_seq < spoken.store.log.read(STREAM)[-1].seq:
            await asyncio.sleep(0.001)
        await spoken.sentence(0)
        await spoken.finish()
        last = spoken.store.log.read(STREAM)[-1].seq
        while listener.last_seq < last:
            await asyncio.sleep(0.001)
    await listener.disconnect()
    assert {turn: listener.replies[turn] for turn in spoken.truth} == spoken.truth
    assert listener.seen == sorted(set(listener.seen))
    shown = (MessageSent, TurnFinished, ConversationRenamed)
    assert {r.seq for r in spoken.store.log.read(STREAM) if isinstance(r.event, shown)} <= set(listener.seen)
    assert not spoken.live._listeners, "no subscription is left behind"


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_nothing_is_lost_doubled_or_misplaced(steps: list[Step]) -> None:
    asyncio.run(play(steps))


async def test_a_turn_that_ended_a_moment_ago_does_not_begin_again() -> None:
    """The end is in the log, but the running text is not put away yet."""
    spoken, listener = Spoken(), Listener()
    await spoken.ask()
    spoken.token("Half ")
    await spoken.sentence(0)
    spoken.heard.clear()
    ending = asyncio.create_task(spoken.finish())
    await asyncio.sleep(0)
    listener.connect(spoken)
    await listener.until("ready")
    assert listener.kinds[-2:] == ["finished", "ready"]
    spoken.heard.set()
    await ending
    await listener.disconnect()
    assert listener.replies == spoken.truth


class SpeaksWhileRead(Spoken):
    """The turn says the rest and ends while the listener that has just subscribed reads the log."""

    async def events(self, account: Account, conversation: str, after: int) -> tuple[Recorded, ...]:
        for words in ("One. ", "Two. "):
            self.token(words)
            await self.sentence(0)
        await self.finish()
        return self.store.log.read(STREAM, after)


async def test_a_turn_that_ended_during_the_replay_is_told_once() -> None:
    spoken, listener = SpeaksWhileRead(), Listener()
    await spoken.ask()
    listener.connect(spoken)
    await listener.until("ready")
    await listener.disconnect()
    assert listener.kinds == ["welcome", "message", "finished", "ready"]
    assert listener.replies == spoken.truth == {"t1": "ONE. TWO. "}


async def test_a_sentence_replayed_before_it_is_heard_of_stands_as_it_was_spoken() -> None:
    """The sentence is in the log, but the running text still has the words that it replaced."""
    spoken, listener = Spoken(), Listener()
    await spoken.ask()
    spoken.token("soft words")
    spoken.heard.clear()
    speaking = asyncio.create_task(spoken.sentence(0))
    await asyncio.sleep(0)
    listener.connect(spoken)
    await listener.until("ready")
    spoken.heard.set()
    await speaking
    async with asyncio.timeout(20):
        while listener.replies["t1"] != "SOFT WORDS":
            await asyncio.sleep(0.001)
    await listener.disconnect()
    assert listener.kinds.count("sentence") == 1


async def test_a_sentence_that_was_streamed_as_it_is_recorded_is_not_sent_again() -> None:
    spoken, listener = Spoken(), Listener()
    await spoken.ask()
    listener.connect(spoken)
    await listener.until("ready")
    spoken.token("LOUD WORDS. ")
    await listener.until("delta")
    await spoken.sentence(0)
    spoken.token("More")
    async with asyncio.timeout(20):
        while listener.replies["t1"] != "LOUD WORDS. More":
            await asyncio.sleep(0.001)
    assert "sentence" not in listener.kinds
    # Who connects again without having heard of it has it once, in its place.
    await listener.disconnect()
    listener.connect(spoken)
    await listener.until("sentence")
    await spoken.finish()
    await listener.hears(spoken)
    await listener.disconnect()
    assert listener.replies == spoken.truth == {"t1": "LOUD WORDS. "}


async def test_words_that_wait_behind_a_gap_do_not_reopen_a_turn_that_the_log_has_ended() -> None:
    spoken, listener = Spoken(), Listener()
    await spoken.ask()
    listener.connect(spoken)
    await listener.hears(spoken)
    spoken.store.log.append(Append(STREAM, (ConversationRenamed("elsewhere"),)))  # and no word of it
    spoken.token("One. ")
    await spoken.sentence(0)
    spoken.token("Two")
    await spoken.finish()
    await listener.hears(spoken)
    await spoken.ask()
    await listener.hears(spoken)
    await listener.disconnect()
    assert {"t1": listener.replies["t1"]} == spoken.truth == {"t1": "ONE. "}
    assert "renamed" in listener.kinds


DELTAS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["a", "bc", "def"]), st.booleans()), max_size=20)


@given(DELTAS)
def test_joined_deltas_say_the_same_in_fewer_frames(pieces: list[tuple[int, str, bool]]) -> None:
    """Each delta begins at or before the end of the text so far, as a turn's do; now and then the turn changes."""
    events: list[LiveEvent] = []
    turn, text = 0, ""
    for back, word, change in pieces:
        if change:
            turn, text = turn + 1, ""
        offset = max(0, len(text) - back)
        text = text[:offset] + word
        events.append(Delta(str(turn), offset, word))

    def applied(found: list[LiveEvent]) -> dict[str, str]:
        replies: dict[str, str] = {}
        for event in found:
            assert isinstance(event, Delta)
            replies[event.turn] = replies.get(event.turn, "")[: event.offset] + event.text
        return replies

    assert applied(joined(events)) == applied(events)
    assert len(joined(events)) <= len(events)


def test_nothing_is_joined_across_a_lag() -> None:
    events: list[LiveEvent] = [Delta("t", 0, "a"), Lagged(), Delta("t", 1, "b")]
    assert joined(events) == [Delta("t", 0, "a"), Lagged()]


async def test_a_block_closed_just_after_a_preview_is_typeset_although_the_tutor_pauses() -> None:
    spoken = Spoken()
    preview = PreviewText(0.05, asyncio.get_running_loop().time)
    feed = Feed(spoken, ADA, "c", 0, locales.load("en"), preview)  # type: ignore[arg-type]
    spoken.store.log.append(Append(STREAM, (MessageSent("t", "m", "Why?"),)))
    frames = feed.frames()
    shown: list[str] = []
    async for frame in frames:
        wire = frame.model_dump()
        if wire["type"] == "ready":
            spoken.live.publish("c", Delta("t", 0, "One.\n\nTwo"))
        if wire["type"] == "preview":
            shown.append(wire["html"])
            if len(shown) == 1:
                spoken.live.publish("c", Delta("t", 9, ".\n\nThree"))
            else:
                break
    await frames.aclose()
    assert "One." in shown[0]
    assert "Two." in shown[1]


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(["One. ", "Two\n", "\n", "- item", "\n\n", "# Head", "| a |\n", "```\n", "$x$"]), max_size=12
    )
)
def test_a_preview_that_is_looked_for_less_often_still_shows_every_closed_block(pieces: list[str]) -> None:
    """What the page has typeset when another block has begun and its first line is over: all before it."""

    async def shown() -> tuple[int, str]:
        preview, upto, text = PreviewText(0.0, lambda: 0.0), 0, ""
        for piece in [*pieces, "Last one.\n"]:
            preview.put("t", len(text), piece)
            text += piece
            if (frame := await preview.frame()) is not None:
                upto = frame.upto
        return upto, text

    upto, text = asyncio.run(shown())
    assert upto == closed_upto(text)


async def test_a_preview_is_not_looked_for_again_before_a_line_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("web.feed._closed", lambda text: (looked.append(text), closed(text))[1])
    preview, text = PreviewText(0.0, lambda: 0.0), ""
    for piece in ("One.", "\n\n", "Two", " and", " more", ".", "\n\nThree"):
        preview.put("t", len(text), piece)
        text += piece
        await preview.frame()
    assert looked == ["One.\n\n", "One.\n\nTwo", "Two and more.\n\nThree"]
