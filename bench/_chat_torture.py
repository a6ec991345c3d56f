"""Conversations over a line that breaks, with a client that sends again when it isn't sure; seeded.

Each conversation is one learner's: turn after turn, some cut off at a random place (before the answer to the message,
while the reply streams, when it is over), some messages sent twice. In the end what the client has is compared with
what a client that comes fresh is given.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench._chat_room import Learner
from bench._chat_state import Fold

QUESTION = "Why does chlorophyll make leaves green?"
PATIENCE = 120.0
CUTS = ("sent", "acked", "said", "further", "over")
TWICE = ("at once", "when acked", "when over", "on the next line")


@dataclass(frozen=True)
class Plan:
    """What goes wrong with a turn: where its line is cut, and when its message is sent again. Empty: nothing."""

    cut: str = ""
    twice: str = ""


def plans(turns: int, drops: int, duplicates: int, seed: int) -> list[Plan]:
    """So many of each, anywhere."""
    choice = random.Random(seed)
    cut, again = set(choice.sample(range(turns), drops)), set(choice.sample(range(turns), duplicates))
    return [
        Plan(choice.choice(CUTS) if place in cut else "", choice.choice(TWICE) if place in again else "")
        for place in range(turns)
    ]


class Client:
    """One learner's page over a bad line."""

    def __init__(self, url: str, learner: Learner, seed: int) -> None:
        self.fold = Fold()
        self.found: Counter[str] = Counter()
        self._url = url
        self._learner = learner
        self._choice = random.Random(seed)
        self._socket: ClientConnection | None = None

    async def say(self, client_id: str, plan: Plan) -> None:
        """One turn to its end, whatever happens on the way."""
        frame = {"type": "send", "client_id": client_id, "text": QUESTION}
        left = {plan.cut, plan.twice} - {""}
        further = self._choice.randint(2, 12)
        await self._send(frame)
        if "at once" in left:
            left.discard("at once")
            await self._send(frame, doubled=True)
        heard = 0
        while True:
            stage = self._stage(client_id, heard, further)
            if stage in left:
                left.discard(stage)
                self.cut()
                await self._send_if_unknown(frame)
                if "on the next line" in left:
                    left.discard("on the next line")
                    await self._send(frame, doubled=True)
            elif stage == "over":
                if "on the next line" in left:
                    self.cut()
                if left & set(TWICE):
                    await self._send(frame, doubled=True)
                return
            else:
                taken = await self._next(frame)
                heard += taken["type"] == "delta"
                if taken["type"] == "ack":
                    self.found["acked again"] += taken["duplicate"]
                    if "when acked" in left:
                        left.discard("when acked")
                        await self._send(frame, doubled=True)

    def _stage(self, client_id: str, heard: int, further: int) -> str:
        """How far the turn has come, by what the client knows."""
        turn = self.fold.turn_of(client_id)
        if turn is None:
            return "sent"
        if turn["status"] != "open":
            return "over"
        return "further" if heard >= further else "said" if heard else "acked"

    def cut(self) -> None:
        """The line breaks: no goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None
            self.found["drops"] += 1
            self.found["drops in a turn"] += any(turn["status"] == "open" for turn in self.fold.turns.values())

    async def fresh(self) -> Fold:
        """What a client without any memory is given."""
        fold = Fold()
        socket = await self._opened(fold)
        await socket.close()
        return fold

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def _opened(self, fold: Fold) -> ClientConnection:
        headers = {"Cookie": self._learner.cookie}
        socket = await connect(self._url, additional_headers=headers, compression=None, open_timeout=PATIENCE)
        hello = {"type": "hello", "conversation": self._learner.conversation, "last_seq": fold.last_seq}
        await socket.send(json.dumps(hello))
        fold.ready = False
        while not fold.ready:
            fold.take(json.loads(await asyncio.wait_for(socket.recv(), PATIENCE)))
        return socket

    async def _line(self) -> ClientConnection:
        if self._socket is None:
            self._socket = await self._opened(self.fold)
        return self._socket

    async def _send(self, frame: dict[str, Any], *, doubled: bool = False) -> None:
        self.found["sent again"] += doubled
        await (await self._line()).send(json.dumps(frame))

    async def _send_if_unknown(self, frame: dict[str, Any]) -> None:
        """Back on the line: what the replay doesn't hold did not arrive."""
        await self._line()
        if self.fold.turn_of(frame["client_id"]) is None:
            self.found["had not arrived"] += 1
            await self._send(frame)

    async def _next(self, frame: dict[str, Any]) -> dict[str, Any]:
        socket = await self._line()
        try:
            taken: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        except ConnectionClosed as closed:
            self.found[f"closed {closed.rcvd.code if closed.rcvd else 'without a word'}"] += 1
            self._socket = None
            await self._send_if_unknown(frame)
            return {"type": "reopened"}
        if taken["type"] == "error":
            raise RuntimeError(f"refused: {taken}")
        self.fold.take(taken)
        return taken


async def converse(url: str, learner: Learner, todo: Sequence[Plan], seed: int) -> Counter[str]:
    """One conversation, checked. Counts ``lost``, ``doubled``, ``reordered``, ``torn`` and ``different``, and what
    happened on the way."""
    client = Client(url, learner, seed)
    for place, plan in enumerate(todo):
        await client.say(f"message-{place}", plan)
    found, fold = client.found, client.fold
    fresh = await client.fresh()
    await client.close()
    sent = [f"message-{place}" for place in range(len(todo))]
    stored = [turn["client_id"] for turn in fresh.turns.values()]
    found["turns"] = len(stored)
    found["lost"] = len(set(sent) - set(stored))
    found["lost"] += sum(turn["status"] != "complete" or not turn["reply"] for turn in fresh.turns.values())
    found["doubled"] = len(stored) - len(set(stored)) + fold.doubled + fold.again
    parents = [None, *list(fresh.turns)[:-1]]
    followed = [turn["parent"] for turn in fresh.turns.values()] == parents
    found["reordered"] = fold.holes + (stored != sent) + (not followed)
    found["torn"] = fold.torn
    found["different"] = fold.known() != fresh.known()
    return found


async def torture(
    url: str, learners: Sequence[Learner], turns: int, drops: int, duplicates: int, seed: int, at_once: int = 50
) -> Counter[str]:
    """``turns`` over all conversations; ``at_once`` conversations run side by side. Counts as ``converse`` does."""
    todo = plans(turns, drops, duplicates, seed)
    places = asyncio.Semaphore(at_once)

    async def one(place: int, learner: Learner) -> Counter[str]:
        async with places:
            return await converse(url, learner, todo[place :: len(learners)], seed + place)

    total: Counter[str] = Counter()
    for found in await asyncio.gather(*(one(place, learner) for place, learner in enumerate(learners))):
        total.update(found)
    return total
