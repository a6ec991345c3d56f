"""What those who run the service can ask it: is it alive, is it ready, and how much of what it did."""

import asyncio
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from tests.web.server.harness import COURSE, QUESTION, Builder, House, eventually, settings
from tutor.bootstrap import build
from tutor.domain.errors import ModelUnavailable, StoreBusy
from tutor.llm.scripted import Fail, Say
from tutor.services.health import Part, worst
from tutor.store.memory import MemoryStore

CANARY = "xylophone-canary"


async def numbers(house: House, **headers: str) -> dict[tuple[str, ...], float]:
    """Samples by name and label values."""
    async with house.client() as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


async def test_a_turn_shows_in_the_numbers_and_nobody_s_words_do(builder: Builder) -> None:
    async with builder.open([Say("Leaves are green. "), Say("They reflect green light [1].")]) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            await page.ask()
            await page.until("finished")
            await page.ask(CANARY, "m2")
            await page.until("finished")
            assert (await numbers(house))[("diotima_open_connections",)] == 1
            await page.say(type="stop", turn="no such turn")
            await page.say(type="nonsense")
            await page.until("error")
        async with house.client(person) as client:
            await client.get(f"/api/conversations/{conversation}/export?format=md&{CANARY}=1")
            await client.get(f"/no/such/{CANARY}")
        await eventually(lambda: len(house.app.state.connections) == 0)
        found = await numbers(house)
        async with house.client() as client:
            page_text = (await client.get("/metrics")).text
    assert found[("diotima_turns_total", "complete")] == 2
    assert found[("diotima_turn_seconds_count",)] == found[("diotima_turn_first_text_seconds_count",)] == 2
    assert found[("diotima_turn_seconds_bucket", "+Inf")] == 2
    assert found[("diotima_retrieval_seconds_count", "lexical")] == 2
    assert found[("diotima_retrieval_refusals_total",)] == 1
    assert found[("diotima_model_calls_total", "ok")] == 1
    assert found[("diotima_model_tokens_total", "output")] > 0
    assert found[("diotima_streamed_pieces_total",)] > 0
    assert found[("diotima_jobs", "ingest", "done")] == 1
    assert found[("diotima_queue_length",)] == 0
    assert found[("diotima_turns_running",)] == 0
    assert found[("diotima_errors_total", "invalid_input", "socket")] >= 1
    assert found[("diotima_http_requests_total", "GET", "/api/conversations/{conversation}/export", "200")] == 1
    assert found[("diotima_http_requests_total", "GET", "none", "404")] == 1
    assert found[("process_resident_memory_bytes",)] > 0
    for private in (CANARY, person.account.id, person.account.display_name, conversation, "Leaves are green"):
        assert private not in page_text


