"""What makes films, without making any."""

from collections.abc import Sequence

from media_gen.lesson import Lesson
from tutor.services.explain.explaining import CourseFilm, Ordered


class FakeFilms:
    """Remembers what was ordered. ``can`` are the languages that a lesson can be put into besides its own."""

    def __init__(self, *course_films: CourseFilm, can: Sequence[str] = (), error: Exception | None = None) -> None:
        self.ordered: list[tuple[Lesson | str, str, str]] = []
        self._films = course_films
        self._can = can
        self._error = error

    async def course_films(self, course: str) -> Sequence[CourseFilm]:
        return self._films

    async def order_script(self, script: str, language: str, *, owner: str) -> tuple[str, str]:
        self.ordered.append((script, language, owner))
        return f"job-{len(self.ordered)}", "k" * 64

    async def order(self, lesson: Lesson, language: str, *, owner: str, course: str) -> Ordered:
        if self._error is not None:
            raise self._error
        made_in = language if language in self._can else lesson.language
        self.ordered.append((lesson, made_in, owner))
        return Ordered(f"job-{len(self.ordered)}", "k" * 64, made_in, draft=made_in != lesson.language)
