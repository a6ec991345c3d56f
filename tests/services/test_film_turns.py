"""Asking for a film in a conversation: with and without a question open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.classroom import Classroom, classroom, items
from tutor.domain import events as e
from tutor.domain.films import WAITING
from tutor.domain.items import read_item

SIBLING = read_item(
    {
        "id": "rate-2",
        "type": "numeric",
        "kcs": ["gases"],
        "prompt": "A leaf gives off 30 mL of gas in 6 min. What is the rate in mL/min?",
        "answer": "5",
        "unit": "mL/min",
        "explanation": "A rate is an amount for each minute. So it is 30 mL / 6 min = 5 mL/min.",
    },
    "plants",
)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Classroom]:
    async with classroom(tmp_path, bank=(*items(), SIBLING)) as made:
        yield made


async def test_a_film_is_asked_for_and_a_job_begins(room: Classroom) -> None:
    turn = await room.say("show me a video about stomata")
    assert turn.film is not None
    assert (turn.film.form, turn.film.language, turn.film.title) == ("explainer", "en", "Stomata")
    assert turn.move is not None
    assert turn.move.move == "film"
    assert "Stomata" in turn.reply
    job = room.system.store.jobs.get(turn.film.job)
    assert job is not None
    assert (job.priority, job.owners) == (WAITING, (room.student.id,))


async def test_that_is_what_was_talked_about_last(room: Classroom) -> None:
    await room.say("What are stomata?")
    turn = await room.press("video")
    assert turn.film is not None
    assert turn.film.title == "Stomata"


async def test_a_language_that_nothing_here_can_do_is_said(room: Classroom) -> None:
    turn = await room.say("show me a video about stomata in Hindi")
    assert turn.film is not None
    assert (turn.film.language, turn.film.wanted) == ("en", "hi")
    assert "Hindi" in turn.reply


async def test_nothing_of_the_course_makes_no_film(room: Classroom) -> None:
    turn = await room.say("show me a video about medieval castles")
    assert turn.film is None
    assert turn.move is not None
    assert turn.move.move == "no_film"
    assert room.system.store.jobs.listed("film") == ()


async def test_with_a_problem_open_another_is_worked_and_the_question_stays(room: Classroom) -> None:
    first = await room.press("practise", item="gases")
    while first.posed is None or first.posed.item not in ("rate", "rate-2"):
        first = await room.press("skip")
    before = first.posed.item
    turn = await room.say("can you show me a video please")
    assert turn.graded is None
    assert turn.film is not None
    assert turn.film.form == "example"
    assert turn.posed is not None
    assert turn.posed.item == before
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    assert not [one for one in stream if isinstance(one.event, e.EvidenceObserved) and one.event.turn == turn.id]


async def test_what_a_film_helped_with_is_remembered(room: Classroom) -> None:
    first = await room.press("practise", item="gases")
    while first.posed is None or first.posed.item not in ("rate", "rate-2"):
        first = await room.press("skip")
    await room.say("show me a video about stomata")
    answer = {"rate": "3 mL/min", "rate-2": "5 mL/min"}[first.posed.item]
    turn = await room.say(answer, item=first.posed.item)
    assert turn.graded is not None
    assert turn.graded.verdict == "correct"
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    evidence = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)][-1]
    assert evidence.helped_by == "video"
