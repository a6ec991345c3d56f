"""Inline kramdown and CommonMark to the small canonical form. Pure.

Attribute lists (``{: #id .class}``) go, reference links become inline ones, links inside the document become "Figure 3"
or their words, images become their captions, and escapes that nothing needs are undone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

# What a figure and a table are called in the languages we expect courses in.
FIGURE_WORDS = {"en": "Figure", "es": "Figura", "fr": "Figure", "de": "Abbildung", "pt": "Figura", "it": "Figura"} | {
    "ar": "الشكل",
    "hi": "चित्र",
    "zh": "图",
    "ja": "図",
}
TABLE_WORDS = {"en": "Table", "es": "Tabla", "fr": "Tableau", "de": "Tabelle", "pt": "Tabela", "it": "Tabella"} | {
    "ar": "الجدول",
    "hi": "तालिका",
    "zh": "表",
    "ja": "表",
}

# Between brackets nothing is tried twice, and no words are longer than this: brackets that never close cost little.
_ATTRIBUTES = r"\{:[^{}\n]*\}"
_IMAGE = re.compile(
    r"!\[(?P<alt>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\]){0,4000}+)\]\(\s*(?P<source>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\s*"
    r"(?:\"(?P<title>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^'\n]*)')?\s*\)(?P<attributes>" + _ATTRIBUTES + r")?"
)
_DEFINITION = re.compile(r"^ {0,3}\[([^\]\n^]+)\]:[ \t]*<?(\S+?)>?(?:[ \t]+[\"'(].*[\"')])?[ \t]*$", re.M)
_REFERENCE = re.compile(r"\[((?:[^\[\]\\]|\\.){1,4000}+)\]\[([^\]\n]*)\]")
_INTERNAL_LINK = re.compile(r"\[(?P<words>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\]){0,4000}+)\]\(#(?P<anchor>[^()\s]*)\)")
_UNNAMED = re.compile(r"\\?\[link\\?\]|^link$")
_NEWLINE = re.compile(r"\n? {0,3}\* \* \*[ \t]*\n?\{: ?data-type=\"newline\"[^}\n]*\}")
_BLANKS = re.compile(r"(?:\\_){2,}")
_LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]\\]|\\.){0,4000}+)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)>?(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
)
_IAL = re.compile(r"[ \t]?(?<=\s)" + _ATTRIBUTES + "|" + _ATTRIBUTES)
_UNNEEDED_ESCAPE = re.compile(r"\\([:'\".,;!?/=&%@^~(){}+-])")
_ANCHOR = re.compile(r"#([^\s}]+)")
_FIGURE_SOURCE = re.compile(
    r"<figure\b[^>]*\bid=\"([^\"]+)\"|!\[(?:[^\[\]\\]|\\.){0,4000}+\]\([^)\n]*+\)\{:[^}\n]*#([^\s}]+)"
)
_TABLE_SOURCE = re.compile(r"<table\b[^>]*\bid=\"([^\"]+)\"")
_UNTITLED = re.compile(r"^\s*QR code\b", re.I)


@dataclass(frozen=True, slots=True)
class Inline:
    """The inline rules for one document: what its anchors and reference links stand for."""

    figure_word: str = "Figure"
    labels: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, language: str | None) -> Inline:
        """Read the anchors and link definitions of a whole document."""
        code = (language or "en").split("-")[0].lower()
        figure, table = FIGURE_WORDS.get(code, "Figure"), TABLE_WORDS.get(code, "Table")
        labels: dict[str, str] = {}
        for match in _FIGURE_SOURCE.finditer(text):
            anchor = match[1] or match[2]
            labels.setdefault(anchor, f"{figure} {len(labels) + 1}")
        tables = list(dict.fromkeys(match[1] for match in _TABLE_SOURCE.finditer(text)))
        labels |= {anchor: f"{table} {number}" for number, anchor in enumerate(tables, 1)}
        references = {match[1].casefold(): match[2] for match in _DEFINITION.finditer(text)}
        return cls(figure, labels, references)

    def clean(self, text: str) -> str:
        """Canonical inline Markdown; blocks and blank lines stay as they are."""
        text = _DEFINITION.sub("", _NEWLINE.sub("\n", text))
        text = _IMAGE.sub(self._image, text)
        text = _INTERNAL_LINK.sub(self._internal, text)
        text = _REFERENCE.sub(self._reference, text)
        text = _LINK.sub(_external, text)
        text = _IAL.sub("", text)
        text = _UNNEEDED_ESCAPE.sub(r"\1", text)
        text = _BLANKS.sub(lambda match: "_" * (len(match[0]) // 2), text)  # a gap to fill in
        return unescape(text).replace("\xa0", " ").replace("\u200b", "").replace("\ufeff", "")

    def _image(self, match: re.Match[str]) -> str:
        """An image becomes its caption, or failing that its description, as a paragraph of its own."""
        caption = " ".join((match["title"] or match["single"] or match["alt"] or "").split())
        if not caption or _UNTITLED.match(caption):
            return ""
        anchor = _ANCHOR.search(match["attributes"] or "")
        label = self.labels.get(anchor.group(1), self.figure_word) if anchor else self.figure_word
        return f"\n\n{label}: {caption}\n\n"

    def _internal(self, match: re.Match[str]) -> str:
        label = self.labels.get(match["anchor"], self.figure_word)
        return _UNNAMED.sub(lambda _: label, match["words"].strip()) or label

    def _reference(self, match: re.Match[str]) -> str:
        target = self.references.get((match[2] or match[1]).casefold())
        if target is None:
            return match[0]
        return f"[{match[1]}]({target})" if target.startswith(("http://", "https://")) else match[1]


def _external(match: re.Match[str]) -> str:
    """Only links to the web stay links; what they say stays in any case."""
    return match[0] if match[2].startswith(("http://", "https://")) else match[1]
