"""Front matter: the fields of the lesson in YAML at the top of a deck, of Marp's and Slidev's what concerns us."""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from media_gen.errors import AssetMissing, LanguageUnknown, ScriptInvalid
from media_gen.language import load
from media_gen.script.assets import asset
from media_gen.script.place import Place

MOST_CHARACTERS = 300_000
THEMES = frozenset({"light", "dark", "contrast"})
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_BEGIN = re.compile(r"\s*(?:#.*\n\s*)*['\"]?[A-Za-z_][\w-]*['\"]?[ \t]*:")


class _Loader(yaml.BaseLoader):
    """Every value is a string (`no` is Norwegian, not false); aliases, which can grow without end, are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not used here")
        return super().compose_node(parent, index)


def split(text: str) -> tuple[dict[str, Any], int]:
    """The front matter's mapping and how many lines it takes; ({}, 0) where the text has none.

    Raises ``ScriptInvalid`` with the line where it is not YAML."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, 0
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    source = "\n".join(lines[1:end])
    if not end or not _BEGIN.match(source):
        return {}, 0
    if len(source) > MOST_CHARACTERS:
        raise ScriptInvalid(f"The front matter is longer than {MOST_CHARACTERS:,} characters.", line=1)
    try:
        found = yaml.load(source, _Loader)  # noqa: S506 - made of BaseLoader, which builds strings only
    except yaml.MarkedYAMLError as error:
        line = 2 + (error.problem_mark.line if error.problem_mark else 0)
        raise ScriptInvalid(
            f"The front matter is not valid YAML on line {line}: {error.problem}.", line=line
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ScriptInvalid(f"The front matter is not valid YAML: {str(error)[:200]}.", line=1) from error
    return (found, end + 1) if isinstance(found, dict) else ({}, 0)


def lesson_fields(settings: dict[str, Any]) -> dict[str, Any]:
    """The fields of ``Lesson`` that the front matter gives, unvalidated but of the right shape; never ``slides``."""
    language = (
        _tag(_text(settings, "language")) if settings.get("language") else nearest(_text(settings, "lang") or "en")
    )
    voices = {_tag(tag): str(voice) for tag, voice in _mapping(settings, "voices").items()}
    if voice := _text(settings, "voice"):
        voices[language] = voice
    return {
        "title": _string(settings, "title"),
        "description": _string(settings, "description") or " ".join(_text(settings, "info").replace("#", " ").split()),
        "language": language,
        "languages": tuple(_tag(tag) for tag in _words(settings, "languages")),
        "author": ", ".join(_words(settings, "author"))
        if isinstance(settings.get("author"), list)
        else _text(settings, "author"),
        "licence": _text(settings, "licence") or _text(settings, "license"),
        "theme": _theme(settings),
        "voices": voices,
        "sources": tuple(_source(entry) for entry in _entries(settings, "sources", "title")),
        "glossary": tuple(_term(settings)),
        "pronunciations": tuple(_pronunciation(entry) for entry in _entries(settings, "pronunciations", "say", "text")),
        "drafts": {str(key): str(value) for key, value in _mapping(settings, "drafts").items()},
    }


def nearest(tag: str) -> str:
    """The language of films for a tag as other programs write it (``en-US``); the tag itself where there is none."""
    try:
        return load(_tag(tag)).tag
    except LanguageUnknown:
        return tag


def _theme(settings: dict[str, Any]) -> str:
    """Ours by name, a brand file by its path; another tool's theme is light, or dark where it says so."""
    theme = _text(settings, "theme")
    if theme in THEMES:
        return theme
    if theme.endswith(".toml"):
        try:
            return asset(theme, Place(1))
        except AssetMissing as error:
            raise ScriptInvalid(f"The theme {theme[:80]!r} is not a file below the script's folder.", line=1) from error
    dark = _text(settings, "class") == "invert" or _text(settings, "colorSchema") == "dark"
    return "dark" if dark else "light"


def _tag(tag: Any) -> str:
    if not isinstance(tag, str) or not _TAG.match(tag.strip()):
        raise ScriptInvalid(
            f"The front matter names a language {str(tag)[:40]!r}; write a tag such as en or pt-BR.", line=1
        )
    return tag.strip()


def _source(entry: dict[str, Any]) -> dict[str, str]:
    known = ("id", "title", "detail", "passage", "address", "quote", "licence")
    _only(entry, known, "a source")
    if "id" not in entry:
        raise ScriptInvalid("Each of the sources in the front matter has an id.", line=1)
    return {"title": "", **{key: _string(entry, key) for key in entry}}


def _term(settings: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """``glossary`` is a mapping of terms to ``keep`` or to their translations, or a list of ``{term, ...}``."""
    found = settings.get("glossary") or {}
    entries = (
        [{**_as_mapping(value), "term": term} for term, value in found.items()] if isinstance(found, dict) else found
    )
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "term" in entry for entry in entries):
        raise ScriptInvalid("The glossary in the front matter is a list of terms with their translations.", line=1)
    for entry in entries:
        translations = _mapping(entry, "translations") or {k: v for k, v in entry.items() if k not in ("term", "keep")}
        keep = str(entry.get("keep", "")).lower() in ("true", "yes", "keep", "on")
        yield {
            "term": _string(entry, "term"),
            "translations": {_tag(tag): _string(translations, tag) for tag in translations},
            "keep": keep,
        }


def _as_mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {"keep": value}


def _pronunciation(entry: dict[str, Any]) -> dict[str, str]:
    _only(entry, ("text", "say", "language"), "a pronunciation")
    if "text" not in entry or "say" not in entry:
        raise ScriptInvalid("Each of the pronunciations in the front matter has a text and what to say.", line=1)
    return {key: _string(entry, key) for key in entry}


def _only(entry: dict[str, Any], known: tuple[str, ...], what: str) -> None:
    if odd := [str(key) for key in entry if key not in known]:
        raise ScriptInvalid(f"The front matter gives {what} a {odd[0][:40]!r}; known are {', '.join(known)}.", line=1)


def _entries(settings: dict[str, Any], key: str, short: str, name: str = "id") -> list[dict[str, Any]]:
    """A list of mappings; or a mapping of names to mappings, or to the value of ``short``."""
    found = settings.get(key) or []
    if isinstance(found, dict):
        return [{name: n, **(value if isinstance(value, dict) else {short: value})} for n, value in found.items()]
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ScriptInvalid(f"`{key}` in the front matter is a list of entries.", line=1)
    return found


def _mapping(settings: dict[str, Any], key: str) -> dict[str, Any]:
    found = settings.get(key) or {}
    if not isinstance(found, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in found.items()):
        raise ScriptInvalid(f"`{key}` in the front matter is a list of `name: value` lines.", line=1)
    return found


def _words(settings: dict[str, Any], key: str) -> list[str]:
    found = settings.get(key) or []
    words = found.replace(",", " ").split() if isinstance(found, str) else found
    if not isinstance(words, list):
        raise ScriptInvalid(f"`{key}` in the front matter is a list.", line=1)
    return words


def _text(settings: dict[str, Any], key: str) -> str:
    return _string(settings, key).strip()


def _string(settings: dict[str, Any], key: str) -> str:
    found = settings.get(key, "")
    if not isinstance(found, str):
        raise ScriptInvalid(f"`{key}` in the front matter is a text, not a list.", line=1)
    return found
