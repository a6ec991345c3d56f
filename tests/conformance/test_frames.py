"""Frames of every kind, right, wrong and odd, over a real socket and a real database: the server answers on."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from tests.conformance.mutants import NASTY, mutants, twisted
from tests.web.server.harness import PATIENCE, Builder, House, Person
from tutor.domain.accounts import Role
from tutor.store.sql import SqlStore
from web.limits import ChatLimits

LIMITS = ChatLimits(malformed=10**6, refused=10**6, connections=10**6)
FRAMES: tuple[dict[str, Any], ...] = (
    {"type": "hello", "conversation": "c", "last_seq": 0},
    {"type": "send", "client_id": "m", "text": "Why?", "parent": None},
    {"type": "send", "client_id": "n", "text": "b", "reply": {"item": "i", "selected": ["a"], "confidence": 0.5}},
    {"type": "send", "client_id": "o", "text": "Hint", "reply": {"action": "hint", "seconds": 3.5, "hint": "h"}},
    {"type": "edit", "client_id": "e", "turn": "t", "text": "Why, then?"},
    {"type": "retry", "client_id": "r", "turn": "t"},
    {"type": "stop", "turn": "t"},
    {"type": "feedback", "turn": "t", "rating": 1, "comment": "good"},
    {"type": "ping", "nonce": 1},
)
ODD = (2**31, 2**63, 2**64, -1, 10**30, 1e300, "\x00", "\ud800", "x" * 300, *NASTY)
"""Numbers and texts that databases stumble over."""


def drawn(count: int, seed: int) -> list[str | bytes]:
    """The same frames every time."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[str | bytes] = []
    strategy = st.one_of(
        st.sampled_from(FRAMES).flatmap(twisted).map(json.dumps),
        st.sampled_from(FRAMES).flatmap(lambda frame: mutants(json.dumps(frame))),
        st.binary(max_size=20),
    )

    @seeded(seed)
    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(frame: str | bytes) -> None:
        found.append(frame)

    draw()
    chance = random.Random(seed)
    for _ in range(count):
        frame = json.loads(json.dumps(chance.choice(FRAMES)))
        field = chance.choice(sorted(set(frame) - {"type"}))
        found.append(json.dumps({**frame, field: chance.choice(ODD)}))
    return found


async def test_no_frame_ends_the_conversation_or_the_server(builder: Builder, tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'frames.db'}")
    async with builder.open(store=store, limits=LIMITS) as house:
        person = house.person(Role.STUDENT)
        frames = drawn(25, 7)
        codes: dict[int, int] = {}
        while frames:
            code = await talk(house, person, frames)
            codes[code] = codes.get(code, 0) + 1
        assert 1011 not in codes, codes
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask("Why does chlorophyll make leaves green?")
            assert (await page.until("finished"))["outcome"] == "complete"


async def talk(house: House, person: Person, frames: list[str | bytes]) -> int:
    """Send frames until the server closes, which it may for its reasons, or there are none left; the close code.

    Names of things that there are stand in half of the frames."""
    conversation = await house.conversation(person)
    async with house.page(person, conversation) as page:
        await page.ask("Why?", "begin")
        turn = (await page.until("finished"))["turn"]
        number = 0
        while frames:
            frame = frames.pop()
            number += 1
            if isinstance(frame, str) and len(frames) % 2:
                frame = frame.replace('"conversation": "c"', f'"conversation": "{conversation}"')
                frame = frame.replace('"turn": "t"', f'"turn": "{turn}"').replace(
                    '"client_id": "', f'"client_id": "{number}'
                )
            try:
                await page.socket.send(frame)
                await page.say(type="ping", nonce=f"after {number}")
                async with asyncio.timeout(PATIENCE):
                    while json.loads(await page.socket.recv()).get("nonce") != f"after {number}":
                        pass
            except UnicodeEncodeError:
                continue  # what no client can send
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006
    return 1000
