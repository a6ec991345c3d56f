"""Films as people ask for them: one job a language, one film for all who ask for the same, and who may see it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.domain.accounts import Account, Role
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.films import (
    FORMAT,
    KIND,
    USUAL,
    FilmRequest,
    FilmState,
    course_owner,
    courses_of,
    film_state,
    is_key,
)
from tutor.domain.jobs import Job
from tutor.ports import JobQueue, Scripts
from tutor.services import film_cache
from tutor.services.film_files import Film, FilmFiles

if TYPE_CHECKING:
    from media_gen.lesson import Lesson

_ALL = 2**31 - 1
MOST_LANGUAGES = 20


class FilmRefused(InvalidInput):
    """No film can be made of this; ``data["reason"]`` is the code of what is wrong, ``data["problem"]`` the message."""

    code = "film_refused"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message, problem=message, **data)


@dataclass(frozen=True)
class Wanted:
    """What else is wanted of films. ``voices`` and ``translations`` (the artefacts' texts) are by language tag;
    ``only`` are ids of slides; ``shared``: they are the course's, for everybody in it."""

    size: str = "720p"
    voices: Mapping[str, str] | None = None
    translations: Mapping[str, str] | None = None
    only: tuple[str, ...] = ()
    script: str = ""
    shared: bool = False


class FilmService:
    """See the module. Everything here is quick; the work is the workers' (``film_worker``), whom ``wake`` calls."""

    def __init__(
        self,
        jobs: JobQueue,
        scripts: Scripts,
        files: FilmFiles,
        cache: Path,
        cache_bytes: int,
        wake: Callable[[], None] = lambda: None,
        translator: Callable[[str, str], str] = lambda source, target: "",
    ) -> None:
        self._jobs = jobs
        self._scripts = scripts
        self.files = files
        self._cache = cache
        self._cache_bytes = cache_bytes
        self._wake = wake
        self._translator = translator  # the name of the one for a pair of languages

    # -- asking ----------------------------------------------------------------------------------------------------

    def request(
        self,
        lesson: "Lesson",
        languages: Sequence[str],
        *,
        owner: str,
        course: str = "",
        priority: int = USUAL,
        wanted: Wanted | None = None,
    ) -> tuple[Job, ...]:
        """Ask for a film of the lesson in each language; a job a language, in their order.

        Whoever asks for what somebody has asked for gets a share in the same job, which may be done already. Raises
        ``FilmRefused``.
        """
        wish = wanted or Wanted()
        tags = _tags(languages)
        text = lesson.model_dump_json()
        _check(lesson, wish)
        found = []
        for tag in tags:
            translation, translator = self._into(tag, lesson, wish)
            request = FilmRequest(
                lesson=_sha256(text),
                language=tag,
                translation=_sha256(translation) if translation else "",
                translator=translator,
                size=wish.size,
                voice=(wish.voices or {}).get(tag, ""),
                only=tuple(slide.id for slide in lesson.slides if slide.id in wish.only),
                title=_title(lesson, translation),
                course=course,
                script=wish.script,
            )
            found.append(self._enqueue(request, text, translation, owner, priority, wish.shared))
        self._wake()
        return tuple(found)

    def _into(self, tag: str, lesson: "Lesson", wish: Wanted) -> tuple[str, str]:
        """The translation into a language that there is, and the translator for what it lacks. Raises ``FilmRefused``
        where there is neither."""
        from media_gen.language import load

        if tag == load(lesson.language).tag:
            return "", ""
        given = (wish.translations or {}).get(tag, "")
        if given and _lacks_nothing(lesson, given, tag):
            return given, ""
        translator = self._translator(lesson.language, tag)
        if not translator:
            lack = "Part of the translation" if given else "A translation"
            raise FilmRefused(
                f"{lack} into {load(tag).english} is missing, and there is no translator here for it. Write the"
                " translation, or set a language model.",
                reason="untranslated",
                language=tag,
            )
        return given, translator

    def _enqueue(
        self, request: FilmRequest, lesson: str, translation: str, owner: str, priority: int, shared: bool
    ) -> Job:
        key = request.key
        self.files.put_order(key, lesson, translation)
        done_counts = self.files.film(key) is not None
        owners = (owner, course_owner(request.course)) if shared and request.course else (owner,)
        for each in owners:
            job = self._jobs.enqueue(
                KIND, key, request.arguments(), each, priority=priority, version=FORMAT, done_counts=done_counts
            )
        # An erasure may have swept the order away before the job was there to keep it.
        self.files.put_order(key, lesson, translation)
        return job

    # -- following -------------------------------------------------------------------------------------------------

    def status(self, job: str) -> FilmState | None:
        """How far a film is."""
        found = self._jobs.get(job)
        return film_state(found) if found is not None and found.kind == KIND else None

    def job(self, account: Account, job: str) -> Job:
        """The job, if this account may see it; raises ``NotFound``."""
        found = self._jobs.get(job)
        if found is None or found.kind != KIND or not may_see(account, found):
            raise NotFound("There is no such film.")
        return found

    def listed(self, account: Account, course: str | None = None, limit: int = 100) -> tuple[Job, ...]:
        """The films, made and under way, that this account may see; newest first."""
        if account.may(Role.TRAINER, Role.REVIEWER):
            found = self._jobs.listed(KIND, _ALL)
        else:
            own = self._jobs.listed(KIND, _ALL, owner=account.id)
            shared = self._jobs.listed(KIND, _ALL, owner=course_owner(course)) if course else ()
            found = tuple({job.id: job for job in (*own, *shared)}.values())
            found = tuple(sorted(found, key=lambda job: job.created_at, reverse=True))
        chosen = [job for job in found if course is None or job.arguments.get("course") == course]
        return tuple(job for job in chosen if not FilmRequest.of(job.arguments).only)[:limit]

    def of_script(self, script: str, course: str, account: Account | None = None) -> tuple[Job, ...]:
        """The films of a course's script, newest first: those that are the course's or, with ``account``, those that
        this account may see."""
        shared = self._jobs.listed(KIND, _ALL, owner=course_owner(course)) if account is None else ()
        found = self.listed(account, course) if account is not None else shared
        chosen = (job for job in found if job.arguments.get("script") == script)
        return tuple(job for job in chosen if not FilmRequest.of(job.arguments).only)

    def cancel(self, account: Account, job: str) -> Job:
        """Give up a share in a film; a trainer stops it for everybody. Raises ``NotFound``."""
        found = self.job(account, job)
        self._jobs.cancel(job, None if account.may(Role.TRAINER) else account.id)
        return self._jobs.get(job) or found

    def retry(self, account: Account, job: str) -> Job:
        """Try what failed, was cancelled or has lost its files again. Raises ``NotFound``."""
        found = self.job(account, job)
        if found.active or (found.status == "done" and self.files.film(found.key) is not None):
            return found
        again = self._jobs.retry(job) if found.version == FORMAT else self._renewed(found, account.id)
        self._wake()
        return again or found

    # -- watching --------------------------------------------------------------------------------------------------

    def film(self, key: str) -> Film | None:
        """The finished film of this key, whoever asks."""
        return self.files.film(key)

    def film_for(self, account: Account, key: str, *, beginning: int = 0) -> Film:
        """The finished film, or the ``beginning`` of this number, if this account may see it. Raises ``NotFound``."""
        jobs = self._jobs.listed(KIND, _ALL, key=key) if is_key(key) else ()
        seen = any(may_see(account, job) for job in jobs)
        found = (self.files.beginning(key, beginning) if beginning else self.files.film(key)) if seen else None
        if found is None:
            raise NotFound("There is no such film.")
        return found

    # -- keeping house ---------------------------------------------------------------------------------------------

    def erase(self, learner: str) -> None:
        """Remove the films that are nobody's once this learner's jobs are forgotten (``services.privacy``)."""
        if self.files.sweep_films(self._keys(), grace=0):
            film_cache.clear(self._cache)

    def tidy(self) -> None:
        """Take over jobs of an older format, throw away what is nobody's, and keep the cache within its limit."""
        for job in self._jobs.listed(KIND, _ALL):
            if job.status == "pending" and int(job.version or 0) < int(FORMAT):
                self._renewed(job, *job.owners)
                self._jobs.cancel(job.id)
        self.files.sweep_films(self._keys())
        self.files.sweep_previews()
        self.files.sweep_assets({name for script in self._scripts.listed() for name in script.assets.values()})
        film_cache.sweep(self._cache, self._cache_bytes)

    def _renewed(self, job: Job, *owners: str) -> Job:
        """The same film asked for in today's format."""
        order = self.files.order(job.key)
        if order is None:
            raise NotFound("What this film was to be made from is no longer there.")
        lesson, translation = order[0].read_text("utf-8"), order[1].read_text("utf-8") if order[1] else ""
        request = FilmRequest.of(job.arguments)
        found = job
        for owner in owners:
            found = self._enqueue(request, lesson, translation, owner, job.priority, False)
        return found

    def _keys(self) -> set[str]:
        return {job.key for job in self._jobs.listed(KIND, _ALL)}


def may_see(account: Account, job: Job) -> bool:
    """Whoever asked for it, whoever may see the course it belongs to (courses are open to all who sign in), and those
    who look after the courses."""
    return account.id in job.owners or bool(courses_of(job)) or account.may(Role.TRAINER, Role.REVIEWER)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _tags(languages: Sequence[str]) -> tuple[str, ...]:
    """The tags as we write them, each once. Raises ``FilmRefused``."""
    from media_gen.errors import LanguageUnknown
    from media_gen.language import load

    if not 1 <= len(languages) <= MOST_LANGUAGES:
        raise FilmRefused(f"Ask for 1 to {MOST_LANGUAGES} languages.", reason="languages")
    try:
        return tuple(dict.fromkeys(load(tag).tag for tag in languages))
    except LanguageUnknown as error:
        raise FilmRefused(str(error), reason=error.code) from None


def _check(lesson: "Lesson", wanted: Wanted) -> None:
    from media_gen.slides.port import SIZES

    if wanted.size not in SIZES:
        raise FilmRefused(f"There is no size {wanted.size}; known are {', '.join(SIZES)}.", reason="size")
    if lost := set(wanted.only) - {slide.id for slide in lesson.slides}:
        raise FilmRefused(f"The lesson has no slide {', '.join(sorted(lost))}.", reason="slide")
    for voice in (wanted.voices or {}).values():
        if voice and not _is_voice(voice):
            raise FilmRefused(f"{voice} is no voice; one is written engine:voice.", reason="voice")


def _is_voice(voice: str) -> bool:
    engine, _, name = voice.partition(":")
    return bool(engine and name) and len(voice) <= 100 and voice.isprintable()


def _lacks_nothing(lesson: "Lesson", translation: str, tag: str) -> bool:
    """Raises ``FilmRefused`` for a translation that can't be read."""
    from media_gen.errors import ScriptInvalid
    from media_gen.language import load
    from media_gen.translation import artefact
    from media_gen.translation.update import plan

    try:
        read = artefact.parse(translation)
    except ScriptInvalid as error:
        raise FilmRefused(str(error), reason=error.code, language=tag) from None
    if load(read.language).tag != tag:
        raise FilmRefused(f"This is a translation into {read.language}, not {tag}.", reason="language", language=tag)
    return not plan(lesson, read).wanted


def _title(lesson: "Lesson", translation: str) -> str:
    if not translation:
        return lesson.title
    from media_gen.translation import artefact

    entry = artefact.parse(translation).entry("_lesson/title")
    return entry.translation if entry and entry.translation else lesson.title
