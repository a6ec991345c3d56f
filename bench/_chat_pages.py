"""The readers of the chat bench: many pages in a process of its own, that note when each stretch of a reply came.

python -m bench._chat_pages URL TOKENS
"""

import asyncio
import json
import sys
from time import monotonic
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench._chat_child import answering, run
from bench._chat_reply import Spoken, question, tokens

PATIENCE = 60.0
AT_ONCE = 20


class Page:
    """One connection. ``came`` holds, by mark, (monotonic time, length of the reply by then) for each delta."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.came: dict[int, list[tuple[float, int]]] = {}
        self.reached = 0
        self.holes = 0
        self.frames = 0
        self.outcome = ""
        self._reading: asyncio.Task[None] | None = None

    async def greet(self, conversation: str) -> None:
        await self._socket.send(json.dumps({"type": "hello", "conversation": conversation, "last_seq": 0}))
        while json.loads(await self._socket.recv())["type"] != "ready":
            pass

    async def say(self, mark: int) -> None:
        """Ask, and read until the reply is over."""
        self.reached, self.outcome = 0, ""
        self._reading = asyncio.create_task(self._read(self.came.setdefault(mark, [])))
        await self._socket.send(json.dumps({"type": "send", "client_id": str(mark), "text": question(mark)}))

    async def practise(self) -> None:
        """Have a question put, which then stays open."""
        reply = {"action": "practise"}
        frame = {"type": "send", "client_id": "practise", "text": "Start learning", "reply": reply}
        self.outcome = ""
        await self._socket.send(json.dumps(frame))
        await self._read([])
        self.frames = 0

    async def _read(self, came: list[tuple[float, int]]) -> None:
        # Decoding costs the readers' CPU, not the server's.
        while not self.outcome:
            frame = json.loads(await self._socket.recv(decode=False))
            self.frames += 1
            match frame["type"]:
                case "delta" | "sentence":
                    offset, end = frame["offset"], frame["offset"] + len(frame["text"])
                    self.holes += offset > self.reached
                    if end > self.reached:
                        self.reached = end
                        came.append((monotonic(), end))
                case "finished":
                    self.outcome = frame.get("outcome", "complete")
                case "error":
                    self.outcome = frame["code"]

    async def over(self) -> None:
        if self._reading is not None:
            await self._reading


async def main(url: str, count: int) -> None:
    spoken = Spoken(tokens(count))
    pages: list[Page] = []

    async def opened(one: dict[str, str]) -> Page:
        headers = {"Cookie": one["cookie"]} if one.get("cookie") else {}
        socket = await connect(url, additional_headers=headers, compression=None, open_timeout=PATIENCE, max_queue=None)
        page = Page(socket)
        if one.get("conversation"):
            await page.greet(one["conversation"])
        return page

    async def answer(command: dict[str, Any]) -> dict[str, Any]:
        match command["do"]:
            case "open":
                wanted = command["pages"]
                for at in range(0, len(wanted), AT_ONCE):
                    pages.extend(await asyncio.gather(*(opened(one) for one in wanted[at : at + AT_ONCE])))
                return {"open": len(pages)}
            case "speak":
                # Spread over the pace's interval and more: learners don't press the key in step.
                for place, page in enumerate(pages):
                    await page.say(1000 * command["round"] + place)
                    await asyncio.sleep(command["spread"] / len(pages))
                return {}
            case "practise":
                # One after the other: each learner gets a question, which stays open.
                for page in pages:
                    await page.practise()
                return {}
            case "reached":
                return {"least": min(spoken.whole(page.reached) for page in pages)}
            case "over":
                async with asyncio.timeout(command["seconds"]):
                    await asyncio.gather(*(page.over() for page in pages))
                return {
                    "outcomes": {page.outcome: 0 for page in pages},
                    "holes": sum(page.holes for page in pages),
                    "frames": sum(page.frames for page in pages),
                    "short": sum(page.reached < len("".join(spoken.pieces).rstrip()) for page in pages),
                }
        return {"came": {mark: came for page in pages for mark, came in page.came.items()}}

    await answering({}, answer)


if __name__ == "__main__":
    run(main(sys.argv[1], int(sys.argv[2])))
