"""Traces for whoever runs a collector: spans named after OpenTelemetry's ``gen_ai.*`` conventions.

Nothing is made, imported or sent unless the setting names a collector. What was said, asked and found stays out: spans
tell operations, models, counts and times.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

Value = str | bool | int | float | Sequence[str]
Kind = Literal["internal", "client"]
FLUSH_SECONDS = 3.0


class Span(Protocol):
    """One operation under way; ended exactly once."""

    def note(self, **attributes: Value | None) -> None:
        """Add attributes. Names are written with ``__`` for a dot (``gen_ai__request__model``); None is left out."""
        ...

    def end(self, error: str = "") -> None:
        """``error`` is a code where the operation failed."""
        ...

    def inside(self) -> contextlib.AbstractContextManager[None]:
        """Spans begun inside are its children, also in threads and tasks begun there."""
        ...


class Spans(Protocol):
    def start(self, name: str, kind: Kind = "internal", **attributes: Value | None) -> Span:
        """Begin an operation, below the one that this task is inside of."""
        ...

    def close(self) -> None:
        """Send what is left. Takes seconds at most, also when nobody listens."""
        ...


class _NoSpan:
    def note(self, **attributes: Value | None) -> None: ...

    def end(self, error: str = "") -> None: ...

    def inside(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


_NO_SPAN = _NoSpan()


class NoSpans:
    """The default: nothing is traced."""

    def start(self, name: str, kind: Kind = "internal", **attributes: Value | None) -> Span:
        return _NO_SPAN

    def close(self) -> None: ...


class _OtlpSpan:
    def __init__(self, span: Any) -> None:
        self._span = span

    def note(self, **attributes: Value | None) -> None:
        self._span.set_attributes(_named(attributes))

    def end(self, error: str = "") -> None:
        if error:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        from opentelemetry.trace import use_span

        # What was raised is told by ``end``: the recorded exception would bring its message along.
        with use_span(self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield


class OtlpSpans:
    """Spans to a collector at ``endpoint`` (its base URL), sent in the background in batches.

    A collector that is away costs nothing but the spans. Headers that a collector asks for are read by OpenTelemetry
    itself, from ``OTEL_EXPORTER_OTLP_HEADERS``.
    """

    def __init__(self, endpoint: str, version: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=FLUSH_SECONDS)
        # A provider of our own: the global one belongs to whoever embeds us.
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "diotima", "service.version": version}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("diotima", version)

    def start(self, name: str, kind: Kind = "internal", **attributes: Value | None) -> Span:
        from opentelemetry.trace import SpanKind

        of = SpanKind.CLIENT if kind == "client" else SpanKind.INTERNAL
        return _OtlpSpan(self._tracer.start_span(name, kind=of, attributes=_named(attributes)))

    def close(self) -> None:
        self._provider.shutdown()


def _named(attributes: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name.replace("__", "."): value for name, value in attributes.items() if value is not None}


def spans_to(endpoint: str, version: str) -> Spans:
    """What the setting asks for."""
    return OtlpSpans(endpoint, version) if endpoint else NoSpans()