async def test_what_goes_wrong_is_counted_by_code(builder: Builder) -> None:
    async with builder.open([Fail(ModelUnavailable("away"))]) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask()
            await page.until("finished")
        async with house.client(person) as client:
            await client.get("/api/films/no-such-film")
        await eventually(lambda: house.system.turns.running == 0)
        found = await numbers(house)
    assert found[("diotima_model_calls_total", "model_unavailable")] == 1
    assert found[("diotima_errors_total", "model_unavailable", "turn")] == 1
    assert found[("diotima_errors_total", "not_found", "http")] == 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_without_a_token_a_proxy_gets_no_numbers(builder: Builder, header: str) -> None:
    async with builder.open() as house, house.client() as client:
        assert (await client.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404


async def test_with_a_token_only_the_token_counts(builder: Builder) -> None:
    async with builder.open(metrics_token="s3cret-töken") as house, house.client() as client:
        for wrong in ({}, {"Authorization": "Bearer no"}, {"Authorization": "s3cret"}):
            answer = await client.get("/metrics", headers=wrong)
            assert answer.status_code == 404
            assert "diotima_" not in answer.text
        right = {"Authorization": "Bearer s3cret-töken".encode(), "X-Forwarded-For": "192.0.2.7"}
        assert (await client.get("/metrics", headers=right)).status_code == 200


class Trouble(MemoryStore):
    """A store whose database is away whenever the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.away: Callable[[], None] = lambda: None
        courses, counts = self.library.courses, self.jobs.counts

        def asked(what: Callable[[], Any]) -> Callable[[], Any]:
            def ask() -> Any:
                self.away()
                return what()

            return ask

        self.library.courses, self.jobs.counts = asked(courses), asked(counts)  # type: ignore[method-assign]


async def test_alive_and_ready_are_two_things(builder: Builder) -> None:
    store, hung = Trouble(), threading.Event()
    async with builder.open(store=store) as house, house.client() as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        parts = {"database": {"state": "ok"}, "text_index": {"state": "ok"}}
        assert ready.json() == {"status": "ready", "parts": parts}

        def locked() -> None:
            raise StoreBusy(f"the password is {CANARY}")

        store.away = locked
        unready = await client.get("/readyz")
        assert unready.status_code == 503
        assert unready.json()["parts"]["database"] == {"state": "failed", "reason": "store_busy"}
        assert unready.json()["status"] == "not_ready"
        assert CANARY not in unready.text
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        found = await numbers(house)
        assert ("diotima_queue_length",) not in found, "a scrape tells the rest"
        assert ("diotima_turns_running",) in found

        store.away = hung.wait  # type: ignore[assignment]
        answers = await asyncio.gather(client.get("/readyz"), client.get("/readyz"))
        hung.set()
        for answer in answers:
            assert answer.status_code == 503
            slow = {"state": "failed", "reason": "too_slow"}
            assert answer.json()["parts"] == {"database": slow, "text_index": {"state": "ok"}}

        store.away = lambda: None
        house.app.state.stopping = True
        assert (await client.get("/readyz")).json()["parts"] == {"server": {"state": "failed", "reason": "stopping"}}


def test_search_without_its_model_is_ready_but_poorer(tmp_path: Path) -> None:
    system = build(settings(tmp_path, embedder="e5", models_dir=tmp_path / "none"), store=MemoryStore())
    try:
        parts = {part.name: part for part in system.health.parts()}
    finally:
        system.close()
    assert worst(tuple(parts.values())) == "degraded"
    assert parts["embedder"] == Part("embedder", "degraded", "embedder_unavailable")
    assert parts["vector_index"].state == "ok"


def test_a_chroma_server_that_is_away_makes_the_service_poorer(tmp_path: Path) -> None:
    changes = {"embedder": "hashing", "chroma_url": "http://127.0.0.1:1"}
    system = build(settings(tmp_path, **changes), store=MemoryStore())
    try:
        assert system.health.part("vector_index") == Part("vector_index", "degraded", "index_unavailable")
    finally:
        system.close()


async def test_every_answer_names_its_request(builder: Builder) -> None:
    async with builder.open() as house, house.client() as client:
        ids = {(await client.get(path)).headers["x-request-id"] for path in ("/healthz", "/sign-in", "/no/such")}
    assert len(ids) == 3


# -- traces --------------------------------------------------------------------------------------------------------


@dataclass
class Collector:
    """An OTLP/HTTP collector on loopback that keeps what it is sent."""

    spans: list[Any] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    resource: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = {one.key: one.value.string_value for one in of_resource.resource.attributes}
            for scope in of_resource.scope_spans:
                self.spans.extend(scope.spans)

    def named(self, name: str) -> Any:
        (found,) = (span for span in self.spans if span.name == name)
        return found


def attributes(span: Any) -> dict[str, Any]:
    def value(one: Any) -> Any:
        kind = one.WhichOneof("value")
        return [each.string_value for each in one.array_value.values] if kind == "array_value" else getattr(one, kind)

    return {one.key: value(one.value) for one in span.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            found.take(body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


async def test_a_turn_is_a_trace_named_after_the_conventions_and_without_words(
    builder: Builder, collector: Collector
) -> None:
    async with builder.open(
        [Say("Leaves reflect green light [1].")], [Fail(ModelUnavailable("away"))], otlp_endpoint=collector.address
    ) as house:
        person = house.person()
        conversation = await house.conversation(person)
        async with house.page(person, conversation) as page:
            await page.ask()
            turn = (await page.until("finished"))["turn"]
    agent, chat, search = (collector.named(n) for n in ("invoke_agent diotima", "chat scripted", f"retrieval {COURSE}"))
    assert collector.resource["service.name"] == "diotima"
    assert chat.parent_span_id == search.parent_span_id == agent.span_id
    assert chat.trace_id == search.trace_id == agent.trace_id
    assert chat.kind == 3, "a client's span"
    assert attributes(agent) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "diotima",
        "gen_ai.conversation.id": conversation,
        "diotima.turn": turn,
    }
    told = attributes(chat)
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.request.model"] == told["gen_ai.response.model"] == "scripted"
    assert told["gen_ai.provider.name"] == "scripted"
    assert told["gen_ai.usage.input_tokens"] > told["gen_ai.usage.output_tokens"] > 0
    assert told["gen_ai.response.finish_reasons"] == ["stop"]
    assert attributes(search)["gen_ai.operation.name"] == "retrieval"
    assert attributes(search)["gen_ai.data_source.id"] == COURSE
    sent = b"".join(collector.bodies)
    for words in (QUESTION, "chlorophyll", "reflect green", person.account.id, person.account.display_name):
        assert words.encode() not in sent


async def test_a_film_that_is_asked_for_is_a_tool(builder: Builder, collector: Collector) -> None:
    async with builder.open(otlp_endpoint=collector.address) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask("Show me a video about where sugar comes from")
            await page.until("finished")
    tool, agent = collector.named("execute_tool film"), collector.named("invoke_agent diotima")
    assert tool.parent_span_id == agent.span_id
    assert attributes(tool)["gen_ai.tool.name"] == "film"
    scripts = [span for span in collector.spans if span.name == "chat scripted"]
    assert {span.parent_span_id for span in scripts} == {tool.span_id}, "the model's calls are the tool's"


async def test_a_failed_call_is_a_span_with_its_code(builder: Builder, collector: Collector) -> None:
    async with builder.open([Fail(ModelUnavailable(CANARY))], otlp_endpoint=collector.address) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask()
            await page.until("finished")
    chat = collector.named("chat scripted")
    assert attributes(chat)["error.type"] == "model_unavailable"
    assert chat.status.code == 2
    assert CANARY.encode() not in b"".join(collector.bodies)


async def test_a_collector_that_is_away_harms_nothing(builder: Builder) -> None:
    async with builder.open(otlp_endpoint="http://127.0.0.1:1") as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            await page.ask()
            assert (await page.until("finished"))["outcome"] == "complete"


def test_by_default_there_is_nothing_to_send() -> None:
    from tutor.config import Settings
    from tutor.spans import NoSpans, spans_to

    assert isinstance(spans_to(Settings(_env_file=None).otlp_endpoint, "1"), NoSpans)  # type: ignore[call-arg]
