"""Markdown to canonical text: CommonMark, front matter, kramdown attributes and the CNX (OpenStax) vocabulary.

Canonical text is what anchors refer to: ATX headings, paragraphs, lists, pipe tables, fenced code, ``$`` formulas,
one blank line between blocks, no HTML, no comments, no exercises and no solutions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from retrieval.blocks import plain
from retrieval.loaders import front_matter
from retrieval.loaders.decoding import decode
from retrieval.loaders.elements import parse
from retrieval.loaders.exercises import (
    Exercise,
    from_section,
    is_answer,
    is_answers_title,
    is_exercise_title,
    with_answers,
)
from retrieval.loaders.inline import Inline
from retrieval.loaders.masking import Masked
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.rendering import ITEM_CLOSE, ITEM_OPEN, Renderer
from retrieval.loaders.text import title_from_name
from retrieval.values import Document, ItemMaterial

_ITEM = re.compile(f"{ITEM_OPEN}(\\d+){ITEM_CLOSE}")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]*(.*?)[ \t]*#*$")
_SETEXT = re.compile(r"(?:^|(?<=\n\n))[ \t]{0,3}(\S[^\n]*)\n {0,3}(=+|-{2,})[ \t]*(?=\n|\Z)")
_TERM = re.compile(r"^(?![ \t#>|*+-])(\S[^\n]*)\n\n?: {1,3}(\S[^\n]*)(?:\n\^)?[ \t]*$", re.M)
_LIST = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])\s")


class MarkdownLoader:
    """Reads ``.md`` and ``.markdown``."""

    suffixes = (".md", ".markdown")
    media_type = "text/markdown"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        meta, body = front_matter.split(decode(data, source.path), source.path)
        language = _string(meta.get("language") or meta.get("lang")) or source.language
        text, exercises = canonical(body, language)
        title = _string(meta.get("title")) or source.title or _first_heading(text) or title_from_name(source.path)
        kcs = meta.get("kcs")
        document = Document(
            course=source.course,
            path=source.path,
            title=plain(title),
            sha256=hashlib.sha256(data).hexdigest(),
            media_type=self.media_type,
            order=source.order,
            breadcrumb=source.breadcrumb,
            language=language,
            text=text,
            kcs=tuple(str(kc) for kc in kcs) if isinstance(kcs, list) else source.kcs,
        )
        items = tuple(
            ItemMaterial(
                source.course, source.path, item.kind, item.question, item.options, item.answer, at, at, item.group
            )
            for item, at in exercises
        )
        return LoadedDocument(document, items)


def canonical(body: str, language: str | None = None) -> tuple[str, tuple[tuple[Exercise, int], ...]]:
    """Canonical text of a Markdown body, and its exercises each with the offset where it stood."""
    masked = Masked(body)
    inline = Inline.of(masked.text, language)
    renderer = Renderer(masked.keep, lambda part: masked.restore(_tidy(inline.clean(part))))
    flat = inline.clean(renderer.render(parse(masked.text)))
    parts = [part for part in re.split(r"\n{2,}", _definitions(_setext(_tidy(flat)))) if part.strip()]
    parts = [piece for part in parts for piece in _headings_apart(part)]
    parts, exercises = _without_exercises(parts, renderer.exercises)
    parts = _without_empty_headings(parts)
    return _joined([masked.restore(part) for part in parts], [_restored(item, masked) for item in exercises])


def _restored(item: Exercise, masked: Masked) -> Exercise:
    return replace(
        item,
        question=masked.restore(item.question),
        options=tuple(masked.restore(option) for option in item.options),
        answer=None if item.answer is None else masked.restore(item.answer),
    )


def _tidy(text: str) -> str:
    """No trailing blanks, no lone ``^`` (a kramdown separator), at most one blank line, shallow indents gone."""
    lines = [line.rstrip() for line in text.split("\n")]
    lines = ["" if line.strip() == "^" else line for line in lines]
    lines = [line.lstrip() if len(line) - len(line.lstrip(" ")) < 4 and not _nested(line) else line for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _nested(line: str) -> bool:
    """An indented list item or continuation keeps its indent: it carries meaning."""
    return line.startswith("  ")


def _setext(text: str) -> str:
    return _SETEXT.sub(lambda match: f"{'#' if match[2][0] == '=' else '##'} {match[1]}", text)


def _definitions(text: str) -> str:
    """kramdown definition lists: ``term`` and ``: meaning`` become ``**term**: meaning``."""
    return _TERM.sub(lambda match: f"**{match[1].strip('* ')}**: {match[2]}\n", text)


def _headings_apart(part: str) -> list[str]:
    """A heading not followed by a blank line still is a block of its own."""
    pieces: list[list[str]] = [[]]
    for line in part.split("\n"):
        match = _HEADING.match(line)
        if match and match[2]:
            pieces += [[f"{match[1]} {match[2]}"], []]
        elif _ITEM.fullmatch(line.strip()):
            pieces += [[line.strip()], []]
        else:
            pieces[-1].append(line)
    return ["\n".join(piece).strip("\n") for piece in pieces if any(line.strip() for line in piece)]


def _without_exercises(parts: list[str], found: list[Exercise]) -> tuple[list[str], list[Exercise]]:
    """Name the section each marked exercise stood in, and take out sections of exercises in ordinary Markdown."""
    exercises: list[Exercise] = []
    kept: list[str] = []
    seen: set[str] = set()
    heading, level = "", 7
    section: list[str] | None = None  # the body of an exercise section being read
    last = slice(0, 0)  # where the exercises of the latest exercise section stand in the list
    for part in [*parts, "# "]:
        match = _HEADING.match(part)
        if match and len(match[1]) <= (level if section is not None else 6):
            if section and is_answers_title(heading) and exercises[last]:
                exercises[last] = with_answers(exercises[last], "\n\n".join(section))
            elif section:
                last = slice(len(exercises), None)
                for item in from_section("\n\n".join(section), heading):
                    kept.append(f"{ITEM_OPEN}{len(exercises)}{ITEM_CLOSE}")
                    exercises.append(item)
                last = slice(last.start, len(exercises))
            heading, level = plain(match[2]), len(match[1])
            section = [] if is_exercise_title(heading, after_exercises=bool(exercises)) else None
            kept.append(part)
        elif mark := _ITEM.fullmatch(part):
            item = replace(found[int(mark[1])], group=heading)
            exercises.append(item)
            kept.append(f"{ITEM_OPEN}{len(exercises) - 1}{ITEM_CLOSE}")
        elif section is not None:
            section.append(part if not match else match[2])
        elif not is_answer(part, heading):
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


def _renumber(part: str, numbers: dict[int, int]) -> str:
    mark = _ITEM.fullmatch(part)
    if mark is None:
        return part
    number = numbers.get(int(mark[1]))
    # A mark without a number still says that an exercise stood here, so that its heading goes with it.
    return f"{ITEM_OPEN}{ITEM_CLOSE}" if number is None else f"{ITEM_OPEN}{number}{ITEM_CLOSE}"


def _folded(question: str) -> str:
    words = re.sub(r"^(?:\W*(?:Figure|Table|Figura|Tabla)\s*\d*\W*)+", "", question)
    return " ".join(re.findall(r"\w+", words.casefold()))


def _without_empty_headings(parts: list[str]) -> list[str]:
    """Drop a heading under which only exercises stood."""
    kept: list[str] = []
    for index, part in enumerate(parts):
        match = _HEADING.match(part)
        if match:
            marks = False
            after = index + 1
            while after < len(parts) and parts[after].startswith(ITEM_OPEN):
                marks, after = True, after + 1
            ends = after == len(parts) or ((below := _HEADING.match(parts[after])) and len(below[1]) <= len(match[1]))
            if ends and (marks or is_exercise_title(plain(match[2]))):
                continue
        kept.append(part)
    return kept


def _joined(parts: list[str], exercises: list[Exercise]) -> tuple[str, tuple[tuple[Exercise, int], ...]]:
    text = ""
    placed: list[tuple[Exercise, int]] = []
    previous = ""
    for part in parts:
        if part.startswith(ITEM_OPEN):
            mark = _ITEM.fullmatch(part)
            if mark:
                placed.append((exercises[int(mark[1])], len(text)))
            continue
        tight = _LIST.match(part) and _LIST.match(previous) and "\n" not in part
        text += ("" if not text else "\n" if tight else "\n\n") + part.strip("\n")
        previous = part
    return text, tuple(placed)


def _first_heading(text: str) -> str | None:
    match = re.search(r"^#{1,2} (.+)$", text, re.M)
    return match[1] if match else None


def _string(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


LOADER = MarkdownLoader()
