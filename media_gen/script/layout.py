"""Which layout a slide has, from what stands on it; and the names that other tools give to theirs."""

import re

from media_gen import inline
from media_gen.lesson import (
    Block,
    Bullets,
    Chart,
    Clip,
    Code,
    Columns,
    Diagram,
    Interaction,
    Layout,
    Maths,
    Paragraph,
    Picture,
    Quote,
    Table,
)

# The layouts of Slidev's own theme, and what they are here. The others are inferred.
SLIDEV = {
    "cover": Layout.TITLE,
    "intro": Layout.TITLE,
    "end": Layout.SECTION,
    "fact": Layout.SECTION,
    "statement": Layout.SECTION,
    "two-cols": Layout.COLUMNS,
    "two-cols-header": Layout.COLUMNS,
    "image": Layout.PICTURE,
    "image-left": Layout.PICTURE_TEXT,
    "image-right": Layout.PICTURE_TEXT,
}
_KINDS: tuple[tuple[type, Layout], ...] = (
    (Clip, Layout.CLIP),
    (Chart, Layout.CHART),
    (Diagram, Layout.DIAGRAM),
    (Table, Layout.TABLE),
    (Code, Layout.CODE),
    (Maths, Layout.MATHS),
)
_SUMMARY = re.compile(
    r"(?:summary|in summary|in short|to sum up|recap|key points|key takeaways?|takeaways?|conclusions?|looking back|"
    r"resumen|en resumen|conclusion(?:es)?|puntos clave|résumé|en résumé|à retenir|points clés|"
    r"zusammenfassung|fazit|riepilogo|in sintesi|punti chiave|resumo|em resumo|pontos-chave|"
    r"सारांश|مُ?لخ[ّ]?ص|الخلاصة|خلاصة|小结|总结|摘要|まとめ)\s*[.:!。：]?\Z",
    re.IGNORECASE,
)


def named(name: str) -> Layout | None:
    """The layout of this name, ours or Slidev's."""
    name = name.strip().lower()
    return Layout(name) if name in {layout.value for layout in Layout} else SLIDEV.get(name)


def infer(
    title: str, subtitle: str, blocks: tuple[Block, ...], interaction: Interaction | None, *, first: bool
) -> Layout:
    """``first``: the slide is the first one, where a heading with a line or two below it is the title of the whole."""
    if interaction is not None:
        pictured = interaction.kind == "hotspots" and any(isinstance(block, Picture) for block in blocks)
        return Layout.PICTURE if pictured else Layout.QUESTION
    if title and (not blocks or (first and len(blocks) <= 2 and all(isinstance(b, Paragraph) for b in blocks))):
        return Layout.TITLE if first else Layout.SECTION
    for block in blocks:
        if isinstance(block, Columns):
            return Layout.COMPARISON if block.left_title and block.right_title else Layout.COLUMNS
    pictures = sum(isinstance(block, Picture) for block in blocks)
    if pictures and not any(isinstance(block, Clip) for block in blocks):
        return Layout.PICTURE if pictures == len(blocks) else Layout.PICTURE_TEXT
    for kind, layout in _KINDS:
        if any(isinstance(block, kind) for block in blocks):
            return layout
    if blocks and all(isinstance(block, Quote) for block in blocks):
        return Layout.QUOTE
    is_summary = bool(_SUMMARY.match(inline.plain(title)))
    if is_summary and any(isinstance(block, Bullets | Paragraph) for block in blocks):
        return Layout.SUMMARY
    return Layout.BULLETS
