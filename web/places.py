"""Places in paged and timed files, as people write them: "p. 12", "slide 7", "12:31"."""

from pathlib import PurePosixPath

from tutor.locales import Locale

_SLIDES = frozenset({".pptx", ".ppsx", ".odp"})


def clock(second: float) -> str:
    """751.4 is "12:31"; from an hour on "1:02:31"."""
    whole = max(0, int(second))
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def is_slides(document: str) -> bool:
    """Whether the pages of this file are called slides."""
    return PurePosixPath(document).suffix.lower() in _SLIDES


def place_text(locale: Locale, document: str, page: int | None, second: float | None) -> str:
    """Short, for a chip beside a title; empty where the file has neither pages nor time."""
    if page is not None:
        return locale.t("reading.slide_short" if is_slides(document) else "reading.page_short", number=page)
    return clock(second) if second is not None else ""
