"""What reading a PDF speaks of: boxes, pieces of lines and pages. Pure.

Places are in points from the top left corner of the page as it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def around(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """Words next to one another on a line. ``size`` of the letters in points; ``block`` is set on what is a block of
    its own already (a table, a picture's description): ``text`` then is canonical Markdown."""

    text: str
    box: Box
    size: float
    bold: bool = False
    block: str = ""
    split: bool = False  # ends with a hyphen that the line's end made
    words: tuple[tuple[str, Box], ...] = ()


@dataclass(frozen=True, slots=True)
class PageContent:
    """``rules`` are thin lines; ``pictures`` the places of pictures; ``described`` descriptions of pictures, with their
    places where they are known."""

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]
    rules: tuple[Box, ...]
    pictures: tuple[Box, ...]
    described: tuple[tuple[str, Box | None], ...] = ()

    @property
    def is_scan(self) -> bool:
        """A picture over most of the page, and no words."""
        area = sum(picture.width * picture.height for picture in self.pictures)
        return sum(len(piece.text) for piece in self.pieces) < 12 and area > 0.4 * self.width * self.height
