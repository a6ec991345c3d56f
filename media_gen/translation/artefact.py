"""A translation as a file that a person reads, corrects and approves: source and translation side by side, in TOML.

Nothing in it is ever lost: what the lesson no longer has moves to ``[[retired]]``, the approved wording of a text that
changed stays beside the new one as ``was``, and fields that this version doesn't know are written back as they were.
A machine's draft that a person has changed in the file is *edited*, whether or not they set the state.
"""

import hashlib
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from media_gen.errors import ScriptInvalid
from media_gen.lesson import Term


class State(StrEnum):
    MISSING = "missing"  # no translation yet
    DRAFT = "draft"  # a machine's, read by nobody
    EDITED = "edited"  # a person's, or changed by one
    APPROVED = "approved"  # a person stands by it


@dataclass(frozen=True)
class Entry:
    """One segment. ``hash`` names the source text that ``translation`` was made from (``segments.source_hash``).

    ``engine`` wrote the first draft, ``weak`` says that it is a weak one, and ``drafted`` is a hash of that draft.
    ``was`` is what a person had written for ``was_source``, before the source changed. ``problem``: why an engine's
    answer was refused. ``note`` is the trainer's. ``extra``: fields this version doesn't know.
    """

    key: str
    kind: str
    source: str
    hash: str
    translation: str = ""
    state: State = State.MISSING
    engine: str = ""
    weak: bool = False
    drafted: str = ""
    was: str = ""
    was_source: str = ""
    problem: str = ""
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reviewed(self) -> bool:
        return self.state in (State.EDITED, State.APPROVED)


@dataclass(frozen=True)
class Translation:
    """From ``source_language`` into ``language``. ``terms`` are the glossary of this file, before the lesson's own."""

    source_language: str
    language: str
    title: str = ""
    entries: tuple[Entry, ...] = ()
    retired: tuple[Entry, ...] = ()
    terms: tuple[Term, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)

    def counts(self) -> dict[State, int]:
        return {state: sum(entry.state is state for entry in self.entries) for state in State}


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def edit(translation: Translation, key: str, text: str) -> Translation:
    """A person's wording of one segment; an empty one takes it back. Raises ``KeyError`` for an unknown key."""
    if translation.entry(key) is None:
        raise KeyError(key)
    state = State.EDITED if text.strip() else State.MISSING
    return _with(translation, {key}, translation=text, state=state, problem="")


def approve(translation: Translation, *keys: str) -> Translation:
    """These segments, or with no keys all that have a translation, approved; their earlier wording is let go."""
    there = {entry.key for entry in translation.entries if entry.translation}
    if lost := [key for key in keys if key not in there]:
        raise KeyError(lost[0])
    settled = {"state": State.APPROVED, "was": "", "was_source": "", "problem": ""}
    return _with(translation, there & set(keys) if keys else there, **settled)


def _with(whole: Translation, keys: Collection[str], /, **change: Any) -> Translation:
    entries = (replace(entry, **change) if entry.key in keys else entry for entry in whole.entries)
    return replace(whole, entries=tuple(entries))


# -- the file ------------------------------------------------------------------------------------------------------


def beside(script: Path, language: str) -> Path:
    """Where the translation of a script lies: ``deck.md`` in Spanish is ``deck.es.toml``."""
    return script.with_name(f"{script.stem}.{language}.toml")


def read(path: Path) -> Translation:
    """Raises ``ScriptInvalid`` for a file that can't be understood; its data has the line where one is known."""
    try:
        return parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptInvalid(f"The translation {path.name} can't be read: {error}.") from error


def write(path: Path, translation: Translation) -> None:
    """Written aside and renamed, so that a reader never sees half a file."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with aside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(dump(translation))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def parse(text: str) -> Translation:
    """A translation from its file's text. Raises ``ScriptInvalid``."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise ScriptInvalid(
            f"The translation is no valid TOML: {error}.", line=int(line[1]) if line else None
        ) from None
    if table.get("format") != 1:
        raise ScriptInvalid("The translation's format is not 1.")
    try:
        entries = tuple(_entry(row) for row in table.pop("segment", ()))
        retired = tuple(_entry(row) for row in table.pop("retired", ()))
        terms = tuple(_term(row, table["language"]) for row in table.pop("term", ()))
        known = {name: table.pop(name) for name in ("source_language", "language")}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScriptInvalid(f"The translation lacks something or has it wrong: {error}.") from error
    del table["format"]
    counts = Counter(entry.key for entry in entries)
    if twice := sorted(key for key, count in counts.items() if count > 1):
        raise ScriptInvalid(f"The translation has a segment more than once: {', '.join(twice)}.")
    title = table.pop("title", "")
    if not all(isinstance(value, str) for value in (title, *known.values())):
        raise ScriptInvalid("The translation's title and languages are texts.")
    return Translation(**known, title=title, entries=entries, retired=retired, terms=terms, extra=table)


_FIELDS = ("key", "kind", "source", "hash", "translation", "state", "engine", "weak", "drafted")
_MORE = ("was", "was_source", "problem", "note")


def _entry(row: Mapping[str, Any]) -> Entry:
    known = {name: row[name] for name in (*_FIELDS, *_MORE) if name in row}
    if odd := [name for name, value in known.items() if not isinstance(value, bool if name == "weak" else str)]:
        raise TypeError(f"{odd[0]} is no text")
    extra = {name: value for name, value in row.items() if name not in known}
    entry = Entry(**{**known, "state": State(known.get("state", "missing"))}, extra=extra)
    if not entry.translation.strip():
        return replace(entry, state=State.MISSING)
    changed = entry.state is State.DRAFT and entry.drafted and text_hash(entry.translation) != entry.drafted
    return replace(entry, state=State.EDITED) if changed or entry.state is State.MISSING else entry


def _term(row: Mapping[str, Any], language: str) -> Term:
    if row.get("keep"):
        return Term(term=row["term"], keep=True)
    return Term(term=row["term"], translations={language: row["translation"]})


def dump(translation: Translation) -> str:
    """The file's text. ``parse(dump(t)) == t``, but for drafts that a person has changed."""
    head = [
        "# Source and translation side by side. Correct a `translation` where it stands; set `state` to approved when",
        "# you stand by it. States: missing, draft (a machine's, read by nobody), edited, approved.",
        "format = 1",
        f"source_language = {_text(translation.source_language)}",
        f"language = {_text(translation.language)}",
        f"title = {_text(translation.title)}",
        *(f"{_key(name)} = {_toml(value)}" for name, value in translation.extra.items()),
    ]
    blocks = ["\n".join(head)]
    for term in translation.terms:
        fixed = "keep = true" if term.keep else f"translation = {_text(term.translations[translation.language])}"
        blocks.append(f"[[term]]\nterm = {_text(term.term)}\n{fixed}")
    blocks += [_block("segment", entry) for entry in translation.entries]
    blocks += [_block("retired", entry) for entry in translation.retired]
    return "\n\n".join(blocks) + "\n"


def _block(name: str, entry: Entry) -> str:
    rows = [f"[[{name}]]"]
    for attribute in (*_FIELDS, *_MORE):
        value = getattr(entry, attribute)
        if value or attribute in ("key", "kind", "state", "hash", "source", "translation"):
            rows.append(f"{attribute} = {_toml(value)}")
    rows += [f"{_key(key)} = {_toml(value)}" for key, value in entry.extra.items()]
    return "\n".join(rows)


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else _text(name)


def _text(text: str) -> str:
    """LaTeX is full of backslashes, so a text that has them is written as it is, between single quotes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
