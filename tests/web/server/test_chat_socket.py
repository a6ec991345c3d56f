"""The protocol over a real socket: asking, resuming, and everything a client can get wrong."""

import pytest

from tests.web.server.harness import QUESTION, Builder, House, eventually
from tutor.domain.accounts import Role
from tutor.domain.errors import ModelUnavailable
from tutor.llm.scripted import Fail, Hang, Pause, Say
from tutor.services.live import Delta
from web.limits import ChatLimits

REPLY = [
    Say("Chlorophyll absorbs red and blue light [1]. "),
    Pause(1),
    Say("So what is left "),
    Say("for our eyes?"),
]
WHOLE = "Chlorophyll absorbs red and blue light [1]. So what is left for our eyes?"


async def test_a_question_and_its_answer(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            welcome = page.of("welcome")[0]
            assert welcome["conversation"] == conversation
            assert welcome["protocol"] == 1
            assert welcome["open_turn"] is None
            ack = await page.ask()
            builder.gate.let_pass()
            finished = await page.until("finished")
    turn = ack["turn"]
    assert ack["duplicate"] is False
    assert [f["type"] for f in page.of("message", "retrieved", "finished")] == ["message", "retrieved", "finished"]
    message = page.of("message")[0]
    assert (message["turn"], message["seq"], message["text"]) == (turn, ack["seq"], QUESTION)
    assert message["parent"] is None
    assert page.of("retrieved")[0]["count"] > 0
    assert (finished["outcome"], finished["source"], finished["text"]) == ("complete", "model", WHOLE)
    assert [c["number"] for c in finished["citations"]] == [1]
    cited = finished["citations"][0]
    assert "hlorophyll absorbs red and blue light" in cited["quote"]
    assert cited["href"].startswith("/courses/light/read/leaves.md?from=")
    assert cited["href"].endswith("#quote")
    assert 'class="citation"' in finished["html"]
    assert 'data-number="1"' in finished["html"]
    assert "error" not in finished
    assert "message" not in finished


async def test_a_page_that_was_away_misses_nothing(builder: Builder) -> None:
    """Gone mid-turn, back mid-turn: the turn went on, and each word is there once and in its place."""
    script = [Say("One. "), Pause(1), Say("Two. "), Say("Thr"), Pause(1), Say("ee. "), Say("Four.")]
    async with builder.open(script) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as first:
            turn = (await first.ask())["turn"]
            await first.until_reply(turn, "One. ")
        builder.gate.let_pass()
        await eventually(lambda: (d := house.system.live.running(conversation)) is not None and d.text.endswith("Thr"))
        async with house.page(person, conversation, first.last_seq) as second:
            assert second.of("welcome")[0]["open_turn"] == turn
            second.replies = {**first.replies, **second.replies}
            assert second.replies[turn] == "One. Two. Thr"
            assert not [f for f in second.frames if f.get("seq", first.last_seq + 1) <= first.last_seq]
            builder.gate.let_pass()
            finished = await second.until("finished")
    assert finished["text"] == "One. Two. Three. Four."
    assert second.replies[turn] == finished["text"]


async def test_two_pages_hear_the_same(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as one, house.page(person, conversation) as two:
            turn = (await one.ask())["turn"]
            builder.gate.let_pass()
            await one.until("finished")
            await two.until("finished")
        durable = [[f for f in page.frames if "seq" in f and f["type"] != "ack"] for page in (one, two)]
        assert durable[0] == durable[1]
        assert one.replies[turn] == two.replies[turn] == WHOLE
        async with house.page(person, conversation) as late:
            ended = [f for f in durable[0] if f["type"] != "sentence"]
            assert [f for f in late.frames if "seq" in f] == ended


async def test_the_same_message_twice_is_answered_and_not_repeated(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            first = await page.ask(client_id="same")
            second = await page.ask(client_id="same")
            builder.gate.let_pass()
            await page.until("finished")
            third = await page.ask(client_id="same")
            await page.say(type="ping", nonce=1)
            await page.until("pong")
    assert second == {**first, "duplicate": True} == third
    assert len(page.of("message")) == 1
    assert len(page.of("finished")) == 1


async def test_stopping_keeps_what_was_said(builder: Builder) -> None:
    async with builder.open([Say("One sentence. "), Say("And a "), Hang()]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            turn = (await page.ask())["turn"]
            await page.until_reply(turn, "One sentence. And a ")
            await page.say(type="stop", turn="another turn")
            await page.say(type="stop", turn=turn)
            finished = await page.until("finished")
    assert finished["outcome"] == "stopped"
    assert finished["text"] == "One sentence. And a"
    assert finished["message"] == "You stopped this answer."


async def test_edit_and_retry_open_branches(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            first = (await page.ask())["turn"]
            await page.until("finished")
            await page.say(type="edit", client_id="m2", turn=first, text="Where does sugar come from in a leaf?")
            await page.until("finished")
            await page.say(type="retry", client_id="m3", turn=first)
            await page.until("finished")
            second = (await page.ask("And why is oxygen left over from sugar?", "m4"))["turn"]
            await page.until("finished")
            fresh = (await page.ask(QUESTION, "m5", parent=None))["turn"]
            await page.until("finished")
    messages = {f["turn"]: f for f in page.of("message")}
    edited, retried = list(messages.values())[1:3]
    assert (edited["edit_of"], edited["retry_of"], edited["parent"]) == (first, None, None)
    assert (retried["edit_of"], retried["retry_of"], retried["text"]) == (None, first, QUESTION)
    assert messages[second]["parent"] == retried["turn"], "goes on where it was last spoken"
    assert messages[fresh]["parent"] is None


async def test_feedback_and_a_new_name_reach_every_page(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page, house.page(person, conversation) as other:
            turn = (await page.ask())["turn"]
            await page.until("finished")
            await page.say(type="feedback", turn=turn, rating=1, comment="Thanks")
            assert (await other.until("feedback"))["rating"] == 1
            await house.system.chat.rename(person.account, conversation, "Green")
            assert (await other.until("renamed"))["title"] == "Green"
            await house.system.chat.delete(person.account, conversation)
            await other.until("deleted")
            await page.until("deleted")


async def test_changing_conversations_on_one_socket(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        one, two = await house.conversation(person), await house.conversation(person)
        async with house.page(person, one) as page:
            page.last_seq = 0
            assert (await page.hello(two))["conversation"] == two
            await house.system.chat.rename(person.account, one, "not for this page")
            await house.system.chat.rename(person.account, two, "for this page")
            assert (await page.until("renamed"))["title"] == "for this page"


async def test_a_model_that_fails_still_ends_the_turn(builder: Builder) -> None:
    script = [Say("It begins well. "), Say("And "), Fail(ModelUnavailable())]
    async with builder.open(script) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            await page.ask()
            finished = await page.until("finished")
    assert finished["outcome"] == "failed"
    assert finished["error"] == "model_unavailable"
    assert finished["retryable"] is True
    assert "can't be reached" in finished["message"]


async def test_one_turn_at_a_time(builder: Builder) -> None:
    async with builder.open(REPLY) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            await page.ask()
            await page.say(type="send", client_id="m2", text="And another thing?")
            error = await page.until("error")
            builder.gate.let_pass()
            await page.until("finished")
    assert (error["code"], error["client_id"], error["retryable"]) == ("turn_in_progress", "m2", True)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "send", "client_id": "x", "text": "   "}, "invalid_input"),
        ({"type": "send", "client_id": "x", "text": "y" * 8001}, "message_too_long"),
        ({"type": "send", "client_id": "x", "text": "y", "parent": "nothing"}, "invalid_input"),
        ({"type": "edit", "client_id": "x", "text": "y", "turn": "nothing"}, "invalid_input"),
        ({"type": "retry", "client_id": "x", "turn": "nothing"}, "invalid_input"),
    ],
    ids=["empty", "long", "parent", "edit", "retry"],
)
async def test_requests_that_cannot_be(builder: Builder, frame: dict[str, str], code: str) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.say(**frame)
            error = await page.until("error")
            assert (error["code"], error["client_id"], error["retryable"]) == (code, "x", False)
            assert (await page.ask())["duplicate"] is False


@pytest.mark.parametrize("frame", ["{", "[]", '{"type":"who"}', b"\x00\x01", "", '{"type":"stop","turn":5}'])
async def test_a_malformed_frame_is_answered(builder: Builder, frame: str | bytes) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.socket.send(frame)
            error = await page.until("error")
            assert error["code"] == "invalid_input"
            await page.say(type="ping", nonce="still here")
            assert (await page.until("pong"))["nonce"] == "still here"


async def test_many_malformed_frames_end_it(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            for _ in range(5):
                await page.socket.send("nonsense")
            assert await page.closed() == 1008
            assert len(page.of("error")) == 5


async def test_a_frame_over_64_kib_ends_it(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.say(type="send", client_id="x", text="y" * 65536)
            assert await page.closed() == 1009


async def test_nothing_before_hello(builder: Builder) -> None:
    async with builder.open() as house, house.page(house.person()) as page:
        await page.say(type="send", client_id="x", text="y")
        error = await page.until("error")
        assert (error["code"], error["client_id"]) == ("invalid_input", "x")


async def test_without_hello_the_socket_is_closed(builder: Builder) -> None:
    async with builder.open(limits=ChatLimits(hello=0.05)) as house, house.page(house.person()) as page:
        assert await page.closed() == 4408


async def test_strangers_are_turned_away(builder: Builder) -> None:
    async with builder.open() as house:
        async with house.page(None) as page:
            assert await page.closed() == 4401
        async with house.page(house.person(), origin="http://evil.example") as page:
            assert await page.closed() == 4403
        async with house.page(house.person(), origin=house.http) as page:
            await page.say(type="ping")
            assert await page.until("pong") == {"type": "pong"}


async def test_anothers_conversation_looks_like_none(builder: Builder) -> None:
    async with builder.open() as house:
        owner, other = house.person(), house.person()
        theirs = await house.conversation(owner)
        seen = []
        for wanted in (theirs, "no-such-conversation"):
            async with house.page(other) as page:
                await page.say(type="hello", conversation=wanted, last_seq=0)
                seen.append((await page.closed(), page.frames))
        assert seen == [(4404, []), (4404, [])]


async def test_a_number_from_the_future_is_forgiven(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation, last_seq=999) as page:
            await page.ask()
            assert (await page.until("finished"))["outcome"] == "complete"


async def test_too_many_messages(builder: Builder) -> None:
    async with builder.open(messages_per_minute=2) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            for number in range(2):
                await page.ask(client_id=f"m{number}")
                await page.until("finished")
            await page.say(type="send", client_id="m3", text="more")
            error = await page.until("error")
            assert (error["code"], error["client_id"], error["retryable"]) == ("rate_limited", "m3", True)
            assert 1 <= error["retry_after"] <= 61
            for _ in range(ChatLimits().refused):
                await page.say(type="send", client_id="m3", text="more")
            assert await page.closed() == 4429


async def test_too_many_hellos(builder: Builder) -> None:
    """Each one costs a reading of the log and a replay."""
    async with builder.open(messages_per_minute=1) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            for _ in range(5):
                await page.hello(conversation)
            await page.say(type="hello", conversation=conversation)
            assert (await page.until("error"))["code"] == "rate_limited"
            await page.say(type="ping", nonce="still here")
            await page.until("pong")


async def _revoked(house: House, how: str) -> int:
    person = house.person()
    async with house.page(person, await house.conversation(person)) as page:
        accounts = house.system.accounts
        match how:
            case "signed out":
                await accounts.sign_out(person.token)
            case "role":
                await accounts.set_role(person.account.id, Role.TRAINER)
            case "disabled":
                await accounts.set_disabled(person.account.id, True)
            case "elsewhere":
                house.system.store.sessions.revoke_all(person.account.id)
        return await page.closed()


@pytest.mark.parametrize("how", ["signed out", "role", "disabled", "elsewhere"])
async def test_a_session_that_ends_closes_its_sockets(builder: Builder, how: str) -> None:
    """``elsewhere``: by another process, noticed at the next heartbeat."""
    async with builder.open(limits=ChatLimits(heartbeat=0.05)) as house:
        assert await _revoked(house, how) == 4401
        await eventually(lambda: len(house.app.state.connections) == 0)


async def test_signing_out_here_leaves_the_other_browser(builder: Builder) -> None:
    async with builder.open() as house:
        one, two = house.person(), house.person()
        async with house.page(two, await house.conversation(two)) as page:
            await house.system.accounts.sign_out(one.token)
            await page.say(type="ping", nonce=2)
            assert (await page.until("pong"))["nonce"] == 2


async def test_a_listener_that_lags_is_brought_up_to_date(builder: Builder) -> None:
    """Its queue overflows; it gets the log again from where it was, and the running text."""
    async with builder.open([Say("Begun. "), Pause(1), Say("Done.")]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            turn = (await page.ask())["turn"]
            await page.until_reply(turn, "Begun. ")
            # More than a queue holds, in one go: nobody gets to read meanwhile.
            house.system.live.publish(conversation, *[Delta(turn, 0, "Begun. ")] * 3000)
            builder.gate.let_pass()
            finished = await page.until("finished")
    assert finished["text"] == "Begun. Done."


async def test_the_server_going_away_says_so(builder: Builder) -> None:
    async with builder.open([Say("Half. "), Hang()]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            turn = (await page.ask())["turn"]
            await page.until_reply(turn, "Half. ")
            house.server.should_exit = True
            assert await page.closed() == 1001
        store = house.system.store
    events = store.log.read(f"conversation:{conversation}")
    assert type(events[-1].event).__name__ == "TurnInterrupted"


async def test_previews_are_html_of_closed_blocks(builder: Builder) -> None:
    script = [Say("# Light\n\nFirst **block**.\n\nSecond "), Pause(1), Say("block.\n\nThird"), Pause(1)]
    text = "# Light\n\nFirst **block**.\n\nSecond block.\n\nThird"
    async with builder.open(script, limits=ChatLimits(preview=0.0)) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask()
            for end in ("Second", "Third"):
                while (shown := await page.until("preview"))["upto"] < text.index(end):
                    pass
                assert shown["upto"] == text.index(end)
                assert "<strong>block</strong>" in shown["html"]
                assert ("Second block." in shown["html"]) == (end == "Third")
                builder.gate.let_pass()
            assert (await page.until("finished"))["text"] == text
