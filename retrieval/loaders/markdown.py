"""Markdown to canonical text: CommonMark, front matter, kramdown attributes and the CNX (OpenStax) vocabulary.

Canonical text is what anchors refer to: ATX headings, paragraphs, lists, pipe tables, fenced code, ``$`` formulas,
one blank line between blocks, no HTML, no comments, no exercises and no solutions.
"""

from __future__ import annotations

import re

from retrieval.loaders import front_matter
from retrieval.loaders.assembly import ITEM_CLOSE, ITEM_OPEN, Canonical, Part, assembled, loaded
from retrieval.loaders.decoding import decode
from retrieval.loaders.elements import parse
from retrieval.loaders.exercises import Exercise
from retrieval.loaders.inline import Inline
from retrieval.loaders.masking import Masked
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.rendering import Renderer

_ITEM = re.compile(f"{ITEM_OPEN}(\\d+){ITEM_CLOSE}")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]*(.*?)[ \t]*#*$")
_SETEXT = re.compile(r"(?:^|(?<=\n\n))[ \t]{0,3}(\S[^\n]*)\n {0,3}(=+|-{2,})[ \t]*(?=\n|\Z)")
_TERM = re.compile(r"^(?![ \t#>|*+-])(\S[^\n]*)\n\n?: {1,3}(\S[^\n]*)(?:\n\^)?[ \t]*$", re.M)


class MarkdownLoader:
    """Reads ``.md`` and ``.markdown``."""

    suffixes = (".md", ".markdown")
    media_type = "text/markdown"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        meta, body = front_matter.split(decode(data, source.path), source.path)
        language = _string(meta.get("language") or meta.get("lang")) or source.language
        text, exercises = canonical(body, language)
        kcs = meta.get("kcs")
        return loaded(
            Canonical(text, exercises),
            data,
            source,
            self.media_type,
            title=_string(meta.get("title")),
            language=language,
            kcs=tuple(str(kc) for kc in kcs) if isinstance(kcs, list) else None,
        )


def canonical(body: str, language: str | None = None) -> tuple[str, tuple[tuple[Exercise, int], ...]]:
    """Canonical text of a Markdown body, and its exercises each with the offset where it stood."""
    masked = Masked(body)
    inline = Inline.of(masked.text, language)
    renderer = Renderer(masked.keep, lambda part: masked.restore(_tidy(inline.clean(part))))
    flat = inline.clean(renderer.render(parse(masked.text)))
    parts = [part for part in re.split(r"\n{2,}", _definitions(_setext(_tidy(flat)))) if part.strip()]
    parts = [piece for part in parts for piece in _headings_apart(part)]
    whole = assembled((Part(part) for part in parts), renderer.exercises, masked.restore)
    return whole.text, whole.exercises


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


def _string(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


LOADER = MarkdownLoader()
