"""Films: what is asked for, how far it is, and the scripts that trainers keep."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from tutor.domain.errors import InvalidInput
from tutor.domain.jobs import Job, JobStatus

KIND = "film"  # of job

#: Raised when the same request would give another film, or an order that older code can't read: workers take only
#: jobs of their own format, and films of another one are made anew.
FORMAT = "1"

#: What a film's folder holds, with the type a browser is told.
ARTEFACTS: Mapping[str, str] = {
    "film.mp4": "video/mp4",
    "captions.vtt": "text/vtt; charset=utf-8",
    "chapters.vtt": "text/vtt; charset=utf-8",
    "poster.jpg": "image/jpeg",
    "handout.pdf": "application/pdf",
    "transcript.md": "text/markdown; charset=utf-8",
    "timeline.json": "application/json",
    "lesson.json": "application/json",
    "manifest.json": "application/json",
}
_THUMBNAIL = re.compile(r"thumbnails/[0-9]{3}\.jpg")

#: The stages of a render with the share of its time that each usually takes.
STAGES: Mapping[str, int] = {"translation": 50, "slides": 150, "speech": 550, "film": 150, "exports": 50, "checks": 50}
WHOLE = sum(STAGES.values())

#: Whose wish goes first.
WAITING, USUAL, BATCH = 20, 10, 0

_KEY = re.compile(r"[0-9a-f]{64}")


def media_type(name: str) -> str | None:
    """The type of an artefact of this name; None when films have no such file."""
    return ARTEFACTS.get(name) or ("image/jpeg" if _THUMBNAIL.fullmatch(name) else None)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


@dataclass(frozen=True)
class FilmRequest:
    """One film: a lesson in one language.

    ``lesson`` and ``translation`` are the SHA-256 of the lesson's JSON and of the translation artefact's text (empty:
    none is given); ``translator`` names the engine that translates what the artefact lacks (empty: none). ``size`` is
    a name like 720p, ``voice`` is ``engine:voice`` (empty: the language's own), ``only`` the ids of the slides wanted
    (none: all). The rest is for people and doesn't change the film: ``script`` is the id of the script it comes from.
    """

    lesson: str
    language: str
    translation: str = ""
    translator: str = ""
    size: str = "720p"
    voice: str = ""
    only: tuple[str, ...] = ()
    title: str = ""
    course: str = ""
    script: str = ""

    @property
    def key(self) -> str:
        """The SHA-256 of everything that makes the film what it is: one key, one film, whoever asks."""
        text = [self.lesson, self.language, self.translation, self.translator]
        made_of = [FORMAT, *text, self.size, self.voice, list(self.only)]
        return hashlib.sha256(json.dumps(made_of, separators=(",", ":")).encode()).hexdigest()

    def arguments(self) -> dict[str, str]:
        """As a job's arguments."""
        return {
            "lesson": self.lesson,
            "language": self.language,
            "translation": self.translation,
            "translator": self.translator,
            "size": self.size,
            "voice": self.voice,
            "only": json.dumps(list(self.only)),
            "title": self.title,
            "course": self.course,
            "script": self.script,
        }

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """The request of a job's arguments. Raises ``InvalidInput``."""
        try:
            only = tuple(str(slide) for slide in json.loads(arguments.get("only", "[]")))
            names = set(cls.__dataclass_fields__) - {"only"}
            return cls(only=only, **{name: arguments[name] for name in names if name in arguments})
        except (ValueError, TypeError):
            raise InvalidInput("this job asks for no film") from None


#: What to say of errors that no render tells.
PROBLEMS: Mapping[str, str] = {
    "attempts_exhausted": "Whatever was making this film ended before its time, again and again.",
    "files_lost": "The film was made, but its files are gone; asking again makes it anew.",
}


def course_owner(course: str) -> str:
    """The share that a course has in a film: whoever may see the course may then see the film, and it stays when the
    person who asked for it goes. No account's id has a colon."""
    return f"course:{course}"


def courses_of(job: Job) -> frozenset[str]:
    """The courses that have a share in the job."""
    return frozenset(owner.partition(":")[2] for owner in job.owners if owner.startswith("course:"))


def done_so_far(stages: Mapping[str, tuple[int, int]]) -> int:
    """How much of ``WHOLE`` is done, from (steps done, steps in all) by stage."""
    share = sum(
        STAGES[name] * min(done, total) / total for name, (done, total) in stages.items() if name in STAGES and total
    )
    return int(share)


@dataclass(frozen=True)
class FilmState:
    """How far a film is: what a page shows of its job.

    ``stages`` are (steps done, steps in all); ``error`` is a code, ``problem`` the same in plain English, ``findings``
    what the checks found: rows of code, message, slide, number, severity. ``part``: only some slides were wanted.
    """

    job: str
    key: str
    title: str
    language: str
    size: str
    course: str
    script: str
    status: JobStatus
    percent: int
    stage: str
    stages: Mapping[str, tuple[int, int]]
    created_at: datetime
    updated_at: datetime
    error: str = ""
    problem: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()
    part: bool = False


def film_state(job: Job) -> FilmState:
    """What the job says of its film."""
    request = FilmRequest.of(job.arguments)
    detail = job.detail
    stages = {name: (int(pair[0]), int(pair[1])) for name, pair in dict(detail.get("stages") or {}).items()}
    percent = 100 if job.status == "done" else min(99, 100 * job.done // WHOLE)
    return FilmState(
        job=job.id,
        key=job.key,
        title=request.title,
        language=request.language,
        size=request.size,
        course=request.course,
        script=request.script,
        status=job.status,
        percent=percent,
        stage=job.stage,
        stages=stages,
        created_at=job.created_at,
        updated_at=job.updated_at,
        error=job.error or "",
        problem=str(detail.get("problem") or PROBLEMS.get(job.error, "")) if job.error else "",
        findings=tuple(detail.get("findings") or ()),
        part=bool(request.only),
    )


@dataclass(frozen=True)
class Script:
    """What a trainer keeps: ``text`` is a Markdown deck or a Lesson as JSON, as ``format`` says. ``translations`` are
    the texts of translation artefacts by language tag; ``assets`` the SHA-256 of pictures and clips by the path that
    the deck gives them. ``revision`` counts the changes. ``course`` may be empty, and ``owner`` where they have gone.
    """

    id: str
    owner: str
    course: str
    title: str
    text: str
    created_at: datetime
    updated_at: datetime
    format: Literal["deck", "lesson"] = "deck"
    translations: dict[str, str] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)
    revision: int = 1
