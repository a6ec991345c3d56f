"""The last step of every loader: blocks of canonical Markdown put together, exercises taken out, places kept. Pure.

A loader gives its blocks in order, each with the pages or seconds it stands at. Out come the text of the document, the
exercises with the offset where each stood, and the anchors.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from retrieval.blocks import BlockKind, blocks, plain
from retrieval.errors import UnreadableDocument
from retrieval.loaders.exercises import (
    Exercise,
    answer_key,
    from_section,
    is_answer,
    is_answers_title,
    is_exercise_title,
    with_answers,
)
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.text import title_from_name
from retrieval.values import Anchor, Document, ItemMaterial

# The mark that stands where an exercise was: its number between two private-use characters.
ITEM_OPEN, ITEM_CLOSE = "\ue002", "\ue003"

_ITEM = re.compile(f"{ITEM_OPEN}(\\d+){ITEM_CLOSE}")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]*(.*?)[ \t]*#*$")
_LIST = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])\s")


@dataclass(frozen=True, slots=True)
class Part:
    """One block of canonical Markdown, or an exercise's mark. ``anchors`` count from the beginning of ``text``."""

    text: str
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Canonical:
    """The text of a document, its exercises each with the offset where it stood, and its anchors."""

    text: str
    exercises: tuple[tuple[Exercise, int], ...] = ()
    anchors: tuple[Anchor, ...] = ()


def on_page(text: str, page: int) -> Part:
    """A block that stands on one page."""
    return Part(text, (Anchor(0, page=page),))


def item_mark(number: int) -> str:
    """The block that stands where the exercise of this number was."""
    return f"{ITEM_OPEN}{number}{ITEM_CLOSE}"


def assembled(
    parts: Iterable[Part], found: Sequence[Exercise] = (), restore: Callable[[str], str] | None = None
) -> Canonical:
    """Put ``parts`` together. ``found`` are exercises that marks among the parts number; others are found here.

    ``restore`` brings back what was put aside (see ``masking``) and is applied last, so that no rule reads code.
    """
    kept, exercises = _without_exercises([part for part in parts if part.text.strip()], found)
    kept = _without_empty_headings(kept)
    if restore is not None:
        kept = [replace(part, text=restore(part.text)) for part in kept]
        exercises = [_restored(item, restore) for item in exercises]
    return _joined(kept, exercises)


def _restored(item: Exercise, restore: Callable[[str], str]) -> Exercise:
    return replace(
        item,
        question=restore(item.question),
        options=tuple(restore(option) for option in item.options),
        answer=None if item.answer is None else restore(item.answer),
    )


def loaded(
    whole: Canonical,
    data: bytes,
    source: Source,
    media_type: str,
    *,
    title: str | None = None,
    language: str | None = None,
    kcs: tuple[str, ...] | None = None,
) -> LoadedDocument:
    """The document of one file. ``title`` and ``language`` are what the file itself says, which counts first."""
    document = Document(
        course=source.course,
        path=source.path,
        title=plain(title or source.title or _first_heading(whole.text) or title_from_name(source.path)),
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=media_type,
        order=source.order,
        breadcrumb=source.breadcrumb,
        language=language or source.language,
        text=whole.text,
        kcs=source.kcs if kcs is None else kcs,
        anchors=whole.anchors,
    )
    items = tuple(
        ItemMaterial(
            source.course, source.path, item.kind, item.question, item.options, item.answer, at, at, item.group
        )
        for item, at in whole.exercises
    )
    return LoadedDocument(document, items)


def without_text(path: str, why: str) -> UnreadableDocument:
    """The refusal of a file that was read and says nothing. ``why`` is a sentence on what to do."""
    return UnreadableDocument(f"{path}: there is no text in it. {why}", path=path, reason="no_text")


