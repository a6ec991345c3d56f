"""What one listener of a conversation is sent, whatever carries it: welcome, replay, ready, and then live."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tutor.domain.accounts import Account
from tutor.domain.errors import NotFound, StoreBusy
from tutor.domain.events import (
    AnswerGraded,
    ConversationDeleted,
    ItemPosed,
    SentenceSpoken,
    TurnFinished,
    TurnInterrupted,
    conversation_stream,
)
from tutor.locales import Locale
from tutor.ports import Recorded
from tutor.services.chat import ChatService
from tutor.services.live import Behind, Delta, Lagged, LiveEvent, Subscription
from web import messages as m
from web.grade_words import Titles
from web.wire import frame_of, joined, replay

MonotonicClock = Callable[[], float]
# Between attempts to read the log while the database is locked or away; the page keeps what it shows meanwhile.
AGAIN_SECONDS = 0.5


class PreviewText:
    """The reply of the running turn, and the HTML of those of its blocks that are closed.

    A top-level block that another one follows can't change any more, so each is rendered once. At most one preview
    every ``every`` seconds.
    """

    def __init__(self, every: float, now: MonotonicClock) -> None:
        self._every = every
        self._now = now
        self._last = float("-inf")
        self._turn = ""
        self._text = ""
        self._upto = 0
        self._html = ""
        self._looked_at = ""
        self._begun = 0  # where the block begins of which nothing more was known than that it is the last

    def put(self, turn: str, offset: int, text: str) -> None:
        if turn != self._turn:
            self._turn, self._text, self._upto, self._html, self._begun = turn, "", 0, "", 0
        if offset == len(self._text):
            self._text += text
            return
        changed = self._text[:offset] + text
        if changed[: self._upto] != self._text[: self._upto]:
            self._upto, self._html = 0, ""
        self._begun = min(self._begun, offset)
        self._text = changed

    def has(self, turn: str, offset: int, text: str) -> bool:
        """Whether the reply has this text at this place."""
        return turn == self._turn and self._text.startswith(text, offset)

    def forget(self, turn: str) -> None:
        if turn == self._turn:
            self._turn = ""

    @property
    def worth_asking(self) -> bool:
        """Whether ``frame`` can have anything to show: a line must have ended since the last look, for without it no
        block of prose is closed, and parsing would be for nothing."""
        return bool(self._turn) and self._text.find("\n", self._begun) >= 0

    def due(self) -> float | None:
        """Seconds until ``frame`` is worth asking though nothing new arrives; None while there is nothing to show."""
        if not self.worth_asking or self._text == self._looked_at:
            return None
        return max(0.0, self._last + self._every - self._now())

    async def frame(self) -> m.Preview | None:
        """A preview, when it is time for one and another block is closed."""
        if not self.worth_asking or self._now() - self._last < self._every:
            return None
        self._last = self._now()
        self._looked_at = self._text
        # The ends of lines that it stops with count again: what comes behind them begins another block.
        self._begun = len(self._text.rstrip("\n "))
        closed, html = await asyncio.to_thread(_closed, self._text[self._upto :])
        if not closed:
            return None
        self._upto += closed
        self._html += html
        return m.Preview(turn=self._turn, upto=self._upto, html=self._html)


def _closed(text: str) -> tuple[int, str]:
    from web.markdown import closed_upto, render

    upto = closed_upto(text)
    return upto, render(text[:upto]) if upto else ""


@dataclass
class Feed:
    """One listener. ``last_seq`` is what it has; ``frames`` moves it on. ``titles_of`` gives a course's titles."""

    chat: ChatService
    account: Account
    conversation: str
    last_seq: int
    locale: Locale
    preview: PreviewText
    titles_of: Callable[[str], Titles] = lambda course: str
    course: str = ""
    _titles: Titles = str
    _lagged: bool = False
    _over: str = ""

    async def frames(self) -> AsyncGenerator[m.Frame, None]:
        """Never ends by itself, except after ``deleted``. Raises ``NotFound`` first where there is nothing to hear.

        The subscription comes before the log is read, so nothing falls between the two; what arrives by both ways is
        sent once, by its ``seq``. A listener that was too slow for its queue is given the log again from where it was;
        and so is one that hears of a later event than the next, since another server may have written between.
        """
        state = await self.chat.transcript(self.account, self.conversation, write=True)
        self.course = state.course
        self._titles = self.titles_of(state.course)
        yield m.Welcome(
            conversation=self.conversation,
            last_seq=state.last_seq,
            title=state.title,
            language=state.language,
            open_turn=state.open_turn.id if state.open_turn else None,
        )
        # A client that has more than the log (a restored backup) must not wait for numbers that are long past.
        self.last_seq = min(self.last_seq, state.last_seq)
        first = True
        while True:
            subscription = self.chat.live.subscribe(self.conversation)
            self._lagged = False
            try:
                async for frame in self._replayed(subscription):
                    yield frame
                    if isinstance(frame, m.Deleted):
                        return
                if first:
                    yield m.Ready(last_seq=self.last_seq)
                    first = False
                while not self._lagged:
                    try:
                        # A model that pauses after a block still has that block typeset.
                        events = await subscription.some(self.preview.due())
                    except StopAsyncIteration:
                        return
                    for each in joined(events) if len(events) > 1 else events:
                        if type(each) is Delta and each.turn != self._over:  # nearly all of what there is
                            self.preview.put(each.turn, each.offset, each.text)
                            yield m.DeltaFrame(turn=each.turn, offset=each.offset, text=each.text)
                            continue
                        for frame in await self._live(each):
                            yield frame
                            if isinstance(frame, m.Deleted):
                                return
                    if self.preview.worth_asking and (shown := await self.preview.frame()) is not None:
                        yield shown
            finally:
                self.chat.live.unsubscribe(self.conversation, subscription)

    async def _replayed(self, subscription: Subscription) -> AsyncGenerator[m.Frame, None]:
        missed = await self._missed()
        frame: m.Frame
        for frame in await asyncio.to_thread(replay, missed, self.course, self.locale, self._titles):
            yield frame
        if missed:
            self.last_seq = missed[-1].seq
        # From here to the running text there is no await: what waits in the queue now is either durable, and sent in
        # its place, or part of the running text.
        waiting = subscription.drain()
        running = self.chat.live.running(self.conversation)
        # The log is written a moment before the listeners hear of it: the turn may be over although its text runs.
        ended = {r.event.turn for r in missed if isinstance(r.event, TurnFinished | TurnInterrupted)}
        for event in waiting:
            spoken = event.event if isinstance(event, Recorded) else event
            if isinstance(spoken, Delta) or (isinstance(spoken, SentenceSpoken) and spoken.turn in ended):
                continue
            for frame in await self._live(event):
                yield frame
        if running is not None and running.turn not in ended:
            for frame in await self._live(running):
                yield frame

    async def _live(self, event: LiveEvent) -> list[m.Frame]:
        match event:
            case Lagged():
                self._lagged = True
            case Behind(seq) if seq > self.last_seq:
                return await self._caught_up()
            case Recorded(seq=seq) if seq > self.last_seq + 1:
                return await self._caught_up()
            case Delta(turn) | Recorded(event=SentenceSpoken(turn)) if turn == self._over:
                return []  # the log was read ahead of it, up to the turn's end
            case Delta(turn, offset, text):
                self.preview.put(turn, offset, text)
                return [m.DeltaFrame(turn=turn, offset=offset, text=text)]
            case Recorded(event=SentenceSpoken(turn, offset, text), seq=seq) if seq <= self.last_seq:
                # Replayed already; the running text, if it did not have it yet, was put over it.
                if self.preview.has(turn, offset, text):
                    return []
                self.preview.put(turn, offset, text)
                return [m.DeltaFrame(turn=turn, offset=offset, text=text)]
            case Recorded(seq=seq) if seq > self.last_seq:
                self.last_seq = seq
                return await self._durable(event)
        return []

    async def _missed(self) -> tuple[Recorded, ...]:
        """What is in the log after ``last_seq``, however long the database is away."""
        while True:
            try:
                return await self.chat.events(self.account, self.conversation, self.last_seq)
            except StoreBusy:
                await asyncio.sleep(AGAIN_SECONDS)
            except NotFound:
                # It was there when we began: so it has been deleted, by another server.
                gone = (conversation_stream(self.conversation), self.last_seq + 1, datetime.now(UTC))
                return (Recorded(*gone, ConversationDeleted()),)

    async def _caught_up(self) -> list[m.Frame]:
        frames: list[m.Frame] = []
        for recorded in await self._missed():
            self.last_seq = recorded.seq
            frames += await self._durable(recorded)
        # A sentence from the log cuts off what was heard behind it.
        running = self.chat.live.running(self.conversation)
        if running is not None and running.turn != self._over:
            frames += await self._live(running)
        return frames

    async def _durable(self, recorded: Recorded) -> list[m.Frame]:
        match recorded.event:
            case SentenceSpoken(turn, offset, text):
                if self.preview.has(turn, offset, text):
                    return []  # sent as it was spoken, and nothing about it has changed
                self.preview.put(turn, offset, text)
            case TurnFinished(turn) | TurnInterrupted(turn):
                self.preview.forget(turn)
                self._over = turn
        if isinstance(recorded.event, TurnFinished | ItemPosed | AnswerGraded):
            # Rendering a long reply takes tens of milliseconds; other learners' frames go on meanwhile.
            frame = await asyncio.to_thread(frame_of, recorded, self.course, self.locale, self._titles)
        else:
            frame = frame_of(recorded, self.course, self.locale, self._titles)
        return [frame] if frame else []
