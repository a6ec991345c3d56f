"""Which film a learner gets: the course's own, a worked example, or one from the passages; and in which language."""

import json
from typing import Any

import pytest

from media_gen.lesson import Layout, Lesson, Sentence, Slide
from retrieval.values import SearchResult, Signals
from tests.fakes.films import FakeFilms
from tests.services.explain.material import COURSE, hits, item
from tests.services.explain.test_compose import GOOD
from tests.services.explain.test_example import LIKE_IT, RATE
from tutor.domain import events as e
from tutor.domain.dialogue import Transcript
from tutor.domain.items.item import Item
from tutor.domain.learner import LearnerProfile
from tutor.domain.lesson import Lesson as LessonState
from tutor.llm.scripted import Say, ScriptedChatModel
from tutor.services.explain.explaining import Brief, CourseFilm, Explainer
from tutor.services.explain.extract import NothingToFilm
from tutor.services.explain.wish import Wish
from tutor.services.scene import Scene
from tutor.services.watching import Watch
from tutor.store.memory import MemoryStore

RESULT = SearchResult(hits(), True, Signals("hybrid", 0.9, 1.0, 1.0, 1.0))
OWN = Lesson(
    title="Stomata",
    slides=(Slide(id="a", layout=Layout.SECTION, title="Pores", narration=(Sentence(text="Pores let gas in."),)),),
)


class Careless:
    """A guard that keeps back what names ``secret``."""

    embeds = False

    def __init__(self, secret: str = "") -> None:
        self.secret = secret

    def check(self, sentence: str, secret: Any, before: tuple[str, ...] = ()) -> None:
        return None

    def gives_away(self, passages: Any, secret: Any) -> tuple[bool, ...]:
        return tuple(bool(self.secret) and self.secret in text for text in passages)


def brief(
    wish: Wish, *, topic: str = "stomata", open_: Item | None = None, language: str = "en", secret: str = ""
) -> Brief:
    message = e.MessageSent("t", "c", "a video please")
    scene = Scene(
        "t", "conv", message, Transcript(language=language), (), LearnerProfile(), COURSE, LessonState(), item=open_
    )
    watch = Watch(Careless(secret), (object(),) if secret else ())  # type: ignore[arg-type]
    return Brief(wish, scene, topic, RESULT, watch, own=open_ is not None and not wish.about)


@pytest.fixture
def store() -> MemoryStore:
    found = MemoryStore()
    found.library.put_course(COURSE)
    found.bank.put("plants", "test", [RATE, LIKE_IT])
    return found


def explainer(store: MemoryStore, films: FakeFilms, *scripts: Any) -> Explainer:
    model = ScriptedChatModel(*scripts) if scripts else None
    return Explainer(films, store.library, store.bank, model, None)


async def test_without_a_model_the_course_speaks(store: MemoryStore) -> None:
    films = FakeFilms()
    made = await explainer(store, films).make(brief(Wish("stomata")), "ada")
    lesson, language, owner = films.ordered[0]
    assert (made.form, language, owner) == ("explainer", "en", "ada")
    assert isinstance(lesson, Lesson)
    assert lesson.sources


async def test_a_language_that_cannot_be_had_is_named_and_the_film_is_made_all_the_same(store: MemoryStore) -> None:
    made = await explainer(store, FakeFilms()).make(brief(Wish("stomata", "hi")), "ada")
    assert (made.language, made.wanted) == ("en", "hi")


async def test_a_machine_translation_is_called_a_draft(store: MemoryStore) -> None:
    made = await explainer(store, FakeFilms(can=["es"])).make(brief(Wish("stomata", "es")), "ada")
    assert (made.language, made.wanted, made.draft) == ("es", "", True)


async def test_the_language_of_the_conversation_is_meant_when_none_is_named(store: MemoryStore) -> None:
    made = await explainer(store, FakeFilms(can=["es"])).make(brief(Wish("stomata"), language="es"), "ada")
    assert made.language == "es"
    made = await explainer(store, FakeFilms()).make(brief(Wish("stomata"), language="es"), "ada")
    assert (made.language, made.wanted) == ("en", "")


async def test_a_model_writes_in_the_language_itself(store: MemoryStore) -> None:
    films = FakeFilms()
    made = await explainer(store, films, [Say(json.dumps(GOOD))]).make(brief(Wish("stomata", "es")), "ada")
    assert (made.language, made.draft) == ("es", False)


async def test_a_model_whose_script_is_useless_gives_way_to_the_course(store: MemoryStore) -> None:
    films = FakeFilms()
    made = await explainer(store, films, [Say("no")], [Say("no")]).make(brief(Wish("stomata")), "ada")
    lesson = films.ordered[0][0]
    assert made.form == "explainer"
    assert isinstance(lesson, Lesson)
    assert lesson.sources[0].quote


async def test_a_course_s_own_film_comes_first_in_the_language_that_it_has(store: MemoryStore) -> None:
    films = FakeFilms(CourseFilm("s1", "Stomata", OWN, ("en", "es")))
    made = await explainer(store, films).make(brief(Wish("stomata", "es")), "ada")
    assert (made.form, films.ordered) == ("course_film", [("s1", "es", "ada")])


async def test_a_course_s_own_film_that_gives_the_open_question_away_is_not_shown(store: MemoryStore) -> None:
    films = FakeFilms(CourseFilm("s1", "Stomata", OWN, ("en",)))
    made = await explainer(store, films).make(brief(Wish("stomata"), open_=RATE, secret="let gas in"), "ada")
    assert made.form == "explainer"


async def test_about_a_problem_that_is_open_a_sibling_is_worked(store: MemoryStore) -> None:
    films = FakeFilms()
    made = await explainer(store, films).make(brief(Wish(""), open_=RATE), "ada")
    lesson = films.ordered[0][0]
    assert made.form == "example"
    assert isinstance(lesson, Lesson)
    assert "30 mL" in lesson.slides[0].narration[1].text


async def test_nothing_that_may_be_shown_is_an_error(store: MemoryStore) -> None:
    with pytest.raises(NothingToFilm):
        await explainer(store, FakeFilms()).make(brief(Wish("stomata"), open_=item_without_steps(), secret="a"), "ada")


def item_without_steps() -> Item:
    return item(id="short", type="short_answer", prompt="Why?", expectation=[{"id": "x", "text": "Because."}])
