"""The language files: one TOML a language, with everything a person reads in the interface or hears from the tutor.

A value is a string with ``{placeholders}``, a list of equally good variants, or a table of plural forms (``one``,
``few``, ``other`` and so on, as CLDR names them). Nothing is read before ``load`` is called.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from unicodedata import bidirectional

Entry = str | tuple[str, ...] | Mapping[str, str]

PLURAL_FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})


class UnknownKey(LookupError):
    """No such key, or a placeholder without a value: a mistake of ours, never of the reader."""


def plural_form(language: str, count: int) -> str:
    """The CLDR plural form of a whole number."""
    if language == "ar":
        if count < 3:
            return ("zero", "one", "two")[count]
        tail = count % 100
        return "few" if 3 <= tail <= 10 else "many" if tail >= 11 else "other"
    return "one" if count == 1 else "other"


def isolated(text: str, direction: str) -> str:
    """``text`` fit to stand inside a sentence of ``direction``: isolated where it holds letters of the other one.

    Without it the punctuation around a foreign title ends up on the wrong side (Unicode TR 9, isolates).
    """
    foreign = {"R", "AL"} if direction == "ltr" else {"L"}
    return f"\u2068{text}\u2069" if any(bidirectional(c) in foreign for c in text) else text


@dataclass(frozen=True)
class Locale:
    """A language: ``tag`` is its BCP 47 tag, ``name`` what it calls itself, ``direction`` ltr or rtl.

    ``fonts`` are font families that set it well, best first.
    """

    tag: str
    name: str
    direction: str
    fonts: tuple[str, ...]
    strings: Mapping[str, Entry]

    def t(self, key: str, **values: object) -> str:
        """The wording of ``key`` with its placeholders filled.

        ``count`` chooses the plural form; of several variants the first is taken. Raises ``UnknownKey``.
        """
        return self._filled(key, self._entry(key), values)

    def variant(self, key: str, index: int, **values: object) -> str:
        """One of several variants of a wording; any ``index`` will do (it wraps round)."""
        entry = self._entry(key)
        if isinstance(entry, tuple):
            entry = entry[index % len(entry)]
        return self._filled(key, entry, values)

    def variants(self, key: str) -> tuple[str, ...]:
        """All variants of a wording, placeholders unfilled."""
        entry = self._entry(key)
        return (entry,) if isinstance(entry, str) else tuple(entry.values() if isinstance(entry, Mapping) else entry)

    @property
    def greetings(self) -> tuple[str, ...]:
        """Whole messages that are nothing but a greeting: lower case, without punctuation."""
        return self.variants("tutor.greetings")

    def listing(self, items: Sequence[str]) -> str:
        """``items`` in a row, as the language writes a list: "a, b and c"."""
        apart = [isolated(item, self.direction) for item in items]
        if len(apart) < 2:
            return "".join(apart)
        rest = str(self._entry("list.between")).join(apart[:-1])
        return str(self._entry("list.last")).format(rest=rest, last=apart[-1])

    def section(self, prefix: str) -> dict[str, Entry]:
        """Every entry below ``prefix``, by the rest of its key: what a page hands to its scripts."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): dict(entry) if isinstance(entry, Mapping) else entry
            for key, entry in self.strings.items()
            if key.startswith(start)
        }

    def has(self, key: str) -> bool:
        return key in self.strings

    def _entry(self, key: str) -> Entry:
        try:
            return self.strings[key]
        except KeyError:
            raise UnknownKey(f"{self.tag}: {key}") from None

    def _filled(self, key: str, entry: Entry, values: Mapping[str, object]) -> str:
        if isinstance(entry, Mapping):
            count = values.get("count")
            if not isinstance(count, int):
                raise UnknownKey(f"{self.tag}: {key} needs a count")
            entry = entry.get(plural_form(self.tag, count)) or entry["other"]
        elif isinstance(entry, tuple):
            entry = entry[0]
        fitting = {
            name: isolated(value, self.direction) if isinstance(value, str) and "\u2068" not in value else value
            for name, value in values.items()
        }
        try:
            return entry.format_map(fitting)
        except KeyError as missing:
            raise UnknownKey(f"{self.tag}: {key} needs {missing}") from None


def placeholders(entry: Entry) -> frozenset[str]:
    """The names in braces, of all variants and plural forms together."""
    texts = [entry] if isinstance(entry, str) else list(entry.values() if isinstance(entry, Mapping) else entry)
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            found[key] = value
        elif isinstance(value, list):
            found[key] = tuple(str(v) for v in value)
        elif isinstance(value, dict):
            if value and set(value) <= PLURAL_FORMS:
                found[key] = MappingProxyType({form: str(text) for form, text in value.items()})
            else:
                found |= _flat(value, f"{key}.")
    return found


@cache
def available() -> tuple[str, ...]:
    """The tags of all language files, English first and then by tag."""
    tags = [f.name.removesuffix(".toml") for f in files(__name__).iterdir() if f.name.endswith(".toml")]
    return tuple(sorted(tags, key=lambda tag: (tag != "en", tag)))


@cache
def _load(tag: str) -> Locale:
    table = tomllib.loads((files(__name__) / f"{tag}.toml").read_text(encoding="utf-8"))
    about = table.pop("language")
    return Locale(tag, about["name"], about["direction"], tuple(about["fonts"]), MappingProxyType(_flat(table)))


def load(language: str) -> Locale:
    """The locale of a BCP 47 tag, or of its primary language, or English where we have neither."""
    for tag in (language, language.replace("_", "-").partition("-")[0].lower()):
        if tag in available():
            return _load(tag)
    return _load("en")
