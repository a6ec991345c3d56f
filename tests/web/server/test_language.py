"""Which language a visitor reads."""

import pytest

from web.views import negotiate

HAVE = ("en", "es", "ar", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr-FR, fr;q=0.9, ar;q=0.4, en;q=0.3", "ar"),
        ("en;q=0.2, es;q=0.9", "es"),
        ("ES-mx", "es"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("es;q=0", "en"),
        ("es;q=x, ar", "ar"),
        (";;;,,,q=1", "en"),
        ("es" * 5000, "en"),
    ],
)
def test_negotiation(header: str, expected: str) -> None:
    assert negotiate(header, HAVE, "en") == expected


def test_the_setting_decides_where_nothing_fits() -> None:
    assert negotiate("fr", HAVE, "es") == "es"
