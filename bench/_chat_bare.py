"""The baseline of the chat bench: a bare ``websockets`` server that streams the same tokens, one JSON frame each.

    python -m bench._chat_bare PORT TOKENS TOKENS_PER_SECOND

No model, no session, no log, no HTTP framework: what the ``websockets`` library itself costs.
"""

import asyncio
import json
import sys
from time import monotonic
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench._chat_child import answering, run
from bench._chat_reply import Spoken, mark_of, tokens


async def speak(socket: ServerConnection, mark: int, spoken: Spoken, pace: float) -> None:
    times = spoken.left.setdefault(mark, [])
    begun, offset = monotonic(), 0
    for place, piece in enumerate(tokens(len(spoken.pieces), mark)):
        await asyncio.sleep(max(0.0, begun + place / pace - monotonic()))
        await socket.send(
            json.dumps({"type": "delta", "turn": f"turn-of-page-{mark:09}", "offset": offset, "text": piece})
        )
        times.append(monotonic())
        offset += len(piece)
    await socket.send(json.dumps({"type": "finished", "turn": f"turn-of-page-{mark:09}"}))


async def main(port: int, count: int, pace: float) -> None:
    spoken = Spoken(tokens(count))

    async def talk(socket: ServerConnection) -> None:
        try:
            while message := await socket.recv(decode=False):
                await speak(socket, mark_of(message) or 0, spoken, pace)
        except ConnectionClosed:
            pass

    async def answer(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "sent":
            return {"sent": spoken.sent}
        return {"left": spoken.left}

    async with serve(talk, "127.0.0.1", port, compression=None, backlog=2048) as server:
        found = next(iter(server.sockets)).getsockname()[1]
        await answering({"port": found}, answer)


if __name__ == "__main__":
    run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
