"""Wording a move: from the language files, by quoting the course, or through a model.

The speaker yields pieces and touches no log. ``Token`` is shown at once and may still change; ``Sentence`` is final
and takes the place of the tokens before it; ``PromptRendered`` says what a model was asked; ``Closing`` comes last.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from prompts import AnswerFromCourse, Prompt, PromptPassage, WordTheMove, render
from retrieval.values import Hit, SearchResult
from tutor.domain import events as e
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Turn
from tutor.domain.errors import ModelError
from tutor.domain.policy import Leaning, Move
from tutor.locales import Locale, available
from tutor.ports import ChatModel, Library, ModelRequest
from tutor.services.citing import Quoter, drop_unknown_markers
from tutor.services.explain.explaining import Made
from tutor.services.speech import SentenceSplitter, strip_remote
from tutor.services.watching import Watch

# How much of the conversation so far a model is given.
_HISTORY_TURNS = 6


@dataclass(frozen=True)
class Draft:
    """What there is to speak from. ``earlier`` are the turns before this one, oldest first; ``query`` is what was
    looked up: the message, or with a short follow-up the message before it too. ``watch`` guards a question that is
    open, ``question`` is its wording, as it will stand below the reply."""

    course: Course
    language: str
    message: str
    query: str = ""
    earlier: tuple[Turn, ...] = ()
    result: SearchResult | None = None
    watch: Watch | None = None
    question: str = ""

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


Piece = Token | Sentence | Closing | e.PromptRendered | e.SentenceReplaced


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
                pieces = self._from_model(self._model, draft, move)
            case "guide":
                pieces = self._guiding(draft, move.rule)
            case _:
                pieces = self._extractive(draft)
        async for piece in pieces:
            yield piece

    def of_film(self, made: Made | str, language: str) -> AsyncIterator[Piece]:
        """What is said of a film that was asked for; a string is why there is none (``nothing``, ``unavailable``)."""
        locale = self._locale(language)
        if isinstance(made, str):
            return self._authored(locale.t(f"film.{made}"))
        spoken = locale.t(f"film.language.{made.language}")
        match made.form:
            case "explainer":
                said = [locale.t("film.making", topic=locale.t("tutor.topic", title=made.title), language=spoken)]
            case "course_film":
                title = locale.t("tutor.topic", title=made.title)
                said = [locale.t("film.ready_made", title=title, language=spoken)]
            case form:
                said = [locale.t(f"film.{form}")]
        if made.wanted:
            wanted = f"film.language.{made.wanted}"
            named = locale.t(wanted) if locale.has(wanted) else made.wanted
            said.append(locale.t("film.not_in_language", wanted=named, language=spoken))
        if made.draft:
            said.append(locale.t("film.machine_translation", language=spoken))
        return self._authored(" ".join(said))

    async def teach(self, move: str, wording: tuple[str, ...], draft: Draft) -> AsyncIterator[Piece]:
        """Say a teaching move: as ``wording`` has it (paragraphs of Markdown), or through the model under the guard.

        The wording itself holds nothing that the guard would keep back. A model that fails leaves it as it is.
        """
        if self._model is None or not wording:
            for piece in _paragraphs(wording):
                yield piece
            yield Closing("authored")
            return
        prompt = WordTheMove(
            course_title=draft.course.title,
            reply_language=draft.language,
            move=move,
            wording="\n\n".join(wording),
            learner_message=draft.message,
            question=draft.question,
            history=self._history(draft),
        )
        async for piece in self._modelled(self._model, prompt, draft, wording):
            yield piece

    async def _modelled(
        self, model: ChatModel, prompt: WordTheMove, draft: Draft, wording: tuple[str, ...]
    ) -> AsyncIterator[Piece]:
        spoken = False
        try:
            async with aclosing(self._sentences(model, prompt, draft)) as pieces:
                async for piece in pieces:
                    match piece:
                        case Sentence() if piece.text.strip():
                            spoken = True
                            yield piece
                        case e.SentenceReplaced() if not spoken:
                            # Once a sentence is kept back the rest of the reply can't be trusted to make sense.
                            yield replace(piece, replacement="\n\n".join(wording))
                            break
                        case e.SentenceReplaced() | e.PromptRendered() | Closing():
                            yield piece
            if spoken:
                return
        except ModelError as error:
            if spoken:
                raise
            yield Closing("authored", error=error)
        for piece in _paragraphs(wording):
            yield piece
        yield Closing("authored")

    async def _not_covered(self, draft: Draft) -> str:
        key = (
            "tutor.not_covered_open" if draft.question else "tutor.not_covered"
        )  # the open question is question enough
        text = await asyncio.to_thread(self._about_topics, key, draft)
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
        again = self._locale(draft.language).t("tutor.teach.resume")
        if not spans and await self._best(replace(draft, watch=None)):  # there is something, and it must wait
            async for piece in self._guiding(draft, "open_question", error):
                yield piece
            return
        if not spans:  # nothing but formulas, say: no sentence that could be quoted
            yield Sentence(await self._not_covered(draft), "authored")
            yield Closing("authored", error=error)
            return
        intro = f"tutor.model_failed.{error.code}" if error else "tutor.extractive.intro"
        if error is None and any(turn.source == "extractive" for turn in draft.earlier):
            intro = "tutor.extractive.intro_again"
        topic = spans[0].heading_path[-1] if spans[0].heading_path else draft.course.title
        question = locale.variant("tutor.extractive.follow_up", len(draft.earlier), topic=topic)
        question = again if draft.question else question
        for piece in _quoting(locale.t(intro), spans, question, error):
            yield piece

    async def _guiding(self, draft: Draft, rule: str, error: ModelError | None = None) -> AsyncIterator[Piece]:
        """For an exercise of the course, or what the open question asks: what leads to its answer, without the
        passages that give it away."""
        t = self._locale(draft.language).t
        spans = await self._best(draft)
        if rule == "course_exercise":
            intro = "tutor.exercise.intro" if spans else "tutor.exercise.intro_plain"
        else:
            intro = "tutor.open_question.intro" if spans else "tutor.open_question.intro_plain"
        question = t("tutor.teach.resume") if draft.question else t("tutor.exercise.question")
        for piece in _quoting(t(intro), spans, question, error):
            yield piece

    async def _best(self, draft: Draft) -> tuple[e.CitedSpan, ...]:
        spans = await asyncio.to_thread(self._quoter.best, draft.course, draft.query, draft.hits, draft.said)
        if draft.watch is None or not spans:
            return spans
        fine = await asyncio.to_thread(draft.watch.harmless, [span.quote for span in spans])
        kept = [span for span, passes in zip(spans, fine, strict=True) if passes]
        return tuple(replace(span, number=number) for number, span in enumerate(kept, start=1))

    # -- with a model ----------------------------------------------------------------------------------------------

    async def _from_model(self, model: ChatModel, draft: Draft, move: Move) -> AsyncIterator[Piece]:
        guides = move.name == "guide"
        spoken: list[str] = []
        usage: e.Usage | None = None
        try:
            prompt = self._prompt(draft, exercise=move.rule == "course_exercise")
            async with aclosing(self._sentences(model, prompt, draft)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Closing):
                        usage = piece.usage
                        continue
                    if isinstance(piece, Sentence):
                        spoken.append(piece.text)
                    yield piece
        except ModelError as error:
            if any(s.strip() for s in spoken):
                raise
            async for piece in self._guiding(draft, move.rule, error) if guides else self._extractive(draft, error):
                yield piece
            return
        if not any(s.strip() for s in spoken) and draft.watch is not None and draft.watch.secrets:
            rule = move.rule if guides else "open_question"
            async for piece in self._guiding(draft, rule):  # everything was kept back: quote what may be quoted
                yield piece
            return
        cited = await asyncio.to_thread(self._quoter.cited, draft.course, "".join(spoken), draft.hits)
        yield Closing("model", cited, usage)

    async def _sentences(self, model: ChatModel, prompt: Prompt, draft: Draft) -> AsyncGenerator[Piece, None]:
        """The model's reply, sentence by sentence; ``Closing`` with the usage comes last.

        While a question is open nothing is shown that the guard hasn't passed: no tokens, and in place of a sentence
        that it keeps back, ``SentenceReplaced``.
        """
        rendered = render(prompt)
        yield e.PromptRendered("", rendered.template, rendered.sha256, rendered.messages)
        splitter = SentenceSplitter()
        usage: e.Usage | None = None
        stream = model.stream(ModelRequest(rendered.messages))
        try:
            async for chunk in stream:
                if isinstance(chunk, e.Usage):
                    usage = chunk
                    continue
                sentences = splitter.push(chunk)
                for sentence in sentences:
                    yield await self._passed(sentence, draft)
                if draft.watch is not None and draft.watch.secrets:
                    continue
                if sentences and splitter.pending:
                    yield Token(splitter.pending)
                elif not sentences:
                    yield Token(chunk)
            for sentence in splitter.flush():
                yield await self._passed(sentence, draft)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # every adapter is an async generator
        yield Closing("model", usage=usage)

    async def _passed(self, sentence: str, draft: Draft) -> Sentence | e.SentenceReplaced:
        cleaned = self._cleaned(sentence, draft)
        objection: e.SentenceReplaced | None = None
        if draft.watch is not None and draft.watch.quick(cleaned):
            objection = draft.watch.objection(cleaned)
        elif draft.watch is not None:
            objection = await asyncio.to_thread(draft.watch.objection, cleaned)
        return objection or Sentence(cleaned, "model")

    async def broken_off(self, draft: Draft, text: str, tail: str) -> tuple[str, tuple[e.CitedSpan, ...]]:
        """A model's reply that was stopped: its sentences ``text`` and the begun one ``tail``, and what they cite."""
        whole = (text + self._cleaned(tail, draft)).strip()
        return whole, await asyncio.to_thread(self._quoter.cited, draft.course, whole, draft.hits)

    def _prompt(self, draft: Draft, exercise: bool) -> AnswerFromCourse:
        language = draft.result.language if draft.result and draft.result.language else draft.language
        return AnswerFromCourse(
            course_title=draft.course.title,
            reply_language=language,
            learner_message=draft.message,
            is_exercise=exercise,
            history=self._history(draft),
            passages=tuple(
                PromptPassage(number, hit.passage.prefix, hit.passage.text)
                for number, hit in enumerate(draft.hits, start=1)
            ),
            open_question=draft.question,
        )

    def _history(self, draft: Draft) -> tuple[tuple[str, str], ...]:
        history: list[tuple[str, str]] = []
        for turn in draft.earlier[-_HISTORY_TURNS:]:
            history += [("user", turn.message), ("assistant", turn.reply)]
        return tuple((role, text) for role, text in history if text)

    def _cleaned(self, sentence: str, draft: Draft) -> str:
        return drop_unknown_markers(strip_remote(sentence), len(draft.hits))

    def _about_topics(self, key: str, draft: Draft) -> str:
        """A wording that offers up to three things the course does hold: what came nearest, else its units."""
        headings = [hit.passage.heading_path[-1] for hit in draft.hits if hit.passage.heading_path]
        titles = headings or [unit.title for unit in draft.course.units]
        titles = titles or list(self._library.titles(draft.course.id).values())
        nearest = list(dict.fromkeys(titles))[:3]
        locale = self._locale(draft.language)
        if not nearest:
            return locale.t(f"{key}_plain", course=draft.course.title)
        topics = locale.listing([locale.t("tutor.topic", title=title) for title in nearest])
        return locale.t(key, course=draft.course.title, topics=topics)


def _paragraphs(texts: tuple[str, ...]) -> Iterator[Piece]:
    for place, text in enumerate(texts, start=1):
        yield Sentence(text if place == len(texts) else text + "\n\n", "authored")


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
