"""``/healthz``, ``/readyz`` and ``/metrics``: for those who run the service, and for their machines."""

import asyncio
import hmac
import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tutor import measures as m
from tutor.domain.errors import DiotimaError, NotFound
from tutor.services.health import Health, Part, worst

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from tutor.bootstrap import System

PATIENCE_SECONDS = 3.0
# What a proxy adds: then "from this machine" says nothing about who asks.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


async def healthz(request: Request) -> JSONResponse:
    """The process is alive; says nothing of what it depends on."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """200 where requests can be served, though perhaps ``degraded``; 503 with the reasons where they can't.

    ``parts`` names each part with its state and, where it isn't well, the code of what is wrong.
    """
    state = request.app.state
    parts: tuple[Part, ...]
    if state.stopping:
        parts = (Part("server", "failed", "stopping"),)
    else:
        parts = await _parts(state)
    whole = worst(parts)
    told = {part.name: {"state": part.state, **({"reason": part.reason} if part.reason else {})} for part in parts}
    status = {"ok": "ready", "degraded": "degraded", "failed": "not_ready"}[whole]
    return JSONResponse({"status": status, "parts": told}, status_code=503 if whole == "failed" else 200)


async def _parts(state: Any) -> tuple[Part, ...]:
    """One look at each part at a time, however many ask: a database that hangs must not use up the threads."""
    health: Health = state.system.health
    looking: dict[str, asyncio.Task[Part]] = state.looking
    for name in health.names:
        if name not in looking or looking[name].done():
            looking[name] = asyncio.create_task(asyncio.to_thread(health.part, name), name=f"readyz {name}")
    await asyncio.wait(looking.values(), timeout=PATIENCE_SECONDS)
    return tuple(
        look.result() if look.done() else Part(name, health.without(name), "too_slow") for name, look in looking.items()
    )


async def metrics(request: Request) -> Response:
    """Prometheus' text format. 404 for whoever may not read it."""
    if not may_read(request):
        raise NotFound
    body, media_type = await asyncio.to_thread(exposition, request.app)
    return Response(body, media_type=media_type)


#: Plain routes, in front of the others: FastAPI builds each of its own when a request is first held against it, and a
#: probe that comes before the first visitor should not have to pass them all.
ROUTES = (Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics))


def may_read(request: Request) -> bool:
    """With a token set: whoever brings it. Without: a program on this machine that asks directly."""
    token: str = request.app.state.system.settings.metrics_token
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def exposition(app: Any) -> tuple[bytes, str]:
    """The numbers of this process and of the queue, and their media type. Reads the database: not for the event loop.

    prometheus_client is imported here: it takes a tenth of a second, and only who scrapes needs it.
    """
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(app))
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Collector:
    """Turns our measures into Prometheus' at the moment of a scrape."""

    def __init__(self, app: Any) -> None:
        self._system: System = app.state.system
        self._open = len(app.state.connections)

    def describe(self) -> "list[Metric]":
        return []

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        measures = self._system.measures
        for measure in m.ALL:
            if measure.buckets:
                histogram = HistogramMetricFamily(measure.name, measure.about, labels=measure.labels)
                bounds = [*map(str, measure.buckets), "+Inf"]
                for labels, timed in measures.times(measure):
                    pairs = list(zip(bounds, timed.cumulative, strict=True))
                    histogram.add_metric(labels, pairs, timed.total)
                yield histogram
                continue
            counter = CounterMetricFamily(measure.name, measure.about, labels=measure.labels)
            for labels, amount in measures.counts(measure).items():
                counter.add_metric(labels, amount)
            yield counter
        yield GaugeMetricFamily("diotima_open_connections", "Open sockets and streams of pages.", self._open)
        yield GaugeMetricFamily("diotima_turns_running", "Turns being answered.", self._system.turns.running)
        yield from self._jobs()

    def _jobs(self) -> "Iterator[Metric]":
        from prometheus_client.metrics_core import GaugeMetricFamily

        try:
            counts = self._system.store.jobs.counts()
        except DiotimaError as error:
            self._system.measures.add(m.ERRORS, "metrics", error.code)
            return  # a scrape while the database is away still tells the rest
        jobs = GaugeMetricFamily("diotima_jobs", "Jobs that are known, by kind and status.", labels=("kind", "status"))
        for (kind, status), count in sorted(counts.items()):
            jobs.add_metric((kind, status), count)
        yield jobs
        waiting = sum(count for (_, status), count in counts.items() if status == "pending")
        yield GaugeMetricFamily("diotima_queue_length", "Jobs that wait for a worker.", waiting)
