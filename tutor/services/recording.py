"""Recording and telling, as one step: listeners hear the events of a conversation in the order of their ``seq``."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from weakref import WeakValueDictionary

from tutor.domain.errors import DiotimaError, StoreBusy
from tutor.domain.events import conversation_stream
from tutor.ports import Append, EventLog, Recorded, Relay
from tutor.server_ports import Written
from tutor.services.live import Live


class Recorder:
    """Appends to a conversation's stream and publishes what was recorded, one batch at a time.

    Without the lock two writers (a turn and a rating, say) could append in one order and be heard in the other, and
    a listener that follows ``seq`` would take the late one for a duplicate.
    """

    def __init__(self, log: EventLog, live: Live, relay: Relay | None = None) -> None:
        """``relay`` tells other servers, where there may be any."""
        self._log = log
        self._live = live
        self._relay = relay
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def record(self, conversation: str, *batch: Append) -> tuple[Recorded, ...]:
        """Append ``batch`` (which may touch other streams too) and publish what belongs to the conversation.

        Once begun it is carried through, even when the caller is cancelled meanwhile. Raises what the log raises.
        """
        return await asyncio.shield(asyncio.ensure_future(self._record(conversation, batch)))

    async def record_together(self, parts: Sequence[tuple[str, Append]]) -> dict[str, Exception]:
        """Append to many conversations in one transaction, and publish. For one caller at a time, or two could wait for
        each other's conversations.

        Returns what went wrong, by conversation: where the whole can't be recorded each part is tried by itself.
        """
        failed: dict[str, Exception] = {}
        async with AsyncExitStack() as held:
            for conversation, _ in parts:
                await held.enter_async_context(self._lock(conversation))
            try:
                recorded = await asyncio.to_thread(self._log.append, *(part for _, part in parts))
            except DiotimaError as error:
                if len(parts) == 1 or isinstance(error, StoreBusy):
                    return {conversation: error for conversation, _ in parts}
            else:
                told: dict[str, list[Recorded]] = {}
                for one in recorded:
                    told.setdefault(one.stream, []).append(one)
                for conversation, part in parts:
                    self.tell(conversation, tuple(told[part.stream]))
                return failed
        for conversation, part in parts:
            try:
                await self._record(conversation, (part,))
            except Exception as error:
                failed[conversation] = error
        return failed

    def _lock(self, conversation: str) -> asyncio.Lock:
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        return lock

    async def _record(self, conversation: str, batch: tuple[Append, ...]) -> tuple[Recorded, ...]:
        async with self._lock(conversation):
            recorded = await asyncio.to_thread(self._log.append, *batch)
            stream = conversation_stream(conversation)
            self.tell(conversation, tuple(one for one in recorded if one.stream == stream))
        return recorded

    def tell(self, conversation: str, recorded: tuple[Recorded, ...]) -> None:
        """Tell everybody who listens to the conversation what is in the log now."""
        self._live.publish(conversation, *recorded)
        if self._relay is not None and recorded:
            self._relay.tell(Written(conversation, recorded[0].seq, recorded[-1].seq))
