"""Watching changes nothing of what is watched, and counts what happened."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from retrieval.errors import IndexUnavailable
from retrieval.values import SearchResult, Signals
from tutor import measures as m
from tutor.domain import events as e
from tutor.domain.errors import ModelUnavailable
from tutor.llm.scripted import Fail, Hang, Say, ScriptedChatModel
from tutor.measures import Measures
from tutor.ports import ModelRequest, Recorded
from tutor.services.live import Delta, LiveEvent
from tutor.services.observed import ObservedModel, ObservedRetriever, TurnWatch
from tutor.spans import Kind, NoSpans, Span, Value

REQUEST = ModelRequest((("user", "Why are leaves green?"),))


@dataclass
class Told:
    """Spans that are kept; a fake of ``Spans``."""

    ended: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)

    def start(self, name: str, kind: Kind = "internal", **attributes: Value | None) -> Span:
        told, noted = self, dict(attributes)

        class Kept(type(NoSpans().start(""))):  # type: ignore[misc]
            def note(self, **more: Value | None) -> None:
                noted.update(more)

            def end(self, error: str = "") -> None:
                told.ended.append((name, noted, error))

        return cast(Span, Kept())

    def close(self) -> None: ...


async def spoken(model: ObservedModel) -> list[object]:
    return [piece async for piece in model.stream(REQUEST)]


async def test_a_call_passes_through_and_is_counted() -> None:
    measures, spans = Measures(), Told()
    model = ObservedModel(ScriptedChatModel([Say("Leaves "), Say("reflect green.")]), measures, spans)
    assert (await spoken(model))[:2] == ["Leaves ", "reflect green."]
    assert measures.counts(m.CALLS) == {("ok",): 1}
    assert measures.count(m.TOKENS, "output") == 3
    ((name, noted, error),) = spans.ended
    assert (name, error) == ("chat scripted", "")
    assert noted["gen_ai__usage__output_tokens"] == 3
    assert "Leaves" not in str(noted)


async def test_a_failing_call_fails_as_it_did() -> None:
    measures, spans = Measures(), Told()
    model = ObservedModel(ScriptedChatModel([Say("Leaves "), Fail(ModelUnavailable("away"))]), measures, spans)
    with pytest.raises(ModelUnavailable, match="away"):
        await spoken(model)
    assert measures.counts(m.CALLS) == {("model_unavailable",): 1}
    assert spans.ended[0][2] == "model_unavailable"


async def test_a_call_that_nobody_waits_for_closes_the_model() -> None:
    measures, spans = Measures(), Told()
    inner = ScriptedChatModel([Say("Leaves "), Hang()])
    stream = ObservedModel(inner, measures, spans).stream(REQUEST)
    async with aclosing(stream):
        assert await anext(stream) == "Leaves "
    assert inner.closed == 1
    assert measures.counts(m.CALLS) == {("closed",): 1}
    assert [error for _, _, error in spans.ended] == [""]


class Search:
    def __init__(self, covered: bool = True, error: Exception | None = None) -> None:
        self._result = SearchResult((), covered, Signals("lexical", None, 0.5, 0.5, 1.0), "en", ())
        self._error = error

    def search(self, course: str, query: str, **_: Any) -> SearchResult:
        if self._error is not None:
            raise self._error
        return self._result


def test_searches_are_timed_by_mode_and_refusals_counted() -> None:
    measures = Measures()
    for covered in (True, False):
        ObservedRetriever(cast(Any, Search(covered)), measures, Told()).search("light", "why?")
    ((labels, timed),) = measures.times(m.SEARCH_SECONDS)
    assert (labels, timed.cumulative[-1]) == (("lexical",), 2)
    assert measures.count(m.REFUSED) == 1


def test_a_search_that_fails_is_an_error_by_its_code() -> None:
    measures, spans = Measures(), Told()
    broken = Search(error=IndexUnavailable("the words of the question", index="text"))
    with pytest.raises(IndexUnavailable):
        ObservedRetriever(cast(Any, broken), measures, spans).search("light", "why?")
    assert measures.counts(m.ERRORS) == {("retrieval", "index_unavailable"): 1}
    assert spans.ended[0][2] == "index_unavailable"
    assert "why?" not in str(spans.ended)


def recorded(event: e.Event) -> LiveEvent:
    return Recorded("conversation", 1, datetime.now(UTC), event)


def test_a_turn_is_counted_by_what_is_heard_of_it() -> None:
    measures = Measures()
    watch = TurnWatch(measures)
    watch.began("t1")
    assert watch.running == 1
    for event in (
        Delta("t1", 0, "Lea"),
        Delta("t1", 3, "ves"),
        Delta("elsewhere", 0, "x"),
        recorded(e.SentenceReplaced("t1", "Leaves are green because.", "Look again.", "answer")),
        recorded(e.SentenceSpoken("t1", 0, "Look again.", "authored")),
        recorded(e.TurnFinished("t1", "complete", "Look again.", "authored", error="model_timeout")),
        recorded(e.TurnInterrupted("elsewhere")),
    ):
        watch.heard(event)
    assert watch.ended("t1") == "model_timeout"
    assert watch.running == 0
    assert measures.count(m.STREAMED) == 2
    assert measures.count(m.REPLACED) == 1
    assert measures.counts(m.TURNS) == {("complete",): 1}
    assert measures.counts(m.ERRORS) == {("turn", "model_timeout"): 1}
    ((_, first),) = measures.times(m.FIRST_TEXT)
    assert first.cumulative[-1] == 1


def test_a_turn_that_is_cut_off_or_never_ends_has_an_outcome_too() -> None:
    measures = Measures()
    watch = TurnWatch(measures)
    for turn in ("t1", "t2"):
        watch.began(turn)
    watch.heard(recorded(e.TurnInterrupted("t1")))
    assert [watch.ended(turn) for turn in ("t1", "t2")] == ["", ""]
    assert measures.counts(m.TURNS) == {("interrupted",): 1, ("lost",): 1}