def _without_exercises(parts: Sequence[Part], found: Sequence[Exercise]) -> tuple[list[Part], list[Exercise]]:
    """Name the section each marked exercise stood in, and take out sections of exercises in ordinary Markdown."""
    exercises: list[Exercise] = []
    kept: list[Part] = []
    seen: set[str] = set()
    heading, level = "", 7
    section: list[str] | None = None  # the body of an exercise section being read
    last = slice(0, 0)  # where the exercises of the latest exercise section stand in the list
    for part in [*parts, Part("# ")]:
        match = _HEADING.match(part.text)
        if match and len(match[1]) <= (level if section is not None else 6):
            if section and is_answers_title(heading) and exercises[last]:
                exercises[last] = with_answers(exercises[last], "\n\n".join(section))
            elif section:
                last = slice(len(exercises), None)
                for item in from_section("\n\n".join(section), heading):
                    kept.append(Part(item_mark(len(exercises))))
                    exercises.append(item)
                last = slice(last.start, len(exercises))
            heading, level = plain(match[2]), len(match[1])
            section = [] if is_exercise_title(heading, after_exercises=bool(exercises)) else None
            kept.append(part)
        elif mark := _ITEM.fullmatch(part.text):
            exercises.append(replace(found[int(mark[1])], group=heading))
            kept.append(Part(item_mark(len(exercises) - 1)))
        elif section is not None:
            section.append(part.text if not match else match[2])
        elif is_answer(part.text, heading):
            if answer_key(part.text):
                exercises[last] = with_answers(exercises[last], part.text)
        else:
            kept.append(part)
    # The same question often stands beside its figure and again at the end, there with its answer.
    answered = {_folded(item.question) for item in exercises if item.answer is not None}
    drop = set()
    for index, item in enumerate(exercises):
        folded = _folded(item.question)
        if folded in seen or (item.answer is None and any(folded in other or other in folded for other in answered)):
            drop.add(index)
        if index not in drop:
            seen.add(folded)
    renumbered = {index: at for at, index in enumerate(index for index in range(len(exercises)) if index not in drop)}
    kept = [_renumber(part, renumbered) for part in kept[:-1]]
    return kept, [item for index, item in enumerate(exercises) if index not in drop]


def _renumber(part: Part, numbers: dict[int, int]) -> Part:
    mark = _ITEM.fullmatch(part.text)
    if mark is None:
        return part
    number = numbers.get(int(mark[1]))
    # A mark without a number still says that an exercise stood here, so that its heading goes with it.
    return Part(f"{ITEM_OPEN}{ITEM_CLOSE}" if number is None else item_mark(number))


def _folded(question: str) -> str:
    words = re.sub(r"^(?:\W*(?:Figure|Table|Figura|Tabla)\s*\d*\W*)+", "", question)
    return " ".join(re.findall(r"\w+", words.casefold()))


def _without_empty_headings(parts: Sequence[Part]) -> list[Part]:
    """Drop a heading under which only exercises stood."""
    kept: list[Part] = []
    for index, part in enumerate(parts):
        match = _HEADING.match(part.text)
        if match:
            marks = False
            after = index + 1
            while after < len(parts) and parts[after].text.startswith(ITEM_OPEN):
                marks, after = True, after + 1
            below = _HEADING.match(parts[after].text) if after < len(parts) else None
            ends = after == len(parts) or (below is not None and len(below[1]) <= len(match[1]))
            if ends and (marks or is_exercise_title(plain(match[2]), after_exercises=True)):
                continue
        kept.append(part)
    return kept


def _joined(parts: Sequence[Part], exercises: Sequence[Exercise]) -> Canonical:
    text: list[str] = []
    size = 0
    placed: list[tuple[Exercise, int]] = []
    anchors: list[Anchor] = []
    previous = ""
    for part in parts:
        if part.text.startswith(ITEM_OPEN):
            if mark := _ITEM.fullmatch(part.text):
                placed.append((exercises[int(mark[1])], size))
            continue
        tight = _LIST.match(part.text) and _LIST.match(previous) and "\n" not in part.text
        gap = "" if not text else "\n" if tight else "\n\n"
        body = part.text.strip("\n")
        lead = len(part.text) - len(part.text.lstrip("\n"))
        for anchor in part.anchors:
            start = size + len(gap) + min(max(anchor.start - lead, 0), len(body))
            if not anchors or (anchors[-1].page, anchors[-1].second) != (anchor.page, anchor.second):
                anchors.append(replace(anchor, start=start))
        text += [gap, body] if gap else [body]
        size += len(gap) + len(body)
        previous = part.text
    return Canonical("".join(text), tuple(placed), tuple(anchors))


def _first_heading(text: str) -> str | None:
    return next(
        (block.headings[-1] for block in blocks(text) if block.kind is BlockKind.HEADING and block.level <= 2), None
    )
