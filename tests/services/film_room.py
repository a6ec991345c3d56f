"""Films in a test: a small lesson, the service and its workers over a store, with the fake render."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from media_gen.lesson import Layout, Lesson, Sentence, Slide
from tutor.domain.accounts import Account, Role
from tutor.domain.films import FilmState
from tutor.ports import Store
from tutor.services.film_files import FilmFiles
from tutor.services.film_worker import FilmWorkers, Pace, Workshop
from tutor.services.films import FilmService

FAKE = "tests.fakes.film:render"


def lesson(title: str = "Light", slides: int = 3, **changes: Any) -> Lesson:
    found = tuple(
        Slide(id=f"s{n}", layout=Layout.BULLETS, title=f"{title} {n}", narration=(Sentence(text=f"This is {n}."),))
        for n in range(1, slides + 1)
    )
    return Lesson(**{"title": title, "slides": found, **changes})


def account(name: str, role: Role = Role.STUDENT) -> Account:
    return Account(name, name, name.title(), role, "", "en", datetime(2025, 1, 1, tzinfo=UTC))


@dataclass
class FilmRoom:
    """``translators`` are the pairs of languages that somebody here translates; ``took`` is how jobs went, and for how
    many seconds."""

    store: Store
    folder: Path
    translators: tuple[tuple[str, str], ...] = ()
    woken: int = 0
    took: list[tuple[str, float]] = field(default_factory=list)
    service: FilmService = field(init=False)

    def __post_init__(self) -> None:
        self.files = FilmFiles(self.folder)
        self.cache = self.folder / "cache"
        self.service = FilmService(
            self.store.jobs, self.store.scripts, self.files, self.cache, 10**9, self._wake, self._translator
        )

    def _wake(self) -> None:
        self.woken += 1

    def _translator(self, source: str, target: str) -> str:
        return "fake" if (source, target) in self.translators else ""

    def workers(self, pace: Pace | None = None, **options: Any) -> FilmWorkers:
        shop = Workshop(self.files, self.cache, self.folder / "models", FAKE, options)
        return FilmWorkers(self.store.jobs, shop, pace, took=lambda *how: self.took.append(how))

    def state(self, job: str) -> FilmState:
        found = self.service.status(job)
        assert found is not None
        return found

    def left_overs(self) -> Iterator[Path]:
        return self.files.films.glob(".*")
