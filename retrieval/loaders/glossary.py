"""Glossaries in CSV: each entry a paragraph of its own, ``**term**: meaning``, so that a question finds it. Pure.

The columns are known by their names in many languages, else by their places: the first is the term, the second its
meaning. A table with more columns and no such names is no glossary and stays a table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from retrieval.errors import UnreadableDocument
from retrieval.loaders.assembly import Part, assembled, loaded, without_text
from retrieval.loaders.decoding import decode
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import escaped, table
from retrieval.words import fold, strip_marks

MOST = 50_000  # entries
ROWS = 25  # of a table that are kept together
DELIMITERS = ",;\t|"
# Names of columns, folded and without accents.
_TERMS = """term terms word concept name entry keyword begriff wort fachbegriff stichwort termino palabra concepto
    terme mot termo palavra conceito termine parola concetto المصطلح مصطلح الكلمة शब्द पद
    术语 術語 词 詞 词语 用語 単語"""
_MEANINGS = """definition definitions meaning description explanation gloss bedeutung erklarung beschreibung
    definicion significado descripcion explicacion signification explication definicao descricao explicacao
    definizione significato descrizione التعريف تعريف المعنى معنى परिभाषा अर्थ 定义 定義 释义 釋義 解释 意味 説明"""
TERMS, MEANINGS = frozenset(_TERMS.split()), frozenset(_MEANINGS.split())


class GlossaryLoader:
    """Reads ``.csv`` and ``.tsv``."""

    suffixes = (".csv", ".tsv")
    media_type = "text/csv"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        text = decode(data, source.path)
        try:
            rows = list(_rows(text, source.path))
        except csv.Error as error:
            raise UnreadableDocument(
                f"{source.path}: not a table of columns: {error}. Save it from the spreadsheet as CSV (UTF-8).",
                path=source.path,
                reason="broken",
            ) from error
        if not rows:
            raise without_text(source.path, "It has no filled row.")
        return loaded(assembled(_parts(rows)), data, source, self.media_type)


def _rows(text: str, path: str) -> Iterator[list[str]]:
    for row in csv.reader(io.StringIO(text.strip("\n") + "\n"), delimiter=_delimiter(text), skipinitialspace=True):
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            yield cells


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of cells, most of them."""
    lines = [line for line in text.split("\n") if line.strip()][:20]
    counts = {sign: [len(next(csv.reader([line], delimiter=sign), [])) for line in lines] for sign in DELIMITERS}

    def fits(sign: str) -> tuple[int, int]:
        widths = counts[sign]
        usual = max(set(widths), key=lambda width: (width > 1) * widths.count(width), default=1)
        return (widths.count(usual) if usual > 1 else 0, -DELIMITERS.index(sign))

    return max(DELIMITERS, key=fits)


def _parts(rows: Sequence[Sequence[str]]) -> Iterator[Part]:
    head = [strip_marks(fold(cell)) for cell in rows[0]]
    term = next((at for at, name in enumerate(head) if name in TERMS), None)
    meaning = next((at for at, name in enumerate(head) if name in MEANINGS and at != term), None)
    if term is not None and meaning is not None:
        yield from _entries(rows[1:], rows[0], term, meaning)
    elif max(len(row) for row in rows) <= 2:
        yield from _entries(rows[1:] if term is not None or meaning is not None else rows, [], 0, 1)
    else:
        for first in range(1, max(len(rows), 2), ROWS):
            cells = [[escaped(cell) for cell in row] for row in (rows[0], *rows[first : first + ROWS])]
            yield Part(table(cells))


def _entries(rows: Sequence[Sequence[str]], head: Sequence[str], term: int, meaning: int) -> Iterator[Part]:
    for row in rows[:MOST]:
        cells = [escaped(cell) for cell in row]
        word, says = (cells[at] if at < len(cells) else "" for at in (term, meaning))
        others = [
            f"{escaped(head[at])}: {cell}"
            for at, cell in enumerate(cells)
            if cell and at not in (term, meaning) and at < len(head) and head[at]
        ]
        more = f" ({'; '.join(others)})" if others else ""
        if word:
            yield Part(f"**{word}**: {says}{more}" if says else f"**{word}**{more}")


LOADER = GlossaryLoader()
