"""A paragraph of a Word file as inline Markdown, with what hangs on it: pictures, text boxes, footnotes. Pure.

Tracked deletions, moved-away text, comments and hidden text are left out; insertions stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from retrieval.loaders import omml
from retrieval.loaders.docx_styles import on
from retrieval.loaders.omml import local
from retrieval.loaders.package import attribute, description
from retrieval.loaders.scripts import lowered, raised
from retrieval.loaders.wording import emphasised, escaped, formula

_NOT_SAID = """
    del moveFrom pPr rPr sdtPr sdtEndPr delText instrText delInstrText commentReference annotationRef proofErr Fallback
    fldData
"""
_LEFT_OUT = frozenset(_NOT_SAID.split())
# The font "Symbol" writes Greek with Latin letters.
_SYMBOL = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "αβχδεφγηιϕκλμνοπθρστυϖωξψζΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ",
        strict=True,
    )
) | {"®": "→", "´": "×", "±": "±", "£": "≤", "³": "≥", "¹": "≠", "»": "≈", "¥": "∞", "·": "•"}
_DEEPEST = 60


@dataclass(slots=True)
class Inline:
    """What a paragraph holds. ``text`` is inline Markdown; ``display`` a formula that stands alone; ``pictures`` their
    descriptions; ``diagrams`` (SmartArt) and ``charts`` the relationships of those; ``boxes`` the elements of text
    boxes; ``notes`` kind and id of foot- and endnotes; ``breaks`` how many pages end inside, ``broken_before`` whether
    the first does so before any word."""

    text: str = ""
    display: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    breaks: int = 0
    broken_before: bool = False


def read(paragraph: Any, first_note: int = 1, *, plain: bool = False) -> Inline:
    """Read a ``w:p``. ``first_note`` numbers its first note; ``plain`` leaves emphasis out, as in headings."""
    found = Inline()
    runs: list[tuple[str, str]] = []
    _walk(paragraph, found, runs, first_note, 0)
    kept = [run for run in runs if run[0]]
    shown = "".join(text for text, mark in kept if mark != "\n")
    if found.display and not shown.strip():
        return found
    text = emphasised((words, "" if plain or mark == "\n" else mark) for words, mark in kept)
    found.text = "\n".join(line.strip() for line in text.split("\n")).strip()
    found.text = " ".join([found.text, *(formula(latex) for latex in found.display)]).strip()
    found.display = []
    return found


def _walk(node: Any, found: Inline, runs: list[tuple[str, str]], first_note: int, depth: int) -> None:
    if depth > _DEEPEST:
        return
    for child in node:
        name = local(child)
        if name in _LEFT_OUT or not name:
            continue
        if name == "r":
            _run(child, found, runs, first_note, depth)
        elif name == "oMath":
            if latex := formula(omml.to_latex(child)):
                runs.append((latex, ""))
        elif name == "oMathPara":
            found.display += [latex for math in child if local(math) == "oMath" and (latex := omml.to_latex(math))]
        elif name == "txbxContent":
            found.boxes.append(child)
        elif name == "sdt" and any(True for _ in child.iterfind("{*}sdtPr/{*}showingPlcHdr")):
            continue  # "Click here to enter text"
        elif name == "AlternateContent":
            choices = [part for part in child if local(part) in ("Choice", "Fallback")]
            _walk(choices[0] if choices else [], found, runs, first_note, depth + 1)
        else:
            _walk(child, found, runs, first_note, depth + 1)


def _run(run: Any, found: Inline, runs: list[tuple[str, str]], first_note: int, depth: int) -> None:
    marks = {local(mark): mark for part in run if local(part) == "rPr" for mark in part}
    if "vanish" in marks and on(marks["vanish"]):
        return
    emphasis = "".join(
        sign for names, sign in ((("b", "bCs"), "**"), (("i", "iCs"), "*")) if names[0] in marks and on(marks[names[0]])
    )
    place = attribute(marks["vertAlign"], "val") if "vertAlign" in marks else ""
    symbol = "rFonts" in marks and attribute(marks["rFonts"], "ascii") == "Symbol"
    for child in run:
        name = local(child)
        if name == "t":
            words = child.text or ""
            words = "".join(_SYMBOL.get(_low(sign), sign) for sign in words) if symbol else words
            lead = " " if words[:1].isspace() else ""
            tail = " " if words[1:] and words[-1:].isspace() else ""
            words = escaped(words).strip() if words.strip() else ""
            words = lowered(words) if place == "subscript" else raised(words) if place == "superscript" else words
            runs.append((f"{lead}{words}{tail}", emphasis))
        elif name in ("tab", "ptab"):
            runs.append((" ", emphasis))
        elif name == "noBreakHyphen":
            runs.append(("-", emphasis))
        elif name == "cr" or (name == "br" and attribute(child, "type") not in ("page", "column")):
            runs.append(("\n", "\n"))
        elif name == "sym":
            runs.append((_sign(child), emphasis))
        elif name == "ruby":  # how a word is read stands above it; the word itself is the text
            for base in child.iterchildren("{*}rubyBase"):
                _walk(base, found, runs, first_note, depth + 1)
        elif name in ("footnoteReference", "endnoteReference"):
            found.notes.append((name.removesuffix("Reference"), attribute(child, "id")))
            runs.append((raised(str(first_note + len(found.notes) - 1)), ""))
        elif name == "lastRenderedPageBreak":
            found.broken_before = found.broken_before or not any(text.strip() for text, _ in runs)
            found.breaks += 1
        elif name in ("docPr", "imagedata", "shape"):
            _picture(child, found)
            _walk(child, found, runs, first_note, depth + 1)
        elif name in ("drawing", "pict", "object", "AlternateContent"):
            _drawn(child, found, runs, first_note, depth + 1)


def _drawn(node: Any, found: Inline, runs: list[tuple[str, str]], first_note: int, depth: int) -> None:
    """Descriptions and text boxes anywhere inside a drawing; of alternatives the first, which is the newer."""
    if depth > _DEEPEST:
        return
    taken = False
    for child in node:
        name = local(child)
        if name == "txbxContent":
            found.boxes.append(child)
        elif name in ("Choice", "Fallback"):
            if not taken:
                _drawn(child, found, runs, first_note, depth + 1)
            taken = True
        else:
            if name in ("docPr", "imagedata", "shape"):
                _picture(child, found)
            elif name == "relIds":
                found.diagrams.append(attribute(child, "dm"))
            elif name == "chart":
                found.charts.append(attribute(child, "id"))
            _drawn(child, found, runs, first_note, depth + 1)


def _picture(node: Any, found: Inline) -> None:
    if any(local(part) == "decorative" and attribute(part, "val") == "1" for part in node.iter()):
        return
    said = attribute(node, "descr") or attribute(node, "alt") or attribute(node, "title")
    words = description(said)
    if words and words not in found.pictures:
        found.pictures.append(words)


def is_initial(properties: Any | None) -> bool:
    """Whether a ``w:pPr`` sets its paragraph as the large first letter of the next."""
    frames = () if properties is None else properties.iterchildren("{*}framePr")
    return any(attribute(frame, "dropCap") in ("drop", "margin") for frame in frames)


def _low(sign: str) -> str:
    """Word keeps the signs of such fonts in the private use area as well."""
    return chr(ord(sign) & 0xFF) if 0xF000 <= ord(sign) <= 0xF0FF else sign


def _sign(node: Any) -> str:
    code = attribute(node, "char")
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    sign = chr(number & 0xFF) if 0xF000 <= number <= 0xF0FF else chr(number) if number < 0xD800 else ""
    if attribute(node, "font") == "Symbol":
        return _SYMBOL.get(sign, "")
    return "" if 0xF000 <= number <= 0xF0FF else escaped(sign)  # signs of other fonts (Wingdings) are drawings
