"""The composition root: what runs, wired, with the adapters that ``tutor.adapters`` picks.

The first page needs the database and the accounts. Everything else is made when it is first asked for, and only then
is its code loaded: a service stands here as a name, and its module is imported in the method that makes it.
"""

import secrets
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

from tutor import __version__
from tutor.adapters import (
    chat_model_of,
    embedder_of,
    relay_of,
    render_options,
    setter_of,
    store_of,
    translators_of,
    voices_of,
)
from tutor.config import Settings
from tutor.later import made, made_once
from tutor.measures import FILM_SECONDS, Measures
from tutor.seat import Seat
from tutor.services.accounts import AccountService
from tutor.services.presence import EVERY, Presence
from tutor.spans import spans_to

if TYPE_CHECKING:
    from media_gen.speech.port import Engine
    from retrieval.embedders.port import Embedder
    from retrieval.retriever import Retriever
    from tutor.indexes import Indexes
    from tutor.ports import ChatModel, Clock, NewId, Relay, Store
    from tutor.services.chat import ChatService, Turns
    from tutor.services.crossing import Crossing
    from tutor.services.drafting import Drafting
    from tutor.services.facsimiles import Facsimiles
    from tutor.services.film_feed import JobFeed
    from tutor.services.film_places import FilmPlaces
    from tutor.services.film_scripts import ScriptService
    from tutor.services.film_worker import FilmWorkers
    from tutor.services.films import FilmService
    from tutor.services.health import Health
    from tutor.services.ingest import IngestService
    from tutor.services.learning import LearningService
    from tutor.services.live import Live
    from tutor.services.observed import TurnWatch
    from tutor.services.originals import Originals
    from tutor.services.privacy import Eraser
    from tutor.services.recording import Recorder
    from tutor.services.reviewing import ReviewService
    from tutor.services.studio import StudioService


class Overrides(TypedDict, total=False):
    """What a test may put in place of an adapter."""

    store: "Store"
    model: "ChatModel | None"
    embedder: "Embedder | None"
    clock: "Clock"
    new_id: "NewId"
    render: str  # "module:function" that makes a film
    seat: Seat  # held by the server while it runs
    relay: "Relay"
    look_seconds: float  # between two looks at the other servers


def utc_now() -> datetime:
    return datetime.now(UTC)


def random_id() -> str:
    """128 random bits, URL safe: an id can't be guessed from another."""
    return secrets.token_urlsafe(16)


def build(settings: Settings, **overrides: Unpack[Overrides]) -> "System":
    """Wire the system. Opens and migrates the database; loads no model and no vector index yet.

    Raises ``InvalidInput`` for a setting that names nothing we have, and the store's errors.
    """
    return System(settings, overrides)


