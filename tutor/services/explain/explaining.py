"""Films on demand in the chat: what a learner wants to see becomes a script, and the script a job of high priority.

The script rests on the passages that were found for the turn. While a question is open the same watch stands over it
as over a reply: what gives the question away is neither shown nor said.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from retrieval.terms import query_terms
from retrieval.values import SearchResult
from tutor.domain import events as e
from tutor.domain.errors import ModelError
from tutor.domain.items.item import Item, Misconception
from tutor.observe import Logger
from tutor.ports import ChatModel, ItemBank, Library
from tutor.services.explain.wish import Wish, wish_in
from tutor.services.explain.wish_words import wish_words
from tutor.services.scene import Scene
from tutor.services.watching import Watch

if TYPE_CHECKING:
    from media_gen.lesson import Lesson, Question
    from retrieval.embedders.port import Embedder

log = Logger(__name__)

Form = Literal["explainer", "example", "misconception", "course_film"]
ACTION = "video"  # the button that asks for a film
COVERED = 0.6  # of a topic's words that the title and headings of a course's own film must hold


@dataclass(frozen=True)
class Made:
    """A film that was asked for: its job, and what to say of it. ``wanted`` is a language that could not be had."""

    job: str
    key: str
    title: str
    language: str
    form: Form
    wanted: str = ""
    draft: bool = False


@dataclass(frozen=True)
class CourseFilm:
    """A film of the course's own: ``languages`` in which its text is the trainer's or approved."""

    script: str
    title: str
    lesson: "Lesson"
    languages: tuple[str, ...]


class Films(Protocol):
    """What makes films (``tutor.services.films``)."""

    async def course_films(self, course: str) -> Sequence[CourseFilm]:
        """The films of the course that learners may see."""
        ...

    async def order_script(self, script: str, language: str, *, owner: str) -> tuple[str, str]:
        """Ask for a course's own film, for somebody who waits; its job and key."""
        ...

    async def order(self, lesson: "Lesson", language: str, *, owner: str, course: str) -> "Ordered":
        """Ask for a film of ``lesson`` in ``language`` if it can be put into it, else in its own.

        Raises ``DiotimaError`` where no film can be made."""
        ...


@dataclass(frozen=True)
class Ordered:
    """``language`` is the one it is made in; ``draft`` says that a machine translated it."""

    job: str
    key: str
    language: str
    draft: bool = False


@dataclass(frozen=True)
class Brief:
    """What a film is to be about: ``topic`` as it was looked up, the open ``item`` with its ``watch``, the course's
    ``result`` for the topic. ``own`` says that the learner named no topic: it is about the question before them."""

    wish: Wish
    scene: Scene
    topic: str
    result: SearchResult | None
    watch: Watch
    own: bool = False


class Explains(Protocol):
    """Who makes films for learners; see ``Explainer``."""

    def wish(self, message: e.MessageSent) -> Wish | None: ...
    async def make(self, brief: Brief, learner: str) -> Made: ...


