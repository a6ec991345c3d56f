"""Places as a chip names them."""

import pytest

from tutor import locales
from web.places import clock, place_text


@pytest.mark.parametrize(
    ("second", "shown"), [(0, "0:00"), (59.9, "0:59"), (751.4, "12:31"), (3751, "1:02:31"), (-1, "0:00")]
)
def test_a_second_is_shown_as_a_clock_shows_it(second: float, shown: str) -> None:
    assert clock(second) == shown


@pytest.mark.parametrize(
    ("language", "document", "page", "second", "shown"),
    [
        ("en", "energy.pdf", 12, None, "p. 12"),
        ("es", "energy.pdf", 12, None, "pág. 12"),
        ("ar", "energy.pdf", 12, None, "ص. 12"),
        ("en", "week1.zip/deck.PPTX", 7, None, "slide 7"),
        ("ar", "deck.pptx", 7, None, "شريحة 7"),
        ("en", "lecture.vtt", None, 751.4, "12:31"),
        ("en", "leaves.md", None, None, ""),
    ],
)
def test_a_place_is_named_as_its_medium_counts(
    language: str, document: str, page: int | None, second: float | None, shown: str
) -> None:
    assert place_text(locales.load(language), document, page, second) == shown
