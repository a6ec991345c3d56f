"""The model, the search and the turns as they are, with what they do counted, timed and traced.

Each stands in front of the real one at the composition root, so the code that works knows nothing of being watched.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from retrieval.retriever import Retriever
from retrieval.values import SearchResult
from tutor import measures as m
from tutor.domain import events as e
from tutor.domain.errors import DiotimaError
from tutor.measures import Measures
from tutor.observe import bound
from tutor.ports import ChatModel, ModelRequest, Recorded
from tutor.services.explain.explaining import Brief, Explains, Made
from tutor.services.explain.wish import Wish
from tutor.services.live import Delta, LiveEvent
from tutor.services.turn import EndReason, TurnRunner
from tutor.spans import Span, Spans

AGENT = "diotima"
FILM = "film"
now = time.perf_counter


class ObservedModel:
    """A ``ChatModel`` whose calls are a ``chat {model}`` span each."""

    def __init__(self, model: ChatModel, measures: Measures, spans: Spans) -> None:
        self.name = model.name
        self._model = model
        self._measures = measures
        self._spans = spans

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | e.Usage, None]:
        """See ``ChatModel.stream``."""
        began = now()
        first: float | None = None
        outcome = "closed"  # by whoever listened, before the end
        span = self._spans.start(
            f"chat {self.name}",
            "client",
            gen_ai__operation__name="chat",
            gen_ai__request__model=self.name,
            gen_ai__request__max_tokens=request.max_tokens,
            gen_ai__request__temperature=request.temperature,
            gen_ai__request__stream=True,
        )
        # Every adapter is an async generator.
        stream = cast("AsyncGenerator[str | e.Usage, None]", self._model.stream(request))
        try:
            async with aclosing(stream):
                async for piece in stream:
                    if isinstance(piece, e.Usage):
                        self._used(piece, span)
                    elif first is None:
                        first = now() - began
                        self._measures.took(m.FIRST_TOKEN, first)
                        span.note(gen_ai__response__time_to_first_chunk=first)
                    yield piece
            outcome = "ok"
        except DiotimaError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = "internal"
            raise
        finally:
            self._measures.add(m.CALLS, outcome)
            self._measures.took(m.CALL_SECONDS, now() - began)
            span.end("" if outcome in ("ok", "closed") else outcome)

    def _used(self, usage: e.Usage, span: Span) -> None:
        sent, received = usage.gen_ai_usage_input_tokens, usage.gen_ai_usage_output_tokens
        self._measures.add(m.TOKENS, "input", amount=sent or 0)
        self._measures.add(m.TOKENS, "output", amount=received or 0)
        self._measures.add(m.COST, amount=usage.cost_usd or 0)
        span.note(
            gen_ai__provider__name=usage.gen_ai_provider_name,
            gen_ai__response__model=usage.gen_ai_response_model,
            gen_ai__usage__input_tokens=sent,
            gen_ai__usage__output_tokens=received,
            gen_ai__response__finish_reasons=(usage.gen_ai_response_finish_reason or "",),
        )


class ObservedRetriever:
    """A ``Retriever`` whose searches are a ``retrieval {course}`` span each."""

    def __init__(self, retriever: Retriever, measures: Measures, spans: Spans) -> None:
        self._retriever = retriever
        self._measures = measures
        self._spans = spans

    def search(
        self,
        course: str,
        query: str,
        *,
        language: str | None = None,
        course_language: str = "en",
        position: int | None = None,
        k: int = 6,
    ) -> SearchResult:
        """See ``Retriever.search``."""
        began = now()
        span = self._spans.start(
            f"retrieval {course}", gen_ai__operation__name="retrieval", gen_ai__data_source__id=course
        )
        failed = "internal"
        try:
            found = self._retriever.search(
                course, query, language=language, course_language=course_language, position=position, k=k
            )
            failed = ""
        except Exception as error:
            failed = str(getattr(error, "code", failed))
            raise
        finally:
            if failed:
                self._measures.add(m.ERRORS, "retrieval", failed)
                span.end(failed)
        self._measures.took(m.SEARCH_SECONDS, now() - began, found.signals.mode)
        if not found.covered:
            self._measures.add(m.REFUSED)
        span.note(diotima__mode=found.signals.mode, diotima__hits=len(found.hits), diotima__covered=found.covered)
        span.end()
        return found


class ObservedExplainer:
    """An ``Explainer`` whose scripts are an ``execute_tool`` span each; the film itself is a job of its own."""

    def __init__(self, explainer: Explains, spans: Spans) -> None:
        self._explainer = explainer
        self._spans = spans

    def wish(self, message: e.MessageSent) -> Wish | None:
        """See ``Explainer.wish``."""
        return self._explainer.wish(message)

    async def make(self, brief: Brief, learner: str) -> Made:
        """See ``Explainer.make``."""
        span = self._spans.start(
            f"execute_tool {FILM}",
            gen_ai__operation__name="execute_tool",
            gen_ai__tool__name=FILM,
            gen_ai__tool__type="function",
        )
        failed = "internal"
        try:
            with span.inside():
                made = await self._explainer.make(brief, learner)
            failed = ""
        except DiotimaError as error:
            failed = error.code
            raise
        finally:
            span.end(failed)
        return made


@dataclass
class _Watched:
    began: float
    first: bool = False
    outcome: str = "lost"
    error: str = ""


class TurnWatch:
    """Counts and times the turns of this process by what ``Live`` publishes of them."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._turns: dict[str, _Watched] = {}

    @property
    def running(self) -> int:
        return len(self._turns)

    def heard(self, event: LiveEvent) -> None:
        """Called for whatever is published. Turns that run elsewhere are theirs to count."""
        piece = event.event if isinstance(event, Recorded) else event
        watched = self._turns.get(getattr(piece, "turn", ""))
        if watched is None:
            return
        match piece:
            case Delta() | e.SentenceSpoken():
                if not watched.first:
                    watched.first = True
                    self._measures.took(m.FIRST_TEXT, now() - watched.began)
                if isinstance(piece, Delta):
                    self._measures.add(m.STREAMED)
            case e.SentenceReplaced():
                self._measures.add(m.REPLACED)
            case e.TurnFinished():
                watched.outcome, watched.error = piece.outcome, piece.error or ""
            case e.TurnInterrupted():
                watched.outcome = "interrupted"

    def began(self, turn: str) -> None:
        self._turns[turn] = _Watched(now())

    def ended(self, turn: str) -> str:
        """Returns the code of what went wrong, or nothing."""
        watched = self._turns.pop(turn)
        self._measures.add(m.TURNS, watched.outcome)
        self._measures.took(m.TURN_SECONDS, now() - watched.began)
        if watched.error:
            self._measures.add(m.ERRORS, "turn", watched.error)
        return watched.error


class ObservedTurns:
    """A ``TurnRunner`` whose turns are an ``invoke_agent`` span each; what is logged in one carries its id."""

    def __init__(self, runner: TurnRunner, watch: TurnWatch, spans: Spans) -> None:
        self._runner = runner
        self._watch = watch
        self._spans = spans

    def end(self, turn: str, reason: EndReason) -> None:
        """See ``TurnRunner.end``."""
        self._runner.end(turn, reason)

    async def run(self, learner: str, conversation: str, message: e.MessageSent) -> None:
        """See ``TurnRunner.run``."""
        span = self._spans.start(
            f"invoke_agent {AGENT}",
            gen_ai__operation__name="invoke_agent",
            gen_ai__agent__name=AGENT,
            gen_ai__conversation__id=conversation,
            diotima__turn=message.turn,
        )
        self._watch.began(message.turn)
        try:
            with bound(turn=message.turn), span.inside():
                await self._runner.run(learner, conversation, message)
        finally:
            span.end(self._watch.ended(message.turn))
