"""Conversations as a use case: who may do what, and what is recorded when.

Sending appends ``MessageSent`` and starts the turn as a task of its own, which no disconnect touches. One turn runs
in a conversation at a time. Everything a listener hears comes through ``live``; what it missed is in the log.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal, Protocol
from weakref import WeakValueDictionary

from tutor.domain import events as e
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.errors import (
    DiotimaError,
    DuplicateKey,
    InvalidInput,
    MessageTooLong,
    NotFound,
    SequenceConflict,
    TurnClosed,
    TurnInProgress,
)
from tutor.observe import Logger
from tutor.ports import Append, ConversationSummary, NewId, Recorded, Relay, Store
from tutor.server_ports import StopWanted
from tutor.services.live import Live
from tutor.services.recording import Recorder
from tutor.services.turn import EndReason

log = Logger(__name__)

# How long to wait for a turn that was told to end: only a locked database makes it take longer.
_ENDING_SECONDS = 5.0


class _Unset(Enum):
    UNSET = "unset"


UNSET = _Unset.UNSET
Parent = str | None | Literal[_Unset.UNSET]


@dataclass(frozen=True)
class Accepted:
    """The answer to a message: its turn, the seq of ``MessageSent``, and whether it was already there."""

    turn: str
    seq: int
    duplicate: bool = False


@dataclass(frozen=True)
class _Running:
    turn: str
    task: "asyncio.Task[None]"


class Turns(Protocol):
    """Who answers messages; see ``TurnRunner``."""

    def end(self, turn: str, reason: EndReason) -> None: ...
    async def run(self, learner: str, conversation: str, message: e.MessageSent) -> None: ...


class ChatService:
    """See the module. All methods raise ``NotFound`` for a conversation that is missing or not the account's."""

    def __init__(
        self,
        store: Store,
        live: Live,
        recorder: Recorder,
        runner: Turns,
        new_id: NewId,
        max_message_chars: int,
        *,
        server: str = "",
        relay: Relay | None = None,
    ) -> None:
        """``server`` is this server's name among those on the database, which ``relay`` reaches."""
        self.live = live
        self._server = server
        self._relay = relay
        self._owners: dict[str, str | None] = {}
        self._store = store
        self._recorder = recorder
        self._runner = runner
        self._new_id = new_id
        self._max_chars = max_message_chars
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[str, _Running] = {}

    # -- conversations ---------------------------------------------------------------------------------------------

    async def start(self, account: Account, course: str, language: str) -> str:
        """A new conversation about ``course``; returns its id."""
        if await asyncio.to_thread(self._store.library.course, course) is None:
            raise NotFound("There is no such course.")
        conversation = self._new_id()
        event = e.ConversationStarted(learner=account.id, course=course, language=language)
        await self._append(conversation, event)
        return conversation

    async def listed(self, account: Account, search: str = "") -> tuple[ConversationSummary, ...]:
        return await asyncio.to_thread(self._store.conversations.listed, account.id, search=search)

    async def transcript(self, account: Account, conversation: str, *, write: bool = False) -> Transcript:
        """Reviewers may read everybody's; only the owner may write."""
        found = await asyncio.to_thread(self._store.conversations.transcript, conversation)
        if found.learner == account.id or (not write and account.may(Role.REVIEWER)):
            return found
        raise NotFound("There is no such conversation.")

    async def events(self, account: Account, conversation: str, after: int) -> tuple[Recorded, ...]:
        await self.transcript(account, conversation)
        return await asyncio.to_thread(self._store.log.read, e.conversation_stream(conversation), after)

    async def rename(self, account: Account, conversation: str, title: str) -> None:
        title = " ".join(title.split())
        if not title or len(title) > 120:
            raise InvalidInput("A title has 1 to 120 characters.", field="title")
        async with self._lock(conversation):
            await self.transcript(account, conversation, write=True)
            await self._append(conversation, e.ConversationRenamed(title))

    async def delete(self, account: Account, conversation: str) -> None:
        """Erase the conversation's content for good; what the learner showed in it stays in their profile."""
        state = await self.transcript(account, conversation, write=True)
        async with self._lock(conversation):
            if state.open_turn is not None:
                self._tell_to_stop(conversation, state.open_turn.id)
            await self._end(conversation, "stopped")
            stream = e.conversation_stream(conversation)
            await asyncio.to_thread(self._store.log.erase, stream, e.ConversationDeleted())
            self._recorder.tell(conversation, await asyncio.to_thread(self._store.log.read, stream, 0))

    # -- turns -----------------------------------------------------------------------------------------------------

    async def send(
        self,
        account: Account,
        conversation: str,
        client_id: str,
        text: str,
        *,
        parent: Parent = UNSET,
        reply: e.ItemReply | None = None,
    ) -> Accepted:
        """Record a message and start its turn. The same ``client_id`` again is answered, not repeated.

        ``reply`` is what a question card or a button sent along; ``text`` is then its wording for the transcript.

        Raises ``MessageTooLong``, ``InvalidInput`` (empty, or an unknown parent) or ``TurnInProgress``.
        """
        text = self._checked(text)
        async with self._lock(conversation):
            state = await self.transcript(account, conversation, write=True)
            if parent is UNSET:
                parent = state.latest.id if state.latest else None
            elif parent is not None and parent not in state.turns:
                raise InvalidInput("The message to continue from is not in this conversation.", field="parent")
            event = e.MessageSent(turn=self._new_id(), client_id=client_id, text=text, parent=parent, reply=reply)
            return await self._begin(account, conversation, state, event)

    async def edit(self, account: Account, conversation: str, client_id: str, turn: str, text: str) -> Accepted:
        """Say it differently: a branch beside ``turn``."""
        text = self._checked(text)
        async with self._lock(conversation):
            state = await self.transcript(account, conversation, write=True)
            old = _turn(state, turn)
            event = e.MessageSent(self._new_id(), client_id, text, parent=old.parent, edit_of=turn)
            return await self._begin(account, conversation, state, event)

    async def retry(self, account: Account, conversation: str, client_id: str, turn: str) -> Accepted:
        """Ask the same again: a branch beside ``turn``."""
        async with self._lock(conversation):
            state = await self.transcript(account, conversation, write=True)
            old = _turn(state, turn)
            event = e.MessageSent(
                self._new_id(), client_id, old.message, parent=old.parent, retry_of=turn, reply=old.card
            )
            return await self._begin(account, conversation, state, event)

    async def stop(self, account: Account, conversation: str, turn: str | None = None) -> None:
        """End the running turn, keeping what was said. Nothing happens when none runs, or another one does.

        A turn of another server ends a moment after this returns.
        """
        state = await self.transcript(account, conversation, write=True)
        running = state.open_turn
        if running is None or turn not in (None, running.id):
            return
        self._tell_to_stop(conversation, running.id)
        await self._end(conversation, "stopped", running.id)

    def _tell_to_stop(self, conversation: str, turn: str) -> None:
        """Ask the other servers to stop what doesn't run here."""
        if conversation not in self._tasks and self._relay is not None:
            self._relay.tell(StopWanted(conversation, turn))

    def stop_here(self, conversation: str, turn: str) -> None:
        """Another server was asked to stop this turn; if it runs here, it ends soon."""
        running = self._tasks.get(conversation)
        if running is not None and not running.task.done() and running.turn == turn:
            self._runner.end(turn, "stopped")

    async def feedback(self, account: Account, conversation: str, turn: str, rating: int, comment: str = "") -> None:
        if rating not in (-1, 0, 1):
            raise InvalidInput("A rating is -1, 0 or 1.", field="rating")
        if len(comment) > 2000:
            raise InvalidInput("A comment has at most 2,000 characters.", field="comment")
        # Under the lock, or it would come between a message's look at the log and its own place in it.
        async with self._lock(conversation):
            state = await self.transcript(account, conversation, write=True)
            _turn(state, turn)
            await self._append(conversation, e.FeedbackGiven(turn, rating, comment))

    # -- life of the process ---------------------------------------------------------------------------------------

    async def recover(self, alive: Callable[[str], bool] = lambda server: False) -> int:
        """Close the turns of dead servers; returns how many. Call it before serving."""
        left = await asyncio.to_thread(self._store.conversations.with_open_turn)
        count = 0
        for summary in left:
            if summary.open_turn is None or summary.id in self._tasks:
                continue
            transcript = await asyncio.to_thread(self._store.conversations.transcript, summary.id)
            turn = transcript.turns.get(summary.open_turn)
            if turn is not None and not alive(turn.server):
                count += await self._interrupt(summary.id, turn.id)
        if count:
            log.info("turns.recovered", count=count)
        return count

    async def reap(self, alive: Callable[[str], bool]) -> int:
        """Close the turns of servers that died since, and any of ours that nobody runs; returns how many. Call it now
        and then while serving."""
        left = await asyncio.to_thread(self._store.conversations.with_open_turn)
        owners, self._owners = self._owners, {}
        count = 0
        for summary in left:
            turn = summary.open_turn
            if turn is None or summary.id in self._tasks:
                continue
            # Seen for the first time it may be one that has just begun; whose it is we need to ask only once.
            owner = owners.get(turn)
            if turn in owners and owner is None:
                found = (await asyncio.to_thread(self._store.conversations.transcript, summary.id)).turns.get(turn)
                owner = found.server if found is not None else None
            if owner is not None and (owner == self._server or not alive(owner)):
                count += await self._interrupt(summary.id, turn)
            else:
                self._owners[turn] = owner
        if count:
            log.info("turns.reaped", count=count)
        return count

    async def _interrupt(self, conversation: str, turn: str) -> int:
        stream = e.conversation_stream(conversation)
        try:
            await self._recorder.record(conversation, Append(stream, (e.TurnInterrupted(turn),), turn=turn))
        except (TurnClosed, NotFound):
            return 0  # ended meanwhile, or closed by another server that looked too
        return 1

    async def close(self, grace_seconds: float = 3.0) -> None:
        """Let running turns end for a moment, then record them as interrupted.

        What a locked database doesn't let us record by then, the next start does.
        """
        if self._tasks:
            await asyncio.wait([running.task for running in self._tasks.values()], timeout=grace_seconds)
        await asyncio.gather(*(self._end(conversation, "interrupted") for conversation in list(self._tasks)))
        left = [running.task for running in self._tasks.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def settled(self, conversation: str) -> None:
        """Wait until no turn runs in the conversation (for tests and for orderly shutdown)."""
        while (running := self._tasks.get(conversation)) is not None:
            await asyncio.wait([running.task])

    # -- inside ----------------------------------------------------------------------------------------------------

    def _checked(self, text: str) -> str:
        text = text.replace("\x00", "").strip()
        if not text:
            raise InvalidInput("The message is empty.", field="text")
        if len(text) > self._max_chars:
            raise MessageTooLong(f"A message has at most {self._max_chars} characters.", limit=self._max_chars)
        return text

    async def _begin(self, account: Account, conversation: str, state: Transcript, event: e.MessageSent) -> Accepted:
        """Record the message and start its turn: both or neither, even when the caller hangs up in between."""
        return await asyncio.shield(asyncio.ensure_future(self._begun(account, conversation, state, event)))

    async def _begun(self, account: Account, conversation: str, state: Transcript, event: e.MessageSent) -> Accepted:
        stream = e.conversation_stream(conversation)
        known = await asyncio.to_thread(self._store.log.find, stream, event.client_id)
        if known is not None:
            return _already(known)
        if state.open_turn is not None:
            raise TurnInProgress("The tutor is still answering.", turn=state.open_turn.id)
        event = replace(event, server=self._server)
        try:
            # The expected seq keeps a second process from opening a turn beside this one.
            batch = Append(stream, (event,), key=event.client_id, expected_seq=state.last_seq)
            (recorded,) = await self._recorder.record(conversation, batch)
        except DuplicateKey:
            known = await asyncio.to_thread(self._store.log.find, stream, event.client_id)
            if known is None:
                raise
            return _already(known)
        except SequenceConflict as conflict:
            raise TurnInProgress("Somebody else wrote to this conversation just now.") from conflict
        task = asyncio.create_task(self._runner.run(account.id, conversation, event), name=f"turn {event.turn}")
        self._tasks[conversation] = _Running(event.turn, task)
        task.add_done_callback(lambda done: self._forget(conversation, done))
        return Accepted(event.turn, recorded.seq)

    def _forget(self, conversation: str, task: "asyncio.Task[None]") -> None:
        running = self._tasks.get(conversation)
        if running is not None and running.task is task:
            del self._tasks[conversation]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("turn.crashed", conversation=conversation, exc_info=error)

    async def _end(self, conversation: str, why: EndReason, turn: str | None = None) -> None:
        """Have the conversation's turn (or ``turn``, if it is the one running) end, and wait until it has."""
        running = self._tasks.get(conversation)
        if running is not None and not running.task.done() and turn in (None, running.turn):
            self._runner.end(running.turn, why)
            await asyncio.wait([running.task], timeout=_ENDING_SECONDS)

    def _lock(self, conversation: str) -> asyncio.Lock:
        """One writer at a time; forgotten when nobody holds it or waits for it."""
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        return lock

    async def _append(self, conversation: str, event: e.Event) -> None:
        await self._recorder.record(conversation, Append(e.conversation_stream(conversation), (event,)))


def _turn(state: Transcript, turn: str) -> Turn:
    found = state.turns.get(turn)
    if found is None:
        raise InvalidInput("There is no such message in this conversation.", field="turn")
    return found


def _already(known: Recorded) -> Accepted:
    if not isinstance(known.event, e.MessageSent):
        raise DiotimaError("An idempotency key was used for something else.")
    return Accepted(known.event.turn, known.seq, duplicate=True)
