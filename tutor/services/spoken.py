"""Sentences of many turns, recorded together: a transaction costs far more than a sentence in it.

What a learner sees doesn't wait for it, since the text is told as deltas at once; nor is anything lost that would be
kept otherwise, because the partial reply of a turn that a crash cuts off is void anyway.
"""

import asyncio
from dataclasses import dataclass, field

from tutor.domain.events import SentenceReplaced, SentenceSpoken, conversation_stream
from tutor.ports import Append
from tutor.services.recording import Recorder

PAUSE_SECONDS = 0.5
# The more learners are spoken to, the longer the pause: a conversation in a transaction costs more than one sentence
# or three of it. Seconds for each that was in the last one, and the longest pause.
_PAUSE_EACH, _LONGEST_PAUSE = 0.01, 1.0


@dataclass(eq=False)
class _Gathered:
    """What waits of one conversation; ``done`` is set when it is recorded, or holds what went wrong."""

    done: "asyncio.Future[None]"
    sentences: list[SentenceSpoken | SentenceReplaced] = field(default_factory=list)


class SpokenLog:
    """Records in the order of ``add`` for each conversation, ``pause`` seconds later or, where many are spoken to, up
    to one. Lives in the event loop; whoever adds waits for ``settled`` before anything else of the turn is recorded,
    and before the turn is over."""

    def __init__(self, recorder: Recorder, pause: float = PAUSE_SECONDS) -> None:
        self._recorder = recorder
        self._least = self._pause = pause
        self._waiting: dict[str, _Gathered] = {}
        self._writing: dict[str, _Gathered] = {}
        self._failed: dict[str, Exception] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._hurried = False

    def add(self, conversation: str, sentence: SentenceSpoken | SentenceReplaced) -> None:
        """Returns at once; the sentence is recorded soon."""
        gathered = self._waiting.get(conversation)
        if gathered is None:
            gathered = self._waiting[conversation] = _Gathered(asyncio.get_running_loop().create_future())
        gathered.sentences.append(sentence)
        if self._timer is None and self._task is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._begin)

    async def settled(self, conversation: str) -> None:
        """Wait until what was added is recorded, and hurry it. Raises what the log raised, once."""
        gathered = self._waiting.get(conversation)
        if gathered is not None:
            self._hurried = True
            self._begin()
        else:
            gathered = self._writing.get(conversation)
        if gathered is not None:
            await asyncio.shield(gathered.done)
        error = self._failed.pop(conversation, None)
        if error is not None:
            raise error

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is None:
            self._task = asyncio.create_task(self._write(), name="record sentences")

    async def _write(self) -> None:
        while self._waiting:
            self._hurried = False
            self._writing, self._waiting = self._waiting, {}
            parts = [
                (name, Append(conversation_stream(name), tuple(gathered.sentences), turn=gathered.sentences[0].turn))
                for name, gathered in self._writing.items()
            ]
            try:
                failed = await self._recorder.record_together(parts)
            except Exception as error:  # told to those who wait, as everything is that went wrong
                failed = {name: error for name, _ in parts}
            self._failed |= failed
            self._pause = max(self._least, min(_LONGEST_PAUSE, len(parts) * _PAUSE_EACH))
            written, self._writing = self._writing, {}
            for gathered in written.values():
                gathered.done.set_result(None)
            if not self._hurried:
                break
        self._task = None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._begin)
