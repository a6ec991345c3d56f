"""The same protocol over server-sent events and POSTs."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.web.server.harness import PATIENCE, QUESTION, Builder, House, Page, Person, eventually
from tutor.llm.scripted import Hang, Pause, Say
from web.limits import ChatLimits
from web.messages import server_frames

REPLY = [Say("One. "), Pause(1), Say("Two. "), Say("Thr"), Pause(1), Say("ee.")]


class Stream:
    """An ``EventSource``: parses the stream, and remembers the last id as a browser does."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.page = Page(None)  # type: ignore[arg-type]
        self.last_id = ""
        self.comments: list[str] = []

    async def next(self) -> dict[str, Any] | None:
        """The next frame; None at the end of the stream."""
        data: list[str] = []
        identity = ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                match name:
                    case "" if not line and data:
                        self.last_id = identity or self.last_id
                        server_frames().validate_json("\n".join(data))
                        frame: dict[str, Any] = json.loads("\n".join(data))
                        assert identity == ("" if "seq" not in frame else str(frame["seq"]))
                        self.page.take(frame)
                        return frame
                    case "":
                        self.comments += [value] if value else []
                    case "data":
                        data.append(value)
                    case "id":
                        identity = value
        return None

    async def until(self, kind: str) -> dict[str, Any]:
        while (frame := await self.next()) is not None:
            if frame["type"] == kind:
                return frame
        raise AssertionError(f"the stream ended without {kind}")


@contextlib.asynccontextmanager
async def stream(
    house: House, person: Person, conversation: str, last_seq: int = 0, last_id: str = ""
) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    path = f"/api/conversations/{conversation}/events"
    async with (
        house.client(person) as client,
        client.stream("GET", path, params={"last_seq": last_seq}, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def post(house: House, person: Person, conversation: str, **frame: Any) -> httpx.Response:
    async with house.client(person) as client:
        return await client.post(f"/api/conversations/{conversation}/frames", json=frame)


async def test_both_ways_tell_the_same(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as socket, stream(house, person, conversation) as events:
            welcome = await events.until("welcome")
            assert welcome == socket.of("welcome")[0]
            await events.until("ready")
            answer = await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)
            assert answer.status_code == 202
            ack = answer.json()
            assert (ack["type"], ack["client_id"], ack["duplicate"]) == ("ack", "m1", False)
            again = await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)
            assert again.json() == {**ack, "duplicate": True}
            builder.gate.let_pass(2)
            await events.until("finished")
            await socket.until("finished")
            rated = await post(house, person, conversation, type="feedback", turn=ack["turn"], rating=-1)
            assert (rated.status_code, rated.json()) == (202, {})
            assert (await events.until("feedback"))["rating"] == -1
            await socket.until("feedback")
        durable = [[f for f in page.frames if "seq" in f and f["type"] != "ack"] for page in (events.page, socket)]
        assert durable[0] == durable[1]
        assert events.page.replies == socket.replies


async def test_a_browser_that_connects_again_goes_on_from_its_last_id(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as first:
            turn = (await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)).json()["turn"]
            await first.until("delta")
        builder.gate.let_pass()
        await eventually(lambda: (d := house.system.live.running(conversation)) is not None and d.text.endswith("Thr"))
        async with stream(house, person, conversation, last_id=first.last_id) as second:
            second.page.replies = dict(first.page.replies)
            await second.until("ready")
            assert second.page.replies[turn] == "One. Two. Thr"
            assert all(f["seq"] > int(first.last_id) for f in second.page.frames if "seq" in f)
            builder.gate.let_pass()
            assert (await second.until("finished"))["text"] == "One. Two. Three."


async def test_stopping_by_post(builder: Builder) -> None:
    async with builder.open([Say("One. "), Say("Two"), Hang()]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)
            await events.until("delta")
            assert (await post(house, person, conversation, type="stop")).status_code == 202
            assert (await events.until("finished"))["outcome"] == "stopped"


async def test_silence_is_filled_with_comments(builder: Builder) -> None:
    async with builder.open(limits=ChatLimits(heartbeat=0.02)) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await events.until("ready")
            waiting = asyncio.create_task(events.next())
            await eventually(lambda: "still here" in events.comments)
            await house.system.chat.rename(person.account, conversation, "New")
            frame = await waiting
            assert frame is not None
            assert frame["type"] == "renamed"


async def test_signing_out_ends_the_stream_and_says_so(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await events.until("ready")
            await house.system.accounts.sign_out(person.token)
            assert (await events.until("error"))["code"] == "signed_out"
            assert await events.next() is None
        await eventually(lambda: len(house.app.state.connections) == 0)
        async with house.client(person) as client:
            refused = await client.get(f"/api/conversations/{conversation}/events")
        assert refused.status_code == 401


async def test_closing_the_stream_lets_go_of_it(builder: Builder) -> None:
    async with builder.open([Say("One. "), Pause(1), Say("Two.")]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)
            await events.until("delta")
        await eventually(lambda: len(house.app.state.connections) == 0)
        builder.gate.let_pass()
        await house.system.chat.settled(conversation)
        transcript = await house.system.chat.transcript(person.account, conversation)
        assert [turn.status for turn in transcript.turns.values()] == ["complete"]


async def test_a_deleted_conversation_ends_the_stream(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await events.until("ready")
            await house.system.chat.delete(person.account, conversation)
            await events.until("deleted")
            assert await events.next() is None


async def test_anothers_stream_looks_like_none(builder: Builder) -> None:
    async with builder.open() as house:
        owner, other = house.person(), house.person()
        theirs = await house.conversation(owner)
        async with house.client(other) as client:
            answers = [await client.get(f"/api/conversations/{c}/events") for c in (theirs, "no-such-conversation")]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
        assert answers[0].json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "invalid_input"),
        ('{"type": "hello", "conversation": "c", "last_seq": 0}', "invalid_input"),
        ('{"type": "ping"}', "invalid_input"),
        ('{"type": "send", "client_id": "x", "text": " "}', "invalid_input"),
        ('{"type": "send", "client_id": "x", "text": "' + "y" * 9000 + '"}', "message_too_long"),
    ],
    ids=["malformed", "hello", "ping", "empty", "long"],
)
async def test_frames_that_cannot_be(builder: Builder, body: str, code: str) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.client(person) as client:
            answer = await client.post(f"/api/conversations/{conversation}/frames", content=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["retryable"] is False
    assert answer.json()["message"]


async def test_an_oversized_frame(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        answer = await post(house, person, conversation, type="send", client_id="x", text="y" * 65536)
    assert answer.status_code == 413


async def test_a_second_question_at_once(builder: Builder) -> None:
    async with builder.open([Say("One. "), Pause(1)]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        await post(house, person, conversation, type="send", client_id="m1", text=QUESTION)
        refused = await post(house, person, conversation, type="send", client_id="m2", text=QUESTION)
    assert refused.status_code == 409
    assert refused.json()["code"] == "turn_in_progress"
    assert refused.json()["retryable"] is True


async def test_the_server_going_away_ends_streams(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with stream(house, person, conversation) as events:
            await events.until("ready")
            house.server.should_exit = True
            assert await events.next() is None
