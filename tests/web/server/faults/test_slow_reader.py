"""A client that has stopped reading costs the server a little memory and patience, and nobody else a word."""

import asyncio

from tests.web.server.harness import Builder, eventually
from tutor.llm.scripted import Pause, Say
from tutor.services.live import Delta
from web.limits import ChatLimits


async def test_a_client_that_does_not_read_is_dropped_and_the_turn_goes_on(builder: Builder) -> None:
    script = [Say("Begun. "), Pause(1), Say("Done.")]
    async with builder.open(script, limits=ChatLimits(send=0.3)) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with (
            house.page(person, conversation, max_size=None) as reader,
            house.page(person, conversation, max_size=None, max_queue=1) as sleeper,
        ):
            turn = (await reader.ask())["turn"]
            await reader.until_reply(turn, "Begun. ")
            # Far more than the buffers of both sockets and of the kernel hold between them.
            for number in range(24):
                house.system.live.publish(conversation, Delta(turn, 7, "x" * 1_000_000))
                await reader.until_reply(turn, "Begun. " + "x" * 1_000_000)
                house.system.live.publish(conversation, Delta(turn, 7, f"{number}"))
                await reader.until_reply(turn, f"Begun. {number}")
            await eventually(lambda: len(house.app.state.connections) == 1)
            builder.gate.let_pass()
            finished = await reader.until("finished")
            assert finished["text"] == "Begun. Done."
            # Awake again in time, it is told why, and comes back to the whole answer.
            assert await sleeper.closed() == 4409
        async with house.page(person, conversation) as back:
            assert back.replies[turn] == "Begun. Done."


async def test_a_client_that_never_reads_again_is_cut_off(builder: Builder) -> None:
    async with builder.open([Say("Begun. "), Pause(1)], limits=ChatLimits(send=0.2)) as house:
        person = house.person()
        conversation = await house.conversation(person)
        reader, writer = await asyncio.open_connection(*house.address)
        handshake = "\r\n".join(
            [
                "GET /ws/chat HTTP/1.1",
                f"Host: {house.address[0]}:{house.address[1]}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
                f"Cookie: {person.cookie['Cookie']}",
                "",
                "",
            ]
        )
        writer.write(handshake.encode())
        assert b"101" in await reader.readline()
        hello = f'{{"type":"hello","conversation":"{conversation}","last_seq":0}}'.encode()
        writer.write(bytes([0x81, 0x80 | len(hello)]) + b"\0\0\0\0" + hello)
        await reader.readuntil(b'"ready"')
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        for number in range(24):
            # Of different turns, so that they are not joined into one.
            house.system.live.publish(conversation, Delta(f"t{number}", 0, "x" * 1_000_000))
        await eventually(lambda: len(house.app.state.connections) == 0)
        await eventually(lambda: not house.server.server_state.connections)
        house.system.live.settle(conversation)
        writer.transport.abort()
