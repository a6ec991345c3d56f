"""Items on their way into the bank when material is brought in: those an author wrote, and the material's exercises.

Every step can be repeated without harm: the bank keeps what trainers decided, and says what really changed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from retrieval.values import Document, ItemMaterial
from tutor import locales
from tutor.domain.curriculum import Course
from tutor.domain.items.item import Item
from tutor.ports import ItemBank, Library
from tutor.services.components import Matcher, derived, is_derived, with_components
from tutor.services.harvest import VERSION, harvested
from tutor.services.items import Authored, digests, read_authored

LOOK_AGAIN = "items.look_again"
#: Begins the bank's source for the exercises of the documents of a source of material.
HARVEST = "harvest:"


class Notes(Protocol):
    """Remembers what was seen last; a cache, safe to lose."""

    def get(self, part: str, key: str) -> str | None: ...
    def put(self, part: str, values: dict[str, str]) -> None: ...


@dataclass(frozen=True)
class ItemIngest:
    """Keeps a course's items in line with its material."""

    library: Library
    bank: ItemBank

    def settle(
        self, course: str, source: str, root: Path | None, tell: Callable[[str], None], notes: Notes | None = None
    ) -> None:
        """After material of ``source`` came, changed or went: the course's components where nobody named any, its
        authored items when ``root`` is a folder of material, and its harvested ones. Problems are told.

        With ``notes`` nothing is made anew where nothing changed. Raises the store's errors.
        """
        known = self.library.course(course)
        if known is None:
            return
        authored = read_authored(root, course, _named(known)) if root is not None else None
        for problem in authored.problems if authored is not None else ():
            tell(str(problem))
        items = authored.items if authored is not None else ()
        taught = {component.id for component in known.components}
        loose = [item for item in items if not item.kcs or not taught.issuperset(item.kcs)]
        key = f"{course}:{source}"
        as_before = notes is not None and notes.get("items", key) == self._seen(known)
        if as_before and not loose and self.bank.summaries(course):
            if authored is not None:
                self._put(course, source, items, tell)
            return
        documents = self._documents(course)
        if is_derived(known):
            known = self._derive(known, documents, authored)
        matcher = self._matcher(known, documents)
        if authored is not None:
            self._put(course, source, [with_components(item, matcher) for item in items], tell)
        whole = self._put(course, HARVEST + source, self._harvest(known, source, documents, matcher), tell)
        if notes is not None and whole:
            notes.put("items", {key: self._seen(known)})

    def _seen(self, course: Course) -> str:
        """A hash of everything that harvested items and derived components are made from."""
        hints = _hint(course.language) is not None
        materials = self.library.items(course.id)
        states = [
            (state.path, state.sha256, state.order, state.source, state.passages)
            for state in self.library.documents(course.id)
        ]
        return hashlib.sha256(repr((VERSION, hints, course, states, materials)).encode()).hexdigest()

    def is_current(self, course: str, source: str, root: Path) -> bool:
        """Whether the bank has the folder's item files as they are now."""
        known = self.library.course(course)
        authored = read_authored(root, course, _named(known))
        return digests(authored.items) == digests(self.bank.listed(course, origin="authored", limit=1_000_000))

    def _put(self, course: str, source: str, items: Sequence[Item], tell: Callable[[str], None]) -> bool:
        """Whether all of them found their place."""
        clashes = self.bank.put(course, source, items).clashes
        for name in clashes:
            tell(f"item {name}: other material of this course has an item of that id; this one was left out")
        return not clashes

    def _documents(self, course: str) -> dict[str, Document]:
        """In course order."""
        states = self.library.documents(course)
        found = ((state.path, self.library.document(course, state.path)) for state in states)
        return {path: document for path, document in found if document is not None}

    def _derive(self, course: Course, documents: dict[str, Document], authored: Authored | None) -> Course:
        taught = {state.path for state in self.library.documents(course.id) if state.passages}
        items = list(authored.items) if authored is not None else []
        items += self.bank.listed(course.id, origin="authored", limit=1_000_000) if authored is None else []
        named = [name for item in items if not item.kcs_guessed for name in item.kcs]
        made = derived(course, [document for path, document in documents.items() if path in taught], named)
        if made != course:
            self.library.put_course(made)
        return made

    def _matcher(self, course: Course, documents: dict[str, Document]) -> Matcher:
        texts: dict[str, list[str]] = defaultdict(list)
        for document in documents.values():
            for name in document.kcs:
                # What teaches several at once says nothing about one of them.
                texts[name] += [document.title, *([document.text] if len(document.kcs) == 1 else [])]
        return Matcher(course.components, course.language, texts)

    def _harvest(self, course: Course, source: str, documents: dict[str, Document], matcher: Matcher) -> list[Item]:
        mine = {state.path for state in self.library.documents(course.id) if state.source == source}
        by_document: dict[str, list[ItemMaterial]] = defaultdict(list)
        for material in self.library.items(course.id):
            if material.document in mine:
                by_document[material.document].append(material)
        known = {component.id for component in course.components}
        items: dict[str, Item] = {}
        for path, materials in by_document.items():
            document = documents[path]
            among = [name for name in document.kcs if name in known]
            passages = tuple(self.library.passages(course.id, path))
            for item in harvested(materials, document, passages, _hint(document.language or course.language)):
                if document.language and document.language != course.language:
                    item = replace(item, language=document.language)
                items.setdefault(item.id, with_components(item, matcher, among))
        return list(items.values())


def _named(course: Course | None) -> tuple[str, ...]:
    """The components that an item may name; empty where any will do, because nobody named some."""
    return () if course is None or is_derived(course) else tuple(component.id for component in course.components)


def _hint(language: str) -> Callable[[str], str] | None:
    """Words a hint that names a heading, in the material's language; None where we don't speak it."""
    tag = next((one for one in (language, language.partition("-")[0]) if one in locales.available()), None)
    if tag is None or not locales.load(tag).has(LOOK_AGAIN):
        return None
    return lambda heading: locales.load(tag).t(LOOK_AGAIN, heading=heading)
