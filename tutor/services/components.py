"""Knowledge components where nobody named them: those of a plain folder, and those of items without any."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from retrieval.terms import query_terms
from retrieval.values import Document
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.errors import InvalidInput
from tutor.domain.items import solution
from tutor.domain.items.item import Item
from tutor.services.course_file import MAX_SLUG, slug

_PLAIN = re.compile(r"[\W_]+")
_MADE = "part-"  # begins the id of every unit made here


def is_derived(course: Course | None) -> bool:
    """Whether the course has no components but those that stand for its documents."""
    return course is None or all(component.derived for component in course.components)


def name_of(path: str) -> str:
    """The id of the component that a document stands for: always the same for the same path, and a slug."""
    return _slug(path.rsplit(".", 1)[0], path)


def derived(course: Course, documents: Iterable[Document], named: Iterable[str] = ()) -> Course:
    """The course with a component for every document (or for the components its front matter names), in course order,
    and for what items have ``named``.

    Where the course has no units of its own, the title right above a document is its unit. A learner can so be taught
    from any folder that has exercises, in the order of its documents; prerequisites are unknown, so there are none.
    """
    own_units = {unit.title: unit.id for unit in course.units if not unit.id.startswith(_MADE)}
    units: dict[str, Unit] = {}
    found: dict[str, KnowledgeComponent] = {}
    for document in documents:
        unit = ""
        if document.breadcrumb and own_units:
            unit = own_units.get(document.breadcrumb[0], "")
        elif document.breadcrumb:
            title = document.breadcrumb[-1]
            unit = _MADE + _slug(title, "/".join(document.breadcrumb))
            units.setdefault(unit, Unit(unit, title))
        own = name_of(document.path)
        for name in document.kcs or (own,):
            title = document.title if name == own else _title(name)
            found.setdefault(name, KnowledgeComponent(name, title, unit, derived=True))
    for name in named:
        found.setdefault(name, KnowledgeComponent(name, _title(name), "", derived=True))
    kept = course.units if own_units else tuple(units.values())
    return replace(course, units=kept, components=tuple(found.values()))


def _title(name: str) -> str:
    words = _PLAIN.sub(" ", name.casefold()).strip()
    return words[:1].upper() + words[1:] or name


def _slug(text: str, whole: str) -> str:
    """A slug of ``text``; where it can't say all of it, with a hash of ``whole``."""
    try:
        made = slug(text)
    except InvalidInput:
        made = ""
    if made and text.isascii() and len(text) <= MAX_SLUG:
        return made
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(part for part in (made[: MAX_SLUG - 9].strip("-") or "c", digest) if part)


# -- items without components ------------------------------------------------------------------------------------------


class Matcher:
    """Finds the component that an item is about, by the words they share; rare words count for more.

    What the components' own documents say decides: on the 78 questions of the demo course, whose components are known,
    titles and objectives alone find .56 of them, embeddings of the same (e5) .58, and the documents' words .92.
    """

    def __init__(
        self,
        components: Sequence[KnowledgeComponent],
        language: str,
        texts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """``texts``: what teaches a component, by its id. Nothing is read before it is needed."""
        self._language = language
        self._components = components
        self._texts = texts or {}
        self._order = [component.id for component in components]

    def nearest(self, text: str, among: Sequence[str] = ()) -> str:
        """The id of the nearest component (``among`` these, where any are given); empty where there is none at all."""
        candidates = [name for name in self._order if not among or name in among] or self._order
        if len(candidates) < 2:
            return candidates[0] if candidates else ""
        words = self._terms(text)
        return max(candidates, key=lambda name: (self._score(words, self._bags[name]), -candidates.index(name)))

    @cached_property
    def _bags(self) -> dict[str, Counter[str]]:
        bags: dict[str, Counter[str]] = {}
        for component in self._components:
            bag = Counter(self._terms(f"{component.title} {component.objective} {component.id.replace('-', ' ')}"))
            bag.update(dict.fromkeys(self._terms(component.title), 2))
            bag.update(self._terms(" ".join(self._texts.get(component.id, ()))))
            bags[component.id] = bag
        return bags

    @cached_property
    def _weights(self) -> dict[str, float]:
        held = Counter(term for bag in self._bags.values() for term in bag)
        return {term: math.log(1 + len(self._bags) / count) for term, count in held.items()}

    def _score(self, words: Sequence[str], bag: Counter[str]) -> float:
        # A component with a long text isn't nearer for that.
        shared = sum(self._weights[word] * (1 - 0.5 ** bag[word]) for word in words if word in bag)
        return shared / math.sqrt(1 + math.log1p(len(bag)))

    def _terms(self, text: str) -> list[str]:
        return query_terms(text, self._language)


def with_components(item: Item, matcher: Matcher, among: Sequence[str] = ()) -> Item:
    """The item with a component: its own, else the nearest, flagged as guessed."""
    if item.kcs:
        return item
    name = matcher.nearest(f"{item.prompt}\n{item.prompt}\n{solution(item)}", among)
    return replace(item, kcs=(name,), kcs_guessed=True) if name else item