class System:
    """Everything that runs. A part may be replaced by assigning to its name, before it is first used."""

    def __init__(self, settings: Settings, given: Overrides) -> None:
        self.settings = settings
        self.clock: Clock = given.get("clock", utc_now)
        self.new_id: NewId = given.get("new_id", random_id)
        # What the settings name is looked for now, so that a wrong name is refused at the start.
        self.embedder = given["embedder"] if "embedder" in given else embedder_of(settings)
        self.model = given["model"] if "model" in given else chat_model_of(settings)
        self.store = given["store"] if "store" in given else store_of(settings, self.clock)
        self.measures, self.spans = Measures(), spans_to(settings.otlp_endpoint, __version__)
        self.me = random_id()
        self._given = given
        seat = given.get("seat", Seat())
        self.presence = Presence(
            self.store.servers,
            self.me,
            seat.name,
            alone=seat.alone and not settings.database_url,
            every=given.get("look_seconds", EVERY),
        )
        self.accounts = AccountService(
            self.store.accounts,
            self.store.sessions,
            self.clock,
            self.new_id,
            session_hours=settings.session_hours,
            sign_ins_per_minute=settings.sign_ins_per_minute,
        )

    # -- the chat --------------------------------------------------------------------------------------------------

    @made_once
    def turns(self) -> "TurnWatch":
        from tutor.services.observed import TurnWatch

        return TurnWatch(self.measures)

    @made_once
    def live(self) -> "Live":
        from tutor.services.live import Live

        return Live(self.turns.heard)

    @made_once
    def relay(self) -> "Relay":
        return self._given["relay"] if "relay" in self._given else relay_of(self.settings, self.me)

    @made_once
    def crossing(self) -> "Crossing":
        from tutor.services.crossing import Crossing

        return Crossing(self.live, self.relay, self.chat.stop_here)

    @made_once
    def recorder(self) -> "Recorder":
        from tutor.services.recording import Recorder

        return Recorder(self.store.log, self.live, self.relay)

    @made_once
    def chat(self) -> "ChatService":
        from tutor.services.chat import ChatService

        return ChatService(
            self.store,
            self.live,
            self.recorder,
            self._runner,
            self.new_id,
            self.settings.max_message_chars,
            server=self.me,
            relay=self.relay,
        )

    @made_once
    def _watched_model(self) -> "ChatModel | None":
        from tutor.services.observed import ObservedModel

        return ObservedModel(self.model, self.measures, self.spans) if self.model is not None else None

    @made_once
    def _runner(self) -> "Turns":
        from tutor import locales
        from tutor.services.citing import Quoter
        from tutor.services.deciding import Decisions
        from tutor.services.explain.explaining import Explainer
        from tutor.services.film_orders import FilmOrders
        from tutor.services.judging import Judging
        from tutor.services.lessons import Lessons
        from tutor.services.marking import Marker
        from tutor.services.observed import ObservedExplainer, ObservedTurns
        from tutor.services.speaking import Speaker
        from tutor.services.teaching import Teacher
        from tutor.services.turn import TurnRunner

        store = self.store
        judging = Judging(self.embedder, Decisions(store.log, store.conversations).of)
        teacher = Teacher(store.bank, store.library, self.clock)
        explainer = Explainer(
            FilmOrders(self.films, store.jobs, store.scripts),
            store.library,
            store.bank,
            self._watched_model,
            self.embedder,
        )
        speaker = Speaker(
            self._watched_model,
            Quoter(store.library, self.embedder, self.film_places),
            store.library,
            locales.load,
            indexing=lambda course: bool(self.ingest.embedding(course)),
        )
        runner = TurnRunner(
            store,
            self.live,
            self.recorder,
            self.retriever,
            speaker,
            Lessons(store, self.recorder, Marker(judging, judging, judging.within), teacher, judging, locales.load),
            self.settings.chat_turn_seconds,
            ObservedExplainer(explainer, self.spans),
        )
        return ObservedTurns(runner, self.turns, self.spans)

    # -- what people learn, and what others see of it ------------------------------------------------------------------

    @made_once
    def learning(self) -> "LearningService":
        from tutor.services.learning import LearningService

        return LearningService(self.store, self.clock)

    @made_once
    def review(self) -> "ReviewService":
        from tutor.services.reviewing import ReviewService

        return ReviewService(self.store, self.recorder)

    # -- material ------------------------------------------------------------------------------------------------------

    @made_once
    def _index(self) -> "Indexes":
        from tutor.indexes import Indexes

        return Indexes(self.settings, self.embedder)

    @made_once
    def retriever(self) -> "Retriever":
        from tutor.services.observed import ObservedRetriever

        return ObservedRetriever(self._index.retriever, self.measures, self.spans)

    @made_once
    def _originals(self) -> "Originals":
        from tutor.services.originals import Originals

        return Originals(self.settings.shared_files.resolve() / "originals")

    @made_once
    def ingest(self) -> "IngestService":
        return self._index.ingest(self.store, self.new_id, self._originals)

    @made_once
    def facsimiles(self) -> "Facsimiles":
        from tutor.services.facsimiles import Facsimiles

        settings = self.settings
        pages = settings.data_dir.resolve() / "cache" / "pages"
        return Facsimiles(self.store.library, self._originals, pages, share=settings.share_originals)

    @made_once
    def drafting(self) -> "Drafting":
        from tutor.services.drafting import Drafting

        return Drafting(self.store.library, self.store.bank, self.store.jobs, self._watched_model, self.new_id)

    # -- films ---------------------------------------------------------------------------------------------------------

    @made_once
    def scripts(self) -> "ScriptService":
        from tutor.services.film_scripts import ScriptService

        return ScriptService(self.store.scripts, self.store.library, self.clock, self.new_id)

    @made_once
    def films(self) -> "FilmService":
        from tutor.services.film_files import FilmFiles
        from tutor.services.films import FilmService

        options = render_options(self.settings)

        def translator(source: str, target: str) -> str:
            from tutor.services.film_render import translator_for

            return translator_for(options, source, target)

        return FilmService(
            self.store.jobs,
            self.store.scripts,
            FilmFiles(self.settings.shared_files.resolve()),
            self.settings.data_dir.resolve() / "cache",
            int(self.settings.film_cache_gb * 1e9),
            lambda: self.film_workers.wake(),
            translator,
        )

    @made_once
    def film_workers(self) -> "FilmWorkers":
        """Who makes the films; not started."""
        from tutor.services.film_worker import RENDER, FilmWorkers, Workshop

        settings = self.settings
        workshop = Workshop(
            self.films.files,
            settings.data_dir.resolve() / "cache",
            settings.models_dir.resolve(),
            self._given.get("render", RENDER),
            render_options(settings),
        )

        def took(outcome: str, seconds: float) -> None:
            self.measures.took(FILM_SECONDS, seconds, outcome)

        return FilmWorkers(self.store.jobs, workshop, tidy=self.films.tidy, took=took)

    @made_once
    def film_places(self) -> "FilmPlaces":
        from tutor.services.film_places import FilmPlaces

        return FilmPlaces(self.store.library, self.films)

    @made_once
    def film_feed(self) -> "JobFeed":
        from tutor.services.film_feed import JobFeed

        return JobFeed(self.store.jobs)

    @made_once
    def studio(self) -> "StudioService":
        from tutor.services.studio import StudioService

        settings = self.settings
        return StudioService(
            self.scripts,
            self.films.files,
            partial(setter_of, settings),
            partial(translators_of, settings),
            self.ingest,
        )

    def voices(self) -> "tuple[Engine, ...]":
        """The engines that speak here."""
        return voices_of(self.settings)

    # -- the house -----------------------------------------------------------------------------------------------------

    @made_once
    def health(self) -> "Health":
        from tutor.services.health import Health

        others = {"other_servers": self.relay.check} if self.settings.several_servers else {}
        return Health(
            {"database": self.store.library.courses, "text_index": self._index.check_text},
            self._index.others() | others,
        )

    @property
    def erasers(self) -> "tuple[Eraser, ...]":
        """What removes the files of somebody who is erased (``services.privacy``)."""
        return (self.films.erase,)

    def prepare(self) -> None:
        """Make what a visitor needs once they are signed in. Loads much code; call it off the event loop."""
        for part in ("chat", "crossing", "learning", "ingest", "drafting", "film_workers"):
            getattr(self, part)

    def warm_up(self) -> None:
        """Load what the first question needs, so that it doesn't wait. Slow; call it off the event loop."""
        self._index.warm_up(tuple(course.id for course in self.store.library.courses()))

    def close(self) -> None:
        """Release files and connections. Close ``chat`` (a coroutine) first where turns may run."""
        if made(self, "film_workers"):
            self.film_workers.close()
        if made(self, "ingest"):
            self.ingest.close()
        if made(self, "facsimiles"):
            self.facsimiles.close()
        if made(self, "_index"):
            self._index.close()
        self.store.close()
        self.spans.close()
