"""The trainer's workplace: a script with its slides, its translations side by side, and the films made of it."""

import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.domain.accounts import Account
from tutor.domain.errors import NotFound
from tutor.domain.films import Script
from tutor.services.film_files import FilmFiles
from tutor.services.film_scripts import Content, ScriptRefused, ScriptService, lesson_of
from tutor.services.film_text import document_name, document_text
from tutor.services.ingest import IngestService

if TYPE_CHECKING:
    from media_gen.checks.finding import Finding
    from media_gen.lesson import Lesson
    from media_gen.slides.port import Screen, Setter
    from media_gen.translation.artefact import Entry, Translation
    from media_gen.translation.port import Translator

ASSET_BYTES = 200 * 1024 * 1024  # of a picture or a clip
FORMATS = (".md", ".markdown", ".txt", ".pptx")


@dataclass(frozen=True)
class LanguageRow:
    """How far a language is: segments ``done`` (a person's), ``drafts`` (a machine's) and ``missing``. ``translator``
    is the name of one that could draft it, empty where there is none."""

    tag: str
    done: int
    drafts: int
    missing: int
    translator: str

    @property
    def complete(self) -> bool:
        return not self.missing


class StudioService:
    """``setter`` makes pictures of slides; ``translators`` are those there are, best first. Both load much: they are
    called when they are needed."""

    def __init__(
        self,
        scripts: ScriptService,
        files: FilmFiles,
        setter: "Callable[[], Setter]",
        translators: "Callable[[], Sequence[Translator]]",
        ingest: IngestService,
    ) -> None:
        self.scripts = scripts
        self._files = files
        self._setter = setter
        self._translators = translators
        self._ingest = ingest

    def publish(self, account: Account, script: Script) -> None:
        """What the film of a course's script says becomes a document of the course, to be found and cited. Raises
        ``NotFound`` for a course that is gone."""
        text = document_text(lesson_of(script)).encode()
        self._ingest.save_upload(script.course, document_name(script.id), io.BytesIO(text), len(text), account.id)
        self._ingest.start()

    # -- scripts ---------------------------------------------------------------------------------------------------

    def read_upload(self, name: str, data: bytes) -> tuple[str, dict[str, str]]:
        """The deck text in an uploaded file, with the pictures that came with it (SHA-256 by path).

        Raises ``ScriptRefused``."""
        from media_gen.errors import MediaError
        from media_gen.script import read
        from media_gen.script.write import write_deck

        suffix = Path(name).suffix.lower()
        if suffix not in FORMATS:
            raise ScriptRefused(f"A script is a {', '.join(FORMATS)} file; this is {suffix or 'none of these'}.")
        if suffix != ".pptx":
            try:
                return data.decode("utf-8-sig"), {}
            except UnicodeDecodeError:
                raise ScriptRefused("The file is no text in UTF-8.") from None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "script.pptx"
            path.write_bytes(data)
            try:
                lesson = read(path)
            except MediaError as error:
                raise ScriptRefused(str(error), **error.data) from None
            assets = {}
            for asset in sorted(_assets(lesson)):
                file = Path(folder) / asset
                if file.is_file():
                    assets[asset] = self._files.put_asset(io.BytesIO(file.read_bytes()), ASSET_BYTES)
            return write_deck(lesson), assets

    def add_assets(self, account: Account, script: str, files: Mapping[str, bytes]) -> Script:
        """Pictures and clips of a script, by the path that its text gives them. Raises ``NotFound``."""
        known = self.scripts.get(account, script)
        stored = {name: self._files.put_asset(io.BytesIO(data), ASSET_BYTES) for name, data in files.items()}
        content = replace(_content(known), assets={**known.assets, **stored})
        return self.scripts.save(account, script, content, known.revision)

    def assets_missing(self, script: Script) -> tuple[str, ...]:
        """Pictures and clips that the script names and that are not there."""
        return tuple(sorted(name for name in _assets(lesson_of(script)) if not name.startswith("sha256:")))

    # -- slides ----------------------------------------------------------------------------------------------------

    def screens(self, script: Script, language: str) -> "tuple[Screen, ...]":
        """The slides in a language, as pictures. Raises ``ScriptRefused`` for a slide that can't be set."""
        from media_gen.errors import MediaError
        from media_gen.slides.port import HD

        try:
            return tuple(self._setter().screens(self.lesson(script, language), HD, self._files.assets))
        except MediaError as error:
            raise ScriptRefused(str(error), **error.data) from None

    def findings(self, script: Script, language: str) -> "tuple[Finding, ...]":
        """What the checks of slides find. Raises ``ScriptRefused``."""
        from media_gen.errors import MediaError
        from media_gen.slides.port import HD

        try:
            return tuple(self._setter().findings(self.lesson(script, language), HD, self._files.assets))
        except MediaError as error:
            raise ScriptRefused(str(error), **error.data) from None

    def lesson(self, script: Script, language: str = "") -> "Lesson":
        """The script's lesson in a language (empty: its own), with what is not translated left as it is."""
        from media_gen.translation.localise import localise

        lesson = lesson_of(script)
        return lesson if language in ("", lesson.language) else localise(lesson, self.translation(script, language))

    # -- translations ----------------------------------------------------------------------------------------------

    def translation(self, script: Script, language: str) -> "Translation":
        """The translation into a language with a place for every segment of today's script; not stored by this.

        Raises ``NotFound`` for a language that films don't have."""
        from media_gen.errors import LanguageUnknown
        from media_gen.language import load
        from media_gen.translation import artefact
        from media_gen.translation.update import started, update

        try:
            tag = load(language).tag
        except LanguageUnknown:
            raise NotFound("There is no such language.") from None
        lesson, text = lesson_of(script), script.translations.get(tag, "")
        return update(lesson, artefact.parse(text)) if text else started(lesson, tag)

    def write(
        self, account: Account, script: str, language: str, texts: Mapping[str, str], approved: frozenset[str]
    ) -> Script:
        """Store a person's wording: ``texts`` by segment, those of ``approved`` approved. Raises ``NotFound``."""
        from media_gen.translation import artefact

        known = self.scripts.get(account, script)
        translation = self.translation(known, language)
        for entry in translation.entries:
            text = texts.get(entry.key)
            if text is not None and _clean(text) != _clean(entry.translation):
                translation = artefact.edit(translation, entry.key, _clean(text))
        stand = [e.key for e in translation.entries if e.key in approved and e.translation]
        if stand:
            translation = artefact.approve(translation, *stand)
        return self._store(account, known, translation)

    def draft(self, account: Account, script: str, language: str) -> Script:
        """Have what is missing drafted by a machine. May take a while. Raises ``NotFound`` and ``ScriptRefused``."""
        from media_gen.errors import MediaError
        from media_gen.translation.update import update

        known = self.scripts.get(account, script)
        translation, lesson = self.translation(known, language), lesson_of(known)
        engine = next((t for t in self._translators() if not t.refuses(lesson.language, translation.language)), None)
        if engine is None:
            raise ScriptRefused("No translator here can do this language.", language=language)
        try:
            return self._store(account, known, update(lesson, translation, engine))
        except MediaError as error:
            raise ScriptRefused(str(error), language=language) from None

    def languages(self, script: Script) -> tuple[LanguageRow, ...]:
        """Every language of films but the script's own, those begun first."""
        from media_gen.language import available
        from media_gen.translation.artefact import State

        lesson = lesson_of(script)
        rows = []
        for tag in available():
            if tag == lesson.language:
                continue
            engine = next((t.name for t in self._translators() if not t.refuses(lesson.language, tag)), "")
            counts = self.translation(script, tag).counts() if tag in script.translations else None
            every = len(self.translation(script, tag).entries)
            done = counts[State.APPROVED] + counts[State.EDITED] if counts else 0
            drafts = counts[State.DRAFT] if counts else 0
            missing = len(self._missing(script, tag)) if counts else every
            rows.append(LanguageRow(tag, done, drafts, missing, engine))
        return tuple(sorted(rows, key=lambda row: (row.tag not in script.translations, row.tag)))

    def _missing(self, script: Script, language: str) -> "tuple[Entry, ...]":
        from media_gen.translation.artefact import State
        from media_gen.translation.segments import SAY

        entries = self.translation(script, language).entries
        return tuple(entry for entry in entries if entry.state is State.MISSING and entry.kind != SAY)

    def _store(self, account: Account, script: Script, translation: "Translation") -> Script:
        from media_gen.translation import artefact

        texts = {**script.translations, translation.language: artefact.dump(translation)}
        content = replace(_content(script), translations=texts)
        return self.scripts.save(account, script.id, content, script.revision)


def _content(script: Script) -> Content:
    return Content(script.text, script.format, script.course, script.translations, script.assets)


def _clean(text: str) -> str:
    """As a browser's form sends it back: other line ends, blanks at the ends."""
    return text.replace("\r\n", "\n").strip()


def _assets(lesson: "Lesson") -> set[str]:
    """What the lesson's pictures and clips are called."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, dict):
            if value.get("kind") in ("picture", "clip"):
                found.add(str(value["asset"]))
            for one in value.values():
                walk(one)

    walk(lesson.model_dump(mode="json"))
    return found