class Explainer:
    """Makes films for learners. ``model`` None: in the course's own words."""

    def __init__(
        self,
        films: Films,
        library: Library,
        bank: ItemBank,
        model: ChatModel | None,
        embedder: "Embedder | None",
    ) -> None:
        self._films = films
        self._library = library
        self._bank = bank
        self._model = model
        self._embedder = embedder

    def wish(self, message: e.MessageSent) -> Wish | None:
        """The wish for a film in a message or a button; None where there is none."""
        if message.reply is not None and message.reply.action == ACTION:
            return wish_in(message.text, wish_words()) or Wish("")
        if message.reply is not None and (message.reply.item or message.reply.action):
            return None
        return wish_in(message.text, wish_words())

    async def make(self, brief: Brief, learner: str) -> Made:
        """Write the script and ask for the film. Raises ``NothingToFilm``, and ``DiotimaError`` where no film can be
        made."""
        wanted = brief.wish.language or brief.scene.language
        known = await self._course_film(brief)
        if known is not None:
            language = wanted if wanted in known.languages else known.lesson.language
            job, key = await self._films.order_script(known.script, language, owner=learner)
            missed = wanted if brief.wish.language and language != wanted else ""
            return Made(job, key, known.title, language, "course_film", missed)
        lesson, form = await self._lesson(brief, wanted)
        ordered = await self._films.order(lesson, wanted, owner=learner, course=brief.scene.course.id)
        missed = wanted if brief.wish.language and ordered.language != wanted else ""
        return Made(ordered.job, ordered.key, lesson.title, ordered.language, form, missed, ordered.draft)

    # -- the script ------------------------------------------------------------------------------------------------

    async def _lesson(self, brief: Brief, language: str) -> "tuple[Lesson, Form]":
        scene = brief.scene
        if brief.own and scene.item is not None:
            example = await asyncio.to_thread(self._example, brief, scene.item)
            if example is not None:
                return example, "example"
        wrong = _misconception(scene)
        question = await asyncio.to_thread(self._question, brief)
        lesson = await self._on_topic(brief, language, wrong.title if wrong else "", question)
        if wrong is None or scene.item is None:
            return lesson, "explainer"
        if lesson.language != scene.course.language:
            return lesson, "misconception"  # a model wrote it in another language, the wrong idea told in it
        from tutor.services.explain.example import about_misconception

        return about_misconception(scene.item, wrong, scene.course, lesson), "misconception"

    def _example(self, brief: Brief, item: Item) -> "Lesson | None":
        from media_gen.language import load
        from tutor.services.explain.example import sibling, worked_example

        if item.type not in ("numeric", "symbolic"):
            return None
        course = brief.scene.course
        near = [row.id for row in self._bank.summaries(course.id) if set(row.kcs) & set(item.kcs)][:60]
        found = [one for one in (self._bank.get(course.id, name) for name in near) if one is not None]
        other = sibling(item, found)
        if other is None:
            return None
        return worked_example(item, other, course, load(course.language).words, harmless=brief.watch.harmless)

    async def _on_topic(self, brief: Brief, language: str, wrong: str, question: "Question | None") -> "Lesson":
        from tutor.services.explain import compose, extract

        course, hits = brief.scene.course, brief.result.hits if brief.result else ()
        titles = self._library.titles(course.id)
        if self._model is not None and hits:
            try:
                return await compose.from_model(
                    self._model,
                    brief.topic,
                    course,
                    hits,
                    titles,
                    language=language,
                    misconception=wrong,
                    harmless=brief.watch.harmless,
                    question=question if language == course.language else None,
                )
            except ModelError as error:
                log.warning("film.script_refused", code=error.code)
        return await asyncio.to_thread(
            extract.from_passages,
            brief.topic,
            course,
            hits,
            titles,
            embedder=self._embedder,
            harmless=brief.watch.harmless,
            question=question,
        )

    def _question(self, brief: Brief) -> "Question | None":
        """To end the film with; none while a question of the tutor's is open."""
        from tutor.services.explain.example import check_question

        scene, hits = brief.scene, brief.result.hits if brief.result else ()
        if scene.item is not None or not hits:
            return None
        document = self._library.document(scene.course.id, hits[0].passage.document)
        kcs = frozenset(document.kcs) if document else frozenset()
        near = [r.id for r in self._bank.summaries(scene.course.id) if r.type == "multiple_choice" and kcs & set(r.kcs)]
        found = [one for one in (self._bank.get(scene.course.id, name) for name in near[:20]) if one is not None]
        return check_question(found, kcs)

    async def _course_film(self, brief: Brief) -> CourseFilm | None:
        """A film of the course's own on the topic; none that gives the open question away."""
        asked = set(query_terms(brief.topic, brief.scene.course.language))
        best: tuple[float, CourseFilm] | None = None
        for film in await self._films.course_films(brief.scene.course.id) if asked and not brief.own else ():
            held = set(
                query_terms(" ".join([film.title, *(s.title for s in film.lesson.slides)]), film.lesson.language)
            )
            share = len(asked & held) / len(asked)
            if share >= COVERED and (best is None or share > best[0]):
                best = share, film
        if best is None:
            return None
        said = [sentence.text for slide in best[1].lesson.slides for sentence in slide.narration]
        fine = await asyncio.to_thread(brief.watch.harmless, said)
        return best[1] if all(fine) else None


def _misconception(scene: Scene) -> Misconception | None:
    """The wrong idea that the learner showed last on the open question."""
    open_ = scene.lesson.open
    if scene.item is None or open_ is None or not open_.misconceptions:
        return None
    return next((m for m in scene.item.misconceptions if m.id == open_.misconceptions[-1]), None)
