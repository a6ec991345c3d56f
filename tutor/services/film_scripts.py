"""The scripts that trainers keep: read, changed and made into lessons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from tutor.domain.accounts import Account, Role
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.films import Script, is_key
from tutor.ports import Clock, Library, NewId, Scripts

if TYPE_CHECKING:
    from media_gen.lesson import Lesson

LONGEST = 400_000  # characters of a script, and of a translation


class ScriptRefused(InvalidInput):
    """The script is none; ``data`` has the ``problem`` in plain English and may have ``line`` and ``slide``."""

    code = "script_invalid"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message, **data, problem=message)


@dataclass(frozen=True)
class Content:
    """What a trainer writes."""

    text: str
    format: Literal["deck", "lesson"] = "deck"
    course: str = ""
    translations: Mapping[str, str] | None = None
    assets: Mapping[str, str] | None = None


class ScriptService:
    """Scripts of a course are every trainer's; others are their owner's alone."""

    def __init__(self, scripts: Scripts, library: Library, clock: Clock, new_id: NewId) -> None:
        self._scripts = scripts
        self._library = library
        self._clock = clock
        self._new_id = new_id

    def add(self, account: Account, content: Content) -> Script:
        """Raises ``ScriptRefused``, and ``NotFound`` for an unknown course."""
        now = self._clock()
        script = self._filled(Script(self._new_id(), account.id, content.course, "", "", now, now), content)
        self._scripts.add(script)
        return script

    def save(self, account: Account, script: str, content: Content, revision: int) -> Script:
        """Raises ``ScriptRefused``, ``NotFound``, and ``SequenceConflict`` when it is no longer of ``revision``."""
        known = self.get(account, script)
        return self._scripts.save(replace(self._filled(known, content), revision=revision))

    def get(self, account: Account, script: str) -> Script:
        """Raises ``NotFound``."""
        found = self._scripts.get(script)
        if found is None or not _may_edit(account, found):
            raise NotFound("There is no such script.")
        return found

    def listed(self, account: Account, course: str | None = None) -> tuple[Script, ...]:
        """Newest change first."""
        return tuple(one for one in self._scripts.listed(course=course) if _may_edit(account, one))

    def remove(self, account: Account, script: str) -> None:
        """The films that were made of it stay. Raises ``NotFound``."""
        self._scripts.remove(self.get(account, script).id)

    def _filled(self, script: Script, content: Content) -> Script:
        if content.course and self._library.course(content.course) is None:
            raise NotFound("There is no such course.", course=content.course)
        if len(content.text) > LONGEST or any(len(text) > LONGEST for text in (content.translations or {}).values()):
            raise ScriptRefused(f"A script has {LONGEST:,} characters at most.")
        if any(not is_key(sha256) for sha256 in (content.assets or {}).values()):
            raise ScriptRefused("A picture is named by the SHA-256 of its content.")
        filled = replace(
            script,
            course=content.course,
            format=content.format,
            text=content.text,
            translations=dict(script.translations if content.translations is None else content.translations),
            assets=dict(script.assets if content.assets is None else content.assets),
        )
        return replace(filled, title=lesson_of(filled).title)


def _may_edit(account: Account, script: Script) -> bool:
    return account.id == script.owner or (bool(script.course) and account.may(Role.TRAINER))


def lesson_of(script: Script) -> "Lesson":
    """The lesson of a script, its pictures named by their content. Raises ``ScriptRefused``."""
    return _lesson(script.format, script.text, tuple(sorted(script.assets.items())))


@lru_cache(maxsize=64)
def _lesson(form: str, text: str, assets: tuple[tuple[str, str], ...]) -> "Lesson":
    from pydantic import ValidationError

    from media_gen.errors import MediaError
    from media_gen.lesson import Lesson

    try:
        if form == "lesson":
            lesson = Lesson.model_validate_json(text)
        else:
            from media_gen.script.deck import read_deck

            lesson = read_deck(text)
        return with_assets(lesson, dict(assets)) if assets else lesson
    except MediaError as error:
        raise ScriptRefused(str(error), **error.data) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ScriptRefused(f"{place}: {first['msg']}" if place else first["msg"]) from None


def with_assets(lesson: "Lesson", assets: Mapping[str, str]) -> "Lesson":
    """The lesson with every picture and clip of ``assets`` (SHA-256 by path) named by its content."""
    from media_gen.lesson import Lesson

    return Lesson.model_validate_json(json.dumps(_named(lesson.model_dump(mode="json"), assets)))


def _named(value: Any, assets: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, assets) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _named(one, assets) for name, one in value.items()}
    if value.get("kind") in ("picture", "clip") and value["asset"] in assets:
        found["asset"] = f"sha256:{assets[value['asset']]}"
    return found
