"""What a learner showed counts once: over branches, retries, crashes and other conversations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.classroom import Classroom, classroom
from tests.services.test_lessons import opened
from tutor.domain import events as e
from tutor.domain.dialogue import Turn
from tutor.domain.items import read_item, write_item
from tutor.ports import Append


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Classroom]:
    async with classroom(tmp_path) as made:
        yield made


def evidence(room: Classroom) -> list[e.EvidenceObserved]:
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    return [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]


async def elsewhere(room: Classroom, parent: Turn, text: str, **reply: object) -> Turn:
    """The message on a branch that goes on from ``parent``."""
    sent = await room.system.chat.send(
        room.student,
        room.conversation,
        f"branch-{len(evidence(room))}-{text}",
        text,
        parent=parent.id,
        reply=e.ItemReply(**reply) if reply else None,  # type: ignore[arg-type]
    )
    await room.system.chat.settled(room.conversation)
    return (await room.system.chat.transcript(room.student, room.conversation)).turns[sent.turn]


async def again(room: Classroom, turn: Turn, name: str) -> Turn:
    sent = await room.system.chat.retry(room.student, room.conversation, name, turn.id)
    await room.system.chat.settled(room.conversation)
    return (await room.system.chat.transcript(room.student, room.conversation)).turns[sent.turn]


async def test_an_answer_that_was_asked_about_first_keeps_its_opportunity(room: Classroom) -> None:
    parent = await room.press("practise", item="sugar")
    posed = parent.posed
    assert posed is not None
    assert posed.item == "sugar-from"
    # As a judge in doubt leaves it: nothing was judged, so nothing of the question is used up.
    stream = e.conversation_stream(room.conversation)
    room.system.store.log.append(
        Append(
            stream,
            (
                e.MessageSent("doubt", "doubt", "Carbon and light, roughly", parent=parent.id),
                e.MessageUnderstood("doubt", "answer", 1.0, 1.0),
                e.AnswerGraded("doubt", "sugar-from", "unsure", 0.5, 0.5, 1),
                e.MoveChosen("doubt", "clarify", "unsure", item="sugar-from"),
                e.ItemPosed("doubt", "sugar-from", posed.prompt, posed.card, posed.kcs),
                e.TurnFinished("doubt", "complete", "Do you mean it?", "authored"),
            ),
        )
    )
    before = len(evidence(room))
    await room.say("Sugar is made from carbon dioxide and water. The energy comes from sunlight.", item="sugar-from")
    (found,) = evidence(room)[before:]
    assert (found.verdict, found.opportunity) == ("correct", True)


async def test_an_answer_told_on_another_branch_shows_nothing_on_this_one(room: Classroom) -> None:
    await opened(room, "gas-in")
    posing = room.turns[-1]
    for _ in range(6):
        told = await room.press("tell_me")
        if told.move is not None and told.move.move == "assertion":
            break
        room.clock.pass_time(minutes=2)
    assert told.move is not None
    assert told.move.move == "assertion"
    before = len(evidence(room))
    await elsewhere(room, posing, "Carbon dioxide", item="gas-in", selected=("co2",))
    (found,) = evidence(room)[before:]
    assert (found.verdict, found.opportunity) == ("correct", False)


async def test_a_hint_read_on_another_branch_is_help(room: Classroom) -> None:
    await opened(room, "gas-in")
    posing = room.turns[-1]
    await room.press("hint")
    before = len(evidence(room))
    await elsewhere(room, posing, "Carbon dioxide", item="gas-in", selected=("co2",))
    (found,) = evidence(room)[before:]
    assert (found.verdict, found.opportunity) == ("correct", False)


async def test_an_answer_told_in_another_conversation_shows_nothing_in_this_one(room: Classroom) -> None:
    await opened(room, "gas-in")
    other = await room.system.chat.start(room.student, "plants", "en")
    second = Classroom(room.system, room.student, other, room.clock)
    await opened(second, "gas-in")
    await second.choose("n2")
    await second.choose("co2")
    before = len(evidence(room))
    await room.choose("co2")
    (found,) = evidence(room)[before:]
    assert (found.verdict, found.opportunity) == ("correct", False)


async def test_a_retried_plea_is_told_of_once(room: Classroom) -> None:
    await opened(room, "gas-in")
    for _ in range(6):
        told = await room.press("tell_me")
        if told.move is not None and told.move.move == "assertion":
            break
        room.clock.pass_time(minutes=2)
    before = len(evidence(room))
    assert before
    for name in ("again-1", "again-2"):
        await again(room, told, name)
    assert len(evidence(room)) == before


async def test_how_sure_one_was_is_noted_once(room: Classroom) -> None:
    await opened(room, "gas-in")
    asked = await room.choose("co2")
    assert asked.move is not None
    assert asked.move.move == "ask_confidence"
    said = await room.press("certain")
    before = len(evidence(room))
    await again(room, said, "again")
    assert len(evidence(room)) == before


async def test_a_retry_after_a_crash_counts_the_answer_once(room: Classroom) -> None:
    """Graded and recorded, then the process died: the turn is void, the evidence isn't."""
    await opened(room, "gas-in")
    answered = await room.choose("n2")
    room.system.store.log.append(Append(e.conversation_stream(room.conversation), (e.TurnInterrupted(answered.id),)))
    believed = room.model.belief("gases", room.clock.now)
    await again(room, answered, "again")
    assert [one.opportunity for one in evidence(room)] == [True, False]
    assert room.model.belief("gases", room.clock.now).mean <= believed.mean


