"""Code and formulas put aside while the text around them is normalised. Pure.

What is masked is replaced by a numbered mark of private-use characters (``decoding.decode`` has taken any such
characters out of the source), so that no rule for markup can touch it.
"""

from __future__ import annotations

import re

OPEN, CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")

_FENCE = re.compile(
    r"^(?P<indent> {0,3})(?P<mark>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??(?P=indent)? {0,3}(?P=mark)[`~]*[ \t]*$", re.M | re.S
)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.S)
_DISPLAY_TEX = re.compile(r"^[ \t]*\\\[[ \t]*\n?(.{1,4000}?)\n?[ \t]*\\\][ \t]*$", re.M | re.S)
_INLINE = re.compile(r"(?<![\\$\w])\$(?=[^\s$])([^$\n]{0,300}?[^\s$\\])\$(?![\d$])")
_INLINE_TEX = re.compile(r"\\\((?=[^)\n]*[\\^_=+])(.{1,300}?)\\\)")
_BLANK = re.compile(r"\n[ \t]*\n")


class Masked:
    """Text with its code and formulas put aside; ``restore`` brings them back."""

    def __init__(self, text: str) -> None:
        self._kept: list[str] = []
        text = _FENCE.sub(lambda match: self.keep(match.group(0)), text)
        text = _CODE.sub(
            lambda match: match.group(0) if _BLANK.search(match.group(0)) else self.keep(match.group(0)), text
        )
        text = _DISPLAY.sub(self._within_paragraph, text)
        text = _DISPLAY_TEX.sub(lambda match: self.keep(f"$$\n{match.group(1).strip()}\n$$"), text)
        text = _INLINE.sub(lambda match: self.keep(match.group(0)), text)
        text = _INLINE_TEX.sub(lambda match: self.keep(f"${match.group(1).strip()}$"), text)
        self.text = text

    def _within_paragraph(self, match: re.Match[str]) -> str:
        return match.group(0) if _BLANK.search(match.group(0)) else self.keep(match.group(0))

    def keep(self, text: str) -> str:
        """Put ``text`` aside and return the mark that stands for it."""
        self._kept.append(text)
        return f"{OPEN}{len(self._kept) - 1}{CLOSE}"

    def restore(self, text: str) -> str:
        """``text`` with every mark replaced by what it stands for."""
        while _MARK.search(text):
            text = _MARK.sub(lambda match: self._kept[int(match.group(1))], text)
        return text
