"""Text as databases hold it and as searches compare it; the same in every store."""

import unicodedata

from tutor.domain.errors import InvalidInput

MAX_SEARCH_CHARS = 200


def search_terms(search: str) -> tuple[str, ...]:
    """The folded words of a search; each must occur in the title or in some message."""
    return tuple(dict.fromkeys(folded(search[:MAX_SEARCH_CHARS]).split()))


def folded(text: str) -> str:
    """``text`` without the differences a search ignores: case, and the ways Unicode can write one letter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable(text)).casefold())


def storable(text: str) -> str:
    """``text`` without NUL, which PostgreSQL can't hold in a text column."""
    return text.replace("\x00", "")


def require_storable(**texts: str) -> None:
    """Raise ``InvalidInput`` naming the first text that a database can't hold as it is (NUL, half a surrogate pair)."""
    for name, text in texts.items():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidInput("the text isn't valid Unicode", field=name) from None
        if "\x00" in text:
            raise InvalidInput("the text holds a NUL character", field=name)
