"""“My learning”: the learner's own beliefs with their evidence, and what they may say to them."""

from tests.web.server.harness import COURSE, Builder, House, Person
from tutor.domain import events as e
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.items import read_item
from tutor.ports import Append

ITEM = read_item(
    {"id": "green", "type": "numeric", "kcs": ["pigments"], "prompt": "How many pigments?", "answer": "2"}, COURSE
)


def taught(house: House) -> None:
    """The course gets two topics, of which one builds on the other, and a question."""
    store = house.system.store
    store.library.put_course(
        Course(
            COURSE,
            "Light",
            units=(Unit("leaves", "Leaves"),),
            components=(
                KnowledgeComponent("pigments", "Pigments absorb light", "leaves"),
                KnowledgeComponent("sugar", "Leaves make <sugar>", "leaves", prerequisites=("pigments",)),
            ),
        )
    )
    store.bank.put(COURSE, "test", (ITEM,))


def answered(house: House, person: Person, verdict: str = "correct", credit: float = 1.0) -> None:
    event = e.EvidenceObserved(COURSE, "green", ("pigments",), verdict, credit, format="numeric")
    house.system.store.log.append(Append(e.learner_stream(person.account.id), (event,)))


async def test_the_map_shows_every_topic_with_its_evidence(builder: Builder) -> None:
    async with builder.open() as house:
        taught(house)
        learner = house.person()
        answered(house, learner)
        async with house.client(learner) as client:
            assert (await client.get("/learning")).headers["location"] == f"/learning/{COURSE}"
            page = (await client.get(f"/learning/{COURSE}")).text
    for told in ("Pigments absorb light", "Leaves make &lt;sugar&gt;", "How many pigments?", "Being learned", "Later"):
        assert told in page


async def test_nobody_sees_anybody_else_s_learning(builder: Builder) -> None:
    async with builder.open() as house:
        taught(house)
        answered(house, house.person())
        async with house.client(house.person()) as client:
            page = (await client.get(f"/learning/{COURSE}")).text
    assert "No answers yet" in page
    assert "How many pigments?" not in page


async def test_a_belief_can_be_contested_and_the_path_takes_it_up(builder: Builder) -> None:
    async with builder.open() as house:
        taught(house)
        learner = house.person()
        async with house.client(learner) as client:
            form = {"kc": "pigments", "claim": "know", "note": "I taught <this>.", "csrf": learner.csrf}
            answer = await client.post(f"/learning/{COURSE}/contest", data=form)
            assert answer.status_code == 303
            page = (await client.get(f"/learning/{COURSE}")).text
            assert "I taught &lt;this&gt;." in page
            wrong = await client.post(f"/learning/{COURSE}/contest", data={**form, "kc": "nothing"})
            assert wrong.status_code == 422
        contest = house.system.store.learners.profile(learner.account.id).course(COURSE).component("pigments").contested
        assert contest is not None
        assert contest.claim == "know"


async def test_goals_and_interests_are_the_learner_s_to_set(builder: Builder) -> None:
    async with builder.open() as house:
        taught(house)
        learner = house.person()
        async with house.client(learner) as client:
            await client.post(f"/learning/{COURSE}/goal", data={"kc": ["sugar"], "csrf": learner.csrf})
            await client.post(f"/learning/{COURSE}/interests", data={"interests": "moss, rain", "csrf": learner.csrf})
            page = (await client.get(f"/learning/{COURSE}")).text
            assert 'value="moss, rain"' in page
            forged = await client.post(f"/learning/{COURSE}/goal", data={"kc": "x", "csrf": learner.csrf})
            assert forged.status_code == 422
        model = house.system.store.learners.profile(learner.account.id).course(COURSE)
        assert (model.goal, model.interests) == (("sugar",), ("moss", "rain"))


async def test_practising_begins_a_conversation_with_a_question(builder: Builder) -> None:
    async with builder.open() as house:
        taught(house)
        learner = house.person()
        async with house.client(learner) as client:
            answer = await client.post(f"/learning/{COURSE}/practise", data={"kc": "pigments", "csrf": learner.csrf})
        conversation = answer.headers["location"].removeprefix("/chat/")
        await house.system.chat.settled(conversation)
        turn = house.system.store.conversations.transcript(conversation).latest
        assert turn is not None
        assert turn.posed is not None
        assert turn.posed.item == "green"


async def test_beginning_to_practise_counts_as_a_message(builder: Builder) -> None:
    async with builder.open(messages_per_minute=2) as house:
        taught(house)
        learner = house.person()
        async with house.client(learner) as client:
            form = {"kc": "pigments", "csrf": learner.csrf}
            codes = [(await client.post(f"/learning/{COURSE}/practise", data=form)).status_code for _ in range(3)]
        assert codes == [303, 303, 429]
        assert len(await house.system.chat.listed(learner.account)) == 2  # no empty conversation is left


async def test_what_is_said_of_beliefs_has_its_limit_too(builder: Builder) -> None:
    async with builder.open(messages_per_minute=1) as house:
        taught(house)
        learner = house.person()
        async with house.client(learner) as client:
            said: list[tuple[str, dict[str, str]]] = [
                ("contest", {"kc": "pigments", "claim": "know"}),
                ("goal", {"kc": "sugar"}),
                ("interests", {"interests": "moss"}),
            ]
            for place, form in said * 2:
                answer = await client.post(f"/learning/{COURSE}/{place}", data={**form, "csrf": learner.csrf})
                assert answer.status_code == 303
            for place, form in said:
                answer = await client.post(f"/learning/{COURSE}/{place}", data={**form, "csrf": learner.csrf})
                assert answer.status_code == 429


async def test_a_course_that_is_not_there_is_not_found(builder: Builder) -> None:
    async with builder.open() as house:
        learner = house.person()
        async with house.client(learner) as client:
            assert (await client.get("/learning/nothing")).status_code == 404
