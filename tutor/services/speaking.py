"""Wording a move: from the language files, by quoting the course, or through a model.

The speaker yields pieces and touches no log. ``Token`` is shown at once and may still change; ``Sentence`` is final
and takes the place of the tokens before it; ``PromptRendered`` says what a model was asked; ``Closing`` comes last.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from prompts import AnswerFromCourse, PromptPassage, render
from retrieval.values import Hit, SearchResult
from tutor.domain import events as e
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Turn
from tutor.domain.errors import ModelError
from tutor.domain.policy import Leaning, Move
from tutor.locales import Locale, available
from tutor.ports import ChatModel, Library, ModelRequest
from tutor.services.citing import Quoter, drop_unknown_markers
from tutor.services.speech import SentenceSplitter, strip_remote

# How much of the conversation so far a model is given.
_HISTORY_TURNS = 6


@dataclass(frozen=True)
class Draft:
    """What there is to speak from. ``earlier`` are the turns before this one, oldest first; ``query`` is what was
    looked up: the message, or with a short follow-up the message before it too."""

    course: Course
    language: str
    message: str
    query: str = ""
    earlier: tuple[Turn, ...] = ()
    result: SearchResult | None = None

    @property
    def hits(self) -> tuple[Hit, ...]:
        return self.result.hits if self.result else ()

    @property
    def said(self) -> tuple[e.CitedSpan, ...]:
        """For a follow-up, what the turn before quoted: "why?" asks for more than that."""
        return self.earlier[-1].citations if self.earlier and self.query != self.message else ()


@dataclass(frozen=True)
class Token:
    """A piece of a sentence still being written."""

    text: str


@dataclass(frozen=True)
class Sentence:
    """A finished stretch; ``tail`` is what was already shown of the next one."""

    text: str
    source: e.Source
    tail: str = ""


@dataclass(frozen=True)
class Closing:
    """How the reply ended. ``error`` is set where a model failed and the course was quoted instead."""

    source: e.Source = "authored"
    citations: tuple[e.CitedSpan, ...] = ()
    usage: e.Usage | None = None
    error: ModelError | None = None


Piece = Token | Sentence | Closing | e.PromptRendered


class Speaker:
    """``locale`` loads a language; ``model`` is None where the tutor quotes the course instead; ``indexing`` says
    whether a course is still being made searchable."""

    def __init__(
        self,
        model: ChatModel | None,
        quoter: Quoter,
        library: Library,
        locale: Callable[[str], Locale],
        indexing: Callable[[str], bool],
    ) -> None:
        self._model = model
        self._quoter = quoter
        self._library = library
        self._locale = locale
        self._indexing = indexing

    def greetings(self, language: str) -> frozenset[str]:
        """Whole messages that are greetings, in the conversation's language and in English."""
        found = (self._locale(tag).variants("tutor.greetings") for tag in (language, "en"))
        return frozenset().union(*found)

    def leaning(self) -> Leaning:
        """What marks a short follow-up, in every language we know: learners don't keep to that of the interface."""
        known = [self._locale(tag) for tag in available()]
        return Leaning(
            frozenset().union(*(locale.variants("tutor.leaning_signs") for locale in known)),
            frozenset().union(*(locale.variants("tutor.leaning_empty") for locale in known)),
        )

    async def speak(self, move: Move, draft: Draft) -> AsyncIterator[Piece]:
        """Word ``move``. Raises a ``ModelError`` only after a sentence of the model was already spoken."""
        match move.name:
            case "greet":
                pieces = self._authored(await asyncio.to_thread(self._about_topics, "tutor.greeting", draft))
            case "no_material":
                pieces = self._authored(self._locale(draft.language).t("tutor.empty_course", course=draft.course.title))
            case "not_covered":
                pieces = self._authored(await self._not_covered(draft))
            case "answer" | "guide" if self._model is not None:
                pieces = self._from_model(self._model, draft, exercise=move.name == "guide")
            case "guide":
                pieces = self._guiding(draft)
            case _:
                pieces = self._extractive(draft)
        async for piece in pieces:
            yield piece

    async def _not_covered(self, draft: Draft) -> str:
        text = await asyncio.to_thread(self._about_topics, "tutor.not_covered", draft)
        if await asyncio.to_thread(self._indexing, draft.course.id):
            text += "\n\n" + self._locale(draft.language).t("tutor.still_indexing", course=draft.course.title)
        return text

    async def _authored(self, text: str) -> AsyncIterator[Piece]:
        yield Sentence(text, "authored")
        yield Closing("authored")

    # -- without a model -------------------------------------------------------------------------------------------

    async def _extractive(self, draft: Draft, error: ModelError | None = None) -> AsyncIterator[Piece]:
        """The best sentences of the course, word for word, each with its citation."""
        locale = self._locale(draft.language)
        spans = await self._best(draft)
        if not spans:  # nothing but formulas, say: no sentence that could be quoted
            yield Sentence(await self._not_covered(draft), "authored")
            yield Closing("authored", error=error)
            return
        intro = f"tutor.model_failed.{error.code}" if error else "tutor.extractive.intro"
        if error is None and any(turn.source == "extractive" for turn in draft.earlier):
            intro = "tutor.extractive.intro_again"
        topic = spans[0].heading_path[-1] if spans[0].heading_path else draft.course.title
        question = locale.variant("tutor.extractive.follow_up", len(draft.earlier), topic=topic)
        for piece in _quoting(locale.t(intro), spans, question, error):
            yield piece

    async def _guiding(self, draft: Draft, error: ModelError | None = None) -> AsyncIterator[Piece]:
        """For an exercise of the course: what leads to its answer, without the passages that give it away."""
        t = self._locale(draft.language).t
        spans = await self._best(draft)
        intro = "tutor.exercise.intro" if spans else "tutor.exercise.intro_plain"
        for piece in _quoting(t(intro), spans, t("tutor.exercise.question"), error):
            yield piece

    async def _best(self, draft: Draft) -> tuple[e.CitedSpan, ...]:
        return await asyncio.to_thread(self._quoter.best, draft.course, draft.query, draft.hits, draft.said)

    # -- with a model ----------------------------------------------------------------------------------------------

    async def _from_model(self, model: ChatModel, draft: Draft, *, exercise: bool) -> AsyncIterator[Piece]:
        rendered = render(self._prompt(draft, exercise))
        yield e.PromptRendered("", rendered.template, rendered.sha256, rendered.messages)
        splitter = SentenceSplitter()
        spoken: list[str] = []
        usage: e.Usage | None = None
        stream = model.stream(ModelRequest(rendered.messages))
        try:
            async for chunk in stream:
                if isinstance(chunk, e.Usage):
                    usage = chunk
                    continue
                sentences = splitter.push(chunk)
                for sentence in sentences:
                    spoken.append(self._cleaned(sentence, draft))
                    yield Sentence(spoken[-1], "model")
                if sentences and splitter.pending:
                    yield Token(splitter.pending)
                elif not sentences:
                    yield Token(chunk)
            for sentence in splitter.flush():
                spoken.append(self._cleaned(sentence, draft))
                yield Sentence(spoken[-1], "model")
        except ModelError as error:
            if any(s.strip() for s in spoken):
                raise
            async for piece in self._guiding(draft, error) if exercise else self._extractive(draft, error):
                yield piece
            return
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # every adapter is an async generator
        cited = await asyncio.to_thread(self._quoter.cited, draft.course, "".join(spoken), draft.hits)
        yield Closing("model", cited, usage)

    async def broken_off(self, draft: Draft, text: str, tail: str) -> tuple[str, tuple[e.CitedSpan, ...]]:
        """A model's reply that was stopped: its sentences ``text`` and the begun one ``tail``, and what they cite."""
        whole = (text + self._cleaned(tail, draft)).strip()
        return whole, await asyncio.to_thread(self._quoter.cited, draft.course, whole, draft.hits)

    def _prompt(self, draft: Draft, exercise: bool) -> AnswerFromCourse:
        history: list[tuple[str, str]] = []
        for turn in draft.earlier[-_HISTORY_TURNS:]:
            history += [("user", turn.message), ("assistant", turn.reply)]
        language = draft.result.language if draft.result and draft.result.language else draft.language
        return AnswerFromCourse(
            course_title=draft.course.title,
            reply_language=language,
            learner_message=draft.message,
            is_exercise=exercise,
            history=tuple((role, text) for role, text in history if text),
            passages=tuple(
                PromptPassage(number, hit.passage.prefix, hit.passage.text)
                for number, hit in enumerate(draft.hits, start=1)
            ),
        )

    def _cleaned(self, sentence: str, draft: Draft) -> str:
        return drop_unknown_markers(strip_remote(sentence), len(draft.hits))

    def _about_topics(self, key: str, draft: Draft) -> str:
        """A wording that offers up to three things the course does hold: what came nearest, else its units."""
        headings = [hit.passage.heading_path[-1] for hit in draft.hits if hit.passage.heading_path]
        titles = headings or [unit.title for unit in draft.course.units]
        titles = titles or [document.title for document in self._library.documents(draft.course.id)]
        nearest = list(dict.fromkeys(titles))[:3]
        locale = self._locale(draft.language)
        if not nearest:
            return locale.t(f"{key}_plain", course=draft.course.title)
        topics = locale.listing([locale.t("tutor.topic", title=title) for title in nearest])
        return locale.t(key, course=draft.course.title, topics=topics)


def _quoting(intro: str, spans: tuple[e.CitedSpan, ...], question: str, error: ModelError | None) -> Iterator[Piece]:
    for text in (intro, *map(_quoted, spans)):
        yield Sentence(text + "\n\n", "extractive")
    yield Sentence(question, "extractive")
    yield Closing("extractive", spans, error=error)


def _quoted(span: e.CitedSpan) -> str:
    """The quote as a Markdown block quote with its citation marker."""
    lines = (line.removeprefix("> ") for line in span.quote.strip().split("\n"))
    quote = "\n".join(f"> {line}".rstrip() for line in lines)
    # A table or a list would swallow a marker on its last line.
    own_line = "\n>\n> " if quote.endswith("|") or re.search(r"^> (?:[-*+]|\d+[.)]) ", quote, re.MULTILINE) else " "
    return f"{quote}{own_line}[{span.number}]"
