"""Questions and grades on the wire: what a learner is shown of them, and what never leaves the server."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from tests.web.server.harness import COURSE, Builder, Page
from tutor import locales
from tutor.domain import dialogue, pathway
from tutor.domain import events as e
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.llm.scripted import Say
from tutor.ports import Append, Recorded
from tutor.store.memory import MemoryStore
from web import messages as m
from web import question_frames as q
from web.api import as_markdown
from web.cards import shown
from web.grade_words import ComponentTitles, percent
from web.wire import frame_of, replay

SECRET = "planted-secret"
EN = locales.load("en")
SHIFT = e.MasteryShift("leaf", 0.52, 0.6, 0.4, 0.7, "right_after_gap", {"days": 3.0})
POSED = e.ItemPosed(
    "t1",
    "why-green",
    "Why are leaves **green**?",
    {
        "type": "multiple_choice",
        "several": False,
        "correct": SECRET,
        "options": [{"id": "a", "text": "They *absorb* it", "correct": SECRET}, {"id": "b", "text": "$a < b$"}],
    },
    kcs=("leaf",),
    reason="no-such-reason",
    data={"answer": SECRET},
)
GRADED = e.AnswerGraded(
    "t1",
    "why-green",
    "misconception",
    0.9,
    0.5,
    1,
    covered=("one",),
    missing=(SECRET, "two"),
    doubtful=("two",),
    misconception=SECRET,
    evidence=SECRET,
    note="negated",
    shifts=(SHIFT,),
)


def recorded(event: e.Event, seq: int = 3) -> Recorded:
    return Recorded("conversation:c", seq, datetime(2030, 1, 1, tzinfo=UTC), event)


def test_what_decides_a_grade_never_goes_to_a_learner() -> None:
    events = [
        POSED,
        GRADED,
        e.SentenceReplaced("t1", SECRET, SECRET, SECRET, SECRET),
        e.GradeReviewed("t1", "correct", SECRET, SECRET),
        e.GradeContested("t2", "t1", "why-green", "because"),
        e.MessageUnderstood("t1", "answer", 0.9, 0.9),
        e.MoveChosen("t1", SECRET, SECRET, SECRET, SECRET, SECRET, SECRET),
        e.MoveChosen("t1", SECRET, SECRET, SECRET, SECRET, SECRET, SECRET, closes=True),
    ]
    frames = replay([recorded(event, seq) for seq, event in enumerate(events, 1)], COURSE, EN)
    assert [type(frame) for frame in frames] == [q.ItemFrame, q.Graded, q.Reviewed, q.Contested, q.Understood, q.Closed]
    assert all(SECRET not in frame.wire() for frame in frames)


def test_a_grade_in_the_readers_words() -> None:
    frame = frame_of(recorded(GRADED), COURSE, EN, {"leaf": "Leaves"}.__getitem__)
    assert isinstance(frame, q.Graded)
    assert (frame.covered, frame.total, frame.note) == (1, 3, "Your sentence says the opposite.")
    (shift,) = frame.shifts
    assert (shift.title, shift.text) == ("Leaves", "\u2066+8\u00a0%\u2069: right on the first try, after 3 days")
    spanish = frame_of(recorded(GRADED), COURSE, locales.load("es"))
    assert isinstance(spanish, q.Graded)
    assert "tras 3 días" in spanish.shifts[0].text


@pytest.mark.parametrize(
    ("change", "text"), [(0.081, "+8"), (-0.034, "\u22123"), (0.001, "\u00b10"), (-0.001, "\u00b10"), (1.0, "+100")]
)
def test_a_change_in_whole_points(change: float, text: str) -> None:
    assert percent(change) == f"\u2066{text}\u00a0%\u2069"


def test_codes_of_a_newer_server_say_nothing_rather_than_fail() -> None:
    odd = e.MasteryShift("leaf", 0.5, 0.6, 0.4, 0.7, "invented", {})
    frame = frame_of(recorded(e.AnswerGraded("t", "i", "correct", 1, 1, 1, note="invented", shifts=(odd,))), COURSE, EN)
    assert isinstance(frame, q.Graded)
    assert (frame.note, frame.shifts[0].text) == ("", "\u2066+10\u00a0%\u2069")
    posed = frame_of(recorded(POSED), COURSE, EN)
    assert isinstance(posed, q.ItemFrame)
    assert posed.reason == ""


@pytest.mark.parametrize("language", locales.available())
def test_every_reason_of_the_path_can_be_said(language: str) -> None:
    for code, names in pathway.REASONS.items():
        facts = {name: "3" if name in ("count", "percent") else "ATP" for name in names}
        posed = e.ItemPosed("t", "i", "?", {}, reason=code, facts=facts)
        frame = frame_of(recorded(posed), COURSE, locales.load(language))
        assert isinstance(frame, q.ItemFrame)
        assert "ATP" in frame.reason, code


CARDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "short_answer", "lines": 5, "expectations": [SECRET]}, {"type": "short_answer", "lines": 5}),
    (
        {"type": "poll", "several": True, "options": [{"id": "a", "text": "*Art*"}]},
        {"type": "poll", "several": True, "options": ({"id": "a", "text": "*Art*", "html": "<em>Art</em>"},)},
    ),
    (
        {"type": "numeric", "unit": "kg", "units": ["kg", "g"], "answer": SECRET},
        {"type": "numeric", "unit": "kg", "units": ("kg", "g")},
    ),
    ({"type": "symbolic", "variables": ["x"], "answer": SECRET}, {"type": "symbolic", "variables": ("x",)}),
    (
        {"type": "cloze", "parts": ["Take in ", " & *go*."], "options": ["b", "a"], "blanks": [[SECRET]]},
        {
            "type": "cloze",
            "parts": ("Take in ", " &amp; <em>go</em>."),
            "texts": ("Take in ", " & *go*."),
            "options": ("b", "a"),
        },
    ),
    (
        {"type": "ordering", "steps": [{"id": "x", "text": "<b>", "place": SECRET}]},
        {"type": "ordering", "steps": ({"id": "x", "text": "<b>", "html": "&lt;b&gt;"},)},
    ),
    (
        {"type": "matching", "left": [{"id": "l", "text": "L"}], "right": [{"id": "r", "text": "R"}], "pairs": SECRET},
        {
            "type": "matching",
            "left": ({"id": "l", "text": "L", "html": "L"},),
            "right": ({"id": "r", "text": "R", "html": "R"},),
        },
    ),
    ({"type": "of a newer server", "answer": SECRET}, {"type": "short_answer", "lines": 3}),
    ({"type": "ordering"}, {"type": "short_answer", "lines": 3}),
    ({}, {"type": "short_answer", "lines": 3}),
]


@pytest.mark.parametrize(("card", "page"), CARDS, ids=lambda card: str(card.get("type", "none")))
def test_a_card_has_the_fields_of_its_type_and_no_others(card: dict[str, Any], page: dict[str, Any]) -> None:
    assert shown(card).model_dump() == page


@pytest.mark.parametrize(
    "reply",
    [
        {"item": "x" * 129},
        {"selected": ["x"] * 65},
        {"selected": ["x" * 501]},
        {"selected": "x"},
        {"selected": [1]},
        {"confidence": 1.1},
        {"confidence": "1"},
        {"seconds": -1},
        {"seconds": 86_401},
        {"seconds": True},
        {"action": "win"},
        [],
    ],
)
def test_replies_out_of_bounds_are_refused(reply: object) -> None:
    frame = {"type": "send", "client_id": "c", "text": "t", "reply": reply}
    with pytest.raises(ValidationError):
        m.SendMessage.model_validate_json(json.dumps(frame))


def test_titles_are_read_when_needed_and_again_when_the_course_changes() -> None:
    library = MemoryStore().library
    titles = ComponentTitles(library, "light")
    assert titles("leaf") == "leaf"
    library.put_course(Course("light", "Light", components=(KnowledgeComponent("leaf", "Leaves", "u"),)))
    assert titles("leaf") == "Leaves"
    assert titles("root") == "root"


async def test_a_reply_is_recorded_and_shown_to_every_page(builder: Builder) -> None:
    async with builder.open([Say("One.")], [Say("Two.")]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        reply = {"item": "i", "hint": "", "selected": ["b"], "confidence": 0.65, "seconds": 12.5, "action": ""}
        async with house.page(person, conversation) as page:
            turn = (await page.ask("Ribosome", reply=reply))["turn"]
            await page.until("finished")
            await page.ask("more", "m2")
            await page.until("finished")
        sent = [r.event for r in await house.system.chat.events(person.account, conversation, 0)]
        first = next(event for event in sent if isinstance(event, e.MessageSent))
        assert first.reply == e.ItemReply("i", "", ("b",), 0.65, 12.5, "")
        kept = {name: value for name, value in reply.items() if name != "seconds"}
        assert page.of("message")[0]["reply"] == kept
        assert "reply" not in page.of("message")[1]
        async with house.page(person, conversation) as again:
            assert again.of("message")[0]["reply"] == kept
            assert again.of("message")[0]["turn"] == turn


async def test_questions_and_grades_live_and_replayed_are_the_same(builder: Builder) -> None:
    async with builder.open() as house:
        course = Course(COURSE, "Light", components=(KnowledgeComponent("leaf", "Leaves", "u"),))
        house.system.store.library.put_course(course)
        person = house.person()
        conversation = await house.conversation(person)
        events = (e.MessageSent("t1", "c1", "Ask me"), GRADED, POSED, e.GradeReviewed("t1", "correct", "rev"))
        end = e.TurnFinished("t1", "complete", "Here.", "authored", actions=("next",))
        async with house.page(person, conversation) as page:
            found = house.system.store.log.append(Append(e.conversation_stream(conversation), (*events, end)))
            house.system.chat.live.publish(conversation, *found)
            await page.until("finished")
            live = durable(page)
        assert live[1]["shifts"][0]["title"] == "Leaves"
        assert live[-1]["actions"] == ["next"]
        async with house.page(person, conversation) as again:
            assert durable(again) == live
        async with house.page(person, conversation, live[1]["seq"]) as later:
            assert durable(later) == live[2:]


def durable(page: Page) -> list[dict[str, Any]]:
    return page.of("message", "graded", "item", "reviewed", "finished")


def test_a_conversation_taken_along_has_its_questions() -> None:
    choose = e.ItemPosed("t1", "i", "Which *one*?", {"type": "poll", "options": [{"id": "a", "text": "This"}]})
    blanks = e.ItemPosed("t2", "j", "Fill in.", {"type": "cloze", "parts": ["A ", " c."], "options": ["b"]})
    events = [
        e.ConversationStarted("ada", COURSE, "en"),
        *(e.MessageSent("t1", "m1", "Ask me"), choose, e.TurnFinished("t1", "complete", "Here.", "authored")),
        e.MessageSent("t2", "m2", "This", parent="t1"),
        e.AnswerGraded("t2", "i", "partial", 0.5, 0.5, 1, missing=(SECRET,), misconception=SECRET),
        *(blanks, e.TurnFinished("t2", "complete", "", "authored")),
    ]
    at = datetime(2030, 1, 1, tzinfo=UTC)
    text = as_markdown(dialogue.fold((event, seq, at) for seq, event in enumerate(events, 1)), EN, "https://site")
    assert "Here.\n\n**Question**\n\nWhich *one*?\n\n- This" in text
    assert "*Partly right*\n\n**Question**\n\nFill in.\n\nA ____ c.\n\n- b" in text
    assert SECRET not in text


async def test_maths_is_previewed_for_those_who_are_signed_in(builder: Builder) -> None:
    async with builder.open(messages_per_minute=1) as house:
        async with house.client(house.person()) as client:
            typed = {"text": "3,5/x^2", "language": "de"}
            found = (await client.post("/api/maths/preview", json=typed)).json()
            assert found["html"].startswith("<math")
            assert found["reading"] == "3,5/x^2"
            assert (await client.post("/api/maths/preview", json={"text": "(("})).json() == {"html": "", "reading": ""}
            assert (await client.post("/api/maths/preview", json={"text": "1" * 501})).status_code == 422
            assert (
                await client.post("/api/maths/preview", json=typed, headers={"X-CSRF-Token": ""})
            ).status_code == 403
            codes = [(await client.post("/api/maths/preview", json=typed)).status_code for _ in range(20)]
            assert codes[-1] == 429
        async with house.client() as client:
            assert (await client.post("/api/maths/preview", json=typed)).status_code in (401, 403)