async def test_a_hint_that_nobody_saw_is_not_climbed(room: Classroom) -> None:
    """A crash takes the words of a rung away: the next request gives the same rung and skips none."""
    await opened(room, "gas-in")
    first = await room.press("hint")
    lost = await room.press("hint")
    assert lost.move is not None
    assert lost.move.move == "hint"
    room.system.store.log.append(Append(e.conversation_stream(room.conversation), (e.TurnInterrupted(lost.id),)))
    turn = await room.press("hint")
    assert first.move is not None
    assert turn.move is not None
    assert (turn.move.move, turn.move.hint) == (lost.move.move, lost.move.hint)
    assert "Animals breathe it out." in turn.reply


async def test_a_question_that_a_trainer_rejects_is_no_longer_open(room: Classroom) -> None:
    await opened(room, "gas-in")
    room.system.store.bank.set_state("plants", "gas-in", "rejected")
    before = len(evidence(room))
    turn = await room.choose("n2")
    assert turn.graded is None
    assert len(evidence(room)) == before
    assert turn.posed is None or turn.posed.item != "gas-in"


async def test_a_question_that_is_edited_while_it_is_open_is_graded_as_it_was_asked(room: Classroom) -> None:
    await opened(room, "gas-in")
    bank = room.system.store.bank
    old = bank.get("plants", "gas-in")
    assert old is not None
    edited = {**write_item(old), "prompt": "Which gas do leaves give off by day?"}
    edited["option"] = [
        {"id": "co2", "text": "Carbon dioxide"},
        {"id": "o2", "text": "Oxygen", "correct": True},
        {"id": "n2", "text": "Nitrogen"},
    ]
    bank.save(read_item(edited, "plants"))
    wrong = await room.choose("o2")
    assert wrong.graded is not None
    assert wrong.graded.misconception == "breathes"
    assert wrong.posed is not None
    assert wrong.posed.prompt == old.prompt
    right = await room.choose("co2")
    assert right.graded is not None
    assert right.graded.verdict == "correct"
    posed = bank.get("plants", "gas-in")
    assert posed is not None
    assert posed.prompt == "Which gas do leaves give off by day?"


async def test_a_question_that_left_the_course_is_not_graded(room: Classroom) -> None:
    await opened(room, "gas-in")
    room.system.store.bank.put("plants", "test", ())
    turn = await room.choose("n2")
    assert turn.status == "complete"
    assert turn.graded is None


async def test_an_old_card_and_unknown_options_never_break_a_turn(room: Classroom) -> None:
    await opened(room, "gas-in")
    for selected in (("nonsense",), ("co2",) * 64, ("x" * 500,) * 64, ("",), ("co2=o2",)):
        turn = await room.say("?", item="gas-in", selected=selected)
        assert turn.status == "complete", selected
        await room.press("practise")


async def test_the_card_of_the_question_does_not_answer_its_sub_question(room: Classroom) -> None:
    await opened(room, "rate")
    for _ in range(3):
        turn = await room.press("hint")
        room.clock.pass_time(minutes=1)
    assert turn.posed is not None
    assert turn.posed.hint == "h2"
    late = await room.say("4", item="rate", hint="")
    assert late.status == "complete"
