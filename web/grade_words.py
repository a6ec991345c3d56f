"""Grades, reasons and progress in the reader's words, and the titles of what a course teaches."""

from collections.abc import Callable, Mapping
from typing import Any

from tutor.domain import events as e
from tutor.locales import Locale, UnknownKey
from tutor.ports import Library

#: The title of a knowledge component, by its id.
Titles = Callable[[str], str]


class ComponentTitles:
    """The titles of a course's components. Reads the store when first asked, and again for an id it doesn't know;
    not in the event loop."""

    def __init__(self, library: Library, course: str) -> None:
        self._library = library
        self._course = course
        self._titles: Mapping[str, str] = {}

    def __call__(self, component: str) -> str:
        if component not in self._titles:
            course = self._library.course(self._course)
            self._titles = {each.id: each.title for each in course.components} if course else {}
        return self._titles.get(component, component)


def worded(locale: Locale, key: str, facts: Mapping[str, Any] | None = None) -> str:
    """The wording of a code, or nothing where this language file has none that the facts fill: a page that says less
    is better than one that fails on a code from a newer server."""
    values = dict(facts or {})
    if isinstance(values.get("count"), str) and str(values["count"]).isdigit():
        values["count"] = int(values["count"])  # the log keeps facts as text, plural forms need the number
    try:
        return locale.t(key, **values)
    except UnknownKey:
        return ""


def percent(change: float) -> str:
    """A change of a probability in whole points: "+8 %", "−3 %". Isolated, so that the sign stays on its side."""
    points = round(100 * change)
    sign = "+" if points > 0 else "\u2212" if points < 0 else "\u00b1"
    return f"\u2066{sign}{abs(points)}\u00a0%\u2069"


def shift_text(locale: Locale, shift: e.MasteryShift) -> str:
    """How far a belief moved, and why: "+8 %: right on the first try, after 3 days"."""
    facts: dict[str, Any] = {name: round(value) for name, value in shift.data.items()}
    # Plural forms go by {count}.
    facts["count"] = facts.get("days", facts.get("hints", facts.get("count", 0)))
    why = worded(locale, f"mastery.why.{shift.why}", facts)
    change = percent(shift.after - shift.before)
    return f"{change}: {why}" if why else change
