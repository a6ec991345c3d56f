"""The words of ``wish``, out of every language file: learners don't keep to the language of the page."""

from functools import cache
from types import MappingProxyType

from tutor import locales
from tutor.services.explain.wish import WishWords


@cache
def wish_words() -> WishWords:
    known = [locales.load(tag) for tag in locales.available()]
    languages = {
        name: key.removeprefix("film.named.")
        for locale in known
        for key in locale.strings
        if key.startswith("film.named.")
        for name in locale.variants(key)
    }
    return WishWords(
        frozenset(word for locale in known for word in locale.variants("film.cues")),
        frozenset(word for locale in known for word in locale.variants("film.asking")),
        frozenset(word for locale in known for word in locale.variants("film.filler")),
        MappingProxyType(languages),
    )
