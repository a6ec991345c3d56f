"""Do citations of a PDF open at the right words, and does a page's picture give an answer away?

    python -m bench.citations [--json]

The demo course's sections, set by Typst in several layouts, are read by the product's own reader. Every sentence of the
text is looked for on the page that its anchor names, as a citation does: ``marked`` is the share that is found whole
(where it isn't, nothing is marked). Then the same with answer keys planted on every second page, in the forms of books:
``keys_shown`` counts those on pages that learners may see, of the ``keys`` that the reader kept out of the text.
``pages_shown`` is the share of the pages without keys that they may see; ``by_anchor`` is how many keys a viewer gives
away that shows every page with text.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typst

from retrieval.blocks import BlockKind, blocks, plain
from retrieval.facsimile.process import PageProcess
from retrieval.facsimile.showing import page_spans, shown_pages
from retrieval.facsimile.words import occurrence, pieces, squeezed
from retrieval.loaders import folder
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.process import ReadingProcess
from retrieval.sentences import sentences
from tutor.services import demo

LAYOUTS = {
    "one column": '#set page(paper: "a5", numbering: "1", header: [Energy for life])',
    "two columns": '#set page(paper: "a4", numbering: "1", columns: 2, header: context [Energy for life #h(1fr) '
    "#counter(page).display()])\n#set par(justify: true)\n#set text(size: 9pt, hyphenate: true)",
    "slides": '#set page(width: 16cm, height: 9cm, margin: 1cm)\n#set text(size: 11pt, font: "New Computer Modern")',
}
KEYS = (
    "Answer: {0} J",
    "Solution. Divide {0} by the molar mass.",
    "Answers: 1 b, 2 c, 3 a, 4 {0}",
    "Model answer: because {0} of it is lost as heat",
    "Answer: b",
    "Lösung: {0}",
    "Answer: energy",
    "Solution: {0} mol",
)
EVERY = 3  # paragraphs to a page
SECTIONS = 8


@dataclass(frozen=True)
class Row:
    """One layout. ``sentences`` looked for and ``marked``; ``pages`` without a key and ``shown`` of them; ``keys``
    planted, ``keys_shown`` of them, and ``by_anchor``. Milliseconds for a page's picture."""

    layout: str
    sentences: int
    marked: int
    pages: int
    shown: int
    keys: int
    keys_shown: int
    by_anchor: int
    picture_ms: float


def paragraphs() -> Iterator[tuple[str, bool]]:
    """The demo course's plain paragraphs, each with whether it is a heading."""
    plan = folder.plan(demo.FOLDER, demo.COURSE)
    for source in plan.sources[:SECTIONS]:
        text = folder.read(demo.FOLDER, source).document.text
        for block in blocks(text):
            words = plain(text[block.start : block.end].lstrip("#>-* \t"))
            if words and block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH) and "$" not in words:
                yield words, block.kind is BlockKind.HEADING


def typeset(head: str, parts: Sequence[tuple[str, bool]], keys: bool) -> tuple[bytes, list[str]]:
    """A PDF and the keys planted in it."""
    planted: list[str] = []
    lines = [head]
    for at, (words, heading) in enumerate(parts):
        quoted = json.dumps(words, ensure_ascii=False)
        lines.append(f"#heading({quoted})" if heading else f"#par({quoted})")
        if at % EVERY == EVERY - 1:
            if keys and at // EVERY % 2:
                planted.append(KEYS[len(planted) % len(KEYS)].format(1009 + 7 * len(planted)))
                # At the foot of the page, in its middle or at its head.
                lines.insert(len(lines) - len(planted) % (EVERY + 1), f"#par({json.dumps(planted[-1])})")
            lines.append("#pagebreak()")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "deck.typ"
        path.write_text("\n\n".join(lines), encoding="utf-8")
        return bytes(typst.compile(path)), planted


