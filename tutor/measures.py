"""What the service counts and times about itself: plain numbers, cheap to add to, read by ``/metrics``.

Labels are few and bounded: routes, outcomes, codes, kinds. Never a person, a conversation, a course or a word of text.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Labels = tuple[str, ...]
QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PATIENT = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)
LONG = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
MOST = 2_000
"""Combinations of labels of one measure; what would come on top is counted as ``other``."""


@dataclass(frozen=True)
class Measure:
    """A counter, or with ``buckets`` (upper bounds, in seconds) a histogram. ``about`` is what an operator reads."""

    name: str
    about: str
    labels: Labels = ()
    buckets: tuple[float, ...] = ()

    @property
    def kind(self) -> Literal["counter", "histogram"]:
        return "histogram" if self.buckets else "counter"


REQUESTS = Measure("diotima_http_requests", "Answered requests.", ("method", "route", "status"))
REQUEST_SECONDS = Measure(
    "diotima_http_request_seconds", "Time until an answer was out, streams included.", ("route",), QUICK
)
TURNS = Measure("diotima_turns", "Turns of the tutor that ended.", ("outcome",))
FIRST_TEXT = Measure("diotima_turn_first_text_seconds", "From a message to the first words back.", (), PATIENT)
TURN_SECONDS = Measure("diotima_turn_seconds", "From a message to the end of its turn.", (), PATIENT)
STREAMED = Measure("diotima_streamed_pieces", "Pieces of replies sent while they were being written.")
REPLACED = Measure("diotima_guard_replacements", "Sentences of a model that the guard kept back.")
SEARCH_SECONDS = Measure(
    "diotima_retrieval_seconds", "Searches of a course: by words, by meaning, or both.", ("mode",), QUICK
)
REFUSED = Measure("diotima_retrieval_refusals", "Searches after which the course was found not to hold an answer.")
CALLS = Measure("diotima_model_calls", "Calls of the language model.", ("outcome",))
CALL_SECONDS = Measure("diotima_model_call_seconds", "Length of a call of the language model.", (), PATIENT)
FIRST_TOKEN = Measure("diotima_model_first_token_seconds", "Wait for the model's first words.", (), PATIENT)
TOKENS = Measure("diotima_model_tokens", "Tokens sent to and received from the language model.", ("direction",))
COST = Measure("diotima_model_cost_usd", "What the calls cost by LiteLLM's price list, in US dollars.")
FILM_SECONDS = Measure("diotima_film_render_seconds", "Time a film's process took.", ("outcome",), LONG)
ERRORS = Measure("diotima_errors", "Errors by where they were told and by code.", ("where", "code"))
ALL = (
    *(REQUESTS, REQUEST_SECONDS, TURNS, FIRST_TEXT, TURN_SECONDS, STREAMED, REPLACED, SEARCH_SECONDS, REFUSED),
    *(CALLS, CALL_SECONDS, FIRST_TOKEN, TOKENS, COST, FILM_SECONDS, ERRORS),
)


@dataclass(frozen=True)
class Timed:
    """A histogram's state: observations at or below each bucket's bound (the last: all), and their sum."""

    cumulative: tuple[int, ...]
    total: float


class Measures:
    """The numbers of this process. Thread-safe; adding costs about a microsecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[Labels, float]] = {one.name: {} for one in ALL if not one.buckets}
        self._times: dict[str, dict[Labels, list[float]]] = defaultdict(dict)

    def add(self, measure: Measure, *labels: str, amount: float = 1) -> None:
        """Count something. ``labels`` are values in the order of the measure's names."""
        with self._lock:
            counts = self._counts[measure.name]
            key = _within(counts, labels)
            counts[key] = counts.get(key, 0) + amount

    def took(self, measure: Measure, seconds: float, *labels: str) -> None:
        """Note how long something took."""
        with self._lock:
            times = self._times[measure.name]
            key = _within(times, labels)
            state = times.get(key)
            if state is None:
                state = times[key] = [0.0] * (len(measure.buckets) + 2)
            state[bisect_left(measure.buckets, seconds)] += 1
            state[-1] += seconds

    def count(self, measure: Measure, *labels: str) -> float:
        """What was counted under these labels."""
        with self._lock:
            return self._counts[measure.name].get(labels, 0)

    def counts(self, measure: Measure) -> dict[Labels, float]:
        """Everything counted; a counter without labels begins at 0."""
        with self._lock:
            return dict(self._counts[measure.name]) or ({} if measure.labels else {(): 0.0})

    def times(self, measure: Measure) -> Iterator[tuple[Labels, Timed]]:
        """Every histogram of the measure."""
        with self._lock:
            found = [(labels, list(state)) for labels, state in self._times[measure.name].items()]
        for labels, state in found:
            running, cumulative = 0, []
            for one in state[:-1]:
                running += int(one)
                cumulative.append(running)
            yield labels, Timed(tuple(cumulative), state[-1])


def _within(known: dict[Labels, float] | dict[Labels, list[float]], labels: Labels) -> Labels:
    return labels if labels in known or len(known) < MOST else ("other",) * len(labels)
