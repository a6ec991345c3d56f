"""Lessons through the whole service: asked, graded, recorded, helped and led on."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services.classroom import COURSE, Classroom, classroom, items
from tutor.domain import events as e
from tutor.domain.curriculum import KnowledgeComponent
from tutor.domain.items import read_item
from tutor.llm.scripted import Say, ScriptedChatModel
from tutor.ports import Append
from tutor.services.adopting import course_stream


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Classroom]:
    async with classroom(tmp_path) as made:
        yield made


async def opened(room: Classroom, item: str) -> None:
    """Go on until ``item`` is the open question."""
    await room.press("practise")
    for _ in range(12):
        posed = room.turns[-1].posed
        assert posed is not None
        if posed.item == item:
            return
        await room.press("skip")
    raise AssertionError(f"{item} never came")


# -- asking --------------------------------------------------------------------------------------------------------


async def test_asking_to_practise_puts_a_question_and_says_why(room: Classroom) -> None:
    turn = await room.press("practise")
    assert turn.posed is not None
    assert turn.posed.item in ("gas-in", "rate", "gas-in-2")  # what comes first in the course
    assert turn.posed.reason
    assert turn.move is not None
    assert turn.move.rule == "asked_to_practise"
    assert "?" not in turn.reply  # the card asks


async def test_the_card_never_holds_the_answer_key(room: Classroom) -> None:
    await opened(room, "gas-in")
    posed = room.turns[-1].posed
    assert posed is not None
    assert "correct" not in json.dumps(posed.card)


async def test_in_words_works_as_well_as_the_button(room: Classroom) -> None:
    turn = await room.say("Please ask me a question")
    assert turn.posed is not None


async def test_another_conversation_begins_with_another_question(room: Classroom) -> None:
    first = await room.press("practise", item="gases")
    again = await room.system.chat.start(room.student, "plants", "en")
    elsewhere = Classroom(room.system, room.student, again, room.clock)
    second = await elsewhere.press("practise", item="gases")
    assert first.posed is not None
    assert second.posed is not None
    assert second.posed.item != first.posed.item
    assert room.model.answers == 0


async def test_a_poll_is_not_asked_again_in_another_conversation(tmp_path: Path) -> None:
    async with classroom(tmp_path, bank=[read_item(POLL, "plants"), *items()]) as room:
        await opened(room, "view")
        await room.choose("a")
        again = await room.system.chat.start(room.student, "plants", "en")
        elsewhere = Classroom(room.system, room.student, again, room.clock)
        turn = await elsewhere.press("practise")
        assert turn.posed is not None
        assert turn.posed.item != "view"


async def test_a_question_that_was_asked_and_left_is_still_a_first_try(room: Classroom) -> None:
    await opened(room, "gas-in")
    again = await room.system.chat.start(room.student, "plants", "en")
    elsewhere = Classroom(room.system, room.student, again, room.clock)
    await opened(elsewhere, "gas-in")
    turn = await elsewhere.choose("co2")
    assert turn.graded is not None
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    (seen,) = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert seen.opportunity


# -- answering -----------------------------------------------------------------------------------------------------


async def test_a_right_answer_is_graded_recorded_and_followed_by_the_next_question(room: Classroom) -> None:
    await opened(room, "gas-in")
    turn = await room.choose("co2", confidence=0.9, seconds=9.0)
    assert turn.graded is not None
    assert (turn.graded.verdict, turn.graded.attempt) == ("correct", 1)
    assert [shift.kc for shift in turn.graded.shifts] == ["gases"]
    assert turn.graded.shifts[0].after > turn.graded.shifts[0].before
    assert turn.posed is not None
    assert turn.posed.item != "gas-in"
    learned = room.system.store.log.read(e.learner_stream(room.student.id))
    learned = tuple(one for one in learned if not isinstance(one.event, e.ItemMet))
    kinds = [type(one.event).__name__ for one in learned]
    assert kinds == ["EvidenceObserved", "MasteryChanged"]
    observed, changed = learned[-2].event, learned[-1].event
    assert isinstance(observed, e.EvidenceObserved)
    assert (observed.confidence, observed.seconds, observed.opportunity) == (0.9, 9.0, True)
    assert isinstance(changed, e.MasteryChanged)
    assert changed.evidence == learned[-2].seq
    assert changed.shift == turn.graded.shifts[0]


async def test_a_wrong_option_with_a_known_misconception_names_it_with_its_repair(room: Classroom) -> None:
    await opened(room, "gas-in")
    turn = await room.choose("o2")
    assert turn.graded is not None
    assert turn.graded.misconception == "breathes"
    assert turn.move is not None
    assert turn.move.rule == "misconception"
    assert "By day leaves do the opposite." in turn.reply
    assert turn.posed is not None
    assert turn.posed.item == "gas-in"


async def test_a_typed_number_in_another_unit_is_right(room: Classroom) -> None:
    await opened(room, "rate")
    turn = await room.say("0.003 L/min", item="rate")
    assert turn.graded is not None
    assert turn.graded.verdict == "correct"


async def test_ideas_may_come_one_after_the_other(room: Classroom) -> None:
    await room.press("practise", item="sugar")
    turn = await room.say("Sugar is made from carbon dioxide and water.")
    assert turn.graded is not None
    assert turn.graded.verdict == "partial"
    assert turn.posed is not None
    assert turn.posed.item == "sugar-from"
    turn = await room.say("The energy comes from sunlight.")
    assert turn.graded is not None
    assert turn.graded.verdict == "correct"


async def test_a_second_try_at_the_same_question_is_no_new_opportunity(room: Classroom) -> None:
    await opened(room, "gas-in")
    await room.choose("n2")
    await room.choose("co2")
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    seen = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert [one.opportunity for one in seen] == [True, False]


async def test_an_edited_answer_is_no_new_opportunity_and_retracts_nothing(room: Classroom) -> None:
    await opened(room, "rate")
    wrong = await room.say("7 mL/min", item="rate")
    edited = await room.system.chat.edit(room.student, room.conversation, "edit", wrong.id, "3 mL/min")
    await room.system.chat.settled(room.conversation)
    turn = (await room.system.chat.transcript(room.student, room.conversation)).turns[edited.turn]
    assert turn.graded is not None
    assert turn.graded.verdict == "correct"
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    seen = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert [(one.credit, one.opportunity) for one in seen] == [(0.0, True), (1.0, False)]


# -- help ----------------------------------------------------------------------------------------------------------


async def test_help_climbs_to_the_sub_question_and_back(room: Classroom) -> None:
    await opened(room, "rate")
    replies = [(await room.press("hint")).reply for _ in range(2)]
    assert "A rate is an amount for each minute." in replies[1]
    room.clock.pass_time(minutes=1)
    scaffold = await room.press("hint")
    assert scaffold.posed is not None
    assert (scaffold.posed.hint, scaffold.posed.prompt) == ("h2", "How many minutes did it take?")
    back = await room.say("4", item="rate", hint="h2")
    assert back.graded is not None
    assert (back.graded.verdict, back.graded.hint) == ("correct", "h2")
    assert back.posed is not None
    assert (back.posed.hint, back.posed.item) == ("", "rate")


async def test_the_last_rung_tells_and_a_fresh_question_follows(room: Classroom) -> None:
    await opened(room, "gas-in")
    for _ in range(3):
        told = await room.say("I don't know")
    assert told.move is not None
    assert told.move.move == "assertion"
    assert "Carbon dioxide" in told.reply
    assert told.posed is not None
    assert told.posed.item in ("rate", "gas-in-2")  # the same component, another question


async def test_a_hint_that_holds_the_answer_is_no_hint(tmp_path: Path) -> None:
    raw = {
        "id": "sum",
        "type": "numeric",
        "kcs": ["gases"],
        "prompt": "What is 17 plus 25?",
        "answer": "42",
        "hint": [{"text": "Add the tens first."}, {"text": "So the answer is $42$."}],
    }
    async with classroom(tmp_path, bank=[read_item(raw, "plants")]) as room:
        await opened(room, "sum")
        turns = [await room.say("I don't know") for _ in range(3)]
        assert [turn.move.move for turn in turns if turn.move] == ["pump", "hint", "assertion"]
        assert not any("42" in turn.reply for turn in turns[:2])
        assert "42" in turns[2].reply


# -- questions in between ------------------------------------------------------------------------------------------


async def test_a_free_question_is_answered_and_the_open_one_put_again(room: Classroom) -> None:
    await opened(room, "gas-in")
    turn = await room.say("What are stomata?")
    assert turn.graded is None
    assert "Stomata are small pores" in turn.reply
    assert turn.posed is not None
    assert turn.posed.item == "gas-in"


async def test_the_open_question_cannot_be_asked_back(room: Classroom) -> None:
    await room.press("practise", item="sugar")
    turn = await room.say("What do leaves make sugar from?")
    assert turn.graded is None
    assert "from carbon dioxide and water" not in turn.reply
    assert turn.move is not None
    assert turn.move.rule == "open_question"
    assert "exercise" not in turn.reply
    assert "what I have just asked you" in turn.reply


# -- what may be no answer -----------------------------------------------------------------------------------------

#: It may be an answer, and it may only agree with what was said.
DOUBTFUL = "ok the sun then"


async def test_what_may_be_no_answer_is_graded_only_once_it_is_said_to_be_one(room: Classroom) -> None:
    await room.press("practise", item="sugar")
    turn = await room.say(DOUBTFUL)
    assert turn.graded is None
    assert turn.move is not None
    assert turn.move.move == "confirm_answer"
    assert turn.actions == ("confirm", "deny")
    turn = await room.press("confirm")
    assert turn.graded is not None
    assert turn.graded.answer == DOUBTFUL


async def test_what_was_no_answer_leaves_the_question_open_and_ungraded(room: Classroom) -> None:
    await room.press("practise", item="sugar")
    await room.say(DOUBTFUL)
    turn = await room.say("no")
    assert turn.graded is None
    assert turn.move is not None
    assert turn.move.rule == "no_answer"
    assert turn.posed is not None
    assert not any(seen.times for seen in room.model.seen.values())


async def test_the_questions_own_card_says_that_it_is_an_answer(room: Classroom) -> None:
    await room.press("practise", item="sugar")
    turn = await room.say(DOUBTFUL, item="sugar-from")
    assert turn.graded is not None


# -- grades that are contested -------------------------------------------------------------------------------------


async def test_a_contested_grade_is_kept_for_a_reviewer(room: Classroom) -> None:
    await opened(room, "gas-in")
    graded = await room.choose("n2")
    await room.press("contest")
    transcript = await room.system.chat.transcript(room.student, room.conversation)
    assert transcript.turns[graded.id].contested is not None


# -- with a model --------------------------------------------------------------------------------------------------


async def test_a_model_only_words_the_move(tmp_path: Path) -> None:
    async with classroom(tmp_path, ScriptedChatModel()) as room:
        await opened(room, "gas-in")
        turn = await room.press("hint")
        assert turn.move is not None
        assert turn.move.move == "pump"
        assert turn.prompt is not None
        assert "Carbon dioxide" not in str(turn.prompt.messages)
        assert turn.source == "model"


async def test_a_model_that_leaks_is_kept_back_and_the_log_says_so(tmp_path: Path) -> None:
    leak = [Say("Sure. It is carbon dioxide, my friend. More later.")]
    async with classroom(tmp_path, ScriptedChatModel(*[leak] * 30)) as room:
        await opened(room, "gas-in")
        turn = await room.press("hint")
        assert "carbon dioxide" not in turn.reply.lower()
        assert turn.replaced
        assert "carbon dioxide" in turn.replaced[0].text
        assert turn.reply


async def test_a_model_asks_no_second_question(tmp_path: Path) -> None:
    asks = [Say("Look at the pores. What do you see? And why?")]
    async with classroom(tmp_path, ScriptedChatModel(*[asks] * 30)) as room:
        await opened(room, "gas-in")
        turn = await room.press("hint")
        assert "?" not in turn.reply


# -- the record ----------------------------------------------------------------------------------------------------


async def test_the_profile_is_the_same_after_refolding(room: Classroom) -> None:
    await opened(room, "gas-in")
    await room.choose("o2", confidence=0.4)
    await room.choose("co2")
    before = room.system.store.learners.profile(room.student.id)
    room.system.store.log.refold()
    assert room.system.store.learners.profile(room.student.id) == before


async def test_a_placement_asks_without_help_and_ends(room: Classroom) -> None:
    turn = await room.press("placement")
    for _ in range(13):
        if turn.posed is None:
            break
        assert turn.posed.purpose == "placement"
        turn = await room.say("I don't know")
    assert turn.move is not None
    assert turn.move.move == "placement_done"
    assert room.model.placement.status == "done"


async def test_a_learner_new_to_the_course_starts_from_the_parameters_refitted_for_it(room: Classroom) -> None:
    refitted = e.ParametersAdopted("plants", "fit-7", {})
    room.system.store.log.append(Append(course_stream("plants"), (refitted,)))
    await opened(room, "gas-in")
    await room.choose("co2")
    await room.say("I don't know")
    stream = [one.event for one in room.system.store.log.read(e.learner_stream(room.student.id))]
    assert stream[0] == refitted
    assert stream.count(refitted) == 1
    changed = next(one for one in stream if isinstance(one, e.MasteryChanged))
    assert isinstance(stream[changed.evidence - 1], e.EvidenceObserved)


POLL = {
    "id": "view",
    "type": "poll",
    "kcs": ["gases"],
    "prompt": "What would you like to know first?",
    "about": "interest",
    "option": [{"id": "a", "text": "how leaves breathe"}, {"id": "b", "text": "what roots do"}],
}


async def test_a_poll_takes_an_option_in_its_own_words(tmp_path: Path) -> None:
    async with classroom(tmp_path, bank=[read_item(POLL, "plants"), *items()]) as room:
        await opened(room, "view")
        turn = await room.say("How leaves breathe")
        assert turn.graded is not None
        assert turn.graded.verdict == "noted"


async def test_an_interest_told_in_a_poll_reaches_the_path(tmp_path: Path) -> None:
    poll = {**POLL, "option": [{"id": "a", "text": "how roots drink"}, {"id": "b", "text": "what roots store"}]}
    other = {"id": "light-1", "type": "numeric", "kcs": ["light"], "prompt": "How many suns are there?", "answer": "1"}
    sweet = {"id": "sweet-1", "type": "numeric", "kcs": ["sweet"], "prompt": "How many?", "answer": "2"}
    bank = [read_item(one, "plants") for one in (poll, other, sweet)]
    async with classroom(tmp_path, bank=[*items(), *bank]) as room:
        light = KnowledgeComponent("light", "Light falls on leaves", "leaves")
        sweet_ = KnowledgeComponent("sweet", "Plants store sugar in roots", "leaves")
        room.system.store.library.put_course(replace(COURSE, components=(*COURSE.components, light, sweet_)))
        await room.system.learning.tell_interests(room.student, "football")
        await opened(room, "view")
        turn = await room.choose("b")
        assert room.system.store.learners.profile(room.student.id).interests == ("football", "what roots store")
        assert turn.posed is not None
        assert (turn.posed.reason, turn.posed.facts["interest"]) == ("interest", "what roots store")


async def test_having_no_view_is_no_evidence(tmp_path: Path) -> None:
    async with classroom(tmp_path, bank=[read_item(POLL, "plants"), *items()]) as room:
        await opened(room, "view")
        turn = await room.say("I don't know")
        assert turn.graded is None
        assert turn.posed is not None
        assert turn.posed.item != "view"
        assert room.model.answers == 0


async def test_a_card_of_another_step_is_not_graded_as_this_one(room: Classroom) -> None:
    await opened(room, "rate")
    for _ in range(3):
        room.clock.pass_time(minutes=1)
        await room.press("hint")
    assert room.turns[-1].posed is not None
    assert room.turns[-1].posed.hint == "h2"
    assert (await room.say("3 mL/min", item="rate")).graded is None  # right for the question, not for its step


async def test_a_card_of_long_ago_skips_nothing(room: Classroom) -> None:
    await opened(room, "gas-in")
    await room.choose("co2", confidence=0.9)
    now = room.turns[-1].posed
    turn = await room.press("skip", item="gas-in")
    assert now is not None
    assert turn.posed is not None
    assert turn.posed.item == now.item


@pytest.mark.parametrize("practising", [False, True])
async def test_a_question_off_the_topic_is_looked_up_like_any_other(room: Classroom, practising: bool) -> None:
    if practising:
        await opened(room, "gas-in")
    turn = await room.say("Who won the football world cup in 1998?")
    assert turn.graded is None
    assert "guess" in turn.reply
    assert (turn.posed is not None) is practising
