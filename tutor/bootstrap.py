"""The composition root: the only place that picks adapters. ``build`` is quick; heavy packages load when first used."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

from tutor import __version__, locales
from tutor.config import Settings
from tutor.domain.errors import InvalidInput
from tutor.indexes import Indexes
from tutor.measures import FILM_SECONDS, Measures
from tutor.ports import ChatModel, Clock, NewId, Relay, Store
from tutor.seat import Seat
from tutor.services.accounts import AccountService
from tutor.services.chat import ChatService
from tutor.services.citing import Quoter
from tutor.services.crossing import Crossing
from tutor.services.deciding import Decisions
from tutor.services.drafting import Drafting
from tutor.services.explain.explaining import Explainer
from tutor.services.facsimiles import Facsimiles
from tutor.services.film_feed import JobFeed
from tutor.services.film_files import FilmFiles
from tutor.services.film_orders import FilmOrders
from tutor.services.film_places import FilmPlaces
from tutor.services.film_scripts import ScriptService
from tutor.services.film_worker import RENDER, FilmWorkers, Workshop
from tutor.services.films import FilmService
from tutor.services.health import Health
from tutor.services.ingest import IngestService
from tutor.services.judging import Judging
from tutor.services.learning import LearningService
from tutor.services.lessons import Lessons
from tutor.services.live import Live
from tutor.services.marking import Marker
from tutor.services.observed import ObservedExplainer, ObservedModel, ObservedRetriever, ObservedTurns, TurnWatch
from tutor.services.originals import Originals
from tutor.services.presence import EVERY, Presence
from tutor.services.privacy import Eraser
from tutor.services.recording import Recorder
from tutor.services.reviewing import ReviewService
from tutor.services.speaking import Speaker
from tutor.services.studio import StudioService
from tutor.services.teaching import Teacher
from tutor.services.turn import TurnRunner
from tutor.spans import Spans, spans_to

if TYPE_CHECKING:
    from media_gen.slides.port import Setter
    from media_gen.speech.port import Engine
    from media_gen.translation.port import Translator
    from retrieval.embedders.port import Embedder
    from retrieval.retriever import Retriever


@dataclass(frozen=True)
class System:
    """Everything that runs, wired."""

    settings: Settings
    store: Store
    live: Live
    presence: Presence
    crossing: Crossing
    chat: ChatService
    accounts: AccountService
    learning: LearningService
    review: ReviewService
    ingest: IngestService
    facsimiles: Facsimiles
    drafting: Drafting
    scripts: ScriptService
    films: FilmService
    film_workers: FilmWorkers
    film_places: FilmPlaces
    film_feed: JobFeed
    studio: StudioService
    retriever: "Retriever"
    model: ChatModel | None
    measures: Measures
    spans: Spans
    turns: TurnWatch
    health: Health
    clock: Clock
    new_id: NewId
    _index: Indexes

    def warm_up(self) -> None:
        """Load what the first question needs, so that it doesn't wait. Slow; call it off the event loop."""
        self._index.warm_up(tuple(course.id for course in self.store.library.courses()))

    def voices(self) -> "tuple[Engine, ...]":
        """The engines that speak here."""
        from media_gen.speech.engines import installed

        return installed(self.settings.models_dir)

    @property
    def erasers(self) -> tuple[Eraser, ...]:
        """What removes the files of somebody who is erased (``services.privacy``)."""
        return (self.films.erase,)

    def close(self) -> None:
        """Release files and connections. Close ``chat`` (a coroutine) first where turns may run."""
        self.film_workers.close()
        self.ingest.close()
        self._index.close()
        self.store.close()
        self.spans.close()


class Overrides(TypedDict, total=False):
    """What a test may put in place of an adapter."""

    store: Store
    model: ChatModel | None
    embedder: "Embedder | None"
    clock: Clock
    new_id: NewId
    render: str  # "module:function" that makes a film
    seat: Seat  # held by the server while it runs
    relay: Relay
    look_seconds: float  # between two looks at the other servers


def utc_now() -> datetime:
    return datetime.now(UTC)


def random_id() -> str:
    """128 random bits, URL safe: an id can't be guessed from another."""
    return secrets.token_urlsafe(16)


