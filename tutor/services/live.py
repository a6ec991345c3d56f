"""What is happening now: durable events as they are recorded, and the deltas of turns still running.

A subscriber hears of everything after it subscribed. Replay is the caller's: subscribe, read the log after the
client's ``last_seq``, then drop what arrives twice (``seq`` for events, ``offset`` for deltas).

Deltas stay in this process: a listener on another server than the one that speaks is given the reply a sentence at a
time, from the log (``services.crossing``).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from tutor.domain.events import ConversationDeleted, SentenceSpoken, TurnFinished, TurnInterrupted
from tutor.ports import Recorded


@dataclass(frozen=True)
class Delta:
    """A piece of the reply of ``turn``: ``text`` begins at character ``offset``. Never stored."""

    turn: str
    offset: int
    text: str


@dataclass(frozen=True)
class Lagged:
    """This subscriber was too slow and missed something: replay from the log."""


@dataclass(frozen=True)
class Behind:
    """Another server wrote up to ``seq``: what is new is in the log."""

    seq: int


LiveEvent = Recorded | Delta | Lagged | Behind


@dataclass(eq=False)
class Subscription:
    """A bounded queue of live events for one listener."""

    limit: int = 2000
    _waiting: list[LiveEvent] = field(default_factory=list)
    _waiter: "asyncio.Future[None] | None" = None
    _lagged: bool = False
    _closed: bool = False

    def push(self, event: LiveEvent) -> None:
        if self._lagged:
            return
        if len(self._waiting) >= self.limit:
            self._lagged = True
            event = Lagged()
        self._waiting.append(event)
        self._wake()

    def close(self) -> None:
        self._closed = True
        self._wake()

    async def some(self, within: float | None = None) -> list[LiveEvent]:
        """Everything that waits, as soon as there is something: a sender can join many small deltas into one frame.

        Empty when nothing came ``within`` so many seconds. Raises ``StopAsyncIteration`` at the end. For one task.
        """
        if not self._waiting and not self._closed:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = None if within is None else loop.call_later(within, self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                if timer is not None:
                    timer.cancel()
        if not self._waiting and self._closed:
            raise StopAsyncIteration
        return self.drain()

    async def __aiter__(self) -> AsyncIterator[LiveEvent]:
        while self._waiting or not self._closed:
            if not self._waiting:
                try:
                    self._waiting = await self.some()
                except StopAsyncIteration:
                    return
            event = self._waiting.pop(0)
            yield event
            if isinstance(event, Lagged):
                return

    def drain(self) -> list[LiveEvent]:
        """Everything waiting, at once."""
        found, self._waiting = self._waiting, []
        return found

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Live:
    """In-process fan-out by conversation, with the text so far of each running turn. ``heard`` is called with
    everything that is published."""

    def __init__(self, heard: Callable[[LiveEvent], None] = lambda event: None) -> None:
        self._heard = heard
        self._listeners: dict[str, set[Subscription]] = defaultdict(set)
        self._running: dict[str, tuple[str, str]] = {}

    def subscribe(self, conversation: str) -> Subscription:
        subscription = Subscription()
        self._listeners[conversation].add(subscription)
        return subscription

    def unsubscribe(self, conversation: str, subscription: Subscription) -> None:
        listeners = self._listeners.get(conversation)
        if listeners is not None:
            listeners.discard(subscription)
            if not listeners:
                del self._listeners[conversation]

    def running(self, conversation: str) -> Delta | None:
        """The reply so far of the turn now running, as one delta from offset 0."""
        found = self._running.get(conversation)
        return Delta(found[0], 0, found[1]) if found else None

    def publish(self, conversation: str, *events: LiveEvent) -> None:
        for event in events:
            self._heard(event)
            piece = event.event if isinstance(event, Recorded) else event
            if isinstance(piece, (Delta, SentenceSpoken)):  # a tuple is looked through faster, and this is per token
                self._said(conversation, piece)
            elif isinstance(piece, TurnFinished | TurnInterrupted | ConversationDeleted):
                # At once: who joins between the end and what the turn still has to tidy up must not hear it again.
                self.settle(conversation)
            for listener in self._listeners.get(conversation, ()):
                listener.push(event)

    def _said(self, conversation: str, piece: Delta | SentenceSpoken) -> None:
        turn, text = self._running.get(conversation, (piece.turn, ""))
        text = text if turn == piece.turn else ""
        # A sentence may be recorded a moment after it was heard: then what was said since stands.
        if isinstance(piece, SentenceSpoken) and text.startswith(piece.text, piece.offset):
            return
        # Or it differs from the deltas that announced it (a marker dropped): it replaces them here too.
        self._running[conversation] = (piece.turn, text[: piece.offset] + piece.text)

    def behind(self, conversation: str, seq: int) -> None:
        """Another server wrote to the conversation."""
        for listener in tuple(self._listeners.get(conversation, ())):
            listener.push(Behind(seq))

    def missed(self) -> None:
        """Word of what other servers wrote may have been lost: every listener reads the log."""
        for listeners in tuple(self._listeners.values()):
            for listener in tuple(listeners):
                listener.push(Lagged())

    def settle(self, conversation: str) -> None:
        """Nothing is being spoken any more; forget the text so far."""
        self._running.pop(conversation, None)
