"""When the film of a course says what stands in its document."""

import json
from typing import Any

from retrieval.values import Anchor
from tutor.domain.accounts import Account
from tutor.domain.jobs import Job
from tutor.ports import Library
from tutor.services.film_text import places, script_of
from tutor.services.films import FilmService


class FilmPlaces:
    """The pages and seconds of any document of a course; of a film's words the seconds of the film, once it is made."""

    def __init__(self, library: Library, films: FilmService) -> None:
        self._library = library
        self._films = films

    def __call__(self, course: str, path: str) -> tuple[Anchor, ...]:
        """The document's places; for a film's words in the course's language if there is a film in it."""
        script = script_of(path)
        if script is None:
            return self._library.anchors(course, path)
        known = self._library.course(course)
        job = self.film(script, course, known.language if known else "")
        return self.in_film(course, path, job) if job is not None else ()

    def film(self, script: str, course: str, language: str, account: Account | None = None) -> Job | None:
        """The film of a script that is made: in this language, if there is one. Those that everybody in the course may
        see, or with ``account`` those that this account may."""
        made = [job for job in self._films.of_script(script, course, account) if job.status == "done"]
        mine = [job for job in made if job.arguments.get("language") == language]
        return next(iter(mine or made), None)

    def in_film(self, course: str, path: str, job: Job) -> tuple[Anchor, ...]:
        """When this film says what stands in the document. Nothing where the film's own tables are gone."""
        document = self._library.document(course, path)
        film, order = self._films.film(job.key), self._films.files.order(job.key)
        if document is None or film is None or order is None:
            return ()
        try:
            lesson: dict[str, Any] = json.loads(order[0].read_text("utf-8"))
            timeline: dict[str, Any] = json.loads((film.folder / "timeline.json").read_text("utf-8"))
            return places(document.text, lesson, timeline)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ()
