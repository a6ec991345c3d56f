"""``course.toml``: what a course is called, its units and its knowledge components (docs/course-format.md)."""

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders.folder import MANIFEST, read_bytes
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.errors import InvalidInput

MAX_SLUG = 63


class BadCourseFile(InvalidInput):
    """``course.toml`` says something impossible; the message names the place."""

    code = "bad_course_file"


def slug(name: str) -> str:
    """``Biology 2e`` as ``biology-2e``. Raises ``InvalidInput`` where no letter or digit of a-z is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")
    if not made:
        raise InvalidInput(f"A course's short name has letters a-z and digits; {name!r} has none.", field="course")
    return made


def read_course_file(folder: Path) -> Course | None:
    """The course a folder describes, or None where it has no ``course.toml``.

    Raises ``BadCourseFile``: not TOML, a name missing, an unknown unit or prerequisite, a name used twice, a circle.
    """
    try:
        data = tomllib.loads(read_bytes(folder, MANIFEST).decode("utf-8-sig"))
    except UnreadableDocument as error:
        if error.data.get("reason") == "missing":
            return None
        raise BadCourseFile(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise BadCourseFile(f"{MANIFEST} is not valid TOML: {error}") from error
    title = _text(data, "title", MANIFEST)
    course = Course(
        id=slug(_text(data, "id", MANIFEST, title)),
        title=title,
        language=_text(data, "language", MANIFEST, "") or "",
        description=_text(data, "description", MANIFEST, ""),
        licence=_text(data, "licence", MANIFEST, ""),
        units=tuple(_unit(entry) for entry in _entries(data, "unit")),
        components=tuple(_component(entry) for entry in _entries(data, "kc")),
    )
    _check(course)
    return course


def _unit(entry: dict[str, Any]) -> Unit:
    name = _text(entry, "id", "[[unit]]")
    return Unit(name, _text(entry, "title", f"unit {name}", name))


def _component(entry: dict[str, Any]) -> KnowledgeComponent:
    name = _text(entry, "id", "[[kc]]")
    before = entry.get("prerequisites", [])
    if not isinstance(before, list) or not all(isinstance(other, str) for other in before):
        raise BadCourseFile(f"{MANIFEST}, kc {name}: prerequisites is a list of ids.", kc=name)
    return KnowledgeComponent(
        id=name,
        title=_text(entry, "title", f"kc {name}", name),
        unit=_text(entry, "unit", f"kc {name}", ""),
        objective=_text(entry, "objective", f"kc {name}", ""),
        prerequisites=tuple(before),
    )


def _check(course: Course) -> None:
    for kind, names in (("unit", [u.id for u in course.units]), ("kc", [k.id for k in course.components])):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadCourseFile(f"{MANIFEST}: {kind} {twice[0]} stands there twice.")
    units = {unit.id for unit in course.units}
    known = {component.id for component in course.components}
    for component in course.components:
        if component.unit and component.unit not in units:
            raise BadCourseFile(f"{MANIFEST}, kc {component.id}: there is no unit {component.unit}.", kc=component.id)
        for other in component.prerequisites:
            if other not in known:
                raise BadCourseFile(f"{MANIFEST}, kc {component.id}: there is no kc {other}.", kc=component.id)
    left = {component.id: set(component.prerequisites) for component in course.components}
    while left:
        free = {name for name, before in left.items() if not before & left.keys()}
        if not free:
            circle = ", ".join(sorted(left))
            raise BadCourseFile(f"{MANIFEST}: these prerequisites go round in a circle: {circle}.")
        left = {name: before for name, before in left.items() if name not in free}


def _entries(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadCourseFile(f"{MANIFEST}: write each {key} as [[{key}]].")
    return found


def _text(data: dict[str, Any], key: str, place: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str) or (not value.strip() and default is None):
        raise BadCourseFile(f"{place}: {key} is missing or is no text.")
    return value.strip()
