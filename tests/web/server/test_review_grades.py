"""Grades on the reviewer's page: shown with their evidence, listed when contested, decided by a form."""

from tests.web.server.harness import COURSE, Builder, House, Person
from tutor.domain import events as e
from tutor.domain.accounts import Role
from tutor.ports import Append

SHIFT = e.MasteryShift("gases", 0.5, 0.41, 0.2, 0.6, "wrong")
GRADED = e.AnswerGraded(
    "t1",
    "gas-in",
    "misconception",
    0.03,
    0.0,
    1,
    answer="Oxygen <b>of course</b>",
    misconception="breathes",
    evidence="Oxygen",
    shifts=(SHIFT,),
)


async def graded(house: House, learner: Person) -> str:
    conversation = await house.conversation(learner)
    events = (
        e.MessageSent("t1", "k1", "Oxygen <b>of course</b>"),
        e.MessageUnderstood("t1", "answer", 0.98, 0.98),
        GRADED,
        e.MoveChosen("t1", "repair", "misconception", "The answer shows it.", "gas-in"),
        e.SentenceReplaced("t1", "It is carbon dioxide.", "verbatim", "carbon dioxide"),
        e.TurnFinished("t1", "complete", "Not so.", "authored"),
        e.MessageSent("t2", "k2", "But it is right!", "t1"),
        e.GradeContested("t2", "t1", "gas-in", "But it is right!"),
        e.TurnFinished("t2", "complete", "Noted.", "authored"),
    )
    house.system.store.log.append(Append(e.conversation_stream(conversation), events))
    return conversation


async def test_a_grade_is_shown_with_its_evidence_its_rule_and_what_it_moved(builder: Builder) -> None:
    async with builder.open() as house:
        conversation = await graded(house, house.person())
        async with house.client(house.person(Role.REVIEWER)) as client:
            page = (await client.get(f"/review/{conversation}")).text
    for told in ("Known misconception", "breathes", "50 %", "41 %", "gas-in", "It is carbon dioxide.", "Contested"):
        assert told in page
    assert "<b>of course</b>" not in page


async def test_a_grade_stands_beside_the_question_as_it_was_and_its_key(builder: Builder) -> None:
    item = {
        "id": "gas-in",
        "type": "multiple_choice",
        "prompt": "Which gas <i>do</i> leaves take in?",
        "option": [{"text": "Carbon dioxide", "correct": True}, {"text": "Oxygen", "misconception": "breathes"}],
        "misconception": [{"id": "breathes", "title": "Plants breathe like animals."}],
    }
    async with builder.open() as house:
        conversation = await house.conversation(house.person())
        events = (
            e.MessageSent("t0", "k0", "Ask me"),
            e.ItemPosed("t0", "gas-in", "Which gas <i>do</i> leaves take in?", {}, data=item),
            e.TurnFinished("t0", "complete", "", "authored"),
            e.MessageSent("t1", "k1", "Oxygen", "t0"),
            GRADED,
            e.TurnFinished("t1", "complete", "Not so.", "authored"),
        )
        house.system.store.log.append(Append(e.conversation_stream(conversation), events))
        async with house.client(house.person(Role.REVIEWER)) as client:
            page = (await client.get(f"/review/{conversation}")).text
    graded_part = page[page.index('class="grade"') :]
    for told in ("Which gas", "Answer key", "Carbon dioxide", "Plants breathe like animals."):
        assert told in graded_part
    assert "<i>do</i>" not in page


async def test_a_contested_grade_is_listed_until_somebody_decides(builder: Builder) -> None:
    async with builder.open() as house:
        learner, reviewer = house.person(), house.person(Role.REVIEWER)
        conversation = await graded(house, learner)
        async with house.client(reviewer) as client:
            assert "Contested grades" in (await client.get("/review")).text
            form = {"turn": "t1", "verdict": "correct", "note": "It is right here.", "csrf": reviewer.csrf}
            answer = await client.post(f"/review/{conversation}/grade", data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/review/{conversation}#t1")
            assert "Contested grades" not in (await client.get("/review")).text
            assert "It is right here." in (await client.get(f"/review/{conversation}")).text
        stream = house.system.store.log.read(e.learner_stream(learner.account.id))
        made_good = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]
        assert [(one.credit, one.source, one.course) for one in made_good] == [(1.0, "reviewer", COURSE)]


async def test_a_student_decides_nothing(builder: Builder) -> None:
    async with builder.open() as house:
        learner = house.person()
        conversation = await graded(house, learner)
        async with house.client(learner) as client:
            form = {"turn": "t1", "verdict": "correct", "csrf": learner.csrf}
            assert (await client.post(f"/review/{conversation}/grade", data=form)).status_code == 403
        assert house.system.store.conversations.transcript(conversation).turns["t1"].reviewed is None
