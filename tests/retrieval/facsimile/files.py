"""PDF files of these tests, set by Typst."""

from pathlib import Path

import typst

PAGES = (
    "Chlorophyll absorbs red and blue light. It reflects green light, and so leaves look green to us.",
    "Stomata are small pores in the skin of a leaf. At night the quiet stomata close, and the "
    "extraordinarily photosynthesising mesophyll rests until the morning comes.",
    "Roots take water from the soil. The stem carries the water up to all the leaves of the plant.",
)


def pdf(path: Path, *pages: str, head: str = "Biology for all", columns: int = 1) -> Path:
    """A page for each text, with a running head and a page number."""
    body = "\n#pagebreak()\n".join(pages)
    source = f'#set page(paper: "a6", numbering: "1", header: [{head}], columns: {columns})\n{body}\n'
    typ = path.with_suffix(".typ")
    typ.write_text(source, encoding="utf-8")
    path.write_bytes(typst.compile(typ))
    typ.unlink()
    return path