def marked(loaded: LoadedDocument, words: Sequence[str], path: Path, opener: PageProcess) -> tuple[int, int, float]:
    """Sentences, those found on their page, and the median milliseconds of a few pictures."""
    from retrieval.facsimile.words import letters, spans

    document = loaded.document
    starts, pages = page_spans(document.anchors, len(document.text)), [letters(page) for page in words]
    asked = found = 0
    times: list[float] = []
    for sentence in sentences(document.text):
        anchor = document.anchor(sentence.start)
        if anchor is None or anchor.page is None:
            continue
        begin, end = starts[anchor.page]
        wanted = pieces(document.text[sentence.start : min(sentence.end, end)])
        nth = occurrence(document.text[begin : sentence.start], wanted)
        if not wanted:
            continue
        asked += 1
        found += bool(spans(pages[anchor.page - 1], wanted, nth))
        if asked % 60 == 1:
            began = time.perf_counter()
            opener.picture(path, anchor.page, wanted, nth)
            times.append(1000 * (time.perf_counter() - began))
    return asked, found, statistics.median(times)


def shown(loaded: LoadedDocument, words: Sequence[str]) -> frozenset[int]:
    document = loaded.document
    return frozenset(shown_pages(words, document.text, document.anchors, [item.start for item in loaded.items]))


def measured(
    layout: str, parts: Sequence[tuple[str, bool]], reader: ReadingProcess, opener: PageProcess, place: Path
) -> Row:
    def read(keys: bool) -> tuple[LoadedDocument, list[str], list[str], Path]:
        data, planted = typeset(LAYOUTS[layout], parts, keys)
        path = place / f"{layout}-{keys}.pdf"
        path.write_bytes(data)
        return reader.read(data, Source("demo", path.name, 0)), opener.words(path), planted, path

    loaded, words, _, path = read(keys=False)
    asked, found, milliseconds = marked(loaded, words, path, opener)
    clean = shown(loaded, words)
    loaded, with_keys, planted, _ = read(keys=True)
    visible, anchored = shown(loaded, with_keys), {one.page for one in loaded.document.anchors}
    said = squeezed(loaded.document.text)
    # A key that the reader left in the text is the reader's matter: the picture shows no more than the text.
    kept_apart = [
        number
        for number, page in enumerate(with_keys, 1)
        for key in {*planted}
        if squeezed(key) in squeezed(page) and squeezed(key) not in said
    ]
    return Row(
        layout,
        asked,
        found,
        len(words),
        len(clean),
        len(kept_apart),
        sum(number in visible for number in kept_apart),
        sum(number in anchored for number in kept_apart),
        milliseconds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    parts, reader, opener = list(paragraphs()), ReadingProcess(), PageProcess()
    try:
        with tempfile.TemporaryDirectory() as place:
            rows = [measured(layout, parts, reader, opener, Path(place)) for layout in LAYOUTS]
    finally:
        reader.close()
        opener.close()
    totals = {
        "marked": sum(row.marked for row in rows) / sum(row.sentences for row in rows),
        "pages_shown": sum(row.shown for row in rows) / sum(row.pages for row in rows),
        "keys_shown": sum(row.keys_shown for row in rows),
        "keys": sum(row.keys for row in rows),
        "by_anchor": sum(row.by_anchor for row in rows),
        "picture_ms": statistics.median(row.picture_ms for row in rows),
    }
    if given.json:
        json.dump({**totals, "layouts": [asdict(row) for row in rows]}, sys.stdout, indent=1)
    else:
        names = ("sentences", "marked", "pages", "shown", "keys", "keys_shown", "by_anchor")
        print(f"{'layout':<14}" + "".join(f"{name:>12}" for name in (*names, "picture_ms")))
        for row in rows:
            counts = "".join(f"{getattr(row, name):>12}" for name in names)
            print(f"{row.layout:<14}{counts}{row.picture_ms:>12.0f}")
        print("  ".join(f"{name} {value:.3f}".rstrip("0").rstrip(".") for name, value in totals.items()))
    if totals["keys_shown"]:
        raise SystemExit("a page that learners may see holds a key")


if __name__ == "__main__":
    main()
