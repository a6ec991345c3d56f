"""The work of getting material into the library and its indexes: reading, cutting, storing, embedding.

SQL is the truth. The text index follows it at once; vectors fill in behind, in batches that are marked in SQL as they
land, so that a killed process goes on where it stopped. Every step can be repeated without harm.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

from retrieval import chunking
from retrieval.errors import UnreadableDocument
from retrieval.lexical import LexicalIndex
from retrieval.loaders import TEXT_VERSION, LoadedDocument, Source, folder
from retrieval.loaders.process import ReadingProcess
from retrieval.loaders.unpacked import Material, opened
from retrieval.values import Passage
from retrieval.vectors import VectorIndex
from tutor.domain.curriculum import Course
from tutor.domain.errors import InvalidInput, NotFound
from tutor.observe import Logger
from tutor.ports import DocumentState, Library
from tutor.services.components import is_derived, name_of
from tutor.services.course_file import read_course_file, slug
from tutor.services.item_ingest import ItemIngest
from tutor.services.notes import Notes
from tutor.services.originals import Originals
from tutor.services.vector_upkeep import Report, VectorUpkeep

log = Logger(__name__)

PAGE = 500  # passages handed to the text index at once
UPLOAD = "upload"  # the source of uploaded documents
STRIDE = 100_000  # of course order between two sources of material; a folder holds fewer files


@dataclass(frozen=True)
class Wanted:
    """What the person asked for: where the material is and what its course is called."""

    path: Path
    course: str
    source: str
    title: str = ""
    language: str = ""


class Indexer:
    """Does one job at a time; the caller sees to that, and that this process holds the index lock."""

    def __init__(
        self,
        library: Library,
        text: LexicalIndex,
        vectors: VectorIndex | None,
        embedder: str,
        notes: Notes,
        guess_language: Callable[[str, str], str],
        items: ItemIngest | None = None,
        originals: Originals | None = None,
        reader: ReadingProcess | None = None,
    ) -> None:
        """``embedder`` names the model and version whose vectors ``vectors`` holds. ``guess_language`` takes a text and
        the language to name in doubt. Without ``items`` no questions are taken from the material, and without
        ``originals`` no files are kept to be shown. ``reader`` is closed with this object; without one files are read
        under the usual limits."""
        self._library = library
        self._text = text
        self._vectors = VectorUpkeep(library, vectors, embedder, notes) if vectors is not None else None
        self._notes = notes
        self._guess_language = guess_language
        self._items = items
        self._originals = originals
        self._reader = reader or ReadingProcess()

    def close(self) -> None:
        """End the process that reads files."""
        self._reader.close()

    # -- a folder into the library ---------------------------------------------------------------------------------

    def ingest(self, wanted: Wanted, report: Report) -> Course:
        """Bring the library and the text index in line with the folder. Files that can't be read become messages.

        Raises ``MaterialFolderMissing``, ``BadCourseFile`` and the store's errors.
        """
        report("reading", 0, 0)
        plan = folder.plan(wanted.path, wanted.course, wanted.language or None, loose=wanted.source == UPLOAD)
        with opened(plan, wanted.path, self._reader, lambda: report("reading", 0, 0)) as material:
            course = self._put_course(wanted, plan, material)
            base = self._base(course.id, wanted.source)
            sources = [
                replace(s, order=base + s.order, language=s.language or course.language or None)
                for s in material.sources
            ]
            for problem in material.problems:
                report("reading", 0, len(sources), problem.message)
            kept = self._put_documents(wanted, material, course, sources, report)
        self._remove_vanished(course.id, wanted.source, kept)
        self._renumber(course.id)
        self.sync_text(course.id)
        self.settle(
            course.id,
            wanted.source,
            None if wanted.source == UPLOAD else wanted.path,
            lambda problem: report("reading", len(sources), len(sources), problem),
        )
        return course

    def settle(self, course: str, source: str, root: Path | None, tell: Callable[[str], None]) -> None:
        """Bring components and items in line with the documents (``ItemIngest.settle``), and the files kept of them."""
        if self._items is not None:
            self._items.settle(course, source, root, tell, self._notes)
        if self._originals is not None:
            courses = self._library.courses()
            self._originals.sweep(state.sha256 for known in courses for state in self._library.documents(known.id))

    def catch_up_items(self) -> None:
        """Harvest anew what an older version harvested, or none at all; nothing where nothing changed."""
        for course in self._library.courses():
            for source in sorted({state.source for state in self._library.documents(course.id)}):
                self.settle(course.id, source, None, lambda problem: None)

    def items_are_in(self, course: str, source: str, root: Path) -> bool:
        """Whether nothing is left to be done about the folder's item files."""
        return self._items is None or self._items.is_current(course, source, root)

    def _put_course(self, wanted: Wanted, plan: folder.FolderPlan, material: Material) -> Course:
        """The course of the library, as the folder and the person describe it; words of the person win."""
        old = self._library.course(wanted.course)
        described = read_course_file(wanted.path)
        base = described or old or Course(wanted.course, "", "")
        if self._items is not None and old is not None and not base.components and is_derived(old):
            base = replace(base, units=base.units or old.units, components=old.components)  # until they are made anew
        title = wanted.title or base.title or plan.title or wanted.course
        language = wanted.language or base.language or (old.language if old else "") or plan.language
        language = language or self._language_of(material)
        course = replace(base, id=wanted.course, title=title, language=language)
        if course != old:
            self._library.put_course(course)
        return course

    def _language_of(self, material: Material) -> str:
        """Guessed from the first pages; English in doubt."""
        sample = ""
        for source in material.sources:
            if len(sample) > 4000:
                break
            try:
                loaded = self._reader.read(material.read_bytes(source.path), source)
                sample += loaded.document.text[:2000] + "\n"
            except UnreadableDocument:
                continue
        return self._guess_language(sample, "en")

    def _base(self, course: str, source: str) -> int:
        """Where this source's documents begin in the course's order: after those of other sources."""
        states = self._library.documents(course)
        own = [state.order for state in states if state.source == source]
        others = [state.order for state in states if state.source != source]
        if own:
            return min(own) // STRIDE * STRIDE
        return (max(others) // STRIDE + 1) * STRIDE if others else 0

    def _put_documents(
        self, wanted: Wanted, material: Material, course: Course, sources: Sequence[Source], report: Report
    ) -> set[str]:
        """Store what changed; the paths that are in the folder, readable or not."""
        states = {state.path: state for state in self._library.documents(course.id)}
        position = sum(state.passages for state in states.values() if sources and state.order < sources[0].order)
        kept: set[str] = set()
        part = f"read:{course.id}:{wanted.source}"
        for done, source in enumerate(sources):
            kept.add(source.path)
            state = states.get(source.path)
            message = None
            try:
                data = material.read_bytes(source.path)
                sha256 = hashlib.sha256(data).hexdigest()
                mark = self._mark(course, source, sha256)
                noted = self._notes.get(part, source.path)
                if state and state.sha256 == sha256 and state.source == wanted.source and noted == mark:
                    position += state.passages
                else:
                    waiting = partial(report, "reading", done, len(sources))
                    loaded = self._read(data, source, sha256, part, waiting)
                    position += self._put_document(wanted, course, state, loaded, position)
                    self._notes.put(part, {source.path: mark})
                    message = " ".join(loaded.unread) or None
                if self._originals is not None:
                    self._originals.keep(source.path, sha256, data)
            except UnreadableDocument as error:
                message = error.message
            except InvalidInput as error:  # text that no database can hold
                message = f"{source.path}: {error}"
            if message and state:
                kept.discard(source.path)  # what can't be read any more is not quoted any more
            report("reading", done + 1, len(sources), message)
        return kept

    def _read(self, data: bytes, source: Source, sha256: str, part: str, waiting: Callable[[], None]) -> LoadedDocument:
        """What the file says. One that took all the time or memory it may have is not tried again unless something
        has changed."""
        refused, tried = f"refused:{part}", f"{TEXT_VERSION} {sha256} {self._reader.limits}\n"
        known = self._notes.get(refused, source.path) or ""
        if known.startswith(tried):
            raise UnreadableDocument(known.removeprefix(tried), path=source.path, reason="too_slow")
        try:
            return self._reader.read(data, source, waiting)
        except UnreadableDocument as error:
            if error.data.get("reason") in ("too_slow", "too_much_memory"):
                self._notes.put(refused, {source.path: f"{tried}{error.message}"})
            raise

    def _mark(self, course: Course, source: Source, sha256: str) -> str:
        """How a file is read: another mark, and it is read again."""
        read_as = f"{TEXT_VERSION} {chunking.MAX_WORDS} {source!r} {sha256} {self._stands_for(course, source.path)}"
        return hashlib.sha256(read_as.rstrip().encode()).hexdigest()[:16]

    def _stands_for(self, course: Course, path: str) -> str:
        """The component that a document stands for where nobody named any."""
        return name_of(path) if self._items is not None and is_derived(course) else ""

    def _put_document(
        self, wanted: Wanted, course: Course, state: DocumentState | None, loaded: LoadedDocument, position: int
    ) -> int:
        """How many passages the document has."""
        document = loaded.document
        stands_for = self._stands_for(course, document.path)
        if stands_for and not document.kcs:
            document = replace(document, kcs=(stands_for,))
        passages = chunking.chunk(document, first_position=position)
        before = {p.id: p for p in self._library.passages(course.id, document.path)} if state else {}
        self._library.put_document(document, wanted.source, passages, loaded.items)
        self._replace_in_indexes(course, before, passages)
        return len(passages)

    def _replace_in_indexes(self, course: Course, before: dict[str, Passage], after: Sequence[Passage]) -> None:
        gone = before.keys() - {p.id for p in after}
        fresh = [p for p in after if before.get(p.id) != p]
        if gone:
            self._forget(course.id, list(gone))
        if fresh:
            self._text.add(course.id, fresh, course.language)

    def _forget(self, course: str, ids: Sequence[str]) -> None:
        self._text.remove(course, ids)
        if self._vectors is not None:
            self._vectors.remove(course, ids)

    def remove(self, course: str, path: str) -> None:
        """Take one document out of the library and the indexes; unknown ones are no error."""
        ids = [passage.id for passage in self._library.passages(course, path)]
        self._library.remove_document(course, path)
        if ids:
            self._forget(course, ids)

    def _remove_vanished(self, course: str, source: str, kept: set[str]) -> None:
        for state in self._library.documents(course):
            if state.source == source and state.path not in kept:
                self.remove(course, state.path)

    def _renumber(self, course: str) -> None:
        """Make the passages' positions run through the course, after documents grew, shrank, moved or went."""
        items = None
        position = 0
        for state in self._library.documents(course):
            first = next(iter(self._library.passages(course, state.path)), None)
            if first is not None and first.position != position:
                items = items if items is not None else self._library.items(course)
                document = self._library.document(course, state.path)
                if document is not None:
                    passages = [
                        replace(passage, position=position + passage.ordinal)
                        for passage in self._library.passages(course, state.path)
                    ]
                    own = [item for item in items if item.document == state.path]
                    self._library.put_document(document, state.source, passages, own)
                    self._text.reposition(course, {passage.id: passage.position for passage in passages})
            position += state.passages

    # -- the text index follows SQL --------------------------------------------------------------------------------

    def sync_text(self, course: str, *, anew: bool = False) -> bool:
        """Bring the text index up to the library's revision; whether anything had to be done."""
        revision = self._library.revision(course)
        known = self._library.course(course)
        if known is None:
            self._text.remove_course(course)
            return False
        total = sum(state.passages for state in self._library.documents(course))
        held = self._text.ids(course)
        language_changed = self._text.language(course) not in (None, known.language)
        if anew or language_changed:
            self._text.remove_course(course)
            held = frozenset()
        elif self._text.revision(course) == revision and len(held) == total:
            return False
        seen: set[str] = set()
        for page in _pages(self._library.passages(course)):
            seen.update(passage.id for passage in page)
            self._text.add(course, [p for p in page if p.id not in held], known.language)
            self._text.reposition(course, {p.id: p.position for p in page if p.id in held})
        self._text.remove(course, list(held - seen))
        self._text.set_exercises(course, self._library.items(course), known.language)
        self._text.set_revision(course, revision)
        return True

    def catch_up_text(self, course: str) -> None:
        """Bring the text index up where it is behind; nothing more than two small queries where it isn't."""
        if self._text.revision(course) != self._library.revision(course):
            self.sync_text(course)

    def sync_all_text(self) -> None:
        for course in self._library.courses():
            self.sync_text(course.id)

    # -- vectors -----------------------------------------------------------------------------------------------------

    def embed(self, course: str, report: Report) -> None:
        """See ``VectorUpkeep``."""
        if self._vectors is not None:
            self._vectors.embed(course, report)

    def unembedded(self, course: str) -> bool:
        """See ``VectorUpkeep``; never without an embedder."""
        return self._vectors is not None and self._vectors.unembedded(course)

    # -- from nothing ------------------------------------------------------------------------------------------------

    def reindex(self, courses: Sequence[str], report: Report) -> None:
        """Build the text index of these courses anew from SQL, and throw their vectors away: ``embed`` follows."""
        for done, course in enumerate(courses):
            if self._library.course(course) is None:
                raise NotFound(f"There is no course {course}.", course=course)
            report("indexing", done, len(courses))
            self.sync_text(course, anew=True)
            if self._vectors is not None:
                self._vectors.remove_course(course)
        report("indexing", len(courses), len(courses))


def course_of(path: Path, name: str, title: str, language: str) -> Wanted:
    """What ``diotima ingest PATH --course NAME`` asks for. Raises ``InvalidInput`` for a name that can't be one.

    ``NAME`` is the short name, or a title from which one is made; without it ``course.toml`` must name the course.
    """
    root = path.expanduser().resolve()
    if not name:
        described = read_course_file(root) if root.is_dir() else None
        if described is None:
            raise InvalidInput(f"{root} has no course.toml, so name the course: --course NAME.", field="course")
        name = described.id
    short = slug(name)
    return Wanted(root, short, f"folder:{root}", title or (name if name != short else ""), language)


def _pages(passages: Iterator[Passage]) -> Iterator[list[Passage]]:
    for _, page in groupby(enumerate(passages), key=lambda pair: pair[0] // PAGE):
        yield [passage for _, passage in page]