def build(settings: Settings, **overrides: Unpack[Overrides]) -> System:
    """Wire the system. Opens and migrates the database; loads no model and no vector index yet.

    Raises ``InvalidInput`` for a setting that names nothing we have, and the store's errors.
    """
    clock = overrides.get("clock", utc_now)
    new_id = overrides.get("new_id", random_id)
    store = overrides["store"] if "store" in overrides else _store(settings, clock)
    embedder = overrides["embedder"] if "embedder" in overrides else embedder_of(settings)
    plain = overrides["model"] if "model" in overrides else chat_model_of(settings)
    measures, spans = Measures(), spans_to(settings.otlp_endpoint, __version__)
    model = ObservedModel(plain, measures, spans) if plain is not None else None
    watch = TurnWatch(measures)
    live = Live(watch.heard)
    index = Indexes(settings, embedder)
    retriever = ObservedRetriever(index.retriever, measures, spans)
    originals = Originals(settings.shared_files.resolve() / "originals")
    ingest = index.ingest(store, new_id, originals)
    me, seat = random_id(), overrides.get("seat", Seat())
    relay = overrides["relay"] if "relay" in overrides else _relay(settings, me)
    recorder = Recorder(store.log, live, relay)
    judging = Judging(embedder, Decisions(store.log, store.conversations).of)
    teacher = Teacher(store.bank, store.library, clock)
    films, film_workers = _films(settings, store, measures, overrides.get("render", RENDER))
    film_places = FilmPlaces(store.library, films)
    scripts = ScriptService(store.scripts, store.library, clock, new_id)
    runner = TurnRunner(
        store,
        live,
        recorder,
        retriever,
        Speaker(
            model,
            Quoter(store.library, embedder, film_places),
            store.library,
            locales.load,
            indexing=lambda course: bool(ingest.embedding(course)),
        ),
        Lessons(store, recorder, Marker(judging, judging, judging.within), teacher, judging, locales.load),
        settings.chat_turn_seconds,
        ObservedExplainer(
            Explainer(FilmOrders(films, store.jobs, store.scripts), store.library, store.bank, model, embedder), spans
        ),
    )
    chat = ChatService(
        store,
        live,
        recorder,
        ObservedTurns(runner, watch, spans),
        new_id,
        settings.max_message_chars,
        server=me,
        relay=relay,
    )
    return System(
        settings=settings,
        store=store,
        live=live,
        presence=Presence(
            store.servers,
            me,
            seat.name,
            alone=seat.alone and not settings.database_url,
            every=overrides.get("look_seconds", EVERY),
        ),
        crossing=Crossing(live, relay, chat.stop_here),
        chat=chat,
        accounts=AccountService(
            store.accounts,
            store.sessions,
            clock,
            new_id,
            session_hours=settings.session_hours,
            sign_ins_per_minute=settings.sign_ins_per_minute,
        ),
        learning=LearningService(store, clock),
        review=ReviewService(store, recorder),
        ingest=ingest,
        facsimiles=Facsimiles(
            store.library, originals, settings.data_dir.resolve() / "cache" / "pages", share=settings.share_originals
        ),
        drafting=Drafting(store.library, store.bank, store.jobs, model, new_id),
        scripts=scripts,
        films=films,
        film_workers=film_workers,
        film_places=film_places,
        film_feed=JobFeed(store.jobs),
        studio=StudioService(scripts, films.files, partial(_setter, settings), partial(_translators, settings), ingest),
        retriever=retriever,
        model=plain,
        measures=measures,
        spans=spans,
        turns=watch,
        health=Health(
            {"database": store.library.courses, "text_index": index.check_text},
            index.others() | ({"other_servers": relay.check} if settings.several_servers else {}),
        ),
        clock=clock,
        new_id=new_id,
        _index=index,
    )


