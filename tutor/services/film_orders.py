"""Films as the chat asks for them: for somebody who waits, in their language if it can be had."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tutor.domain.errors import NotFound
from tutor.domain.films import KIND, WAITING, Script, course_owner
from tutor.domain.jobs import Job
from tutor.ports import JobQueue, Scripts
from tutor.services.explain.explaining import CourseFilm, Ordered
from tutor.services.film_scripts import ScriptRefused, lesson_of
from tutor.services.films import FilmRefused, FilmService, Wanted

if TYPE_CHECKING:
    from media_gen.lesson import Lesson

_MANY = 500


class FilmOrders:
    """Implements ``tutor.services.explain.explaining.Films``."""

    def __init__(self, films: FilmService, jobs: JobQueue, scripts: Scripts) -> None:
        self._films = films
        self._jobs = jobs
        self._scripts = scripts

    async def course_films(self, course: str) -> Sequence[CourseFilm]:
        """The course's scripts of which a trainer has had a film made for it."""
        return await asyncio.to_thread(self._course_films, course)

    def _course_films(self, course: str) -> tuple[CourseFilm, ...]:
        jobs = self._jobs.listed(KIND, _MANY, owner=course_owner(course))
        made = {job.arguments.get("script", "") for job in jobs if job.status == "done"} - {""}
        found = []
        for script in self._scripts.listed(course=course) if made else ():
            if script.id in made:
                try:
                    lesson = lesson_of(script)
                except ScriptRefused:
                    continue
                found.append(CourseFilm(script.id, lesson.title, lesson, _languages(script, lesson)))
        return tuple(found)

    async def order_script(self, script: str, language: str, *, owner: str) -> tuple[str, str]:
        """Raises ``NotFound`` for a script that is gone, and ``FilmRefused``."""
        job = await asyncio.to_thread(self._order_script, script, language, owner)
        return job.id, job.key

    def _order_script(self, script: str, language: str, owner: str) -> Job:
        found = self._scripts.get(script)
        if found is None:
            raise NotFound("There is no such script.")
        wanted = Wanted(translations=found.translations, script=script)
        lesson = lesson_of(found)
        return self._films.request(
            lesson, (language,), owner=owner, course=found.course, priority=WAITING, wanted=wanted
        )[0]

    async def order(self, lesson: "Lesson", language: str, *, owner: str, course: str) -> Ordered:
        """Raises ``FilmRefused`` where no film can be made."""
        return await asyncio.to_thread(self._order, lesson, language, owner, course)

    def _order(self, lesson: "Lesson", language: str, owner: str, course: str) -> Ordered:
        try:
            job = self._request(lesson, language, owner, course)
        except FilmRefused as error:
            if error.data.get("reason") not in ("untranslated", "language_unknown"):
                raise
            job = self._request(lesson, lesson.language, owner, course)
        return Ordered(job.id, job.key, job.arguments["language"], draft=bool(job.arguments["translator"]))

    def _request(self, lesson: "Lesson", language: str, owner: str, course: str) -> Job:
        return self._films.request(lesson, (language,), owner=owner, course=course, priority=WAITING)[0]


def _languages(script: Script, lesson: "Lesson") -> tuple[str, ...]:
    """Those in which every word is a person's."""
    from media_gen.errors import MediaError
    from media_gen.translation import artefact
    from media_gen.translation.localise import localise, review

    found = [lesson.language]
    for text in script.translations.values():
        try:
            translation = artefact.parse(text)
            state = review(localise(lesson, translation))
        except MediaError:
            continue
        if state.complete and not state.drafts:
            found.append(translation.language)
    return tuple(dict.fromkeys(found))