def _films(settings: Settings, store: Store, measures: Measures, render: str) -> tuple[FilmService, FilmWorkers]:
    """Who takes requests for films, and who makes them; the workers are not started."""
    files, cache = FilmFiles(settings.shared_files.resolve()), settings.data_dir.resolve() / "cache"
    options = render_options(settings)

    def translator(source: str, target: str) -> str:
        from tutor.services.film_render import translator_for

        return translator_for(options, source, target)

    def wake() -> None:
        workers.wake()

    films = FilmService(store.jobs, store.scripts, files, cache, int(settings.film_cache_gb * 1e9), wake, translator)
    workshop = Workshop(files, cache, settings.models_dir.resolve(), render, options)

    def took(outcome: str, seconds: float) -> None:
        measures.took(FILM_SECONDS, seconds, outcome)

    workers = FilmWorkers(store.jobs, workshop, tidy=films.tidy, took=took)
    return films, workers


def render_options(settings: Settings) -> dict[str, str]:
    """What a render needs of the settings besides folders."""
    modelled = settings.chat_model and settings.chat_adapter != "scripted"
    return {
        "model_translator": "tutor.llm.translator:from_options" if modelled else "",
        "chat_adapter": settings.chat_adapter,
        "chat_model": settings.chat_model,
        "chat_api_base": settings.chat_api_base,
        "chat_api_key": settings.chat_api_key,
    }


def _setter(settings: Settings) -> "Setter":
    from media_gen.slides.setter import SlideSetter

    return SlideSetter(settings.data_dir.resolve() / "cache" / "slides", settings.models_dir.resolve() / "fonts")


def _translators(settings: Settings) -> "tuple[Translator, ...]":
    from tutor.services.film_render import translators

    return translators(render_options(settings))


def _store(settings: Settings, clock: Clock) -> Store:
    from tutor.store.sql import SqlStore

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return SqlStore(settings.sqlalchemy_url, clock=clock)


def _relay(settings: Settings, me: str) -> Relay:
    """How servers on one database reach each other."""
    if settings.several_servers:
        from tutor.store.sql.relay import PostgresRelay

        return PostgresRelay(settings.sqlalchemy_url, me)
    from tutor.store.memory.relay import MemoryRelay

    return MemoryRelay()


def embedder_of(settings: Settings) -> "Embedder | None":
    """The embedder that ``settings.embedder`` names. Its files are opened when it is first used."""
    kind, _, model = settings.embedder.partition(":")
    threads = settings.embedder_threads or max(1, (os.cpu_count() or 1) // 2)
    match kind:
        case "none":
            return None
        case "e5":
            from retrieval.embedders.e5 import E5Embedder

            return E5Embedder(settings.models_dir / "e5", threads)
        case "minilm":
            from retrieval.embedders.minilm import MiniLmEmbedder

            return MiniLmEmbedder(settings.models_dir / "minilm", threads)
        case "litellm" if model and settings.embedder_dimensions:
            from retrieval.embedders.litellm import LiteLlmEmbedder

            return LiteLlmEmbedder(model, settings.embedder_dimensions)
        case "hashing":
            from retrieval.embedders.hashing import HashingEmbedder

            return HashingEmbedder()
    raise InvalidInput(
        f"DIOTIMA_EMBEDDER={settings.embedder!r} is no embedder we have; litellm:<model> needs its dimensions too.",
        field="embedder",
    )


def chat_model_of(settings: Settings) -> ChatModel | None:
    """The model that the settings name, or None: then the tutor quotes the course."""
    if settings.chat_adapter == "scripted":
        from tutor.llm.scripted import ScriptedChatModel

        return ScriptedChatModel(seconds_per_word=settings.scripted_seconds_per_word)
    if not settings.chat_model:
        return None
    if settings.chat_adapter == "openai":
        if not settings.chat_api_base:
            raise InvalidInput("DIOTIMA_CHAT_ADAPTER=openai needs DIOTIMA_CHAT_API_BASE.", field="chat_api_base")
        from tutor.llm.openai_compatible import OpenAICompatibleChatModel

        return OpenAICompatibleChatModel(
            settings.chat_model,
            settings.chat_api_base,
            api_key=settings.chat_api_key,
            first_token_seconds=settings.chat_first_token_seconds,
            stall_seconds=settings.chat_stall_seconds,
        )
    from tutor.llm.litellm import LiteLLMChatModel

    return LiteLLMChatModel(
        settings.chat_model,
        api_base=settings.chat_api_base,
        api_key=settings.chat_api_key,
        first_token_seconds=settings.chat_first_token_seconds,
        stall_seconds=settings.chat_stall_seconds,
    )
